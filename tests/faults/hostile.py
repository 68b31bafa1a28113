"""Send the service what nobody should: does it answer each with a refusal or a verdict, never 5xx, never not at all?

Usage: python tests/faults/hostile.py [--requests 100000] [--seed 7] [--minutes 0] [--out evaluation/reports/hostile]

The service runs as a user starts it (BentoML, one worker, rules alone), everything kept. Requests are bytes on a socket: broken
HTTP, broken JSON, wrong types in every field, hostile Unicode, sizes at and over the limits, other content types, paths and
headers. A request that gets no answer within 20 seconds is a hang; one whose connection is closed without an answer is counted,
and is a fault unless the HTTP itself was broken.
"""

import argparse
import gzip
import json
import pickle
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.faults.deployment import Service
from tests.faults.reporting import as_table, until_stopped, write
from tests.faults.sending import changed, places

REQUEST = {
    "text": "Bins tomorrow", "subject": "x", "channel": "sms", "direction": "outbound", "audience": "citizen", "policies": ["dwp-sms"],
    "reference": "h/1", "recipient": {"phone": "+447700900123", "consent": True, "last_verified": "2026-03-01", "used_before": True},
    "sender": {"business_area": "housing", "device": "corporate", "route": "reach", "two_way": False, "sender_id": "DWP"},
    "significant": False, "exception": "EX-2026-014", "send_by": "2099-12-01T09:00:00Z", "shadow": False,
    "options": {"redact": True, "explain": True},
}  # fmt: skip
FEEDBACK = {"id": "0" * 32, "category": "routine", "types": ["name"], "note": "x"}
TEMPLATE = {
    "template": "Hi ((name)), ((date??on the day))",
    "business_area": "housing",
    "policies": ["dwp-sms"],
    "personalisation": {"name": "x"},
}
HANG_SECONDS = 20
MOST_BYTES = 128 * 1024
STRANGE = (
    "\x00", "\x01", "\x1b[2J", "\x7f", "\x85", "\u00ad", "\u034f", "\u0300" * 40, "\u061c", "\u200b", "\u200d", "\u202e", "\u2066", "\u2028",
    "\ufeff", "\ufffd", "\uffff", "\ufdfa", "\U000e0041", "\U0010ffff", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u1100\u1161\u11a8",
    "ﬃ", "Ａ", "①", "٣", "𝟚", "İ", "ß", "\ud800", "\udc00", "\udfff\ud800",
)  # fmt: skip
TYPES = (
    None, True, False, 0, -1, 1.5, 1e308, 10**30, "", " ", "x", "\ud800", [], [[]], {}, {"": None}, [None], ["x"] * 50, {"x": {"x": {}}},
    "2026-13-45", "9999-12-31T23:59:60Z", "0001-01-01T00:00:00+14:00", "-0", "true", "dwp-sms", ["dwp-sms", "dwp-sms"], ["no-such-pack"],
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attack:
    """One request as bytes; `is_broken` where its HTTP is, so that closing the connection is an answer."""

    kind: str
    content: bytes
    is_broken: bool = False
    is_ended: bool = False


def http(body, path="/v1/score", method="POST", headers=None, kind="application/json"):
    """Return a request's bytes."""
    body = body if isinstance(body, bytes) else body.encode("utf-8", "surrogatepass")
    given = {"host": "x", "content-type": kind, "content-length": len(body)} | (headers or {})
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def as_json(chance, content):
    """Write JSON as ASCII or as UTF-8, where lone surrogates make it no UTF-8 at all."""
    return json.dumps(content, ensure_ascii=chance.random() < 0.7)


def strange_text(chance):
    """Return a text of strange characters."""
    length = chance.choice((1, 3, 20, 160, 320, 320)) if chance.random() < 0.99 else chance.choice((3000, 10_000, 10_001))
    pool = chance.choice((STRANGE, STRANGE + tuple("your payment NHS 0123 "), [chr(chance.randrange(1, 0x110000)) for _ in range(30)]))
    return "".join(chance.choice(pool) for _ in range(length))[:10_001]


def wrong_types(chance):
    path, base = chance.choice(
        (("/v1/score", REQUEST), ("/v1/score", REQUEST), ("/v1/feedback", FEEDBACK), ("/v1/check-template", TEMPLATE))
    )
    content = base
    for place in chance.sample(list(places(base)), chance.choice((1, 1, 2, 4))):
        content = changed(content, place, chance.choice(TYPES))
    if chance.random() < 0.2:
        content = {**content, chance.choice(("surprise", "", "\u202e", "__proto__", "text\u0000")): chance.choice(TYPES)}
    return Attack("wrong types", http(as_json(chance, content), path))


def hostile_unicode(chance):
    place = chance.choice([("text",), ("text",), ("text",), *places(REQUEST)])
    content = changed(REQUEST, place, strange_text(chance))
    content["reference"] = f"u/{chance.randrange(10**9)}" if place != ("reference",) else content["reference"]
    if chance.random() < 0.3:
        content = {"text": strange_text(chance), "channel": chance.choice(("sms", "email"))}
    return Attack("Unicode", http(as_json(chance, content)))


def broken_json(chance):
    whole = json.dumps(changed(REQUEST, ("reference",), f"j/{chance.randrange(10**9)}"))
    cut = chance.randrange(len(whole))
    depth = chance.choice((50, 500, 5_000, 50_000))
    body = chance.choice((
        lambda: whole[:cut],
        lambda: whole + whole,
        lambda: whole[:cut] + chr(chance.randrange(1, 256)) + whole[cut + 1 :],
        lambda: whole[:-1] + ', "text": "again"}',
        lambda: '{"text": ' + chance.choice(("NaN", "Infinity", "-Infinity", "1" * 5_000, "1e" + "9" * 50, "0x1", "'x'", '"\\ud800"', '"\\u00"')) + "}",
        lambda: '{"text": "x", "significant": ' + "[" * depth + "]" * depth + "}",
        lambda: "[" * depth,
        lambda: '{"a":' * depth,
        lambda: chance.choice(("", " ", "null", "0", '""', "[]", "{}", "\ufeff{}", "true", "// x\n{}")),
        lambda: whole.encode("utf-16"),
        lambda: whole.encode() + bytes([chance.randrange(128, 256)]),
        lambda: whole.replace("Bins", "B\x00ns"),
        lambda: bytes(chance.randrange(256) for _ in range(chance.randrange(200))),
        lambda: whole.encode()[:40] + bytes([0xC0, 0x80, 0xED, 0xA0, 0x80, 0xF5]) + whole.encode()[40:],
    ))()  # fmt: skip
    return Attack("broken JSON", http(body, chance.choice(("/v1/score", "/v1/score/batch", "/v1/feedback", "/v1/check-template"))))


def batches(chance):
    items = [
        chance.choice((REQUEST, {"text": "x"}, {}, None, 5, [], {"text": 5}, {"text": "\ud800"}, {"text": "x", "policies": ["none"]}))
        for _ in range(chance.randrange(6))
    ]
    content = chance.choice((
        {"messages": items}, {"messages": items}, {"messages": items}, {"messages": [{"text": 5}] * 101}, {"messages": {}}, {"messages": None}, items,
        {"messages": items, "more": 1}, {"messages": [{"messages": items}]},
    ))  # fmt: skip
    return Attack("batches", http(as_json(chance, content), "/v1/score/batch"))


def templates(chance):
    field = "".join(
        chance.choice(("(", ")", "((", "))", "?", "??", "name", " ", "\n", "\u202e", "{", "}", "%s", "\\"))
        for _ in range(chance.randrange(1, 40))
    )
    values = {
        chance.choice(("name", "", "a" * 300, "\u0000", field)): chance.choice(
            ("x", "", "((name))", "y" * 9_000, strange_text(chance)[:300])
        )
    }
    if chance.random() < 0.5:
        return Attack("templates", http(as_json(chance, {"template": field, "personalisation": values})))
    return Attack(
        "templates", http(as_json(chance, {"template": field, "business_area": "housing", "personalisation": values}), "/v1/check-template")
    )


def content_types(chance):
    body = json.dumps({"text": "x"}).encode()
    kind, content, headers = chance.choice((
        ("multipart/form-data", body, {}),
        ("multipart/form-data; boundary=x", b'--x\r\ncontent-disposition: form-data; name="text"\r\n\r\nhi', {}),
        ("application/x-www-form-urlencoded", b"text=x&" * 100, {}),
        ("application/vnd.bentoml+pickle", pickle.dumps({"text": "x"}), {}),
        ("application/json", gzip.compress(body), {"content-encoding": "gzip"}),
        ("application/json", body, {"content-encoding": "br, gzip"}),
        ("application/json; charset=utf-16", body, {}),
        ("application/xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", {}),
        ("application/json;" * 100, body, {}),
        ("", body, {}),
        (None, body, {}),
        ("\xff\xfe", body, {}),
    ))  # fmt: skip
    return Attack(
        "content types",
        http(content, chance.choice(("/v1/score", "/v1/score/batch", "/v1/feedback", "/score")), headers=headers, kind=kind),
    )


def paths(chance):
    path = chance.choice((
        "/", "//", "/v1", "/v1/", "/v1/score/", "/v1/score/batch/../../metrics", "/%2e%2e/%2e%2e/etc/passwd", "/v1/score%00", "/%ff%fe", "/v1/SCORE",
        "/schema.json", "/docs.json", "/healthz", "/static_content/x", "/metrics", "/livez", "/readyz", "/openapi.json", "/score", "/v1/model?" + "a=b&" * 500,
        f"/v1/reviews/{'%00' * chance.randrange(30)}", f"/v1/reviews/{chance.getrandbits(128):032x}", "/v1/reviews/" + "a" * 5_000, "/v1/reviews/../model",
        "/" + "a/" * 2_000, "http://x/v1/model", "*", "/v1/policies#x", "/v1/model;x=1",
    ))  # fmt: skip
    method = chance.choice(("GET", "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"))
    return Attack("paths", http(b"", path, method), is_broken=path == "*" or path.startswith("http"))


def headers(chance):
    strange = "".join(chr(chance.choice((9, 32, 33, 34, 127, 128, 255, 92, 39))) for _ in range(chance.randrange(60)))
    given = dict(chance.sample((
        ("x-request-id", strange), ("x-request-id", "a" * 4_000), ("traceparent", strange), ("traceparent", "00-" + "0" * 32 + "-" + "0" * 16 + "-00"),
        ("tracestate", "a=b," * 400), ("authorization", strange), ("authorization", "Bearer " + "x" * 3_000), ("accept", strange), ("cookie", "a=" * 900),
        ("expect", "100-continue"), ("upgrade", "websocket"), ("connection", "upgrade"), ("connection", "close"), ("range", "bytes=0-1,5-"), ("host", ""),
        ("x-forwarded-for", strange), ("bentoml-retry", "x"), ("accept-encoding", "gzip;q=nan"), ("content-language", "\xff"), ("te", "trailers"),
        *((f"x-{number}", "y" * 50) for number in range(20)),
    ), chance.randrange(1, 6)))  # fmt: skip
    body = json.dumps({"text": "Bins tomorrow"})
    return Attack("headers", http(body, headers=given), is_broken=True)


def sizes(chance):
    body = b'{"text": "x"}'
    most = chance.choice((MOST_BYTES, MOST_BYTES, 2 * 1024 * 1024 + 1 if chance.random() < 0.02 else MOST_BYTES))
    path = "/v1/score/batch" if most > MOST_BYTES else "/v1/score"
    content = body + b" " * (most - len(body) + chance.choice((-1, 0, 1)))
    return chance.choice((
        lambda: Attack("sizes", http(content, path)),
        lambda: Attack("sizes", http(json.dumps({"text": "x" * chance.choice((0, 10_000, 10_001))}))),
        lambda: Attack("sizes", http(b'{"text": "x"}' , headers={"content-length": chance.choice((0, 5, 12))}), is_broken=True),
        lambda: Attack("sizes", http(b'{"text": "x"}', headers={"content-length": chance.choice((14, 2_000, 131_072))}), is_ended=True, is_broken=True),
        lambda: Attack("sizes", http(b"", headers={"content-length": chance.choice(("131073", "9" * 18, "2097153"))}), is_ended=True, is_broken=True),
        lambda: Attack("sizes", http(body, headers={"content-length": chance.choice(("-1", "x", "9" * 400, "1, 2", "0x10", ""))}), is_broken=True),
    ))()  # fmt: skip


def chunks(chance):
    parts = [b"%x\r\n%b\r\n" % (len(each), each) for each in (b'{"te', b'xt": ', b'"x"}')]
    end = b"0\r\n\r\n"
    body, ended = chance.choice((
        (b"".join(parts) + end, False),
        (b"".join(parts), True),
        (b"zz\r\n" + end, False),
        (b"-5\r\nhello\r\n" + end, False),
        (b"ffffffffffffffffff\r\nx", True),
        (b"5;" + b"a" * 3_000 + b"\r\nhello\r\n" + end, False),
        (parts[0][:-2] + end, True),
        ((b"400\r\n" + b" " * 1024 + b"\r\n") * chance.choice((2, 140)) + end, False),
    ))  # fmt: skip
    extra = chance.choice(({}, {"content-length": 5}, {"transfer-encoding": "gzip, chunked"}, {"transfer-encoding": "chunked, chunked"}))
    return Attack(
        "chunks", http(body, headers={"content-length": None, "transfer-encoding": "chunked"} | extra), is_broken=True, is_ended=ended
    )


def raw_bytes(chance):
    content = chance.choice((
        lambda: bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400))),
        lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(chance.randrange(256) for _ in range(60)),
        lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        lambda: b"GET /livez\r\n\r\n",
        lambda: b"GET /livez HTTP/9.9\r\n\r\n",
        lambda: b"POST /v1/score HTTP/1.1\nhost: x\n\n{}",
        lambda: b"GET " + b"/a" * 40_000 + b" HTTP/1.1\r\n\r\n",
        lambda: b"GET /livez HTTP/1.1\r\n" + b"x: y\r\n" * 3_000 + b"\r\n",
        lambda: b"GET /livez HTTP/1.1\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",
        lambda: b"GET /livez HTTP/1.1\r\nno colon\r\n: none\r\n\r\n",
        lambda: b"GET /livez HTTP/1.1\r\nx\x00y: z\r\n\r\n",
        lambda: bytes(byte if chance.random() > 0.03 else chance.randrange(256) for byte in http(json.dumps(REQUEST))),
        lambda: b"\r\n" * 50 + http("{}"),
    ))()  # fmt: skip
    return Attack("bytes", content, is_broken=True, is_ended=True)


