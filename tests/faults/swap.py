"""Promote and roll back under load, again and again: does a request fail, and does every worker take up every bundle?

Usage: python tests/faults/swap.py [--seconds 20] [--workers 2] [--bundle FOLDER] [--out evaluation/reports/swap]

`sendsafe serve` reads its bundle through a promoted link. Four connections ask without a pause, each opened again after ten requests so that every
worker is asked; meanwhile a bundle of another version is promoted and rolled back in turns, each time as soon as every worker has taken up the one before.
A request fails that is not answered by a verdict. A degraded verdict (the rules alone, as the model was late) is none that fails, but may not be laxer.
"""

import argparse
import itertools
import json
import os
import re
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from statistics import quantiles

sys.path.insert(0, str(Path(__file__).parents[2]))

from serving.bundle import MANIFEST_FILE, open_bundle
from serving.settings import Settings
from serving.verdict import Action
from tests.faults.deployment import Service
from tests.faults.reporting import as_table, write
from tests.faults.sending import ask
from training.promote import Place, promote, roll_back

CONNECTIONS = 4
REQUESTS_OF_A_CONNECTION = 10
TEXTS = {"Bins tomorrow": Action.ALLOW, "my NI is QQ123456C": Action.BLOCK}
"""Messages, and what the model and the rules make of them together."""
TAKEN = re.compile(r'^sendsafe_bundle_changes_total\{outcome="taken"\} (\d+)', re.MULTILINE)
PATIENCE_SECONDS = 60


class Asking(threading.Thread):
    """One connection after another, and what came of each request."""

    def __init__(self, port, stopping):
        super().__init__(daemon=True)
        self.port, self.stopping = port, stopping
        self.answers = []

    def run(self):
        connection = None
        for number, (text, action) in enumerate(itertools.cycle(TEXTS.items())):
            if self.stopping.is_set():
                break
            if number % REQUESTS_OF_A_CONNECTION == 0 or connection is None:
                connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
            started = time.monotonic()
            try:
                connection.request("POST", "/v1/score", json.dumps({"text": text}), {"content-type": "application/json"})
                answer = connection.getresponse()
                status, content = answer.status, json.loads(answer.read())
            except (OSError, HTTPException, ValueError) as error:
                status, content, connection = type(error).__name__, {}, None
            self.answers.append(noted(started, time.monotonic(), status, content, action))


def noted(started, ended, status, content, action):
    """Return what counts of an answer."""
    is_verdict = status == 200 and "action" in content
    return {
        "started": started,
        "ended": ended,
        "ms": (ended - started) * 1000,
        "status": str(status),
        "failed": not is_verdict,
        "degraded": is_verdict and content["degraded"],
        "laxer": is_verdict and Action(content["action"]).rank < action.rank,
        "version": content["model"]["version"] if is_verdict and content["model"] else None,
    }


