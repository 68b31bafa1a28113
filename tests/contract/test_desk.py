"""Does the desk let in whom it should, take only its own forms, and do the whole path without JavaScript?"""

import asyncio
import html
import json
import re
import time
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text, update
from starlette.testclient import TestClient

from serving.classifier import Classifier
from serving.counterfactual import Counterfactual
from serving.http import create_app
from serving.review.database import reading
from serving.review.desk.app import create_desk
from serving.review.forward import put_forward
from serving.review.keys import KeyRing
from serving.review.people import Role, make_link
from serving.settings import Settings
from serving.taxonomy import Tier

SECRETS = {"secret": "s" * 43, "encryption_keys": "M" * 43 + "="}
OURS = {"sec-fetch-site": "same-origin"}
CANARY = "zebra-7f3a"
HELD = {
    "text": f"Ring Sam on 07700 900123 <script>alert(1)</script> {CANARY}\u202e",
    "channel": "sms",
    "sender": {"business_area": "housing"},
}


@pytest.fixture
def settings(tmp_path):
    return Settings(use_model=False, state_folder=tmp_path, keep_seconds=10, undo_seconds=0, second_review_percent=0, **SECRETS)


@pytest.fixture(scope="module")
def classifier():
    """Rules alone: they hold what they cannot call safe."""
    return Classifier.load(Settings(use_model=False))


@pytest.fixture
def app(classifier, settings, keeper):
    return create_app(classifier, settings, keeper)


@pytest.fixture
def browser(app, keeper):
    """Make a browser, signed in with roles or not at all."""

    def made(*roles, name="Sam"):
        client = TestClient(app, raise_server_exceptions=False, base_url="http://desk.test")
        if roles:
            token = make_link(keeper.store, name, roles)
            assert client.post("/review/sign-in/link", data={"token": token}, headers=OURS).status_code == 200
        return client

    return made


def hold(client, **changes):
    answer = client.post("/v1/score", json={**HELD, **changes}).json()
    return answer["review"]["id"]


def csrf(page):
    return re.search(r'name="csrf" value="([0-9a-f]+)"', page.text)[1]


def send(client, path, **fields):
    """Send a form as a page of the desk would."""
    return client.post(path, data={"csrf": csrf(client.get("/review")), **fields}, headers=OURS)


def events(keeper):
    with reading(keeper.store.engine) as connection:
        return [SimpleNamespace(**row) for row in connection.execute(select(keeper.store.tables.audit)).mappings()]


def test_the_whole_path_without_javascript(browser, keeper):
    sam = browser(Role.REVIEWER)
    review_id = hold(sam)
    assert "1 message waits" in sam.get("/review").text
    page = send(sam, "/review/next", channel="sms")
    assert page.url.path == f"/review/messages/{review_id}"
    assert "900123" not in page.text
    assert "data-markable" not in page.text
    page = send(sam, f"/review/messages/{review_id}/reveal", reason="decide")
    assert "900123" in page.text
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert "U+202E right-to-left override" in page.text
    page = send(sam, f"/review/messages/{review_id}/decide", agree="no", category="personal", action="block", reason="detail_missed",
                types=["phone", "name"], words="07700 900123\nSam", note=CANARY, clause="dwp-sms 1.2")  # fmt: skip
    assert page.url.path == "/review"
    assert "Recorded." in page.text
    assert "Recorded." not in sam.get("/review").text
    found = sam.get(f"/v1/reviews/{review_id}").json()
    assert (found["state"], found["category"], found["action"], found["clause"]) == ("decided", "personal", "block", "1.2")
    with reading(keeper.store.engine) as connection:
        judgement = connection.execute(select(keeper.store.tables.judgements)).mappings().one()
        assert connection.scalar(select(keeper.store.tables.reviews.c.text)) is None
    assert judgement["spans"] == [[12, 24, None], [5, 8, None]]
    assert judgement["types"] == ["phone", "name"]
    told = [each.event for each in events(keeper)]
    assert [each for each in told if each.startswith(("review", "session"))] == [
        "session.opened", "review.viewed", "review.revealed", "review.viewed", "review.viewed", "review.judged", "review.decided",
    ]  # fmt: skip
    assert CANARY not in str(events(keeper))
    assert "Sam" not in str(events(keeper))


