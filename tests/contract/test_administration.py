"""Do the commands of whoever runs a deployment do what they say, on a deployment's own settings?"""

import json

import pytest
from typer.testing import CliRunner

from serving.cli import app
from serving.launch import make_ready
from serving.review.database import open_engine
from serving.settings import Settings


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("SENDSAFE_STATE_FOLDER", str(tmp_path / "state"))
    return lambda *arguments: CliRunner().invoke(app, arguments)


def test_keys_are_made_listed_and_revoked(run):
    key = run("keys", "create", "gateway", "--test", "--scope", "score").stdout.strip()
    assert key.startswith("ss_test_")
    (listed,) = json.loads(run("keys", "list", "--json").stdout)
    assert (listed["client"], listed["for"], listed["scopes"], listed["revoked"]) == ("gateway", "test", ["score"], None)
    assert key not in run("keys", "list").stdout
    assert run("keys", "revoke", listed["prefix"]).exit_code == 0
    assert json.loads(run("keys", "list", "--json").stdout)[0]["revoked"]
    refused = run("keys", "revoke", listed["prefix"])
    assert (refused.exit_code, "not_found" in refused.stderr) == (2, True)
    assert run("keys", "create", "Not A Name").exit_code == 2


def test_the_audit_chain_is_checked(run, tmp_path):
    run("keys", "create", "gateway")
    assert run("audit", "verify").exit_code == 0
    with open_engine(f"sqlite:///{tmp_path}/state/sendsafe.sqlite").begin() as connection:
        connection.exec_driver_sql("UPDATE audit SET actor = 'nobody' WHERE sequence = 2")
    broken = run("audit", "verify")
    assert (broken.exit_code, "entry 2 was changed" in broken.stderr) == (1, True)


def test_the_rest_runs_on_an_empty_store(run, tmp_path):
    for command in (
        ["store", "migrate"],
        ["store", "purge"],
        ["store", "rotate"],
        ["erase", "a/1"],
        ["incidents"],
        ["incidents", "--json"],
    ):
        result = run(*command)
        assert result.exit_code == 0, (command, result.stderr)
    result = run("policy", "replay", "dwp-sms", "dwp-sms", "--json")
    assert json.loads(result.stdout) == {"compared": 0, "unknown": 0, "unasked": [], "changes": []}
    assert run("policy", "replay", "dwp-sms", "no-such-pack").exit_code == 2
    assert run("policy", "replay", "dwp-sms", "no-such-file.yaml").exit_code == 2


def test_made_secrets_are_this_users_alone(run, tmp_path):
    run("store", "migrate")
    for name in ("secret", "encryption.keys"):
        assert (tmp_path / "state" / name).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_new_secrets_open_a_store(run, monkeypatch, tmp_path):
    for line in run("store", "keys").stdout.split():
        name, _, value = line.partition("=")
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SENDSAFE_DATABASE_URL", f"sqlite:///{tmp_path}/own.sqlite")
    assert run("store", "migrate").exit_code == 0
    monkeypatch.setenv("SENDSAFE_SECRET", "another secret of enough characters")
    assert run("store", "migrate").exit_code == 2


def test_f23_a_database_of_ones_own_needs_secrets_of_ones_own(run, monkeypatch, tmp_path):
    monkeypatch.setenv("SENDSAFE_DATABASE_URL", f"sqlite:///{tmp_path}/own.sqlite")
    refused = run("store", "migrate")
    assert (refused.exit_code, "SENDSAFE_SECRET" in refused.stderr) == (2, True)
    refused = run("serve", "--port", "1")
    assert (refused.exit_code, "SENDSAFE_SECRET" in refused.stderr) == (2, True)


@pytest.mark.parametrize("url", ["nonsense", "mysql://x/y", "postgresql://"])
def test_f23_a_typo_in_the_url_is_told_without_it(run, monkeypatch, url):
    monkeypatch.setenv("SENDSAFE_SECRET", "s" * 43)
    monkeypatch.setenv("SENDSAFE_ENCRYPTION_KEYS", "M" * 43 + "=")
    monkeypatch.setenv("SENDSAFE_DATABASE_URL", url)
    refused = run("store", "migrate")
    assert refused.exit_code == 2
    assert "Traceback" not in refused.output


def test_serving_to_others_needs_keys(run, monkeypatch):
    refused = run("serve", "--host", "0.0.0.0")  # noqa: S104
    assert (refused.exit_code, "loopback" in refused.stderr) == (2, True)


def test_the_start_says_what_is_kept(tmp_path, monkeypatch):
    kept = make_ready(Settings(state_folder=tmp_path))
    assert str(tmp_path) in kept
    assert "encrypted" in kept
    assert "no text" in make_ready(Settings(state_folder=tmp_path, keep="features"))
    assert "Nothing is kept" in make_ready(Settings(state_folder=tmp_path / "none", keep="nothing"))
    assert not (tmp_path / "none").exists()
