"""Make ready and start the BentoML service with our settings."""

import os
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from serving.policy import Keep, choose, read_packs
from serving.review.keeper import Keeper, levels, open_store
from serving.settings import Authentication, Settings
from serving.tracing import Spans


def make_ready(settings: Settings) -> str:
    """Make secrets and tables before the workers start, and return a sentence on what will be kept.

    A database that is away is no obstacle where verdicts can wait for it; the workers try again.

    Raises:
        NotFoundError: a default policy has no pack.
        StoreError: the store cannot be used as it is.
        OSError: the state folder cannot be written.
        TracingError: spans are asked for and cannot be made.
    """
    if settings.traces:
        Spans.open()
    choose(read_packs(settings.policy_folder), settings.policies)
    keeper = Keeper.of(settings)
    if keeper is not None:
        keeper.prepare()
    elif settings.authentication is Authentication.KEYS:
        try:
            open_store(settings).prepare()
        except SQLAlchemyError:
            return "Nothing is kept. The database with the keys is away: nobody is let in until it is back."
    return _sentence(settings)


def _sentence(settings: Settings) -> str:
    most = max(levels(settings).values(), key=lambda each: each.rank)
    where = "your database" if settings.database_url else shortened(settings.state_folder)
    if most is Keep.NOTHING:
        return "Nothing is kept: no reference is checked, and the caller holds what is to be reviewed (`review` is null)."
    holds = most is Keep.TEXT and not settings.shadow
    texts = "text of held messages, encrypted, until decided" if holds else "no text"
    kept = f"Kept in {where}: verdicts for {settings.retention_days} days, {texts}. SENDSAFE_KEEP=nothing keeps nothing."
    return f"{kept} Shadow mode: every message is judged, none is held." if settings.shadow else kept


def shortened(path: Path) -> str:
    """Return a path with the home folder as `~`."""
    home = str(Path.home())
    return str(path).replace(home, "~", 1) if str(path).startswith(home) else str(path)


def launch(settings: Settings) -> None:
    """Serve until stopped."""
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    os.environ["SENDSAFE_WORKERS"] = str(settings.workers)
    import bentoml  # noqa: PLC0415 (reads the environment when imported)

    bentoml.serve("serving.service:Sendsafe", host=settings.host, port=settings.port, api_workers=settings.workers, blocking=True)
