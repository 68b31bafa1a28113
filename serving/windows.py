"""Cut a long text into overlapping windows of tokens; nothing is ever truncated."""

from collections.abc import Iterator

WINDOW_TOKENS = 126
"""Tokens of text in one window; with the two special tokens the network sees 128."""
OVERLAP_TOKENS = 32
"""Tokens that neighbouring windows share, so that no telling phrase is cut in two."""


def windows(tokens: int, size: int = WINDOW_TOKENS, overlap: int = OVERLAP_TOKENS) -> Iterator[tuple[int, int]]:
    """Yield the token ranges that cover a text; the last window is moved back rather than cut short.

    >>> list(windows(10, size=4, overlap=1))
    [(0, 4), (3, 7), (6, 10)]
    >>> list(windows(0))
    [(0, 0)]
    """
    start = 0
    while start + size < tokens:
        yield start, start + size
        start += size - overlap
    yield max(0, tokens - size), tokens
