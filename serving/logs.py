"""Structured logs that can hold only listed keys, so that no message text gets in."""

import select
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import structlog

ALLOWED = frozenset({"event", "level", "timestamp", "error", "request_id", "host", "port", "workers", "model", "policies", "reason"})


class Patient:
    """A file for logs that nobody waits for: what does not fit into a full pipe is dropped, since a stalled reader must stall no answer."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._poll = select.poll()
        self._poll.register(file, select.POLLOUT)

    def write(self, line: str) -> None:
        """Write a line, or drop it; a pipe that takes anything takes a line of 4096 bytes."""
        if self._poll.poll(0):
            self._file.write(line)
            self._file.flush()

    def flush(self) -> None:
        """Do nothing: each line was written through."""


def set_up() -> None:
    """Write logs as JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=cast("TextIO", Patient(sys.stderr))),
    )


def keep_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not listed."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def failure(error: Exception, request_id: str) -> None:
    """Log the kind of a failure; what it says may hold message text and stays out."""
    structlog.get_logger().error("request failed", error=type(error).__name__, request_id=request_id)
