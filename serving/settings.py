"""Settings from the environment (`SENDSAFE_…`), made once and passed down."""

import difflib
import os
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from serving.policy import Keep

_PACKAGE = Path(str(files("serving")))
_LIMIT = r"[1-9]\d*/(second|minute|hour|day)"
_LIMITS = rf"^({_LIMIT}(;{_LIMIT})*)?$"


class Authentication(StrEnum):
    """Who may call: anybody on this machine, or whoever has a key."""

    NONE = "none"
    KEYS = "keys"


def _state_folder() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "sendsafe"


_PREFIX = "SENDSAFE_"
_OF_TESTS = "SENDSAFE_TEST_"


class Settings(BaseSettings):
    """What a deployment may set."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    bundle_folder: Path = Field(default=_PACKAGE / "bundle", description="the model bundle")
    fallback_folder: Path = Field(default=_PACKAGE / "fallback", description="the linear model that answers while the bundle cannot")
    policy_folder: Path = Field(default=_PACKAGE / "policies", description="the policy packs")
    register_folder: Path = Field(default=_PACKAGE / "registers", description="the registers of business areas, exceptions and templates")
    policies: tuple[str, ...] = Field(default=("dwp-sms",), min_length=1, description="packs for messages that name none")
    suggestion_seconds: float = Field(default=0.1, ge=0, description="how long after its start another wording may still be looked for")
    use_model: bool = Field(default=True, description="without it the rules answer alone")
    deadline_seconds: float = Field(default=0.25, gt=0, description="how long the service waits for the model before the rules answer")
    deadline_further_window_seconds: float = Field(default=0.015, ge=0, description="what each further window of a long text adds to it")
    shadow: bool = Field(default=False, description="judge and report every message, hold none")
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    workers: int = Field(default=2, ge=1, le=64)
    queue_messages: int = Field(default=64, ge=1, description="messages that may wait for their turn in each worker")
    queue_seconds: float = Field(default=0.5, gt=0, description="a message whose turn comes later than this is refused")
    open_requests: int = Field(default=256, ge=1, description="requests that each worker has open at once")
    rate_limit: str = Field(
        default="100/second", pattern=_LIMITS, description="messages of a client with a key, in each worker; empty is no limit"
    )
    traces: bool = Field(default=False, description="a span for each request to an OTLP collector, as OTEL_... says; needs the extra otel")
    body_seconds: float = Field(default=5.0, gt=0, description="how long a request's headers may take to arrive, and its body")

    authentication: Authentication = Field(default=Authentication.NONE, description="none is possible on loopback addresses alone")
    keep: Keep = Field(default=Keep.TEXT, description="what is kept where the policy pack does not say")
    state_folder: Path = Field(default_factory=_state_folder, description="the SQLite file, keys made here, and the spool")
    database_url: SecretStr | None = Field(default=None, description="left out: SQLite in the state folder")
    secret: SecretStr | None = Field(default=None, min_length=32, description="for API keys, fingerprints and the audit chain")
    encryption_keys: SecretStr | None = Field(default=None, description="Fernet keys, the newest first, with commas between")
    keep_seconds: float = Field(default=1.0, gt=0, description="how long a verdict waits for the database before it is spooled")
    retention_days: int = Field(default=30, ge=1, description="how long verdicts are kept")
    incident_days: int = Field(default=365, ge=1, description="how long incidents are kept; they hold no message text")
    purge_minutes: float = Field(default=60, gt=0, description="how often the service deletes what is past its time")

    undo_seconds: float = Field(default=20.0, ge=0, description="how long a reviewer may undo a decision before it takes effect")
    second_review_percent: float = Field(default=5.0, ge=0, le=100, description="of how many messages a second reviewer judges too")
    keep_decided_text: bool = Field(default=False, description="keep the text of decided messages, encrypted, with their labels")
    review_url: str | None = Field(default=None, pattern=r"^https?://[^/]+$", description="where reviewers' browsers find the service")
    oidc_issuer: str | None = Field(default=None, description="the identity provider of the review desk")
    oidc_client_id: str = Field(default="sendsafe", description="what the identity provider calls the desk")
    oidc_client_secret: SecretStr | None = Field(default=None, description="the desk's secret with the identity provider")
    oidc_roles_claim: str = Field(default="roles", description="the claim that names reviewer, adjudicator, manager or auditor")

    @model_validator(mode="before")
    @classmethod
    def _know_every_name(cls, given: object) -> object:
        """Refuse a misspelt name: whoever writes SENDSAFE_AUTHENTIFICATION means to ask for keys."""
        known = [f"{_PREFIX}{name.upper()}" for name in cls.model_fields]
        for name in sorted(map(str.upper, os.environ)):
            if name.startswith(_PREFIX) and not name.startswith(_OF_TESTS) and name not in known:
                nearest = difflib.get_close_matches(name, known, 1)
                raise ValueError(f"{name} is no setting" + (f"; {nearest[0]} is" if nearest else ""))
        return given
