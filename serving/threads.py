"""Threads that a worker cannot do without: where one of them dies or is stuck, the worker ends, and whoever started it starts another."""

import asyncio
import faulthandler
import os
import threading
from contextlib import suppress

import structlog

NEEDED = frozenset({"judge", "keep", "spool", "housekeeping"})
"""Without them a request would wait for ever, or verdicts in the spool."""

STUCK_SECONDS = 30.0


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


def end_if_stuck(loop: asyncio.AbstractEventLoop, seconds: float = STUCK_SECONDS) -> None:
    """Have this process end, and say on standard error where it was, once its event loop has not turned for so long.

    What watches needs no interpreter: for want of memory native code may get stuck with it (pydantic has, in the middle of a panic).
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
    loop.call_later(seconds / 6, end_if_stuck, loop, seconds)
