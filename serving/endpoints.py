"""What answers each path of the contract: parse, call one plain thing, answer."""

import asyncio
import re
from collections.abc import Awaitable
from functools import partial
from typing import Any, NoReturn

from starlette.requests import Request
from starlette.responses import Response

from serving import logs, metrics
from serving.admission import Room
from serving.authentication import caller_of
from serving.body import MOST_BATCH_BYTES, MOST_BYTES, read_json
from serving.classifier import READY, Classifier
from serving.errors import Code, RequestError, SendsafeError
from serving.facts import today
from serving.openapi import document
from serving.problems import HttpProblem, internal, problem_of
from serving.review.keeper import Keeper
from serving.review.records import Caller
from serving.review.reviews import Feedback
from serving.schema import (
    MOST_BATCH_CHARACTERS,
    MOST_BATCH_MESSAGES,
    appraisal_json,
    policies_json,
    to_json,
    validate,
    validate_feedback,
    validate_template,
    verdict_json,
)
from serving.settings import Settings
from serving.verdict import Message, Verdict

_REVIEW_ID = re.compile(r"[0-9a-f]{32}")


class Endpoints:
    """The paths' handlers around one classifier.

    Messages are judged one after another on the room's judging thread. Without a keeper nothing is kept.
    """

    def __init__(self, classifier: Classifier, settings: Settings, room: Room, keeper: Keeper | None) -> None:
        self._classifier = classifier
        self._room = room
        self._keeper = keeper
        self._body_seconds = settings.body_seconds

    async def _judge(self, message: Message) -> Verdict:
        """Judge one message when its turn comes, and count it."""
        verdict = await self._room.judge.do(partial(self._classifier.classify, message))
        metrics.count(verdict)
        return verdict

    async def _keep(self, caller: Caller, message: Message, verdict: Verdict) -> dict[str, Any]:
        """Return the answer to a message, once its verdict is kept where it is."""
        return await self._keeper.keep(caller, message, verdict) if self._keeper else verdict_json(verdict)

    async def score(self, request: Request) -> Response:
        """Judge one message."""
        message = validate(await read_json(request, MOST_BYTES, self._body_seconds)).message()
        caller = caller_of(request.scope)
        with self._room.judge.place(caller.client):
            verdict = await self._judge(message)
        return _json(await self._keep(caller, message, verdict))

    async def score_batch(self, request: Request) -> Response:
        """Judge messages one by one, and keep them together."""
        content = await read_json(request, MOST_BATCH_BYTES, self._body_seconds)
        request_id = request.scope["sendsafe.request_id"]
        caller = caller_of(request.scope)
        messages = _messages(content)
        await self._room.take(caller.client, len(messages), already=1)
        results: list[Awaitable[dict[str, Any]]] = []
        with self._room.judge.place(caller.client):
            for each in messages:
                try:
                    message = validate(each).message()
                    kept = self._keep(caller, message, await self._judge(message))
                except Exception as error:  # noqa: BLE001 (one message that is refused or fails harms no other)
                    results.append(_as_result(_failing(error), request_id))
                else:
                    results.append(asyncio.create_task(_as_result(kept, request_id)))
        return _json({"results": await asyncio.gather(*results)})

    async def review(self, request: Request) -> Response:
        """Tell what has become of a held message."""
        review_id = request.path_params["id"]
        client = caller_of(request.scope).client
        found = None
        if self._keeper is not None and _REVIEW_ID.fullmatch(review_id):
            found = await asyncio.to_thread(self._keeper.find_review, client, review_id)
        if found is None:
            raise HttpProblem(Code.NOT_FOUND, "There is no review of this id.")
        return _json(found)

    async def feedback(self, request: Request) -> Response:
        """Take what a verdict should have been."""
        given = validate_feedback(await read_json(request, MOST_BYTES, self._body_seconds))
        if self._keeper is None:
            raise HttpProblem(Code.NOT_FOUND, "Nothing is kept here, so there is no verdict to speak of.")
        meant = Feedback(given.category, given.id, given.reference, given.types, given.note)
        await asyncio.to_thread(self._keeper.give_feedback, caller_of(request.scope).client, meant)
        return Response(to_json({"status": "accepted"}), 202, media_type="application/json")

    async def livez(self, _: Request) -> Response:
        """Tell that the process is alive."""
        return _json({"status": "alive"})

    async def readyz(self, _: Request) -> Response:
        """Tell what answers, and where verdicts go; it can answer even while the rules answer alone, and says so."""
        model = self._classifier.model_status
        store = self._keeper.status if self._keeper else "nothing is kept"
        return _json({"status": "ready" if model == READY else "degraded", "model": model, "store": store})

    async def model(self, _: Request) -> Response:
        """Tell the bundle in use."""
        return _json({"version": self._classifier.model_version, "status": self._classifier.model_status})

    async def policies(self, request: Request) -> Response:
        """List the packs that can be asked for, and what is wrong with changes to them."""
        with self._room.judge.place(caller_of(request.scope).client):
            rulebook = await self._room.judge.do(lambda: self._classifier.rulebook)
        return _json(policies_json(rulebook.packs.values(), self._classifier.policy_fault, today()))

    async def check_template(self, request: Request) -> Response:
        """Judge a template."""
        asked = validate_template(await read_json(request, MOST_BYTES, self._body_seconds))
        check = partial(self._classifier.check_template, asked.template, asked.business_area, asked.policies or (), asked.personalisation)
        with self._room.judge.place(caller_of(request.scope).client):
            return _json(appraisal_json(await self._room.judge.do(check)))

    async def expose_metrics(self, _: Request) -> Response:
        """Give the counts."""
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

    async def openapi(self, _: Request) -> Response:
        """Give the description of every route."""
        return _json(document())


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


async def _as_result(kept: Awaitable[dict[str, Any]], request_id: str) -> dict[str, Any]:
    """Return one item of a batch's answer, a verdict or a problem."""
    try:
        return {"verdict": await kept}
    except SendsafeError as error:
        return {"problem": problem_of(error)}
    except Exception as error:  # noqa: BLE001 (as in Edge)
        logs.failure(error, request_id)
        return {"problem": internal()}


async def _failing(error: Exception) -> NoReturn:
    raise error


def _json(content: object) -> Response:
    return Response(to_json(content), media_type="application/json")
