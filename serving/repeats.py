"""How often the same text was sent in the last hour: a keyed digest of it is counted, and nothing else is kept."""

import hashlib
import os
import time
from collections import OrderedDict

_HOUR_SECONDS = 3600.0
_MOST_TEXTS = 20_000


class Repeats:
    """Counts texts in one process. The key is made at start and never written down."""

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._counts: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def count(self, text: str) -> int:
        """Count a text, and return how often it came within an hour of its first time, this one included."""
        now = time.monotonic()
        digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).digest()
        count, since = self._counts.pop(digest, (0, now))
        if now - since > _HOUR_SECONDS:
            count, since = 0, now
        self._forget(now)
        self._counts[digest] = (count + 1, since)
        return count + 1

    def _forget(self, now: float) -> None:
        while self._counts:
            digest, (_, since) = next(iter(self._counts.items()))
            if now - since <= _HOUR_SECONDS and len(self._counts) < _MOST_TEXTS:
                return
            del self._counts[digest]
