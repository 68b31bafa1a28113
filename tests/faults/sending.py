"""One request to a service on this machine, and bodies with other values in their fields."""

import json
from http.client import HTTPConnection


def ask(port, method, path, content=None, timeout=15):
    """Send JSON, or what is given as text; return status and body as bytes."""
    body = content if content is None or isinstance(content, str) else json.dumps(content)
    status, _, answer = raw_ask(port, body, path=path, method=method, timeout=timeout)
    return status, answer


def raw_ask(port, content, headers=None, path="/v1/score", method="POST", timeout=30):
    """Send a body as it is on a connection of its own; return status, headers and body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request(method, path, content, {"content-type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def places(part, prefix=()):
    """Yield the path of every field."""
    for key, value in part.items():
        yield (*prefix, key)
        if isinstance(value, dict):
            yield from places(value, (*prefix, key))


def changed(content, place, value):
    """Return a copy with another value in one field; a field that is gone meanwhile stays gone."""
    content = json.loads(json.dumps(content))
    part = content
    for step in place[:-1]:
        part = part.get(step)
        if not isinstance(part, dict):
            return content
    part[place[-1]] = value
    return content
