"""What officers write: policy packs, and the registers of business areas, exceptions and templates."""

from serving.policy.areas import Area, Contact
from serving.policy.condition import Condition
from serving.policy.exceptions import AgreedException
from serving.policy.pack import Check, Clause, Effect, Keep, Outcome, Pack
from serving.policy.packs import PACKS, choose, read_pack, read_packs
from serving.policy.registry import NO_MATCH, AgreedTemplate, Fit, Match, Registry, faults
from serving.policy.rulebook import Rulebook, Shelf, read_rulebook

__all__ = [
    "NO_MATCH",
    "PACKS",
    "AgreedException",
    "AgreedTemplate",
    "Area",
    "Check",
    "Clause",
    "Condition",
    "Contact",
    "Effect",
    "Fit",
    "Keep",
    "Match",
    "Outcome",
    "Pack",
    "Registry",
    "Rulebook",
    "Shelf",
    "choose",
    "faults",
    "read_pack",
    "read_packs",
    "read_rulebook",
]
