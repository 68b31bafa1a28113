"""Results of a run that are there wholly or not at all, so that it can go on where it was stopped; and one run at a time."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def step(path: Path, make: Callable[[], Any]) -> Any:
    """Return what a step has made, as JSON knows it, and make it where that is not done."""
    if path.exists():
        return json.loads(path.read_text(encoding="utf-8"))
    content = json.dumps(make(), indent=1, ensure_ascii=False) + "\n"
    new = path.with_name(f".{path.name}")
    new.write_text(content, encoding="utf-8")
    new.replace(path)
    return json.loads(content)


@contextmanager
def alone(folder: Path, refusal: Exception) -> Iterator[None]:
    """Keep every other process out of a folder that calls this too; where one is in it, raise what is given."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise refusal from None
        yield
