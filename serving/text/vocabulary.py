"""English words, by which a word in disguise is told from a reference, a name or a code."""

from functools import cache
from importlib.resources import files


@cache
def vocabulary() -> frozenset[str]:
    """Return the known words, in small letters.

    >>> "diabetes" in vocabulary(), "d1abet3s" in vocabulary()
    (True, False)
    """
    lines = (files("serving.text") / "words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


@cache
def lookalikes() -> dict[int, str]:
    """Return letters of other scripts with the Latin letter or digit they pass for, as `str.translate` takes them."""
    lines = (files("serving.text") / "lookalikes.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split(": ") for line in lines if not line.startswith("#"))
    return {ord(source): target for target, sources in pairs for source in sources}
