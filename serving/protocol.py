"""What uvicorn lets through to the app: no headers without end, none that do not come, and a problem for what is not HTTP."""

import asyncio
import sys
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import uvicorn.config
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from serving import metrics
from serving.errors import Code
from serving.problems import internal, problem
from serving.schema import to_json

MOST_HEAD_BYTES = 32 * 1024
"""Of a request line and its headers together, counted from the second time on that something of them arrives."""
REST_SECONDS = 0.25
"""How long nothing more is read of a connection on which a request was refused for want of room: well within its `Retry-After`."""
_PATIENCE = 2.0
"""A body that nobody reads may take this much longer than one that is read, whose end the app sees to."""


class Joined:
    """A transport that sends a head with what follows it at once, as one packet: each costs both ends about as much as the other."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write, or hold a head until more is written, or until the event loop has turned."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(b"HTTP/"):
            self._head = data
            self._loop.call_soon(self._send_head)
            return
        self._transport.write(data)

    def close(self) -> None:
        """Close the transport once all is written."""
        self._send_head()
        self._transport.close()

    def _send_head(self) -> None:
        if self._head:
            head, self._head = self._head, b""
            self._transport.write(head)


class Protocol(HttpToolsProtocol):
    """HTTP as uvicorn speaks it, with an end to everything that a client may draw out."""

    seconds = 5.0
    """How long a head may take, from the connection or its first byte; the same again for its body, with some patience."""

    ahead: Callable[[Any], ASGIApp] | None = None
    """Makes, of a server's configuration, the app that is asked in place of the server's own."""

    _timer: asyncio.TimerHandle | None = None
    _is_to_rest = False
    _has_begun = False
    _is_head_complete = False
    _is_waiting_for_body = False
    _is_complete = False
    _head_bytes = 0

    def __init__(self, config: uvicorn.Config, *others: Any, **named: Any) -> None:
        super().__init__(config, *others, **named)
        if Protocol.ahead is not None:
            self.app = Protocol.ahead(config)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(Joined(transport, self.loop))  # type: ignore[arg-type]
        self._wait(self.seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come, and see to it that the rest comes in time and has an end."""
        is_within_head = self._has_begun and not self._is_head_complete
        super().data_received(data)
        if self.transport.is_closing() or self._is_complete:
            self._stop()
        elif not self._is_head_complete:
            if is_within_head:
                self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, Code.TOO_LARGE, "The headers are too large.")
            elif self._timer is None:
                self._wait(self.seconds)
        elif not self._is_waiting_for_body:
            self._stop()
            self._wait(self.seconds * _PATIENCE)
            self._is_waiting_for_body = True

    def on_message_begin(self) -> None:
        """Note that a message begins: in what comes at once several may, and the last counts."""
        self._has_begun = True
        self._is_head_complete = self._is_waiting_for_body = self._is_complete = False
        self._head_bytes = 0
        super().on_message_begin()
        self.scope["sendsafe.rest"] = self.rest  # type: ignore[typeddict-unknown-key]

    def rest(self) -> None:
        """Read nothing more for a while once this answer is sent: whoever asks again at once takes less from what is judged."""
        self._is_to_rest = True

    def on_response_complete(self) -> None:
        """Go on with the connection, or let it rest first."""
        super().on_response_complete()
        if self._is_to_rest and not self.transport.is_closing():
            self.flow.pause_reading()
            self.loop.call_later(REST_SECONDS, self._read_on)
        self._is_to_rest = False

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()

    def on_headers_complete(self) -> None:
        """Note that the head is complete."""
        self._is_head_complete = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Note that the body is complete."""
        self._is_complete = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 (uvicorn's sentence)
        """Answer what is not HTTP; where there was no memory to read it, which the parser takes for the same, the fault is ours."""
        error = sys.exception()
        if error is not None and isinstance(error.__context__, MemoryError):
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, Code.INTERNAL, internal()["detail"])
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, Code.BAD_REQUEST, "This is not an HTTP request.")

    def _wait(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._give_up)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._is_head_complete or not self._has_begun:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, Code.BAD_REQUEST, "The headers took too long to arrive.")

    def _refuse(self, status: HTTPStatus, code: Code, detail: str) -> None:
        """Answer what never reaches the app, and close the connection."""
        self._stop()
        body = to_json(problem(code, detail, status))
        head = f"HTTP/1.1 {status.value} {status.phrase}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(f"{head}x-request-id: {uuid.uuid4().hex}\r\nconnection: close\r\n\r\n".encode() + body)
        self.transport.close()
        metrics.REQUESTS.labels("other", status.value).inc()


def install(seconds: float) -> None:
    """Have every uvicorn server of this process that is not told otherwise speak so, BentoML's too."""
    Protocol.seconds = seconds
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{Protocol.__module__}:{Protocol.__qualname__}"


def ask_ahead(ahead: Callable[[uvicorn.Config], ASGIApp]) -> None:
    """Have every such server ask, from its next connection on, what is made of its configuration in place of its own app."""
    Protocol.ahead = staticmethod(ahead)
