"""Make the name lists that the network's one name stands for (`serving/lexicon/`): out of `data/names.yaml` and Faker's lists.

What the corpus shows of a word decides how it counts as a given name: in any case; with a capital only, where it is a word in
small letters; or, as those of `data/common_words.txt`, only where its place in the sentence says so. Faker's names must be
borne out: by two languages where the word is also English, by two to count in small letters. A family name counts behind a
given name or a title alone, so that only the commonest words stay out. The names that the evaluation keeps back stay out.
"""

import importlib
import pkgutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import yaml

from data.records import Record
from data.synthesis import names
from serving.names import FAMILY_NAME, GIVEN_NAME, NO_NAME, WORD, fold, is_proper
from serving.taxonomy import InfoType
from serving.text import vocabulary

LEXICON = Path(__file__).parent.parent / "serving" / "lexicon"
COMMON_WORDS = Path(__file__).parent / "common_words.txt"
KEPT_BACK = Path(__file__).parent.parent / "evaluation" / "unseen_names.yaml"
MOST_OTHERWISE = 0.5
"""Share of its occurrences outside names, in one case, from which a word is no longer taken for a given name in that case."""
FEW_SMALL, FEW_CAPITAL = 1, 2
"""Occurrences outside names up to which they say nothing: a title, a misspelling, a mark that was forgotten."""
WELL_KNOWN = 4
"""Languages that have a name of Faker's from which it counts although the corpus shows it otherwise a few times."""
OFTEN = 40
"""Occurrences outside names, with a capital, from which a word is no longer taken for a family name."""
SHORTEST = 4
"""Letters from which a name of Faker's counts."""


def lexicon(records: Iterable[Record]) -> dict[str, list[str]]:
    """Return the given and family names, folded and sorted; `capital` count with a capital only, `also_word` by their place only."""
    inside, small, capital = _occurrences(records)
    words = set(COMMON_WORDS.read_text(encoding="utf-8").split())
    kept_back = {
        fold(name) for origin in yaml.safe_load(KEPT_BACK.read_text(encoding="utf-8")).values() for kind in origin for name in origin[kind]
    }
    faker = {kind: {name: of for name, of in _of_faker(kind).items() if name not in kept_back} for kind in ("first", "last")}
    known = _every("given")
    proper = {name for name in known - words if _is_seldom(capital[name], inside[name], FEW_CAPITAL)}
    attested = {name for name, languages in faker["first"].items() if len(languages) > 1}
    single = {name for name in faker["first"] if name not in vocabulary()}
    well_known = {name for name, languages in faker["first"].items() if len(languages) >= WELL_KNOWN}
    borne_out = {name for name in (attested | single) - known - words if not capital[name] and not small[name]}
    borne_out |= {
        name for name in well_known - known - words if _is_seldom(capital[name], inside[name], FEW_CAPITAL) and small[name] <= FEW_CAPITAL
    }
    given = {name for name in proper if _is_seldom(small[name], inside[name], FEW_SMALL)}
    given |= {name for name in borne_out if name in attested and name not in vocabulary() and not small[name]}
    given.add(fold(GIVEN_NAME))
    family = {name for name in _every("family") | set(faker["last"]) if capital[name] < OFTEN}
    return {
        "given": sorted(given),
        "capital": sorted((proper | borne_out) - given - {fold(FAMILY_NAME)}),
        "also_word": sorted((known | well_known) - proper - borne_out - (NO_NAME - known)),
        "family": sorted(family),
    }


def write_lexicon(lists: Mapping[str, Sequence[str]], folder: Path = LEXICON) -> None:
    """Write one file for each list, a name a line."""
    for kind, entries in lists.items():
        (folder / f"{kind}.txt").write_text("\n".join(entries) + "\n", encoding="utf-8")


def _is_seldom(outside: int, inside: int, few: int) -> bool:
    """Tell whether a word is seldom anything else than a name."""
    return outside <= few or outside <= MOST_OTHERWISE * (inside + outside)


def _every(kind: str) -> set[str]:
    return {fold(name) for origin in names().values() for name in origin[kind] if " " not in name and len(name) > 1}


def _of_faker(kind: str) -> dict[str, set[str]]:
    """Return Faker's `first` or `last` names in Latin letters, each with the languages that have it."""
    from faker.providers import person  # noqa: PLC0415 (an extra: the lists are made by who trains)

    found: defaultdict[str, set[str]] = defaultdict(set)
    for module in pkgutil.iter_modules(person.__path__):
        if not module.ispkg:
            continue
        provider = importlib.import_module(f"{person.__name__}.{module.name}").Provider
        for attribute in (each for each in dir(provider) if each.startswith(f"{kind}_")):
            for name in _strings(getattr(provider, attribute)):
                folded = fold(name)
                if len(name) >= SHORTEST and WORD.fullmatch(name) and folded.isascii():
                    found[folded].add(module.name[:2])
    return found


def _strings(listed: object) -> Iterator[str]:
    """Yield the names of one of Faker's lists; some hold several spellings of a name together."""
    for entry in listed if isinstance(listed, (list, tuple, dict)) else ():
        yield from (each for each in (entry if isinstance(entry, tuple) else (entry,)) if isinstance(each, str))


def _occurrences(records: Iterable[Record]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Count words inside the marks of names, and outside them: in small letters or capitals alone, and with one capital."""
    inside: Counter[str] = Counter()
    small: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for record in records:
        spans = [(mark.start, mark.end) for mark in record.marks if mark.info_type is InfoType.NAME]
        loose = [(mark.start, mark.end) for mark in record.marks if mark.info_type is not None and mark.info_type is not InfoType.NAME]
        for match in WORD.finditer(record.text):
            key = fold(match[0])
            if any(start <= match.start() < end for start, end in spans):
                inside[key] += 1
            elif not any(start <= match.start() < end for start, end in loose):
                (capital if is_proper(match[0]) else small)[key] += 1
    return inside, small, capital
