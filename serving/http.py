"""The HTTP contract as one ASGI app: routes, middleware, and errors as problems."""

import re
import time
import uuid
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from serving import logs, metrics
from serving.admission import Admission, Room
from serving.authentication import Authentication
from serving.classifier import Classifier
from serving.endpoints import Endpoints
from serving.errors import Code, SendsafeError
from serving.openapi import document
from serving.problems import HttpProblem, internal, problem, problem_of, problem_response
from serving.review.desk.app import PATH as DESK
from serving.review.desk.app import create_desk
from serving.review.keeper import Keeper
from serving.review.keys import KeyRing
from serving.settings import Settings
from serving.tracing import Spans, trace_of

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def create_app(
    classifier: Classifier,
    settings: Settings,
    keeper: Keeper | None = None,
    keys: KeyRing | None = None,
    room: Room | None = None,
    spans: Spans | None = None,
) -> Starlette:
    """Return the app that answers the contract with one classifier.

    Without a keeper nothing is kept; without a key ring everybody may ask, as `local`.
    """
    room = room or Room.of(settings, classifier.worker, has_clients=keys is not None)
    paths = Endpoints(classifier, settings, room, keeper)
    routes = [
        Route("/v1/score", paths.score, methods=["POST"]),
        Route("/v1/score/batch", paths.score_batch, methods=["POST"]),
        Route("/v1/check-template", paths.check_template, methods=["POST"]),
        Route("/v1/reviews/{id}", paths.review),
        Route("/v1/feedback", paths.feedback, methods=["POST"]),
        Route("/v1/model", paths.model),
        Route("/v1/policies", paths.policies),
        Route("/livez", paths.livez),
        Route("/readyz", paths.readyz),
        Route("/metrics", paths.expose_metrics),
        Route("/openapi.json", paths.openapi),
    ]
    app = Starlette(routes=routes, exception_handlers={SendsafeError: _our_error, HTTPException: _http_error})
    app.router.redirect_slashes = False
    app.add_middleware(Straight, path="/v1/score", endpoint=paths.score)
    app.add_middleware(Admission, room=room)
    app.add_middleware(Authentication, keys=keys)
    if keeper is not None:
        desk = create_desk(keeper.store, settings, lambda: classifier.rulebook, classifier.smallest_change)
        desk_room = Room(settings.open_requests, None, room.judge, has_clients=False)
        app.add_middleware(Fork, desk=Admission(desk, desk_room))
    app.add_middleware(Edge, spans=spans)
    return app


def guarded(app: ASGIApp, room: Room, keys: KeyRing | None, spans: Spans | None = None) -> ASGIApp:
    """Return another app, such as BentoML's own, behind the same middleware."""
    return Edge(Authentication(Admission(app, room), keys), spans)


class Straight:
    """Innermost: answer the path that is asked most here, without the layers of Starlette that find a route and its errors."""

    def __init__(self, app: ASGIApp, path: str, endpoint: Callable[[Request], Awaitable[Response]]) -> None:
        self._app = app
        self._path = path
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] != self._path or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        try:
            response = await self._endpoint(Request(scope, receive))
        except SendsafeError as error:
            response = _refusal(error)
        await response(scope, receive, send)


class Fork:
    """Send the review desk's paths to the desk, which has its own sign-in and its own room, and every other to the contract."""

    def __init__(self, app: ASGIApp, desk: ASGIApp) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_desk = scope["type"] == "http" and (scope["path"] == DESK or scope["path"].startswith(f"{DESK}/"))
        await (self._desk if is_desk else self._app)(scope, receive, send)


class Edge:
    """Outermost: ids and trace context in and out, counts, and an answer of ours whatever happens inside."""

    def __init__(self, app: ASGIApp, spans: Spans | None = None) -> None:
        self._app = app
        self._spans = spans

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        route = _route(scope["path"])
        scope["sendsafe.request_id"] = request_id = _request_id(scope)
        trace, span = trace_of(scope["headers"]), None
        if self._spans is not None:
            span, trace = self._spans.start(trace, scope["method"], route, request_id)
        headers = [(b"x-request-id", request_id.encode()), *trace.headers]
        status = 0

        async def send_with_headers(event: Event) -> None:
            nonlocal status
            if event["type"] == "http.response.start":
                status = event["status"]
                event["headers"] = [*event["headers"], *headers]
            await send(event)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 (nothing that an exception says may reach a log or the caller)
            logs.failure(error, request_id)
            if status == 0:
                await problem_response(internal())(scope, receive, send_with_headers)
        if self._spans is not None and span is not None:
            self._spans.end(span, status)
        metrics.count_request(route, status, time.perf_counter() - started)


_KNOWN_PATHS = frozenset(document()["paths"])


def _route(path: str) -> str:
    """Return the path as the description has it, so that ids are no labels."""
    if path in _KNOWN_PATHS:
        return path
    if path == DESK or path.startswith(f"{DESK}/"):
        return DESK
    return "/v1/reviews/{id}" if path.startswith("/v1/reviews/") else "other"


def _request_id(scope: Scope) -> str:
    """Return the caller's own id where it is one, else a new one."""
    given = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"x-request-id"), "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


async def _our_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, SendsafeError):
        raise error
    return _refusal(error)


def _refusal(error: SendsafeError) -> Response:
    return problem_response(problem_of(error), error.headers if isinstance(error, HttpProblem) else None)


async def _http_error(_: Request, error: Exception) -> Response:
    """Answer what Starlette itself refuses: an unknown path, or a method that a path does not take."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem_response(problem(Code.NOT_FOUND, "No such path."))
    return problem_response(problem(Code.BAD_REQUEST, f"{HTTPStatus(error.status_code).phrase}.", error.status_code), error.headers)
