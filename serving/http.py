"""The HTTP contract as one ASGI app: parse, call the classifier, answer."""

import asyncio
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from serving import logs, metrics
from serving.body import MOST_BATCH_BYTES, MOST_BYTES, read_json
from serving.classifier import Classifier
from serving.errors import Code, RequestError, SendsafeError
from serving.facts import today
from serving.openapi import document
from serving.problems import HttpProblem, internal, problem, problem_of, problem_response
from serving.schema import (
    MOST_BATCH_CHARACTERS,
    MOST_BATCH_MESSAGES,
    appraisal_json,
    policies_json,
    to_json,
    validate,
    validate_template,
    verdict_json,
)
from serving.settings import Settings
from serving.verdict import Message, Verdict

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

Judge = Callable[[Message], Awaitable[Verdict]]


def create_app(classifier: Classifier, settings: Settings) -> Starlette:
    """Return the app that answers the contract with one classifier.

    One thread of the app's own judges, a message at a time: calls never overlap, the event loop stays free, and a single
    message waits for the one being judged, not for the rest of somebody's batch.
    """
    thread = ThreadPoolExecutor(1, "judge")

    async def judge(message: Message) -> Verdict:
        verdict = await asyncio.get_running_loop().run_in_executor(thread, classifier.classify, message)
        metrics.count(verdict)
        return verdict

    async def score(request: Request) -> Response:
        message = validate(await read_json(request, MOST_BYTES, settings.body_seconds)).message()
        return _json(verdict_json(await judge(message)))

    async def score_batch(request: Request) -> Response:
        content = await read_json(request, MOST_BATCH_BYTES, settings.body_seconds)
        request_id = request.scope["sendsafe.request_id"]
        return _json({"results": [await _judge_one(judge, each, request_id) for each in _messages(content)]})

    async def readyz(_: Request) -> Response:
        return _json({"status": "ready", "model": classifier.model_status})

    async def model(_: Request) -> Response:
        return _json({"version": classifier.model_version, "status": classifier.model_status})

    async def policies(_: Request) -> Response:
        return _json(policies_json(classifier.rulebook.packs.values(), classifier.policy_fault, today()))

    async def check_template(request: Request) -> Response:
        asked = validate_template(await read_json(request, MOST_BYTES, settings.body_seconds))
        check = partial(classifier.check_template, asked.template, asked.business_area, asked.policies or (), asked.personalisation)
        return _json(appraisal_json(await asyncio.get_running_loop().run_in_executor(thread, check)))

    routes = [
        Route("/v1/score", score, methods=["POST"]),
        Route("/v1/score/batch", score_batch, methods=["POST"]),
        Route("/v1/check-template", check_template, methods=["POST"]),
        Route("/v1/model", model),
        Route("/v1/policies", policies),
        Route("/livez", _livez),
        Route("/readyz", readyz),
        Route("/metrics", _expose_metrics),
        Route("/openapi.json", _openapi),
    ]
    app = Starlette(routes=routes, exception_handlers={SendsafeError: _our_error, HTTPException: _http_error})
    app.router.redirect_slashes = False
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
        scope["sendsafe.request_id"] = request_id = headers[0][1].decode()
        started = time.perf_counter()
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
        route = scope["path"] if scope["path"] in _KNOWN_PATHS else "other"
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


async def _judge_one(judge: Judge, content: Any, request_id: str) -> dict[str, Any]:
    """Judge one message of a batch; one that is refused or fails harms no other."""
    try:
        return {"verdict": verdict_json(await judge(validate(content).message()))}
    except SendsafeError as error:
        return {"problem": problem_of(error)}
    except Exception as error:  # noqa: BLE001 (as in Edge)
        logs.failure(error, request_id)
        return {"problem": internal()}


async def _livez(_: Request) -> Response:
    return _json({"status": "alive"})


async def _expose_metrics(_: Request) -> Response:
    return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _openapi(_: Request) -> Response:
    return _json(document())


def _json(content: object) -> Response:
    return Response(to_json(content), media_type="application/json")


async def _our_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, SendsafeError):
        raise error
    return problem_response(problem_of(error), error.headers if isinstance(error, HttpProblem) else None)


async def _http_error(_: Request, error: Exception) -> Response:
    """Answer what Starlette itself refuses: an unknown path, or a method that a path does not take."""
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == HTTPStatus.NOT_FOUND:
        return problem_response(problem(Code.NOT_FOUND, "No such path."))
    return problem_response(problem(Code.BAD_REQUEST, f"{HTTPStatus(error.status_code).phrase}.", error.status_code), error.headers)
