"""W3C trace context in and out, and, where switched on, one OpenTelemetry span for each request, which says nothing of a message.

Source: https://www.w3.org/TR/trace-context/
"""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from serving.errors import TracingError

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

_TRACEPARENT = re.compile(r"(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_MEMBER = re.compile(r"[a-z0-9][a-z0-9_*/-]{0,240}(?:@[a-z][a-z0-9_*/-]{0,13})?=[ -+\--<>-~]{0,255}[!-+\--<>-~]")
_MOST_STATE_CHARACTERS = 512
_MOST_MEMBERS = 32


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a request stands in its trace; `is_given` tells whether the caller said so."""

    trace_id: str
    span_id: str
    flags: str = "00"
    state: str = ""
    is_given: bool = False

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return the headers that tell it."""
        headers = [(b"traceparent", f"00-{self.trace_id}-{self.span_id}-{self.flags}".encode())]
        return [*headers, (b"tracestate", self.state.encode())] if self.state else headers


def trace_of(headers: Iterable[tuple[bytes, bytes]]) -> Trace:
    """Return the trace that a request's headers tell; where they tell none, or a bad one, a new one.

    >>> trace_of([(b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"), (b"tracestate", b"a=1")]).state
    'a=1'
    """
    told = [(name, value.decode("latin-1")) for name, value in headers if name in (b"traceparent", b"tracestate")]
    parents = [value for name, value in told if name == b"traceparent"]
    match = _TRACEPARENT.fullmatch(parents[0].strip(" \t")) if len(parents) == 1 else None
    if match is None or (match[1] == "00" and match[5]):
        return Trace(secrets.token_hex(16), secrets.token_hex(8))
    return Trace(match[2], match[3], match[4], _state([value for name, value in told if name == b"tracestate"]), is_given=True)


def _state(values: list[str]) -> str:
    """Return a trace's state as its callers wrote it, nothing where any part of it is none."""
    members = [member.strip(" \t") for value in values for member in value.split(",")]
    members = [member for member in members if member]
    state = ",".join(members)
    is_good = len(members) <= _MOST_MEMBERS and len(state) <= _MOST_STATE_CHARACTERS and all(map(_MEMBER.fullmatch, members))
    return state if is_good else ""


class Spans:
    """Makes spans, and hands them to an OTLP collector as the `OTEL_…` variables say."""

    def __init__(self, tracer: "Tracer") -> None:
        self._tracer = tracer

    @classmethod
    def open(cls) -> Self:
        """Return what makes and exports spans.

        Raises:
            TracingError: the extra `otel` is not installed.
        """
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
            from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        except ImportError:
            raise TracingError("SENDSAFE_TRACES needs the extra 'otel': pip install 'sendsafe[otel]'") from None
        provider = TracerProvider(resource=Resource.create({"service.name": "sendsafe"}))
        provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        return cls(provider.get_tracer("sendsafe"))

    def start(self, trace: Trace, method: str, route: str, request_id: str) -> "tuple[Span, Trace]":
        """Start a request's span, and return it with where its request now stands."""
        from opentelemetry import trace as otel  # noqa: PLC0415 (costs its import where it is used alone)

        parent = None
        if trace.is_given:
            flags = otel.TraceFlags(int(trace.flags, 16))
            state = otel.TraceState.from_header([trace.state]) if trace.state else None
            ids = int(trace.trace_id, 16), int(trace.span_id, 16)
            parent = otel.set_span_in_context(
                otel.NonRecordingSpan(otel.SpanContext(*ids, is_remote=True, trace_flags=flags, trace_state=state))
            )
        attributes: dict[str, Any] = {"http.request.method": method, "http.route": route, "sendsafe.request_id": request_id}
        span = self._tracer.start_span(f"{method} {route}", parent, otel.SpanKind.SERVER, attributes)
        context = span.get_span_context()
        here = Trace(f"{context.trace_id:032x}", f"{context.span_id:016x}", f"{context.trace_flags:02x}", trace.state)
        return span, here

    @staticmethod
    def end(span: "Span", status: int) -> None:
        """End a request's span."""
        from opentelemetry.trace import StatusCode  # noqa: PLC0415 (as above)

        span.set_attribute("http.response.status_code", status)
        if status >= 500:  # noqa: PLR2004 (a fault of ours)
            span.set_status(StatusCode.ERROR)
        span.end()