def test_a_reveal_ends_with_the_lease(browser):
    sam, kim = browser(Role.REVIEWER), browser(Role.REVIEWER, name="Kim")
    review_id = hold(sam)
    send(sam, f"/review/messages/{review_id}/take")
    send(sam, f"/review/messages/{review_id}/reveal", reason="decide")
    assert kim.get(f"/review/messages/{review_id}").status_code == 409
    send(sam, f"/review/messages/{review_id}/skip", reason="unsure")
    assert "900123" not in kim.get(f"/review/messages/{review_id}").text


def test_nothing_is_decided_until_somebody_says(browser):
    sam = browser(Role.REVIEWER)
    review_id = hold(sam)
    send(sam, "/review/next")
    decide = f"/review/messages/{review_id}/decide"
    no = {"agree": "no"}
    wrong = [
        {},
        {"agree": "maybe"},
        no,
        {**no, "category": "personal"},
        {**no, "category": "personal", "action": "block"},
        {**no, "category": "x", "action": "allow", "reason": "context"},
        {**no, "category": "personal", "action": "review", "reason": "context"},
        {"agree": "yes", "clause": "dwp-sms 99"},
        {"agree": "yes", "spans": "5-4000"},
        {"agree": "yes", "words": "not in it"},
        {"agree": "yes", "note": "x" * 501},
    ]
    for fields in wrong:
        page = send(sam, decide, **fields)
        assert page.status_code == 422, fields
        assert "Something is missing" in page.text
        linked = re.search(r'govuk-error-summary.*?href="#([^"]+)"', page.text, re.DOTALL)[1]
        assert f'id="{linked}"' in page.text or linked == "words", fields
    assert sam.get(f"/v1/reviews/{review_id}").json()["state"] == "waiting"


def test_agreement_is_one_field(browser):
    sam = browser(Role.REVIEWER)
    review_id = hold(sam)
    send(sam, "/review/next")
    send(sam, f"/review/messages/{review_id}/decide", agree="yes")
    assert sam.get(f"/v1/reviews/{review_id}").json()["state"] == "decided"


def test_a_citizens_message_is_never_blocked(browser):
    sam = browser(Role.REVIEWER)
    answer = sam.post("/v1/score", json={"text": "I want to end my life", "direction": "inbound"}).json()
    review_id = answer["review"]["id"]
    page = send(sam, "/review/next")
    assert "Urgent" in page.text
    assert "Block" not in page.text
    fields = {"agree": "no", "category": "personal", "action": "block", "reason": "context"}
    assert send(sam, f"/review/messages/{review_id}/decide", **fields).status_code == 422


def test_undo(classifier, settings, keeper):
    patient = settings.model_copy(update={"undo_seconds": 600})
    app = create_app(classifier, patient, keeper)
    sam = TestClient(app, base_url="http://desk.test")
    sam.post("/review/sign-in/link", data={"token": make_link(keeper.store, "Sam", [Role.REVIEWER])}, headers=OURS)
    review_id = hold(sam)
    send(sam, "/review/next")
    page = send(sam, f"/review/messages/{review_id}/decide", agree="yes")
    # `send` looked at the queue page first; the notice was shown on the page after the decision
    address = re.search(r'action="(/review/judgements/[0-9a-f]+/undo)"', page.text)[1]
    assert sam.get(f"/v1/reviews/{review_id}").json()["state"] == "waiting"
    page = send(sam, address)
    assert page.url.path == f"/review/messages/{review_id}"
    assert "undone" in page.text
    assert "cannot be undone" in send(sam, address).text


def test_the_smallest_change_is_masked_until_revealed_and_kept_from_a_second_reviewer(classifier, settings, keeper, monkeypatch):
    found = Counterfactual(((5, 8), (11, 25)), Tier.ROUTINE)
    monkeypatch.setattr(classifier, "smallest_change", lambda *_: found)
    app = create_app(classifier, settings.model_copy(update={"undo_seconds": 600, "second_review_percent": 100}), keeper)
    people = []
    for name in ("Sam", "Kim"):
        people.append(TestClient(app, base_url="http://desk.test"))
        people[-1].post("/review/sign-in/link", data={"token": make_link(keeper.store, name, [Role.REVIEWER])}, headers=OURS)
    review_id = hold(people[0])
    send(people[0], "/review/next")
    for _ in range(500):  # the machine may be busy
        page = people[0].get(f"/review/messages/{review_id}").text
        if "smallest change" in page:
            break
    assert "900123" not in page
    revealed = send(people[0], f"/review/messages/{review_id}/reveal", reason="decide").text
    assert revealed.count("900123") == 2
    send(people[0], f"/review/messages/{review_id}/decide", agree="yes")
    page = send(people[1], "/review/next")
    assert page.url.path == f"/review/messages/{review_id}"
    assert "smallest change" not in page.text


