"""Rules for what has a form: identifiers, markings, and asking for them. With or without the model they are always on."""

from serving.findings import Finding, without_overlaps
from serving.rules.asking import ASKING
from serving.rules.bank import BANK
from serving.rules.contact import CONTACT
from serving.rules.credentials import CREDENTIALS
from serving.rules.harmless import FILTERS
from serving.rules.identifiers import IDENTIFIERS
from serving.rules.markings import MARKINGS
from serving.rules.people import PEOPLE
from serving.rules.personal import PERSONAL
from serving.rules.references import REFERENCES
from serving.rules.rule import Filter, Page, Rule
from serving.rules.triggers import Triggers

RULES: tuple[Rule, ...] = (
    *IDENTIFIERS,
    *BANK,
    *CONTACT,
    *REFERENCES,
    *CREDENTIALS,
    *PERSONAL,
    *MARKINGS,
    *PEOPLE,
    *ASKING,
)

__all__ = ["FILTERS", "RULES", "Filter", "Page", "Rule", "find", "find_by", "open_page"]

_FORGIVING = {rule.id: tuple(each for each in FILTERS if each.is_for(rule.id)) for rule in RULES}


_TRIGGERS = Triggers(rule.trigger for rule in RULES if rule.trigger is not None)

for _rule in RULES:
    _rule.prepare()
for _filter in FILTERS:
    _filter.prepare()


def find(text: str) -> list[Finding]:
    """Return what the rules find in a normalised text, in order of place; where two overlap, the surer or longer stays."""
    page = open_page(text)
    found = [finding for rule in RULES for finding in find_by(rule, page)]
    return without_overlaps(sorted(found, key=lambda each: (-each.score, each.start - each.end)))


def open_page(text: str) -> Page:
    """Return a normalised text as `find_by` looks at it."""
    return Page(text, _TRIGGERS.regions(text))


def find_by(rule: Rule, page: Page) -> list[Finding]:
    """Return what one rule finds and no filter forgives."""
    return [finding for finding in rule.find(page) if not any(each.forgives(finding, page) for each in _FORGIVING[rule.id])]