def make_bundles(source, folder):
    """Return two copies of a bundle that differ in their version."""
    made = []
    for version in ("swap-one", "swap-other"):
        target = folder / version
        shutil.copytree(source, target)
        manifest = open_bundle(target).manifest.model_copy(update={"version": version})
        (target / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
        made.append(target)
    return made


def run(service, place, other, seconds):
    """Ask and swap for so long; return every change with its moment, every answer, and how often a worker took up a bundle."""
    stopping = threading.Event()
    clients = [Asking(service.port, stopping) for _ in range(CONNECTIONS)]
    for each in clients:
        each.start()
    steps = itertools.cycle([("promotion", lambda: promote(other, place)), ("rollback", lambda: roll_back(place))])
    changes, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        kind, change = next(steps)
        begun = time.monotonic()
        version, moved = change(), time.monotonic()
        took = wait_until_taken(service, (len(changes) + 1) * service.count, moved)
        changes.append({"kind": kind, "version": version, "begun": begun, "moved": moved, "took": took})
    stopping.set()
    for each in clients:
        each.join()
    return changes, [answer for each in clients for answer in each.answers], taken(service)


def wait_until_taken(service, count, since):
    """Wait until workers have taken up a bundle so often; return how many seconds that took, `None` where it did not happen."""
    while time.monotonic() - since < PATIENCE_SECONDS:
        if taken(service) >= count:
            return time.monotonic() - since
        time.sleep(0.1)
    return None


def taken(service):
    """Return how often a worker has taken up another bundle, over all of them."""
    found = TAKEN.search(ask(service.port, "GET", "/metrics")[1].decode())
    return int(found[1]) if found else 0


def told(changes, answers, taken_count, workers):
    """Count what came of it."""
    milliseconds = [each["ms"] for each in answers]
    cuts = quantiles(milliseconds, n=100)
    return {
        "requests": len(answers),
        "failed": sum(each["failed"] for each in answers),
        "failed_as": dict(Counter(each["status"] for each in answers if each["failed"])),
        "degraded": sum(each["degraded"] for each in answers),
        "laxer": sum(each["laxer"] for each in answers),
        "versions": dict(Counter(str(each["version"]) for each in answers if not each["failed"] and not each["degraded"])),
        "changes": dict(Counter(each["kind"] for each in changes)),
        "workers": workers,
        "taken": taken_count,
        "never_taken": sum(each["took"] is None for each in changes),
        "slowest_change_seconds": max((round(each["took"], 1) for each in changes if each["took"] is not None), default=None),
        "after_the_change": _late(changes, answers),
        "ms": {"p50": round(cuts[49], 1), "p99": round(cuts[98], 1), "max": round(max(milliseconds), 1)},
    }


def _late(changes, answers):
    """Count requests that began after every worker had taken up a version, before the next change, and were answered by another."""
    ends = [*(each["begun"] for each in changes[1:]), float("inf")]
    return sum(
        answer["version"] not in (None, change["version"])
        for change, end in zip(changes, ends, strict=True)
        if change["took"] is not None
        for answer in answers
        if change["moved"] + change["took"] < answer["started"] and answer["ended"] < end
    )


def is_sound(result):
    """Tell whether nothing failed, nothing was laxer, and every worker took up every bundle."""
    is_whole = result["taken"] == sum(result["changes"].values()) * result["workers"] and result["never_taken"] == 0
    return is_whole and result["failed"] == result["laxer"] == result["after_the_change"] == 0 and len(result["versions"]) > 1


def markdown(result):
    changes = " and ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in result["changes"].items())
    reached = f"The slowest change had reached every worker after {result['slowest_change_seconds']} s"
    if result["never_taken"]:
        reached = f"{result['never_taken']} of the changes had not reached every worker after {PATIENCE_SECONDS} s"
    failed_as = "".join(f", {count} {name}" for name, count in result["failed_as"].items())
    rows = [
        ["", "count"],
        ["requests", f"{result['requests']:,}"],
        ["failed", f"{result['failed']:,}{failed_as}"],
        ["laxer than without a change", f"{result['laxer']:,}"],
        ["degraded: the rules alone, as the model was late", f"{result['degraded']:,}"],
        *([f"answered by `{version}`", f"{count:,}"] for version, count in sorted(result["versions"].items())),
        ["bundles taken up, over all workers", f"{result['taken']:,}"],
        ["answered by the one before, after all had taken up the next", f"{result['after_the_change']:,}"],
    ]
    return [
        f"{changes} in {result['seconds']} s under {result['connections']} connections that ask without a pause, `sendsafe serve` with {result['workers']} workers, "
        f"each change as soon as every worker had taken up the one before: {'sound' if is_sound(result) else 'NOT SOUND'}.",
        "",
        *as_table(rows),
        "",
        f"An answer took {result['ms']['p50']} ms at p50, {result['ms']['p99']} at p99 and {result['ms']['max']} at most. "
        f"{reached}: each looks every second, then loads the bundle beside the one in use.",
    ]


def main():
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--bundle", type=Path, default=Settings().bundle_folder)
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["BENTOML_HOME"] = name  # promoted bundles are registered there, not in the user's store
        one, other = make_bundles(given.bundle, folder)
        place = Place(folder / "place")
        promote(one, place)
        service = Service(folder, given.workers, SENDSAFE_BUNDLE_FOLDER=str(place.current)).start()
        started = time.monotonic()
        try:
            changes, answers, count = run(service, place, other, given.seconds)
            seconds = round(time.monotonic() - started, 1)
        finally:
            service.stop()
    result = {"seconds": seconds, "connections": CONNECTIONS, **told(changes, answers, count, given.workers)}
    sys.stdout.write(write(given.out, "Hot swap under load", "make test-swap", result, markdown(result)))
    return 0 if is_sound(result) else 1


if __name__ == "__main__":
    sys.exit(main())