def test_messages_of_one_template_are_decided_together_and_undone_together(classifier, settings, keeper):
    app = create_app(classifier, settings.model_copy(update={"undo_seconds": 600}), keeper)
    sam = TestClient(app, base_url="http://desk.test")
    sam.post("/review/sign-in/link", data={"token": make_link(keeper.store, "Sam", [Role.REVIEWER])}, headers=OURS)
    template = {"template": "Ring ((name)) on 07700 900123", "text": None}
    ids = [hold(sam, **template, personalisation={"name": f"Sam{letter}"}) for letter in "abc"]
    hold(sam)
    send(sam, f"/review/messages/{ids[0]}/take")
    alike = f"/review/messages/{ids[0]}/alike"
    assert alike in sam.get(f"/review/messages/{ids[0]}").text
    page = sam.get(alike)
    assert "3 messages of one template" in page.text
    assert "900123" not in page.text
    page = send(sam, f"/review/messages/{ids[0]}/reveal", reason="decide", page="alike")
    assert (page.url.path, page.text.count("900123")) == (alike, 1)
    seen = re.search(r'name="seen_ms" value="(\d+)"', page.text)[1]
    assert send(sam, alike, seen_ms=seen).status_code == 422
    assert send(sam, alike, seen_ms="²", agree="yes").status_code == 422
    page = send(sam, alike, seen_ms=seen, agree="yes")
    assert "Recorded for 3 messages." in page.text
    judged = [each for each in events(keeper) if each.event == "review.judged"]
    assert {json.loads(each.details)["review"] for each in judged} == set(ids)
    page = send(sam, re.search(r'action="(/review/judgements/[0-9a-f]+/undo)"', page.text)[1])
    assert page.url.path == f"/review/messages/{ids[0]}"
    assert sum(each.event == "review.undone" for each in events(keeper)) == 3


PAGES = ["/review", "/review/messages/0", "/review/messages/0/alike"]
_VERBS = ("take", "reveal", "decide", "skip", "escalate", "note", "alike")
POSTS = ["/review/next", "/review/sign-out", *(f"/review/messages/0/{verb}" for verb in _VERBS), "/review/judgements/0/undo"]


def test_every_path_is_in_this_list(keeper, settings):
    app = create_desk(keeper.store, settings, dict)._app
    paths = {route.path.replace("{id}", "0") for route in app.routes if "sign-in" not in route.path and "static" not in route.path}
    assert paths == {*PAGES, *POSTS} | set(REPORTS)


REPORTS = ["/review/overview", "/review/incidents", "/review/audit"]


@pytest.mark.parametrize("path", [*PAGES, *REPORTS])
def test_without_a_session_pages_lead_to_the_sign_in(browser, path):
    answer = browser().get(path, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/sign-in")


@pytest.mark.parametrize("path", POSTS)
def test_forms_are_taken_from_our_own_pages_alone(browser, path):
    assert browser().post(path, data={}, headers=OURS, follow_redirects=False).status_code == 303
    sam = browser(Role.REVIEWER)
    token = csrf(sam.get("/review"))
    for headers in ({}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"sec-fetch-site": "none"}, {"origin": "null"},
                    {"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site", "origin": "http://desk.test"}):  # fmt: skip
        assert sam.post(path, data={"csrf": token}, headers=headers).status_code == 403, headers
    for wrong in ("", "0" * 64, token[:-1]):
        assert sam.post(path, data={"csrf": wrong}, headers=OURS).status_code == 403
    assert sam.post(path, json={"csrf": token}, headers=OURS).status_code == 415
    assert sam.post(path, data={"csrf": token}, headers={"origin": "http://desk.test"}).status_code != 403