KINDS = {
    wrong_types: 28, hostile_unicode: 10, broken_json: 18, batches: 6, templates: 6, content_types: 8, paths: 10, headers: 8, sizes: 2, chunks: 3, raw_bytes: 6,
}  # fmt: skip
"""What is sent, and how often of a hundred or so."""


def attacks(seed):
    """Yield hostile requests without end, the same for the same seed."""
    chance = random.Random(seed)
    while True:
        yield chance.choices(list(KINDS), list(KINDS.values()))[0](chance)


class Sender:
    """Sends on one connection for as long as it holds."""

    def __init__(self, port):
        self.port = port
        self.connection = None

    def send(self, attack):
        """Return the status, `closed` where the connection ended without one, or `hang`."""
        is_kept = self.connection is not None
        connection = self.connection or socket.create_connection(("127.0.0.1", self.port), timeout=HANG_SECONDS)
        self.connection = None
        status, is_open = self._exchange(connection, attack)
        if is_open and not attack.is_broken and attack.content[:5] != b"HEAD ":
            self.connection = connection
        else:
            connection.close()
        if status == "closed" and is_kept:
            return self.send(attack)  # it was closed before this request came
        return status

    @staticmethod
    def _exchange(connection, attack):
        try:
            try:
                connection.sendall(attack.content)
                if attack.is_ended:
                    connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before all of it was read; the answer may still be there
            received = b""
            while b"\r\n\r\n" not in received or received.startswith(b"HTTP/1.1 100"):
                received = received.partition(b"\r\n\r\n")[2] if received.startswith(b"HTTP/1.1 100") else received
                if b"\r\n\r\n" in received:
                    continue
                more = connection.recv(65536)
                if not more:
                    return "closed", False
                received += more
            head, _, body = received.partition(b"\r\n\r\n")
            length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
            while length is not None and len(body) < length and not attack.content.startswith(b"HEAD "):
                more = connection.recv(65536)
                if not more:
                    break
                body += more
        except TimeoutError:
            return "hang", False
        except ConnectionError:
            return "closed", False
        return int(head[9:12]), length is not None and b"connection: close" not in head.lower()


