"""What a rule is: a small frozen value that finds one kind of thing."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from serving.findings import Finding
from serving.taxonomy import InfoType, NameForm

SURE = 0.97
POSSIBLE = 0.5
CONTEXT_BEFORE = 48
CONTEXT_AFTER = 24
"""Characters around a match in which context words count."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One recogniser; its id (`family.name`) never changes, since reviews store it.

    `pattern` finds candidates; the group `value`, where it has one, is what is found. A candidate must pass `is_valid`.
    With a `context` word near it is certain; without, it is dropped (`needs_context`) or only possible. A rule without
    `context` is certain by its form alone. `harmless` words before a match forgive it. `hint` is a character class that a
    text must hold for the rule to be tried at all.
    """

    id: str
    info_type: InfoType
    pattern: re.Pattern[str]
    source: str
    is_valid: Callable[[str], bool] | None = None
    context: re.Pattern[str] | None = None
    needs_context: bool = False
    harmless: re.Pattern[str] | None = None
    form: NameForm | None = None
    hint: re.Pattern[str] | None = None
    score: float = SURE

    def find(self, text: str) -> Iterator[Finding]:
        """Yield what the rule finds in a normalised text."""
        if self.hint is not None and not self.hint.search(text):
            return
        for match in self.pattern.finditer(text):
            group = "value" if "value" in self.pattern.groupindex and match["value"] is not None else 0
            start, end = match.span(group)
            if start == end or (self.is_valid is not None and not self.is_valid(text[start:end])):
                continue
            before = text[max(0, match.start() - CONTEXT_BEFORE) : start]
            if self.harmless is not None and self.harmless.search(before):
                continue
            score = self.score
            if self.context is not None and not self.context.search(before + " … " + text[end : end + CONTEXT_AFTER]):
                if self.needs_context:
                    continue
                score = POSSIBLE
            yield Finding(self.info_type, start, end, form=self.form, detector=self.id, score=score)


def words(*alternatives: str) -> re.Pattern[str]:
    """Compile whole words, any case.

    >>> bool(words("sort code", "a/c").search("Sort Code 20-00-00"))
    True
    """
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE)


DIGIT = re.compile(r"\d")
