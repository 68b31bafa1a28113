"""How much of what is written in disguise is still found, and whether oddly formatted routine messages are held more.

Source of the goals: the reliability promises ("disguise"), as shares of what is generated, by the lower bound (Wilson, 95 %).
"""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.disguise import FAMILIES
from data.identifiers import carried
from data.records import Record
from evaluation.intervals import wilson_lower
from serving.classifier import Classifier
from serving.findings import CERTAIN
from serving.rules import RULES
from serving.settings import Settings
from serving.taxonomy import InfoType, Tier
from serving.text import normalise
from serving.verdict import Action, Direction, Message

GOALS: Mapping[str, float] = {
    "invisible": 0.995,
    "compatibility": 0.995,
    "separators": 0.99,
    "reversed_override": 0.98,
    "backwards": 0.98,
    "lookalikes": 0.97,
    "leet": 0.95,
    "number_words": 0.95,
    "encodings": 0.95,
}
HELD_MORE_GOAL = 0.01
IDENTIFIERS = (
    "national_id.nino",
    "national_id.nino_labelled",
    "national_id.nhs_labelled",
    "national_id.utr",
    "national_id.passport",
    "national_id.driving_licence",
    "bank.card",
    "bank.iban",
    "bank.sort_code",
    "bank.account",
    "phone.mobile",
    "email.personal",
    "address.postcode",
    "reference.person",
    "reference.vehicle",
    "dob.date",
    "marking.official_sensitive",
)
"""Rules whose values are written in disguise, with the sentence around them."""
TELLING = (
    "diabetes", "diabetic", "cancer", "chemotherapy", "pregnant", "probation", "methadone", "safeguarding", "depression", "schizophrenia", "dialysis", "epilepsy",
    "asylum", "custody", "overdose", "dementia", "hepatitis", "disability", "miscarriage", "insulin", "mosque", "synagogue", "bailiffs", "eviction", "password",
)  # fmt: skip
SENTENCES = ("your {} appointment is on Monday", "please call about your {} letter", "we have news of the {} for you")
_TRIES = 20
_WORD = re.compile("[A-Za-z]{2,}")
_LEAST_WORDS = 2
"""Nothing says that a bare number runs backwards."""


@dataclass(frozen=True, slots=True)
class Caught:
    """How many of a family's disguised texts were read; `missed` counts by rule what was not."""

    family: str
    written: int
    found: int
    words: int
    words_read: int
    told: int
    missed: Mapping[str, int]

    @property
    def at_least(self) -> float:
        """Return the lower bound of the share found."""
        return wilson_lower(self.found, self.written)

    @property
    def is_reached(self) -> bool:
        """Tell whether the goal is reached."""
        return self.at_least >= GOALS[self.family]


@dataclass(frozen=True, slots=True)
class Held:
    """How many routine messages are held, as they stand and oddly written."""

    family: str
    messages: int
    plain: int
    odd: int

    @property
    def more(self) -> float:
        """Return the share held only because of how it is written."""
        return (self.odd - self.plain) / self.messages if self.messages else 0.0


