"""Is a verdict kept before it is given, held, replayed and refused as the contract says, on both databases?"""

import json
import time

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from serving.classifier import Classifier
from serving.http import create_app
from serving.review.database import reading
from serving.review.keeper import Keeper
from serving.settings import Settings

CANARY = "zebra-7f3a quokka"


@pytest.fixture
def settings(database_url, tmp_path):
    secrets = {"secret": "s" * 43, "encryption_keys": "M" * 43 + "="}
    return Settings(use_model=False, state_folder=tmp_path, database_url=str_of(database_url), keep_seconds=10, **secrets)


def str_of(url):
    return url if isinstance(url, str) else url.render_as_string(hide_password=False)


@pytest.fixture
def client(settings, keeper):
    with TestClient(create_app(Classifier.load(settings), settings, keeper), raise_server_exceptions=False) as client:
        yield client


def post(client, content, path="/v1/score"):
    return client.post(path, content=json.dumps(content), headers={"content-type": "application/json"})


def test_the_same_message_under_a_reference_is_answered_with_the_first_verdict(client):
    request = {"text": "Bins tomorrow", "reference": "batch-7/0012"}
    first = post(client, request)
    assert first.json()["review"]
    assert post(client, request).json() == first.json()
    assert post(client, {**request, "options": {"redact": True}}).json() == {**first.json(), "redacted": "Bins tomorrow"}


def test_another_message_under_a_reference_is_refused(client):
    post(client, {"text": "Bins tomorrow", "reference": "a/1"})
    for change in ({"text": CANARY}, {"channel": "sms"}, {"recipient": {"phone": "+447700900123"}}, {"shadow": True}):
        answer = post(client, {"text": "Bins tomorrow", "reference": "a/1", **change})
        assert answer.status_code == 409
        assert answer.json()["code"] == "reference_conflict"
        assert CANARY not in answer.text


@pytest.mark.parametrize("by", ["request", "deployment"])
def test_in_shadow_the_action_is_told_and_nothing_is_queued(settings, keeper, by):
    given, said = ({}, {"shadow": True}) if by == "request" else ({"shadow": True}, {})
    settings = settings.model_copy(update=given)
    keeper._settings = settings
    with TestClient(create_app(Classifier.load(settings), settings, keeper)) as client:
        for text, action in (("Bins tomorrow", "review"), ("my NI is QQ123456C", "block")):
            verdict = post(client, {"text": text, **said}).json()
            assert (verdict["action"], verdict["review"]) == (action, None)
        results = post(client, {"messages": [{"text": "Bins tomorrow", **said}]}, "/v1/score/batch").json()["results"]
        assert (results[0]["verdict"]["action"], results[0]["verdict"]["review"]) == ("review", None)
    tables = keeper.store.tables
    with reading(keeper.store.engine) as connection:
        assert connection.scalars(select(tables.decisions.c.is_shadow)).all() == [True, True, True]
        assert connection.execute(select(tables.reviews)).all() == connection.execute(select(tables.incidents)).all() == []


def test_a_message_sent_again_after_the_deployments_shadow_ended_gets_its_first_verdict(settings, keeper):
    request = {"text": "Bins tomorrow", "reference": "a/1"}
    first, second = [], []
    for shadow, answers in ((True, first), (False, second)):
        keeper._settings = settings.model_copy(update={"shadow": shadow})
        with TestClient(create_app(Classifier.load(settings), settings, keeper)) as client:
            answers += [post(client, request).json(), bool(post(client, {"text": "Bins tomorrow"}).json()["review"])]
    assert second == [first[0], True]
    assert first[1] is False


def test_a_held_message_can_be_asked_after(client):
    verdict = post(client, {"text": "Bins tomorrow", "send_by": "2099-01-01T09:00:00Z"}).json()
    assert verdict["action"] == "review"
    answer = client.get(verdict["review"]["url"])
    assert answer.status_code == 200
    assert answer.json() == {
        "id": verdict["review"]["id"], "state": "waiting", "category": verdict["category"], "action": "review",
        "clause": verdict["reasons"][0]["clause"], "decided_at": None,
    }  # fmt: skip


def test_a_message_that_came_after_its_time_has_expired(client):
    verdict = post(client, {"text": "Bins tomorrow", "send_by": "2020-01-01T09:00:00Z"}).json()
    assert client.get(verdict["review"]["url"]).json()["state"] == "expired"


@pytest.mark.parametrize("review_id", ["0" * 32, "x", "%00", "../x", CANARY])
def test_a_review_that_is_not_there_is_not_found(client, review_id):
    answer = client.get(f"/v1/reviews/{review_id}")
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_feedback_is_taken_by_id_or_reference(client):
    verdict = post(client, {"text": "Bins tomorrow", "reference": "a/1"}).json()
    for named in ({"id": verdict["id"]}, {"reference": "a/1"}):
        answer = post(client, {**named, "category": "routine", "types": ["name"], "note": CANARY}, "/v1/feedback")
        assert answer.status_code == 202
    assert post(client, {"id": "0", "category": "routine"}, "/v1/feedback").status_code == 404


