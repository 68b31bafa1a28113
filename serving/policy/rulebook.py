"""Everything that officers keep, together: packs, business areas, exceptions, templates; and the shelf that holds it.

The shelf looks for changed files now and then. A change that is broken is refused with its sentence, and what was good before stays in use.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serving.errors import NotFoundError, PolicyError
from serving.policy.areas import Area, read_areas
from serving.policy.exceptions import AgreedException, read_exceptions
from serving.policy.pack import Pack
from serving.policy.packs import choose, read_packs
from serving.policy.registry import Registry, read_registry

LOOK_AGAIN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Packs and registers as they stood when they were read."""

    packs: Mapping[str, Pack]
    areas: Mapping[str, Area]
    exceptions: Mapping[str, AgreedException]
    templates: Registry


def read_rulebook(packs: Path, registers: Path) -> Rulebook:
    """Read packs and registers.

    Raises:
        PolicyError: one of them is broken.
    """
    known = read_packs(packs)
    return Rulebook(
        known,
        read_areas(registers / "areas.yaml"),
        read_exceptions(registers / "exceptions.yaml", known),
        read_registry(registers / "templates.yaml"),
    )


class Shelf:
    """Holds the rulebook in use, and reads it anew when a file has changed."""

    def __init__(self, packs: Path, registers: Path, needed: tuple[str, ...]) -> None:
        """Read the rulebook; `needed` are packs that must be there.

        Raises:
            PolicyError: it is broken.
            NotFoundError: a pack that is needed is not there.
        """
        self._folders = (packs, registers)
        self._needed = needed
        self._seen = self._stamps()
        self._looked = time.monotonic()
        self.rulebook = read_rulebook(packs, registers)
        choose(self.rulebook.packs, needed)
        self.fault: str | None = None
        """what is wrong with the files as they are now, `None` while they are in use"""

    def look(self) -> bool:
        """Look for changes, at most every two seconds; tell whether another rulebook is in use now."""
        now = time.monotonic()
        if now - self._looked < LOOK_AGAIN_SECONDS:
            return False
        self._looked = now
        return self.refresh()

    def refresh(self) -> bool:
        """Read the files anew if they have changed; tell whether another rulebook is in use now."""
        stamps = self._stamps()
        if stamps == self._seen:
            return False
        self._seen = stamps
        try:
            rulebook = read_rulebook(*self._folders)
            choose(rulebook.packs, self._needed)
        except (PolicyError, NotFoundError) as error:
            self.fault = str(error)
            return False
        self.rulebook, self.fault = rulebook, None
        return True

    def _stamps(self) -> frozenset[tuple[str, int, int]]:
        found = []
        for folder in self._folders:
            for path in folder.glob("*.yaml"):
                try:
                    stat = path.stat()
                except OSError:
                    continue
                found.append((str(path), stat.st_mtime_ns, stat.st_size))
        return frozenset(found)
