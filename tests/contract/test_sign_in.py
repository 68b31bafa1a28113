"""Does an identity provider let in whom it vouches for, with the roles it gives, and nobody when it is down? Against a real one."""

import logging
import re
import warnings
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient

from serving.http import create_app
from serving.review.keeper import Keeper
from serving.settings import Settings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oidc_provider_mock import User, run_server_in_thread

CLAIMS = {
    "sam": {"name": "Sam Okafor", "roles": ["reviewer", "unknown"]},
    "max": {"preferred_username": "max", "roles": "manager"},
    "eve": {"name": "Eve", "roles": ["owner"]},
    "ned": {"name": "Ned"},
}
OURS = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def provider():
    """An OpenID provider in a thread."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with run_server_in_thread(user_claims=[User(sub=sub, claims=claims) for sub, claims in CLAIMS.items()]) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def make_desk(fake, tmp_path):
    keepers = []

    def made(issuer):
        secrets = {"secret": "s" * 43, "encryption_keys": "M" * 43 + "=", "oidc_client_secret": "x"}
        settings = Settings(use_model=False, state_folder=tmp_path, oidc_issuer=issuer, review_url="http://desk.test", **secrets)
        keepers.append(Keeper.of(settings))
        keepers[-1].prepare()
        app = create_app(fake, settings, keepers[-1])
        return lambda: TestClient(app, raise_server_exceptions=False, base_url="http://desk.test")

    yield made
    for keeper in keepers:
        keeper.store.engine.dispose()


def ask(browser):
    """Go to the provider; return the address it is asked at."""
    answer = browser.get("/review/sign-in/provider", follow_redirects=False)
    assert answer.status_code == 302
    return answer.headers["location"]


def vouch(address, sub):
    """Sign in at the provider; return the way back."""
    return httpx2.post(address, data={"sub": sub}, timeout=60).headers["location"].removeprefix("http://desk.test")


def test_who_is_vouched_for_is_in_with_the_roles_given(provider, make_desk):
    make = make_desk(provider)
    sam, max_ = make(), make()
    address = ask(sam)
    query = parse_qs(urlsplit(address).query)
    assert query["code_challenge_method"] == ["S256"]
    assert query["redirect_uri"] == ["http://desk.test/review/sign-in/provider/back"]
    assert {"state", "nonce", "code_challenge"} <= set(query)
    answer = sam.get(vouch(address, "sam"))
    assert answer.status_code == 200
    assert 'http-equiv="refresh"' in answer.text
    assert "Sam Okafor, reviewer" in re.sub(r"\s+", " ", sam.get("/review").text)
    max_.get(vouch(ask(max_), "max"))
    assert "max, manager" in re.sub(r"\s+", " ", max_.get("/review").text)
    assert max_.get("/review/messages/0").status_code == 403


@pytest.mark.parametrize("sub", ["eve", "ned"])
def test_who_has_no_role_is_not_let_in(provider, make_desk, sub):
    browser = make_desk(provider)()
    answer = browser.get(vouch(ask(browser), sub))
    assert answer.status_code == 403
    assert "no role" in answer.text
    assert browser.get("/review", follow_redirects=False).status_code == 303


def test_an_answer_that_was_not_asked_for_lets_nobody_in(provider, make_desk):
    make = make_desk(provider)
    sam, other = make(), make()
    back = vouch(ask(sam), "sam")
    for path in (
        back,
        "/review/sign-in/provider/back",
        "/review/sign-in/provider/back?code=x&state=y",
        "/review/sign-in/provider/back?error=access_denied",
    ):
        answer = other.get(path)
        assert answer.status_code == 403, path
        assert "set-cookie" not in answer.headers or "sendsafe-desk" not in answer.headers["set-cookie"]
    assert sam.get(back).status_code == 200
    assert make().get(back).status_code == 403


@pytest.mark.fault("F43")
def test_while_the_provider_is_down_nobody_new_is_let_in_and_all_else_goes_on(make_desk, fake):
    with run_server_in_thread(user_claims=[User(sub="sam", claims=CLAIMS["sam"])]) as server:
        make = make_desk(f"http://localhost:{server.server_port}")
        inside, halfway, outside = make(), make(), make()
        inside.get(vouch(ask(inside), "sam"))
        back = vouch(ask(halfway), "sam")
    answer = halfway.get(back)
    assert answer.status_code == 503
    assert "does not answer" in answer.text
    for browser in (halfway, outside):
        assert browser.get("/review", follow_redirects=False).status_code == 303
    assert inside.get("/review").status_code == 200
    assert outside.get("/review/sign-in").status_code == 200
    assert outside.get("/livez").status_code == 200
    assert make_desk("http://localhost:9")().get("/review/sign-in/provider", follow_redirects=False).status_code == 503
