"""How many messages a client may send in a time, counted in this process."""

import math
import time

from limits import RateLimitItem, parse_many
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from serving.errors import Code
from serving.problems import HttpProblem


class Rates:
    """Counts each client's messages against the limits, such as `100/second;2000/minute`; without limits everything passes."""

    def __init__(self, limits: str) -> None:
        self._limits: list[RateLimitItem] = parse_many(limits) if limits else []
        self._counter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def take(self, client: str, messages: int = 1, *, already: int = 0) -> None:
        """Count messages of a client, of which some were counted already; a batch counts as no more than a limit allows at once.

        Raises:
            HttpProblem: they are over a limit; it says when to try again.
        """
        for limit in self._limits:
            cost = min(messages, limit.amount) - already
            if cost > 0 and not await self._counter.hit(limit, client, cost=cost):
                stats = await self._counter.get_window_stats(limit, client)
                seconds = min(max(1, math.ceil(stats.reset_time - time.time())), limit.get_expiry())
                raise HttpProblem(
                    Code.RATE_LIMITED,
                    f"This key may send {limit.amount} messages per {limit.get_expiry()} s; nothing was judged or written.",
                    headers={"retry-after": str(seconds)},
                )
