"""Structured logs that can hold only listed keys, so that no message text gets in."""

import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset({"event", "level", "timestamp", "error", "request_id", "host", "port", "workers", "model", "policies", "reason"})


def set_up() -> None:
    """Write logs as JSON lines on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            keep_allowed,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
    )


def keep_allowed(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not listed."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def failure(error: Exception, request_id: str) -> None:
    """Log the kind of a failure; what it says may hold message text and stays out."""
    structlog.get_logger().error("request failed", error=type(error).__name__, request_id=request_id)
