"""How soon a held message is looked at: harm × uncertainty × age, each in bands."""

from serving.review.clock import HOUR_MS
from serving.taxonomy import TIERS
from serving.verdict import Verdict

SURE, FAIRLY_SURE = 0.9, 0.6
"""Score of the likeliest tier from which a verdict counts as sure, or as fairly sure."""
URGENT = 100
"""The weight of what a person must see at once: above all others at any age."""
AGES = ((24 * HOUR_MS, 4), (4 * HOUR_MS, 3), (HOUR_MS, 2), (0, 1))
"""Bands of age, the oldest first: from so many milliseconds on the weight is multiplied by so much."""
FORWARD = (URGENT - 1) // AGES[0][1]
"""The weight of what was put forward to learn from it: the highest that is below an urgent one's at any age."""
WEIGHTS = (URGENT, FORWARD, *sorted({(tier.rank + 1) * uncertainty for tier in TIERS for uncertainty in (1, 2, 3)}, reverse=True))


def weight_of(verdict: Verdict) -> int:
    """Return harm (1 to 4, by tier) × uncertainty (1 to 3), or `URGENT`."""
    if verdict.urgent:
        return URGENT
    likeliest = max(verdict.scores.values()) if verdict.scores and not verdict.degraded else 0.0
    uncertainty = 1 if likeliest >= SURE else 2 if likeliest >= FAIRLY_SURE else 3
    return (verdict.category.rank + 1) * uncertainty
