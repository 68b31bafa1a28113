"""Hostile texts without end: does reading ever raise, change when done twice, map outside the text, or take too long?

A text is mutated from the corpus, from what rules find, from pieces that start a step of the normalisation, or drawn from
all of Unicode; most are stretched to the longest that is accepted. Times are processor time of the process, and what took
longer than the goal is read again, since a busy machine makes the first reading longer: the shorter time counts.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from data.disguise import FAMILIES
from data.identifiers import CARRIERS, carried
from serving import rules
from serving.findings import Finding
from serving.text import MAX_CHARACTERS, NormalisedText, normalise

GOAL_MILLISECONDS = 20.0
MESSAGE_GOAL_MILLISECONDS = 0.5
"""Median for messages as they are sent."""
LONGEST_MESSAGE = 320
"""Most characters of a text message, in code points: two to three parts."""
_READ_AGAIN = 2
_PIECES = (
    "&#x41;", "&amp;", "&amp;amp;", "%41", "%2541", "\\u0041", "=41=42=43", "UVExMjM0NTZD ", "<b>", "</b>", "<!--", "<a ", "\u202e", "\u202c", "\u200b", "a\u0301", "\u0301",
    "ﷺ", "ｆ", "①", "𝟙", "\U0001f1f3", "1 ", "1-", "a ", "a  b ", "a.b", "zero ", "oh ", "double ", "O", "l", "4", "@", "d1abet3s ", "(at)", " dot ", "your ", "reply ", "NI ",
    "07700900123 ", "4111 1111 1111 1111 ", "QQ123456C ", "SW1A 1AA ", "£368.74 ", "sort code ", "account ", "password: ", "Dear Mrs ", "SECRET\n", "born 1/2/90 ", "https://", "\n", "\t",
)  # fmt: skip
_MOST_PIECES = 6
_KINDS = 6


@dataclass
class Fuzzed:
    """What was seen."""

    texts: int = 0
    raised: int = 0
    changed: int = 0
    outside: int = 0
    over_goal: int = 0
    times: list[float] = field(default_factory=list)
    worst: float = 0.0
    worst_kind: str = ""

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing raised, changed when done twice, or mapped outside."""
        return not (self.raised or self.changed or self.outside)


def fuzz(seconds: float, texts: Sequence[str], seed: int | None = None) -> Fuzzed:
    """Read hostile texts for some time."""
    rng = random.Random(seed)  # noqa: S311
    seen = Fuzzed()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        text, kind = _hostile(rng, texts)
        seen.texts += 1
        try:
            _look(text, kind, seen)
        except Exception:  # noqa: BLE001 (whatever is raised is what is looked for)
            seen.raised += 1
    return seen


def read_messages(texts: Sequence[str]) -> list[float]:
    """Read every text that is as short as a text message once, and return the times in milliseconds, shortest first."""
    messages = [text for text in texts if len(text) <= LONGEST_MESSAGE]
    for text in messages[:100]:
        _read(text)
    return sorted(_read(text)[0] for text in messages)


def as_markdown(seen: Fuzzed, messages: Sequence[float], seconds: float, seed: int | None) -> str:
    """Write what was seen; `messages` are the times of `read_messages`."""
    times = sorted(seen.times) or [0.0]
    usual = messages or [0.0]
    return "\n".join(
        [
            "# Hostile texts",
            "",
            f"{seconds:.0f} seconds, {seen.texts} texts of up to {MAX_CHARACTERS} characters, seed {seed}: normalise and match, processor time of the process, best of three where the first was over {GOAL_MILLISECONDS:.0f} ms.",
            "",
            "| what | seen |",
            "| --- | ---: |",
            f"| raised | {seen.raised} |",
            f"| changed when normalised twice | {seen.changed} |",
            f"| an offset outside the text | {seen.outside} |",
            f"| median, ms | {times[len(times) // 2]:.2f} |",
            f"| 99 in 100 under, ms | {times[int(len(times) * 0.99)]:.2f} |",
            f"| worst, ms ({seen.worst_kind}) | {times[-1]:.2f} |",
            f"| over {GOAL_MILLISECONDS:.0f} ms | {seen.over_goal} |",
            "",
            "## Text messages",
            "",
            f"{len(messages)} messages of the corpus of up to {LONGEST_MESSAGE} characters, each read once; goal for the median {MESSAGE_GOAL_MILLISECONDS} ms.",
            "",
            "| what | ms |",
            "| --- | ---: |",
            f"| p50 | {usual[len(usual) // 2]:.3f} |",
            f"| p99 | {usual[int(len(usual) * 0.99)]:.3f} |",
            f"| longest | {usual[-1]:.3f} |",
            "",
        ]
    )


def _look(text: str, kind: str, seen: Fuzzed) -> None:
    taken, read, findings = _read(text)
    for _ in range(_READ_AGAIN if taken > GOAL_MILLISECONDS else 0):
        taken = min(taken, _read(text)[0])
    if taken > seen.worst:
        seen.worst, seen.worst_kind = taken, kind
    seen.times.append(taken)
    seen.over_goal += taken > GOAL_MILLISECONDS
    if normalise(read.text).text != read.text:
        seen.changed += 1
    if not all(0 <= start < end <= len(text) for start, end in zip(read.starts, read.ends, strict=True)):
        seen.outside += 1
    if not all(0 <= finding.start < finding.end <= len(read.text) for finding in findings):
        seen.outside += 1


def _read(text: str) -> tuple[float, NormalisedText, list[Finding]]:
    started = time.process_time_ns()
    read = normalise(text)
    findings = rules.find(read.text)
    return (time.process_time_ns() - started) / 1e6, read, findings


def _hostile(rng: random.Random, texts: Sequence[str]) -> tuple[str, str]:
    kind = rng.randrange(_KINDS)
    if kind == 0:
        pieces = [rng.choice(_PIECES) for _ in range(rng.randint(1, _MOST_PIECES))]
        return _stretched("".join(pieces), rng), f"pieces repeated: {pieces}"
    if kind == 1:
        text = "".join(rng.choice(_PIECES) for _ in range(rng.randint(1, 4000)))
        return text[:MAX_CHARACTERS], "pieces at random"
    if kind == 2:  # noqa: PLR2004
        ids = [rng.choice(tuple(CARRIERS)) for _ in range(rng.randint(1, 8))]
        return _stretched(" ".join(carried(each, rng).text for each in ids) + " ", rng), f"sentences repeated: {ids}"
    if kind == 3:  # noqa: PLR2004
        family = rng.choice(tuple(FAMILIES))
        return _stretched(FAMILIES[family](rng.choice(texts)[:2000], rng) + " ", rng), f"corpus in disguise: {family}"
    if kind == 4:  # noqa: PLR2004
        alphabet = rng.choice(
            (range(32, 127), range(32, 0x3000), range(32, 0x2FFFF), range(0x300, 0x370), range(0x400, 0x530), range(0x2000, 0x2070))
        )
        return "".join(chr(rng.choice(alphabet)) for _ in range(rng.randint(1, MAX_CHARACTERS))), f"characters from {alphabet}"
    characters = list(rng.choice(texts))
    for _ in range(rng.randint(1, 40)):
        characters.insert(rng.randint(0, len(characters)), rng.choice(_PIECES))
    return "".join(characters)[:MAX_CHARACTERS], "corpus mutated"


def _stretched(text: str, rng: random.Random) -> str:
    length = rng.choice((len(text), 1000, MAX_CHARACTERS, MAX_CHARACTERS))
    return (text * (1 + length // max(1, len(text))))[: min(length, MAX_CHARACTERS)] or " "
