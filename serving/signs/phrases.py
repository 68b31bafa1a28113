"""Lists of phrases, looked up all at once: RE2 goes through a text a single time for all of them, in linear time."""

from collections.abc import Iterable, Mapping

import re2

_MOST_BYTES = 64 << 20
"""Memory that RE2 may take for what it has seen of the lists; what does not fit it works out anew."""


class Phrases:
    """Named lists of phrases, each a regular expression in RE2's syntax, whole words, any case."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        options = re2.Options()
        options.case_sensitive = False
        options.never_capture = True
        options.max_mem = _MOST_BYTES
        self._names = tuple(lists)
        self._set = re2.Set.SearchSet(options)
        for alternatives in lists.values():
            self._set.Add("|".join(_whole(each) for each in alternatives))
        self._set.Compile()

    def said_in(self, text: str) -> frozenset[str]:
        """Return the names of the lists of which a text has a phrase.

        >>> sorted(Phrases({"greeting": ["hello", "hi"], "bye": ["so long"]}).said_in("Oh, hello there"))
        ['greeting']
        """
        places = self._set.Match(text.encode("utf-8", "replace"))
        return frozenset(self._names[place] for place in places or ())


def _whole(phrase: str) -> str:
    """Return the phrase bounded by words, where it does not say itself where it begins."""
    return f"(?:{phrase})" if phrase.startswith("(?:^") else rf"\b(?:{phrase})\b"
