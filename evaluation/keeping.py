"""What keeping a verdict before it is given costs, on SQLite and on PostgreSQL: one message after another, and 32 at once."""

import asyncio
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

from pydantic import SecretStr

from evaluation.cluster import PROGRAMS, Cluster
from serving.classifier import Classifier
from serving.review.keeper import Keeper
from serving.review.records import Caller
from serving.review.vault import new_encryption_key, new_secret
from serving.schema import verdict_json
from serving.settings import Settings
from serving.verdict import Message, Verdict

MESSAGE = Message("Hi Sam, your payment of £368.74 is on its way")
AT_ONCE = 32


def cost_of_keeping(count: int = 2000) -> str:
    """Return a table: milliseconds that keeping adds to a verdict, at p50 and p99, and verdicts kept in a second."""
    verdict = Classifier.load(Settings(use_model=False)).classify(MESSAGE)
    started = time.perf_counter()
    for _ in range(count):
        verdict_json(verdict)
    plain = (time.perf_counter() - started) / count * 1000
    lines = ["| database | p50 ms | p99 ms | 32 at once: kept a second |", "| --- | ---: | ---: | ---: |"]
    with tempfile.TemporaryDirectory() as folder:
        lines.append(_row("SQLite (WAL, synchronous FULL)", f"sqlite:///{folder}/sendsafe.sqlite", Path(folder), verdict, count, plain))
    if PROGRAMS:
        cluster = Cluster(is_durable=True)
        try:
            with tempfile.TemporaryDirectory() as folder:
                lines.append(_row("PostgreSQL (local socket, fsync on)", cluster.make_database(), Path(folder), verdict, count, plain))
        finally:
            cluster.remove()
    return "\n".join(lines)


def _row(name: str, url: str, folder: Path, verdict: Verdict, count: int, plain: float) -> str:
    settings = Settings(
        use_model=False,
        state_folder=folder,
        database_url=SecretStr(url),
        secret=SecretStr(new_secret()),
        encryption_keys=SecretStr(new_encryption_key()),
        keep_seconds=60,
    )
    keeper = Keeper.of(settings)
    if keeper is None:
        return f"| {name} | nothing is kept | | |"
    keeper.start()
    one, together = asyncio.run(_keep(keeper, verdict, count))
    keeper.stop()
    keeper.store.engine.dispose()
    milliseconds = sorted(each * 1000 - plain for each in one)
    return f"| {name} | {median(milliseconds):.2f} | {quantiles(milliseconds, n=100)[98]:.2f} | {together:.0f} |"


async def _keep(keeper: Keeper, verdict: Verdict, count: int) -> tuple[list[float], float]:
    numbers = iter(range(10 * count))

    async def keep() -> float:
        number = next(numbers)
        started = time.perf_counter()
        await keeper.keep(
            Caller(), replace(MESSAGE, reference=f"k/{number}"), replace(verdict, id=f"{number:032x}", reference=f"k/{number}")
        )
        return time.perf_counter() - started

    for _ in range(100):
        await keep()
    one = [await keep() for _ in range(count)]
    started = time.perf_counter()
    for _ in range(count // AT_ONCE):
        await asyncio.gather(*(keep() for _ in range(AT_ONCE)))
    return one, count // AT_ONCE * AT_ONCE / (time.perf_counter() - started)
