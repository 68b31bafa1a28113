"""Settings from the environment (`SENDSAFE_…`), made once and passed down."""

from importlib.resources import files
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(str(files("serving")))


class Settings(BaseSettings):
    """What a deployment may set."""

    model_config = SettingsConfigDict(env_prefix="SENDSAFE_", frozen=True, extra="ignore", hide_input_in_errors=True)

    bundle_folder: Path = Field(default=_PACKAGE / "bundle", description="the model bundle")
    policy_folder: Path = Field(default=_PACKAGE / "policies", description="the policy packs")
    register_folder: Path = Field(default=_PACKAGE / "registers", description="the registers of business areas, exceptions and templates")
    policies: tuple[str, ...] = Field(default=("dwp-sms",), min_length=1, description="packs for messages that name none")
    suggestion_seconds: float = Field(default=0.1, ge=0, description="how long after its start another wording may still be looked for")
    use_model: bool = Field(default=True, description="without it the rules answer alone")
    host: str = "127.0.0.1"
    port: int = Field(default=3000, ge=1, le=65535)
    workers: int = Field(default=2, ge=1, le=64)
    body_seconds: float = Field(default=5.0, gt=0, description="how long a request body may take to arrive")
