"""Ask for more than there is: does the service go on at its best, refuse the rest at once, and write nothing for a refusal?

Usage: python tests/faults/overload.py [--seconds 10] [--times 2,5,10,50] [--out evaluation/reports/overload]

Capacity is what wrk reaches with two connections, one worker, with the model, while one probe asks now and then and measures. So many times as many connections then ask as fast as they can, with the same probe. Capacity is measured
before and after each of them, and its mean is what counts, since other work on the machine changes it. Fewer than 90 % of its verdicts a second would be a fault, as would an answer that is neither a verdict nor 429 or 503 with `Retry-After`, or a row that no verdict stands behind.
"""

import argparse
import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults.deployment import Service
from tests.faults.reporting import as_table, write
from tests.faults.sending import raw_ask

CONNECTIONS = 2
LEAST_GOODPUT = 0.9
MOST_REFUSAL_MS = 50
SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"text": "Your appointment is on Tuesday at 9:30"}'
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init() given, refused, bare, other = 0, 0, 0, 0 end
function response(status, headers)
  if status == 200 then given = given + 1
  elseif status == 429 or status == 503 then
    refused = refused + 1
    if not (headers["Retry-After"] or headers["retry-after"]) then bare = bare + 1 end
  else other = other + 1 end
end
function done()
  local sums = {given = 0, refused = 0, bare = 0, other = 0}
  for _, thread in ipairs(threads) do for name in pairs(sums) do sums[name] = sums[name] + thread:get(name) end end
  io.write("COUNTED ", sums.given, " ", sums.refused, " ", sums.bare, " ", sums.other, "\\n")
end
"""


def flood(service, folder, connections, seconds):
    """Ask as fast as possible over so many connections; return what came of it, and what a probe saw meanwhile."""
    script = folder / "flood.lua"
    script.write_text(SCRIPT)
    before = rows(folder)
    command = [
        "wrk",
        "-t",
        "1",
        "-c",
        str(connections),
        "-d",
        f"{seconds}s",
        "--timeout",
        "30s",
        "-s",
        script,
        f"http://127.0.0.1:{service.port}/v1/score",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
    seen = []
    while process.poll() is None:
        seen.append(probe(service))
        time.sleep(0.05)
    told = process.communicate()[0]
    given, refused, bare, other = map(int, re.search(r"COUNTED (\d+) (\d+) (\d+) (\d+)", told).groups())
    time.sleep(1)
    probed = sum(status == 200 for status, _ in seen)
    refusals = [each for status, each in seen if status in (429, 503)]
    verdicts = [each for status, each in seen if status == 200]
    return {
        "connections": connections, "verdicts_a_second": round((given + probed) / seconds, 1), "verdicts": given + probed, "refused": refused + len(refusals),
        "without_retry_after": bare, "other": other + sum(status not in (200, 429, 503) for status, _ in seen), "rows": rows(folder) - before,
        "probes": dict(Counter(str(status) for status, _ in seen)),
        "refusal_ms_p50": round(median(refusals), 1) if refusals else None, "refusal_ms_max": round(max(refusals), 1) if refusals else None,
        "verdict_ms_p50": round(median(verdicts), 1) if verdicts else None,
    }  # fmt: skip


def probe(service):
    """Return status and milliseconds of one request."""
    started = time.monotonic()
    try:
        status = raw_ask(service.port, json.dumps({"text": "Bins tomorrow"}))[0]
    except OSError as error:
        status = type(error).__name__
    return status, (time.monotonic() - started) * 1000


def rows(folder):
    """Return how many verdicts are kept."""
    with closing(sqlite3.connect(folder / "state" / "sendsafe.sqlite")) as connection:
        kept = connection.execute("SELECT count(*) FROM decisions").fetchone()[0]
    with closing(sqlite3.connect(folder / "state" / "spool.sqlite")) as connection:
        return kept + connection.execute("SELECT count(*) FROM decisions").fetchone()[0]


def markdown(result):
    rows = [
        [
            "load",
            "connections",
            "verdicts a second",
            "capacity",
            "of capacity",
            "refused",
            "without `Retry-After`",
            "anything else",
            "rows more than verdicts",
            "refusal p50, max",
            "verdict p50",
        ]
    ]
    for name, of in result["floods"].items():
        refusal = f"{of['refusal_ms_p50']}, {of['refusal_ms_max']} ms" if of["refusal_ms_p50"] is not None else "–"
        share = of["verdicts_a_second"] / of["capacity"]
        late = "–" if of["verdict_ms_p50"] is None else f"{of['verdict_ms_p50']} ms"
        rows.append(
            [
                name,
                str(of["connections"]),
                str(of["verdicts_a_second"]),
                str(of["capacity"]),
                f"{share:.2f}",
                f"{of['refused']:,}",
                str(of["without_retry_after"]),
                str(of["other"]),
                str(of["rows"] - of["verdicts"]),
                refusal,
                late,
            ]
        )
    return [
        f"One worker, {'with the model' if result['has_model'] else 'rules alone'}, everything kept. Capacity is that over {CONNECTIONS} connections, the mean of before and after each load; each load lasts {result['seconds']} s. "
        f"{result['exits']} exits. Flood, probe and service share the machine's cores. A flood that ends leaves up to as many verdicts unread as it had connections; their rows are the difference.",
        "",
        *as_table(rows),
    ]


def faults(result):
    """Say what is not as promised."""
    found = [f"{result['exits']} exits"] * bool(result["exits"])
    for name, of in result["floods"].items():
        found += [f"{name}: without Retry-After"] * bool(of["without_retry_after"]) + [f"{name}: another answer"] * bool(of["other"])
        found += [f"{name}: rows of refusals"] * (of["rows"] - of["verdicts"] > of["connections"])
        found += [f"{name}: goodput"] * (of["verdicts_a_second"] < LEAST_GOODPUT * of["capacity"])
        found += [f"{name}: slow refusals"] * ((of["refusal_ms_p50"] or 0) > MOST_REFUSAL_MS)
    return found


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=int, default=10)
    options.add_argument("--times", default="2,5,10,50")
    options.add_argument("--rules", action="store_true", help="without the model")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("Needed first: apt-get install wrk")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        # What is promised is measured with the settings as they are, so nothing here is generous.
        service = Service(
            folder, workers=1, SENDSAFE_QUEUE_SECONDS="0.5", SENDSAFE_KEEP_SECONDS="1", SENDSAFE_USE_MODEL=str(not given.rules).lower()
        ).start()
        try:
            before = service.workers()
            flood(service, folder, CONNECTIONS, 2)
            capacities = [flood(service, folder, CONNECTIONS, given.seconds)]
            floods = {}
            for each in given.times.split(","):
                floods[f"{each}×"] = flood(service, folder, CONNECTIONS * int(each), given.seconds)
                capacities.append(flood(service, folder, CONNECTIONS, given.seconds))
            exits = len(set(before) - set(service.workers()))
        finally:
            service.stop()
    for of, beside in zip(floods.values(), pairwise(capacities), strict=True):
        of["capacity"] = round(mean(each["verdicts_a_second"] for each in beside), 1)
    result = {"seconds": given.seconds, "has_model": not given.rules, "capacities": capacities, "floods": floods, "exits": exits}
    result["faults"] = faults(result)
    print(write(given.out, "Overload", "make test-overload", result, markdown(result)))  # noqa: T201
    print("\n".join(result["faults"]))  # noqa: T201
    sys.exit(1 if result["faults"] else 0)


if __name__ == "__main__":
    main()