def test_roles(browser):
    manager, adjudicator = browser(Role.MANAGER, name="Max"), browser(Role.ADJUDICATOR, name="Ada")
    review_id = hold(manager)
    assert "Take the next one" not in manager.get("/review").text
    assert manager.get(f"/review/messages/{review_id}").status_code == 403
    assert send(manager, "/review/next").status_code == 403
    assert send(adjudicator, "/review/next").url.path == f"/review/messages/{review_id}"


def test_the_link_signs_in_by_a_press_and_once(browser, keeper):
    token = make_link(keeper.store, "Sam", [Role.REVIEWER])
    client = browser()
    page = client.get(f"/review/sign-in/link?token={token}")
    assert "Sign in" in page.text
    assert client.get("/review", follow_redirects=False).status_code == 303
    assert client.post("/review/sign-in/link", data={"token": token}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    answer = client.post("/review/sign-in/link", data={"token": token}, headers=OURS, follow_redirects=False)
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert browser().post("/review/sign-in/link", data={"token": token}, headers=OURS).status_code == 403
    assert '"><b>' not in html.unescape(client.get('/review/sign-in/link?token="><b>').text.split("<form")[0])
    send(client, "/review/sign-out")
    assert client.get("/review", follow_redirects=False).status_code == 303


def test_over_tls_the_cookie_is_bound_to_the_host(classifier, settings, keeper):
    secure = settings.model_copy(update={"review_url": "https://desk.test"})
    client = TestClient(create_app(classifier, secure, keeper), base_url="https://desk.test")
    token = make_link(keeper.store, "Sam", [Role.REVIEWER])
    answer = client.post("/review/sign-in/link", data={"token": token}, headers=OURS, follow_redirects=False)
    assert answer.headers["set-cookie"].startswith("__Host-sendsafe-desk=")
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "path", ["/review", "/review/sign-in", "/review/nowhere", "/review/messages/0", "/review/static/desk.js", "/review/static/nowhere"]
)
def test_every_answer_forbids_what_is_not_ours(browser, path):
    answer = browser(Role.REVIEWER).get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    if "text/html" in answer.headers["content-type"]:
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", answer.text)


def test_unknown_messages_and_pages_are_pages(browser):
    sam = browser(Role.REVIEWER)
    for path in ("/review/nowhere", "/review/messages/0", "/review/messages/%00"):
        answer = sam.get(path)
        assert answer.status_code == 404
        assert "<h1" in answer.text


def test_while_the_database_is_away_a_page_says_so(browser, keeper):
    sam = browser(Role.REVIEWER)
    with keeper.store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE sessions RENAME TO away"))
    answer = sam.get("/review")
    assert answer.status_code == 503
    assert "does not answer" in answer.text


def test_where_nothing_is_kept_there_is_no_desk(classifier, tmp_path):
    settings = Settings(use_model=False, state_folder=tmp_path, keep="nothing")
    client = TestClient(create_app(classifier, settings, None))
    assert client.get("/review").status_code == 404


def test_the_desk_needs_no_api_key_and_gives_none_away(classifier, settings, keeper):
    client = TestClient(create_app(classifier, settings, keeper, KeyRing(keeper.store)), base_url="http://desk.test")
    assert client.get("/review/sign-in").status_code == 200
    assert client.get("/v1/model").status_code == 401
    assert client.get("/reviewer").status_code == 401


def test_the_queue_shows_no_word_of_a_message(browser):
    sam = browser(Role.REVIEWER, Role.MANAGER)
    hold(sam)
    page = sam.get("/review").text
    assert CANARY not in page
    assert "900123" not in page


def test_a_message_that_was_put_forward_says_so(browser, keeper):
    sam = browser(Role.REVIEWER)
    review_id = hold(sam)
    assert "To learn from" not in sam.get("/review").text
    put_forward(keeper.store, [review_id])
    assert "To learn from" in sam.get("/review").text
    send(sam, f"/review/messages/{review_id}/take")
    assert "To learn from" in sam.get(f"/review/messages/{review_id}").text


def answered(keeper, category, **changes):
    """Make of the kept answer one of that tier, with some of it changed."""
    decisions = keeper.store.tables.decisions
    with keeper.store.engine.begin() as connection:
        features = connection.scalar(select(decisions.c.features))
        answer = features["answer"] | {"category": category} | changes
        connection.execute(update(decisions).values(category=category, features={**features, "answer": answer}))
        connection.execute(update(keeper.store.tables.reviews).values(category=category))
    return answer