def run(port, count, seed=7, is_over=lambda: False):
    """Send them; return counts by kind and status, and what was wrong."""
    sender = Sender(port)
    statuses, faults = {}, []
    slowest = 0.0
    for number, attack in zip(range(count), attacks(seed), strict=False):
        if is_over():
            break
        started = time.monotonic()
        status = sender.send(attack)
        slowest = max(slowest, time.monotonic() - started)
        statuses.setdefault(attack.kind, Counter())[str(status)] += 1
        if status == "hang" or (status == "closed" and not attack.is_broken) or (isinstance(status, int) and status >= 500):
            faults.append({"number": number, "kind": attack.kind, "status": status})
    total = sum((of for of in statuses.values()), Counter())
    return {
        "requests": total.total(), "seed": seed, "statuses": dict(sorted(total.items())), "slowest_seconds": round(slowest, 2),
        "kinds": {kind: dict(sorted(of.items())) for kind, of in sorted(statuses.items())}, "faults": faults[:50], "fault_count": len(faults),
    }  # fmt: skip


def markdown(result):
    statuses = list(result["statuses"])
    rows = [["kind", "requests", *statuses]]
    rows += [[kind, f"{sum(of.values()):,}", *(f"{of.get(status, 0):,}" for status in statuses)] for kind, of in result["kinds"].items()]
    rows.append(["all", f"{result['requests']:,}", *(f"{count:,}" for count in result["statuses"].values())])
    bad = Counter(str(each["status"]) for each in result["faults"])
    return [
        f"{result['requests']:,} hostile requests (seed {result['seed']}) to the service as it is started (BentoML, one worker, rules alone, everything "
        f"kept): {result['fault_count']} answered with 5xx, left hanging or cut off without reason{f' ({dict(bad)})' if bad else ''}; "
        f"{result['exits']} exits of the worker. The slowest answer took {result['slowest_seconds']} s (a body that stops is waited for).",
        "",
        *as_table(rows),
        "",
        "`closed`: broken HTTP whose connection was closed without an answer.",
    ]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=7)
    options.add_argument("--minutes", type=float, default=0, help="stop after so long and report the number reached")
    options.add_argument("--out", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder), workers=1, SENDSAFE_USE_MODEL="false", SENDSAFE_BODY_SECONDS="2").start()
        try:
            before = service.workers()
            result = run(service.port, given.requests, given.seed, until_stopped(given.minutes))
            result["exits"] = len(set(before) - set(service.workers()))
            assert service.ask("GET", "/readyz")[0] == 200
        finally:
            service.stop()
    print(write(given.out, "Hostile requests", "make test-hostile", result, markdown(result)))  # noqa: T201
    sys.exit(1 if result["fault_count"] or result["exits"] else 0)


if __name__ == "__main__":
    main()
