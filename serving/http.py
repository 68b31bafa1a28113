"""The HTTP contract as one ASGI app: parse, call the classifier, answer."""

import re
import time
import uuid
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving import logs, metrics
from serving.body import MOST_BATCH_BYTES, MOST_BYTES, read_json
from serving.classifier import Classifier
from serving.errors import Code, RequestError, SendsafeError
from serving.openapi import document
from serving.problems import STATUS, HttpProblem, problem, problem_of, problem_response
from serving.schema import MOST_BATCH_CHARACTERS, MOST_BATCH_MESSAGES, to_json, validate, verdict_json
from serving.settings import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def create_app(classifier: Classifier, settings: Settings) -> Starlette:
    """Return the app that answers the contract with one classifier."""

    async def score(request: Request) -> Response:
        message = validate(await read_json(request, MOST_BYTES, settings.body_seconds)).message()
        verdict = classifier.classify(message)
        metrics.count(verdict)
        return _json(verdict_json(verdict))

    async def score_batch(request: Request) -> Response:
        content = await read_json(request, MOST_BATCH_BYTES, settings.body_seconds)
        return _json({"results": await run_in_threadpool(_judge_batch, classifier, _messages(content))})

    async def livez(_: Request) -> Response:
        return _json({"status": "alive"})

    async def readyz(_: Request) -> Response:
        return _json({"status": "ready", "model": classifier.model_status})

    async def model(_: Request) -> Response:
        return _json({"version": classifier.model_version, "status": classifier.model_status})

    async def policies(_: Request) -> Response:
        return _json({"policies": [{"id": pack, "version": version} for pack, version in classifier.policies]})

    async def expose_metrics(_: Request) -> Response:
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def openapi(_: Request) -> Response:
        return _json(document())

    routes = [
        Route("/v1/score", score, methods=["POST"]),
        Route("/v1/score/batch", score_batch, methods=["POST"]),
        Route("/v1/model", model),
        Route("/v1/policies", policies),
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/metrics", expose_metrics),
        Route("/openapi.json", openapi),
    ]
    app = Starlette(routes=routes, exception_handlers={SendsafeError: _our_error, HTTPException: _http_error})
    app.add_middleware(Edge)
    return app


class Edge:
    """Outermost: ids and trace context in and out, counts, and an answer of ours whatever happens inside."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _identity_headers(scope)
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *headers]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 (nothing that an exception says may reach a log or the caller)
            logs.failure(error, headers[0][1].decode())
            if status == 0:
                await problem_response(problem(Code.INTERNAL, "The fault is ours; hold the message and try again."))(
                    scope, receive, send_with_headers
                )
        route = scope["path"] if scope.get("route") or scope["path"] in _KNOWN_PATHS else "other"
        metrics.REQUESTS.labels(route, status).inc()
        metrics.SECONDS.labels(route).observe(time.perf_counter() - started)


_KNOWN_PATHS = frozenset(document()["paths"])


def _identity_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    given = {name: value.decode("latin-1") for name, value in scope["headers"] if name in (b"x-request-id", b"traceparent")}
    request_id = given.get(b"x-request-id", "")
    if not _REQUEST_ID.fullmatch(request_id):
        request_id = uuid.uuid4().hex
    headers = [(b"x-request-id", request_id.encode())]
    if _TRACEPARENT.fullmatch(trace := given.get(b"traceparent", "")):
        headers.append((b"traceparent", trace.encode()))
    return headers


def _messages(content: Any) -> list[Any]:
    """Return the messages of a batch.

    Raises:
        RequestError: the body is no batch.
        HttpProblem: the batch is over a limit.
    """
    if not isinstance(content, dict) or set(content) != {"messages"} or not isinstance(content["messages"], list):
        raise RequestError("a batch is an object with a list 'messages' and nothing else")
    messages = content["messages"]
    if not messages:
        raise RequestError("messages: at least one is needed")
    if len(messages) > MOST_BATCH_MESSAGES:
        raise HttpProblem(Code.TOO_LARGE, f"A batch has at most {MOST_BATCH_MESSAGES} messages.")
    texts = (each.get("text") for each in messages if isinstance(each, dict))
    if sum(len(text) for text in texts if isinstance(text, str)) > MOST_BATCH_CHARACTERS:
        raise HttpProblem(Code.TOO_LARGE, f"A batch has at most {MOST_BATCH_CHARACTERS} characters.")
    return messages


def _judge_batch(classifier: Classifier, messages: list[Any]) -> list[dict[str, Any]]:
    """Judge each message alone; one that is refused harms no other."""
    results: list[dict[str, Any]] = []
    for each in messages:
        try:
            verdict = classifier.classify(validate(each).message())
        except SendsafeError as error:
            results.append({"problem": problem_of(error)})
        else:
            metrics.count(verdict)
            results.append({"verdict": verdict_json(verdict)})
    return results


def _json(content: object) -> Response:
    return Response(to_json(content), media_type="application/json")


async def _our_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, SendsafeError):
        raise error
    return problem_response(problem_of(error))


async def _http_error(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else STATUS[Code.INTERNAL]
    if status == 405:  # noqa: PLR2004
        return problem_response(problem(Code.BAD_REQUEST, "This method is not allowed here.", status))
    return problem_response(problem(Code.NOT_FOUND, "No such path."))
