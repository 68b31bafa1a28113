"""Make the name lists that the network's one name stands for (`serving/lexicon/`) out of `data/names.yaml`.

A given name stays out when `data/common_words.txt` lists it, or when the corpus shows it as something else: a word, a
place, an organisation.
A family name counts behind a given name or a title alone, so that only the commonest words stay out.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from data.records import Record
from data.synthesis import names
from serving.names import WORD, fold
from serving.taxonomy import InfoType

LEXICON = Path(__file__).parent.parent / "serving" / "lexicon"
COMMON_WORDS = Path(__file__).parent / "common_words.txt"
MOST_OTHERWISE = 0.3
"""Share of its occurrences outside names from which a word is no longer taken for a given name."""
OFTEN = 40
"""Occurrences outside names from which a word is no longer taken for a family name."""


def lexicon(records: Iterable[Record]) -> dict[str, list[str]]:
    """Return the given and family names, folded and sorted, that are seldom anything else."""
    inside, outside = _occurrences(records)
    barred = set(COMMON_WORDS.read_text(encoding="utf-8").split())
    given = {
        name
        for name in _every("given") - barred
        if outside[name] < 2 or outside[name] <= MOST_OTHERWISE * (inside[name] + outside[name])  # noqa: PLR2004
    }
    family = {name for name in _every("family") if outside[name] < OFTEN}
    return {"given": sorted(given), "family": sorted(family)}


def write_lexicon(lists: Mapping[str, Sequence[str]], folder: Path = LEXICON) -> None:
    """Write one file for each list, a name a line."""
    for kind, entries in lists.items():
        (folder / f"{kind}.txt").write_text("\n".join(entries) + "\n", encoding="utf-8")


def _every(kind: str) -> set[str]:
    return {fold(name) for origin in names().values() for name in origin[kind] if " " not in name and len(name) > 1}


def _occurrences(records: Iterable[Record]) -> tuple[Counter[str], Counter[str]]:
    """Count words inside the marks of names, and outside them."""
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for record in records:
        spans = [(mark.start, mark.end) for mark in record.marks if mark.info_type is InfoType.NAME]
        loose = [(mark.start, mark.end) for mark in record.marks if mark.info_type is not None and mark.info_type is not InfoType.NAME]
        for match in WORD.finditer(record.text):
            key = fold(match[0])
            if any(start <= match.start() < end for start, end in spans):
                inside[key] += 1
            elif not any(start <= match.start() < end for start, end in loose):
                outside[key] += 1
    return inside, outside