def catch(family: str, count: int, seed: int = 5) -> Caught:
    """Write `count` identifiers in one kind of disguise, and a tenth as many telling words, and count what is read.

    The rules alone answer, through the classifier: found is what they are certain of, of the right type.
    """
    rng = random.Random(f"{seed} {family}")  # noqa: S311
    classifier = Classifier.load(Settings(use_model=False))
    types = {rule.id: rule.info_type for rule in RULES}
    found = told = 0
    missed: dict[str, int] = {}
    for number in range(count):
        rule_id, text = _written(family, IDENTIFIERS[number % len(IDENTIFIERS)], rng)
        verdict = classifier.classify(Message(text, direction=Direction.OUTBOUND))
        told += verdict.disguised
        if any(finding.score >= CERTAIN and _is_kin(finding.info_type, types[rule_id]) for finding in verdict.findings):
            found += 1
        else:
            missed[rule_id] = missed.get(rule_id, 0) + 1
    words = max(1, count // 10)
    read = sum(_is_word_read(family, rng) for _ in range(words))
    return Caught(family, count, found, words, read, told, missed)


def hold(classifier: Classifier, records: Sequence[Record], seed: int = 5) -> list[Held]:
    """Judge every routine message as it stands and once in each odd way of writing."""
    routine = [record.text for record in records if record.fair_labels == {Tier.ROUTINE}]
    plain = [_is_held(classifier, text) for text in routine]
    held = []
    for family, rewrite in FAMILIES.items():
        rng = random.Random(f"{seed} {family}")  # noqa: S311
        odd = [_is_held(classifier, rewrite(text, rng)[:10_000]) for text in routine]
        held.append(Held(family, len(routine), sum(plain), sum(odd)))
    return held


def as_markdown(caught: Sequence[Caught], held: Sequence[Held], bundle: str) -> str:
    """Write both tables."""
    lines = [
        "# Disguise",
        "",
        "## Found",
        "",
        (
            f"Identifiers of {len(IDENTIFIERS)} rules with the sentence around them, written in disguise from a fixed seed, judged by the rules alone through the classifier. "
            "Found: a certain finding of the right type. Words: telling words (no rule knows them) that normalisation reads back. Told: verdicts that say `disguised`."
        ),
        "",
        "| family | written | found | at least (95 %) | goal | reached | words read | told | most missed |",
        "| --- | ---: | ---: | ---: | ---: | --- | ---: | ---: | --- |",
    ]
    for each in caught:
        worst = ", ".join(f"{rule} {count}" for rule, count in sorted(each.missed.items(), key=lambda pair: -pair[1])[:3])
        lines.append(
            f"| {each.family} | {each.written} | {each.found / each.written:.4f} | {each.at_least:.4f} | {GOALS[each.family]} | {'yes' if each.is_reached else 'NO'} "
            f"| {each.words_read / each.words:.4f} | {each.told / each.written:.2f} | {worst or '–'} |"
        )
    if held:
        lines += [
            "",
            "## Held",
            "",
            f"Routine messages of the test split, judged by the bundle {bundle}: how many more are held when oddly written. Mean {held_more(held):+.2%}, goal at most {HELD_MORE_GOAL:+.0%}.",
            "",
            "| way of writing | messages | held as they stand | held oddly written | more |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        lines += [f"| {each.family} | {each.messages} | {each.plain} | {each.odd} | {each.more:+.2%} |" for each in held]
    return "\n".join(lines) + "\n"


def held_more(held: Sequence[Held]) -> float:
    """Return the mean share of messages held only because of how they are written."""
    return sum(each.more for each in held) / len(held) if held else 0.0


def _written(family: str, rule_id: str, rng: random.Random) -> tuple[str, str]:
    """Return a rule and a sentence of it in disguise; what a disguise leaves as it is gives way to another rule's."""
    while True:
        for _ in range(_TRIES):
            plain = carried(rule_id, rng).text
            text = FAMILIES[family](plain, rng)
            if text != plain and (family != "backwards" or len(_WORD.findall(text)) >= _LEAST_WORDS):
                return rule_id, text
        rule_id = rng.choice(IDENTIFIERS)


def _is_word_read(family: str, rng: random.Random) -> bool:
    word = rng.choice(TELLING)
    text = rng.choice(SENTENCES).format(word)
    return word in normalise(FAMILIES[family](text, rng)).text.lower()


def _is_kin(found: InfoType, meant: InfoType) -> bool:
    """Tell whether a number was found as what it is, or as another number that demands the same tier or a stricter one."""
    numbers = {InfoType.NATIONAL_ID, InfoType.BANK, InfoType.REFERENCE}
    return found is meant or (found in numbers and meant in numbers)


def _is_held(classifier: Classifier, text: str) -> bool:
    return bool(text) and classifier.classify(Message(text, direction=Direction.OUTBOUND)).action is not Action.ALLOW