@pytest.mark.parametrize(
    "feedback",
    [
        {},
        {"category": "routine"},
        {"id": "1", "reference": "a", "category": "routine"},
        {"id": "1", "category": CANARY},
        {"id": "1", "category": "routine", "types": [CANARY]},
        {"id": "1", "category": "routine", "note": "x" * 2001},
        {"id": "1", "category": "routine", CANARY: 1},
    ],
)
def test_bad_feedback_is_refused_without_echo(client, feedback):
    answer = post(client, feedback, "/v1/feedback")
    assert answer.status_code == 422
    assert CANARY not in answer.text


def test_a_batch_is_kept_each_message_for_itself(client, keeper):
    messages = [{"text": "Bins tomorrow", "reference": f"b/{number % 7}"} for number in range(10)]
    messages[9] = {"text": CANARY, "reference": "b/0"}
    results = post(client, {"messages": messages}, "/v1/score/batch").json()["results"]
    assert [next(iter(each)) for each in results] == ["verdict"] * 9 + ["problem"]
    assert results[0]["verdict"] == results[7]["verdict"]
    assert results[9]["problem"]["code"] == "reference_conflict"
    with reading(keeper.store.engine) as connection:
        assert len(list(connection.scalars(select(keeper.store.tables.decisions.c.id)))) == 7


def test_a_verdict_is_in_the_database_when_it_is_given(client, keeper):
    for number in range(20):
        verdict = post(client, {"text": "Bins tomorrow", "reference": f"c/{number}"}).json()
        with reading(keeper.store.engine) as connection:
            assert keeper.store.find(connection, "local", decision_id=verdict["id"])


def test_ready_says_where_verdicts_go(client):
    assert client.get("/readyz").json()["store"] == "ready"


def test_with_nothing_kept_there_is_no_store(tmp_path):
    settings = Settings(use_model=False, state_folder=tmp_path / "none", keep="nothing")
    assert Keeper.of(settings) is None
    client = TestClient(create_app(Classifier.load(settings), settings))
    verdict = post(client, {"text": "Bins tomorrow", "reference": "a/1"}).json()
    assert (verdict["action"], verdict["review"]) == ("review", None)
    assert post(client, {"text": "another", "reference": "a/1"}).status_code == 200
    assert post(client, {"id": verdict["id"], "category": "routine"}, "/v1/feedback").status_code == 404
    assert client.get("/readyz").json()["store"] == "nothing is kept"
    assert not (tmp_path / "none").exists()


def test_a_pack_says_what_is_kept_of_its_verdicts(tmp_path):
    packs = tmp_path / "packs"
    packs.mkdir()
    pack = (Settings().policy_folder / "dwp-sms.yaml").read_text()
    for name, level in (("a-nothing", "nothing"), ("b-features", "features"), ("c-text", "text")):
        (packs / f"{name}.yaml").write_text(pack.replace("id: dwp-sms\n", f"id: {name}\nkeep: {level}\n"))
    settings = Settings(use_model=False, state_folder=tmp_path, policy_folder=packs, policies=["c-text"])
    keeper = Keeper.of(settings)
    keeper.start()

    def kept(*policies):
        with TestClient(create_app(Classifier.load(settings), settings, keeper)) as client:
            verdict = post(client, {"text": "Bins tomorrow", "policies": policies}).json()
        with reading(keeper.store.engine) as connection:
            return bool(verdict["review"]), keeper.store.find(connection, "local", decision_id=verdict["id"]) is not None

    assert kept("c-text") == (True, True)
    assert kept("b-features") == (False, True)
    assert kept("a-nothing") == (False, False)
    assert kept("c-text", "b-features") == (False, True)
    assert kept("c-text", "a-nothing") == (False, False)
    keeper.stop()


def test_a_held_message_expires_in_the_running_service(client, keeper, monkeypatch):
    monkeypatch.setattr("serving.review.keeper.EXPIRE_SECONDS", 0.1)
    post(client, {"text": "Bins tomorrow", "send_by": "2020-01-01T09:00:00Z"})
    keeper.stop()
    again = Keeper(keeper._settings, keeper.store, keeper.spool)
    again.start()
    for _ in range(50):
        time.sleep(0.1)
        with reading(keeper.store.engine) as connection:
            if connection.scalar(select(keeper.store.tables.reviews.c.state)) == "expired":
                break
    again.stop()
    with reading(keeper.store.engine) as connection:
        assert connection.scalar(select(keeper.store.tables.reviews.c.text)) is None
