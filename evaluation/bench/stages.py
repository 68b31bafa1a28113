"""Where the time of a verdict goes: a watch on each part of the work, what it calls on a watch of its own taken off."""

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import serving.classifier
from serving import language, rules
from serving.classifier import Classifier
from serving.settings import Settings
from serving.verdict import Message

REST = "the rest"


class Watches:
    """Seconds of processor by part; a part that begins within another stops that one's watch."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._open: list[float] = []

    def on(self, part: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same work, on a watch."""

        def watched(*arguments: Any, **named: Any) -> Any:
            self._open.append(0.0)
            started = time.thread_time()
            try:
                return work(*arguments, **named)
            finally:
                passed = time.thread_time() - started
                self.seconds[part] += passed - self._open.pop()
                if self._open:
                    self._open[-1] += passed

        return watched


class _Watched:
    """An object of which one method is on a watch; it may be of a kind that cannot be changed."""

    def __init__(self, inner: Any, method: str, watched: Callable[..., Any]) -> None:
        self._inner = inner
        setattr(self, method, watched)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


def stages(texts: Sequence[str]) -> dict[str, Any]:
    """Return the milliseconds of processor of each part for a message, and how often the network ran for one."""
    classifier = Classifier.load(Settings())
    model: Any = classifier._model  # noqa: SLF001 (its parts are what is measured)
    watches = Watches()
    runs = 0

    def run(*arguments: Any) -> Any:
        nonlocal runs
        runs += 1
        return network(*arguments)

    network = model._session.run  # noqa: SLF001
    model._session = _Watched(model._session, "run", watches.on("network", run))  # noqa: SLF001
    model._tokenizer = _Watched(model._tokenizer, "encode", watches.on("tokenising", model._tokenizer.encode))  # noqa: SLF001
    places: list[tuple[Any, str, str]] = [
        (serving.classifier, "normalise", "normalising"),
        (rules, "find", "rules"),
        (language, "language_of", "language"),
        (model, "read", "words and names found, windows joined"),
        (classifier, "_decide", "policy: signs, templates, clauses"),
        (classifier, "_suggest", "another wording"),
        (classifier, "_classify", REST),
    ]
    kept = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
    for owner, name, part in places:
        setattr(owner, name, watches.on(part, getattr(owner, name)))
    try:
        for text in texts:  # warms up
            classifier.classify(Message(text))
        watches.seconds.clear()
        runs = 0
        for text in texts:
            classifier.classify(Message(text))
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)
    milliseconds = {part: 1000 * seconds / len(texts) for part, seconds in watches.seconds.items()}
    return {"ms": dict(sorted(milliseconds.items(), key=lambda each: (each[0] == REST, -each[1]))), "runs": runs / len(texts)}
