"""Threads that a worker cannot do without: where one of them dies, the worker ends, and whoever started it starts another."""

import os
import threading
from contextlib import suppress

import structlog

NEEDED = frozenset({"judge", "keep", "spool", "housekeeping"})
"""Without them a request would wait for ever, or verdicts in the spool."""


def end_with_them() -> None:
    """Have this process end at once where one of them ends by an exception, such as for want of memory.

    What was acknowledged is kept by then; what was not gets no answer, and the caller holds the message.
    """
    threading.excepthook = _end


def _end(args: threading.ExceptHookArgs) -> None:
    with suppress(BaseException):  # telling it may fail of the same
        structlog.get_logger().error("thread ended", error=args.exc_type.__name__, reason=args.thread.name if args.thread else None)
    if args.thread is not None and args.thread.name in NEEDED:
        os._exit(1)
