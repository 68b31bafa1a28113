"""Does every path ask for a key with the right scope, and does nothing of a key get out?"""

import json

import pytest
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from serving.authentication import OPEN, SCOPES
from serving.http import create_app
from serving.openapi import document
from serving.review.database import sqlite_url
from serving.review.keys import KeyRing, Scope, create_key, list_keys, revoke_key
from serving.settings import Settings


@pytest.fixture
def database_url(tmp_path):
    """One kind is enough here; keys on both are in `tests/serving/review/test_keys.py`."""
    return sqlite_url(tmp_path / "sendsafe.sqlite")


@pytest.fixture
def ring(store, monkeypatch):
    monkeypatch.setattr(KeyRing, "FRESH_SECONDS", 0.0)
    return KeyRing(store)


@pytest.fixture
def client(fake, ring):
    return TestClient(create_app(fake, Settings(), None, ring), raise_server_exceptions=False)


def ask(client, key=None, path="/v1/score", method="POST", scheme="Bearer"):
    headers = {"content-type": "application/json"} | ({"authorization": f"{scheme} {key}".encode("latin-1")} if key else {})
    return client.request(method, path, content=json.dumps({"text": "x"}) if method == "POST" else None, headers=headers)


def test_every_route_has_its_place():
    """Whoever adds a path says here who may use it."""
    told = {"/v1/reviews/{id}": "/v1/reviews"}
    assert {told.get(path, path) for path in document()["paths"]} <= set(SCOPES) | OPEN
    assert not set(SCOPES) & OPEN


@pytest.mark.parametrize("path", [*SCOPES, "/nowhere", "/v1/score/", "//v1/score", "/v1/reviews/1"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_key_nothing_answers(client, fake, path, method):
    answer = ask(client, None, path, method)
    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthenticated"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert fake.judged == 0


@pytest.mark.parametrize("path", sorted(OPEN))
def test_health_and_description_answer_everybody(client, path):
    assert ask(client, None, path, "GET").status_code == 200


def test_a_key_lets_in_and_its_scopes_say_where(client, store):
    usual = create_key(store, "gateway")
    metrics = create_key(store, "prometheus", [Scope.METRICS])
    assert ask(client, usual).status_code == 200
    assert ask(client, usual, scheme="bearer").status_code == 200
    assert ask(client, usual, "/v1/model", "GET").status_code == 200
    assert ask(client, metrics, "/v1/model", "GET").status_code == 200
    assert ask(client, metrics, "/metrics", "GET").status_code == 200
    for key, path, method in ((usual, "/metrics", "GET"), (metrics, "/v1/score", "POST"), (metrics, "/v1/reviews/1", "GET")):
        answer = ask(client, key, path, method)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_what_is_no_key_is_refused_and_not_told(client, store):
    key = create_key(store, "gateway")
    prefix = key[:18]
    bad = [key[:-1], key + "x", key[:-1] + ("a" if key[-1] != "a" else "b"), prefix, key.replace("live", "test"), "x" * 5000, "\xff", ""]
    for given in bad:
        answer = ask(client, given)
        assert answer.status_code == 401
        assert prefix not in answer.text
    assert ask(client, key, scheme="Basic").status_code == 401


def test_a_revoked_key_is_refused(client, store):
    key = create_key(store, "gateway")
    assert ask(client, key).status_code == 200
    revoke_key(store, list_keys(store)[0].prefix)
    ask(client, key)  # the keys are read again behind this one
    assert ask(client, key).status_code == 401


def test_keys_are_not_in_the_database(store):
    key = create_key(store, "gateway")
    kept = list_keys(store)[0]
    assert key.startswith(kept.prefix)
    assert key[len(kept.prefix) + 1 :] not in str(kept)
    assert len(kept.digest) == 64


def test_while_the_database_is_away_the_keys_read_last_go_on_and_then_nobody_is_let_in(client, store, ring, monkeypatch):
    key = create_key(store, "gateway")
    assert ask(client, key).status_code == 200

    def away(*_):
        raise OperationalError("", {}, Exception())

    monkeypatch.setattr("serving.review.keys.list_keys", away)
    assert ask(client, key).status_code == 200
    monkeypatch.setattr(KeyRing, "STALE_SECONDS", 0.0)
    answer = ask(client, key)
    assert (answer.status_code, answer.json()["code"]) == (503, "overloaded")
    assert answer.headers["retry-after"]
