"""Messages that are nearly the same, by MinHash over neighbouring words (Broder 1997)."""

import re

from datasketch import MinHash, MinHashLSH

NEAR_DUPLICATE = 0.8
"""Jaccard similarity of word pairs from which two messages count as one."""
_PERMUTATIONS = 64


class NearIndex:
    """Finds what was added under a key by any text that is nearly the same."""

    def __init__(self) -> None:
        self._index = MinHashLSH(threshold=NEAR_DUPLICATE, num_perm=_PERMUTATIONS)
        self._shingles: dict[str, frozenset[str]] = {}

    def near(self, text: str) -> list[str]:
        """Return the keys of the texts that are nearly this one, in order of the keys.

        >>> index = NearIndex()
        >>> index.add("one", "The library on Mill Lane is closed on Monday for the bank holiday")
        []
        >>> index.near("The library on Mill Lane is closed on Monday for the bank holiday!"), index.near("Bins tomorrow")
        (['one'], [])
        """
        own = _shingles(text)
        return self._near(own, _minhash(own))

    def add(self, key: str, text: str) -> list[str]:
        """Add a text under a key, unless that is there, and return the keys of the texts that were nearly this one."""
        own = _shingles(text)
        digest = _minhash(own)
        found = self._near(own, digest)
        if key not in self._shingles:
            self._shingles[key] = own
            self._index.insert(key, digest)
        return found

    def _near(self, own: frozenset[str], digest: MinHash) -> list[str]:
        found = self._index.query(digest)
        return sorted(key for key in found if len(own & self._shingles[key]) / len(own | self._shingles[key]) >= NEAR_DUPLICATE)


def _shingles(text: str) -> frozenset[str]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(f"{one} {two}" for one, two in zip(words, [*words[1:], "."], strict=False)) or frozenset({text})


def _minhash(shingles: frozenset[str]) -> MinHash:
    digest = MinHash(num_perm=_PERMUTATIONS)
    digest.update_batch([shingle.encode() for shingle in shingles])
    return digest
