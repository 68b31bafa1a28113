"""Bounds of a share that was measured on some trials."""

from math import sqrt

Z = 1.96
"""Standard deviations of a 95 % interval."""


def wilson_lower(hits: int, trials: int, z: float = Z) -> float:
    """Return the lower bound of a share (Wilson 1927), 0 without trials.

    >>> round(wilson_lower(10_000, 10_000), 5), wilson_lower(0, 0)
    (0.99962, 0.0)
    """
    if not trials:
        return 0.0
    share = hits / trials
    middle = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return (middle - spread) / (1 + z * z / trials)
