"""Put a canary into every field of 10,000 requests, whole and broken: does it turn up anywhere but in the sealed columns?

Usage: python tests/faults/canaries.py [--requests 10000]

One worker runs with everything kept, its log in a file. Every request has the canary in one field or several, or is spoiled:
cut off, doubled, of another type, with unknown fields, in headers and paths. Looked through afterwards, byte by byte: answers
(a verdict may hold nothing of it but what was asked for with `redact`), log, metrics, and every file of the state folder.
"""

import argparse
import itertools
import json
import random
import shutil
import sys
import tempfile
from http.client import HTTPConnection
from pathlib import Path

from sqlalchemy import select

sys.path.insert(0, str(Path(__file__).parents[2]))

from serving.review.clock import Clock
from serving.review.database import reading, sqlite_url
from serving.review.store import Store
from serving.review.vault import Vault
from tests.faults.conftest import Worker
from tests.faults.sending import changed, places

CANARY = "zebra-7f3a-quokka"
REQUEST = {
    "text": "Bins tomorrow", "subject": "x", "channel": "sms", "direction": "outbound", "audience": "citizen", "policies": ["dwp-sms"],
    "recipient": {"phone": "+447700900123", "consent": True, "last_verified": "2026-03-01", "used_before": True},
    "sender": {"business_area": "x", "device": "corporate", "route": "reach", "two_way": False, "sender_id": "x"},
    "significant": False, "exception": "x", "send_by": "2099-12-01T09:00:00Z", "shadow": False,
    "options": {"redact": False, "explain": True},
}  # fmt: skip
FEEDBACK = {"id": "x", "category": "routine", "types": ["name"], "note": "x"}
SHAPES = (
    lambda body: body,
    lambda body: body,
    lambda body: body,
    lambda body: body[:-1],
    lambda body: body + body,
    lambda body: body.encode() + b"\xff" + CANARY.encode(),
    lambda body: body.replace('": ', f'": "{CANARY}'),
    lambda body: body[:-1] + f', "{CANARY}": "{CANARY}"}}',
    lambda body: f"[{body}]",
    lambda body: CANARY,
)


def requests(chance, count):
    """Yield path, body and headers."""
    fields = list(places(REQUEST))
    words = (CANARY, f"Hi {CANARY}, my NI is QQ123456C", [CANARY], {CANARY: CANARY}, CANARY * 400, f"{CANARY}\u0000\u202e")
    for number in itertools.islice(itertools.count(), count):
        content = changed(REQUEST, chance.choice(fields), chance.choice(words))
        if chance.random() < 0.5:
            content["text"] = chance.choice(words[:2])
        content["reference"] = f"c/{number}"
        if chance.random() < 0.2:
            del content["text"]
            content |= {"template": f"Hi ((name)) {CANARY}", "personalisation": {chance.choice(["name", CANARY]): CANARY}}
        kind = chance.random()
        if kind < 0.1:
            yield "/v1/feedback", json.dumps(changed(FEEDBACK, chance.choice(list(places(FEEDBACK))), chance.choice(words))), {}
        elif kind < 0.2:
            yield "/v1/score/batch", chance.choice(SHAPES)(json.dumps({"messages": [content, content]})), {}
        elif kind < 0.25:
            yield "/v1/check-template", json.dumps({"template": CANARY, "business_area": CANARY, "personalisation": {CANARY: CANARY}}), {}
        elif kind < 0.3:
            yield f"/v1/reviews/{CANARY}?{CANARY}", "", {"x-request-id": f"{CANARY} ", "traceparent": CANARY, "authorization": CANARY}
        else:
            yield "/v1/score", chance.choice(SHAPES)(json.dumps(content)), {}


def run(count, seed=7):
    folder = Path(tempfile.mkdtemp(prefix="canary"))
    worker = Worker(folder).start()
    chance = random.Random(seed)
    hits, statuses = [], {}
    try:
        connection = HTTPConnection("127.0.0.1", worker.port, timeout=60)
        for path, body, headers in requests(chance, count):
            method = "GET" if "/reviews/" in path else "POST"
            connection.request(method, path, body, {"content-type": "application/json", **headers})
            answer = connection.getresponse()
            content = answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            if CANARY.encode() in content + str(answer.headers).encode():
                hits.append(f"answer {answer.status} of {path.split('?')[0].replace(CANARY, '...')}")
        connection.request("GET", "/metrics")
        hits += ["metrics"] * (CANARY.encode() in connection.getresponse().read())
        files = list(folder.iterdir())
        hits += [f"file {path.name}" for path in files if CANARY.encode() in path.read_bytes()]
        sealed = held(folder)
    finally:
        worker.kill()
        shutil.rmtree(folder)
    return {"requests": count, "statuses": dict(sorted(statuses.items())), "files": len(files), "sealed": sealed, "hits": hits}


def held(folder):
    """Return how many sealed values hold the canary: that it was there to be found."""
    vault = Vault((folder / "secret").read_text().strip(), (folder / "encryption.keys").read_text().split())
    store = Store(sqlite_url(folder / "sendsafe.sqlite"), vault, Clock())
    with reading(store.engine) as connection:
        return sum(
            CANARY in value
            for table, column in store.tables.sealed
            for value in connection.scalars(select(column).where(column.is_not(None)))
        )


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--requests", type=int, default=10_000)
    result = run(options.parse_args().requests)
    print(json.dumps(result))  # noqa: T201
    sys.exit(1 if result["hits"] or not result["sealed"] or any(status >= 500 for status in result["statuses"]) else 0)


if __name__ == "__main__":
    main()
