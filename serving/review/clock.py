"""A clock that notices when the machine's has jumped, so that nothing is deleted or dated by a wrong one."""

import time
from collections.abc import Callable

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
BACKWARD_MS = 5 * MINUTE_MS
"""How far back a clock may be set and still be believed."""
FORWARD_MS = HOUR_MS
"""How far it may run ahead of the steady clock of this process."""
STOPPED_MS = 7 * DAY_MS
"""How long the store may have been unused before the time of day is doubted."""
PROBATION_MS = DAY_MS
"""How long a doubted time must hold before it is believed."""


def _steady() -> float:
    """Return seconds that nobody can set; they count on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Clock:
    """The time of day, held against a steady clock and against the time that the store saw last."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = _steady) -> None:
        self._wall = wall
        self._steady = steady
        self._seen: tuple[float, float] | None = None
        self._forward = FORWARD_MS
        self._doubt: tuple[float, float] | None = None
        self.is_trusted = True

    def see(self, seen_ms: int) -> None:
        """Take the time that the store saw last, perhaps before this process began."""
        self._seen = (seen_ms, self._steady() * 1000)
        self._forward = STOPPED_MS
        self._doubt = None

    def now_ms(self) -> int:
        """Return milliseconds since 1970: the time of day while it is believed, else the last believed time carried on.

        After a long stop a later time of day is taken for dates, but not trusted for deleting.
        """
        wall, steady = self._wall() * 1000, self._steady() * 1000
        if self._seen is None:
            self._seen = (wall, steady)
            return int(wall)
        seen, seen_steady = self._seen
        expected = seen + steady - seen_steady
        offset = wall - expected
        if -BACKWARD_MS <= offset <= self._forward:
            return self._believe(wall, steady)
        if self._doubt is None or abs(self._doubt[0] - offset) > BACKWARD_MS:
            self._doubt = (offset, steady)
        elif steady - self._doubt[1] >= PROBATION_MS:
            return self._believe(wall, steady)
        self.is_trusted = False
        has_stopped = self._forward == STOPPED_MS and offset > 0
        return int(wall if has_stopped else expected)

    def believe_ms(self) -> int:
        """Take the time of day for right, whatever it is, and return it."""
        return self._believe(self._wall() * 1000, self._steady() * 1000)

    def _believe(self, wall: float, steady: float) -> int:
        self._seen, self._forward, self._doubt, self.is_trusted = (wall, steady), FORWARD_MS, None, True
        return int(wall)
