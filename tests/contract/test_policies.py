"""Do the commands and the route of the policies keep the contract?"""

import json
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from serving.classifier import Classifier
from serving.cli import app
from serving.http import create_app
from serving.policy import PACKS
from serving.settings import Settings

REGISTERS = Path(__file__).parents[1] / "policies" / "registers"
TEMPLATE = "Hi ((first name)), a reminder of your appointment on ((date)) at ((time)). Anytown Housing"


@pytest.fixture(autouse=True)
def registers(monkeypatch):
    monkeypatch.setenv("SENDSAFE_REGISTER_FOLDER", str(REGISTERS))
    monkeypatch.setenv("COLUMNS", "200")


def run(*arguments, **options):
    return CliRunner().invoke(app, [str(each) for each in arguments], **options)


def test_list_names_the_packs_and_what_is_overdue():
    shown = run("policy", "list")
    assert shown.exit_code == 0
    assert all(pack in shown.stdout for pack in ("dwp-sms", "barnet-messaging", "dwp-aup"))
    assert "February 2016" in shown.stdout


def test_show_tells_a_pack_clause_by_clause():
    shown = run("policy", "show", "dwp-sms").stdout
    assert "1.7.2" in shown
    assert "enforce" in shown
    assert run("policy", "show", "nowhere").exit_code == 2


def test_check_takes_a_good_pack_and_refuses_a_broken_one(tmp_path):
    assert "15 clauses" in run("policy", "check", PACKS / "dwp-sms.yaml").stdout
    assert run("policy", "check", REGISTERS / "exceptions.yaml").exit_code == 0
    broken = tmp_path / "mine.yaml"
    broken.write_text((PACKS / "dwp-sms.yaml").read_text().replace("then: block", "then: explode", 1))
    refused = run("policy", "check", broken)
    assert refused.exit_code == 2
    assert "mine.yaml, line 2" in refused.stderr
    assert run("policy", "check", tmp_path / "none.yaml").exit_code == 2


def test_explain_shows_one_message_under_several_packs():
    shown = run("policy", "explain", "my NI is QQ123456C", "--policy", "dwp-sms", "--policy", "barnet-messaging").stdout
    assert "dwp-sms" in shown
    assert "barnet-messaging" in shown
    assert "BLOCK" in shown
    assert "REVIEW" in shown
    assert run("policy", "explain", "x", "--policy", "nowhere").exit_code == 2


def test_template_check_tells_the_worst():
    good = run("template", "check", TEMPLATE, "--area", "housing")
    assert good.exit_code == 0
    assert "housing/reminder: at worst minimum contact" in good.stdout
    bad = run("template", "check", "Your payment of ((amount)) is on its way", "--json")
    assert bad.exit_code == 1
    assert json.loads(bad.stdout)["worst_category"] == "personal"
    assert run("template", "check", TEMPLATE, "--values", "[]").exit_code == 2
    assert run("template", "check", "-", input=TEMPLATE + "\n").exit_code == 0


def test_template_check_judges_every_registered_one():
    shown = run("template", "check")
    assert all(name in shown.stdout for name in ("housing/appointment", "housing/reminder", "housing/directions"))


@pytest.fixture(scope="module")
def client():
    settings = Settings(register_folder=REGISTERS)
    return TestClient(create_app(Classifier.load(settings), settings))


def test_the_route_answers_as_the_contract_says(client):
    answer = client.post("/v1/check-template", json={"template": TEMPLATE, "business_area": "housing", "policies": ["dwp-sms"]})
    assert answer.status_code == 200
    assert answer.json() == {
        "worst_category": "minimum_contact",
        "fields": [
            {"name": "first name", "purpose": "first_name", "problem": None},
            {"name": "date", "purpose": "date", "problem": None},
            {"name": "time", "purpose": "time", "problem": None},
        ],
        "matches": "housing/reminder",
        "reasons": [],
        "advice": answer.json()["advice"],
    }


def test_values_are_checked_and_not_repeated(client):
    body = {
        "template": TEMPLATE,
        "business_area": "housing",
        "personalisation": {"First_Name": "Xanthippe CANARY", "date": "Tuesday", "time": "10am"},
    }
    answer = client.post("/v1/check-template", json=body)
    assert [field["problem"] for field in answer.json()["fields"]] == ["must be a first name alone", None, None]
    assert "CANARY" not in answer.text


@pytest.mark.parametrize(
    "body", [{}, {"template": ""}, {"template": 5}, {"template": "x", "text": "y"}, {"template": "x", "personalisation": {"a": 1}}]
)
def test_what_is_no_template_is_refused(client, body):
    assert client.post("/v1/check-template", json=body).status_code == 422


def test_an_unknown_pack_is_not_found(client):
    assert client.post("/v1/check-template", json={"template": "x", "policies": ["nowhere"]}).status_code == 404


def test_a_message_may_be_a_template_with_its_values(client):
    body = {
        "template": TEMPLATE,
        "personalisation": {"first name": "Sam", "date": "Tuesday", "time": "10am"},
        "sender": {"business_area": "housing"},
    }
    answer = client.post("/v1/score", json=body)
    assert answer.status_code == 200
    assert answer.json()["action"] == "allow"
    wrong = client.post("/v1/score", json=body | {"personalisation": body["personalisation"] | {"time": "10am as agreed"}}).json()
    assert "1.4" in [reason["clause"] for reason in wrong["reasons"]]
