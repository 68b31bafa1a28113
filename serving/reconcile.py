"""Model, rules and the linear fallback brought to one judgement; the only place where they meet.

A rule may raise a tier, never lower it. Without the model an answer is degraded: the fallback may say that a message looks
safe, and whether that counts is the policy's to say (`defaults.fallback_may_allow`).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from serving.bundle import Thresholds
from serving.facts import Certainty, Judgement
from serving.fallback import Guess
from serving.findings import CERTAIN, Finding, without_overlaps
from serving.model import Reading
from serving.taxonomy import TIERS, Tier, highest
from serving.verdict import DecidedBy


def reconcile(
    reading: Reading, thresholds: Thresholds, found: Sequence[Finding], *, is_readable: bool, is_plain: bool
) -> tuple[Judgement, DecidedBy]:
    """Join what the model reads with what the rules find; `is_readable` is false where something was left unread.

    Findings are of the category's tier at most; where the model is not sure, also of what it takes for possible, which tells why.
    """
    by_rules = _tier_of(found)
    category = highest((reading.category, by_rules))
    certainty = _certainty(reading, thresholds, by_rules, is_readable=is_readable)
    most = highest((category, _possible(reading, thresholds))) if certainty is Certainty.UNSURE else category
    findings = merge(
        [finding for finding in reading.findings if finding.tier.rank <= most.rank],
        [finding for finding in found if finding.tier.rank <= most.rank],
    )
    decided_by = DecidedBy.RULES if by_rules.rank > reading.category.rank else DecidedBy.MODEL
    return Judgement(category, certainty, findings, is_degraded=False, is_plain=is_plain), decided_by


def without_model(guess: Guess | None, found: Sequence[Finding], *, is_readable: bool) -> Judgement:
    """Judge by the rules, with the fallback's guess where there is one; never laxer than the rules alone.

    Safe is only what the fallback calls safe, the rules find nothing personal in, even possibly, and nothing is left unread.
    """
    by_rules = _tier_of(found)
    category = by_rules if guess is None else highest((guess.category, by_rules))
    if by_rules.rank >= Tier.PERSONAL.rank:
        certainty = Certainty.UNSAFE
    elif guess is not None and guess.is_safe and is_readable and all(finding.tier.rank < Tier.PERSONAL.rank for finding in found):
        certainty = Certainty.SAFE
    else:
        certainty = Certainty.UNSURE
    return Judgement(category, certainty, tuple(found), is_degraded=True)


def merge(by_model: Sequence[Finding], by_rules: Sequence[Finding]) -> tuple[Finding, ...]:
    """Join the findings of model and rules in order of place.

    Where they overlap, a certain rule stands before the model, and the model before a rule that is only possible. What gives
    way to one of its own type widens it into the free text beside it, so that nothing that was found is left uncovered.
    """
    certain = [finding for finding in by_rules if finding.score >= CERTAIN]
    possible = [finding for finding in by_rules if finding.score < CERTAIN]
    found = (*certain, *by_model, *possible)
    kept = without_overlaps(found)
    starts = [finding.start for finding in kept]
    standing = frozenset(kept)
    for gone in found:
        if gone not in standing:
            _widen(kept, starts, gone)
    return tuple(kept)


def _widen(kept: list[Finding], starts: list[int], gone: Finding) -> None:
    """Widen the findings, in order of place, that a dropped one of their type overlaps; never into another finding."""
    for place in range(bisect_left(starts, gone.end) - 1, -1, -1):
        finding = kept[place]
        if finding.end <= gone.start:
            break
        if (finding.info_type, finding.mode) != (gone.info_type, gone.mode):
            continue
        free_from = kept[place - 1].end if place else 0
        free_to = kept[place + 1].start if place + 1 < len(kept) else gone.end
        start, end = min(finding.start, max(gone.start, free_from)), max(finding.end, min(gone.end, free_to))
        form = gone.form if gone.tier.rank > finding.tier.rank else finding.form
        kept[place], starts[place] = replace(finding, start=start, end=end, form=form), start


def _tier_of(found: Sequence[Finding]) -> Tier:
    return highest(finding.tier for finding in found if finding.score >= CERTAIN)


def _possible(reading: Reading, thresholds: Thresholds) -> Tier:
    """Return the strictest tier that the message has, or exceeds, with the probability from which it is not allowed."""
    probability = 0.0
    for tier in reversed(TIERS):
        probability += reading.scores[tier]
        if probability >= thresholds.allow:
            return tier
    return TIERS[0]


def _certainty(reading: Reading, thresholds: Thresholds, by_rules: Tier, *, is_readable: bool) -> Certainty:
    if by_rules.rank >= Tier.PERSONAL.rank:
        return Certainty.UNSAFE
    if not is_readable or thresholds.allow <= reading.unsafe < thresholds.block:
        return Certainty.UNSURE
    return Certainty.UNSAFE if reading.unsafe >= thresholds.block else Certainty.SAFE