def test_a_model_that_leans_to_the_stricter_reading_says_so(browser, keeper):
    sam = browser(Role.REVIEWER)
    message = f"/review/messages/{hold(sam)}"
    send(sam, f"{message}/take")
    scores = {"routine": 0.55, "minimum_contact": 0.01, "personal": 0.02, "sensitive": 0.42}
    model = {"decided_by": "model", "degraded": False, "scores": scores}
    answered(keeper, "sensitive", **model)
    assert "Of two fair readings it takes the stricter: sensitive." in sam.get(message).text
    answered(keeper, "routine", **model)
    assert "two fair readings" not in sam.get(message).text


def test_a_detail_that_nobody_is_sure_of_is_called_so(browser, keeper):
    sam = browser(Role.REVIEWER)
    review_id = hold(sam)
    health = {"type": "health", "mode": "stated", "form": None, "start": 0, "end": 4, "detector": "model", "score": 0.6, "rule": None}
    found = answered(keeper, "minimum_contact")["findings"]
    answered(keeper, "minimum_contact", findings=[*found, health])
    assert "perhaps health: that is not sure" in sam.get("/review").text
    send(sam, f"/review/messages/{review_id}/take")
    assert "It is not sure whether words tell of health." in sam.get(f"/review/messages/{review_id}").text


def test_the_type_of_marked_words_is_one_that_the_message_tells(browser, keeper):
    sam = browser(Role.REVIEWER)
    message = f"/review/messages/{hold(sam)}"
    send(sam, f"{message}/take")
    send(
        sam,
        f"{message}/decide",
        agree="no",
        category="sensitive",
        action="block",
        reason="detail_missed",
        types="phone",
        spans="0-4:criminal",
    )
    with reading(keeper.store.engine) as connection:
        judged = connection.execute(select(keeper.store.tables.judgements)).mappings().one()
    assert (judged["types"], judged["spans"]) == (["phone", "criminal"], [[0, 4, "criminal"]])


def test_forms_that_do_not_come_fill_the_desk_and_not_the_service(classifier, settings, keeper):
    """The desk has places of its own: with all taken it refuses, and messages are judged as before."""
    app = create_app(classifier, settings.model_copy(update={"open_requests": 1, "body_seconds": 1}), keeper)
    arrived = asyncio.Event()

    async def never():
        arrived.set()
        await asyncio.sleep(60)

    async def ask(method, path, body=b"", receive=None):
        sent = []

        async def give():
            return {"type": "http.request", "body": body, "more_body": False}

        async def keep(event):
            sent.append(event)

        headers = [(b"host", b"desk.test"), (b"sec-fetch-site", b"same-origin")]
        headers.append((b"content-type", b"application/json" if path.startswith("/v1") else b"application/x-www-form-urlencoded"))
        scope = {"type": "http", "http_version": "1.1", "method": method, "scheme": "http", "path": path, "raw_path": path.encode(),
                 "query_string": b"", "headers": headers, "server": ("desk.test", 80), "client": ("127.0.0.1", 1)}  # fmt: skip
        await app(scope, receive or give, keep)
        return sent[0]["status"]

    async def run():
        slow = asyncio.create_task(ask("POST", "/review/sign-in/link", receive=never))
        await arrived.wait()
        assert await ask("GET", "/review/sign-in") == 503
        assert await ask("POST", "/v1/score", json.dumps(HELD).encode()) == 200
        assert await slow == 408
        assert await ask("GET", "/review/sign-in") == 200

    asyncio.run(run())


def test_a_page_takes_at_most_100_ms_with_100_000_waiting(browser, keeper, a_hundred_thousand_more):
    sam = browser(Role.REVIEWER)
    hold(sam)
    a_hundred_thousand_more(keeper.store)
    assert "100,001 messages wait" in sam.get("/review").text
    message = send(sam, "/review/next").url.path

    def shortest(path):
        times = []
        for _ in range(5):
            started = time.perf_counter()
            assert sam.get(path).status_code == 200
            times.append(time.perf_counter() - started)
        return min(times)

    for path in ("/review", "/review?filtered=yes&channel=email&info_type=health", message):
        assert shortest(path) <= 0.1, path
