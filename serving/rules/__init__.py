"""Rules for what has a form: identifiers, markings, and asking for them. With or without the model they are always on."""

from serving.findings import Finding
from serving.rules.asking import find_asked
from serving.rules.contact import CONTACT
from serving.rules.identifiers import IDENTIFIERS
from serving.rules.personal import PERSONAL
from serving.rules.rule import Rule

RULES: tuple[Rule, ...] = (*IDENTIFIERS, *CONTACT, *PERSONAL)

__all__ = ["RULES", "Rule", "find"]


def find(text: str) -> list[Finding]:
    """Return what the rules find in a normalised text, in order of place; where two overlap, the surer or longer stays."""
    found = [finding for rule in RULES for finding in rule.find(text)]
    found += find_asked(text)
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda each: (-each.score, each.start - each.end)):
        if not any(finding.start < other.end and other.start < finding.end for other in kept):
            kept.append(finding)
    return sorted(kept, key=lambda each: each.start)
