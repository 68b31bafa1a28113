"""Ask a sendsafe service from Python, and hold the message whenever there is no clear answer.

    client = Client("http://127.0.0.1:3000", key="ss_live_...")
    answer = client.score("Your library books are due back", channel="sms", reference="batch-7/0012")
    if answer.may_send: ...

What may be sent again is: a request that never arrived, one that was refused with 429 or 503 (nothing was written), and any
other where it carries a `reference`, since the service then gives the first verdict again.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import httpx2

from serving.verdict import Action

_NEVER_ARRIVED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_REFUSED = frozenset({429, 503})
_FAULTS = frozenset({500, 502, 504})
_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    """What to do with a message. Without a clear verdict it is held: `action` is `review` and `failure` says why."""

    action: Action
    verdict: Mapping[str, Any] | None = field(default=None, repr=False)
    failure: str | None = None

    @property
    def may_send(self) -> bool:
        """Tell whether the message may go."""
        return self.action is Action.ALLOW and self.failure is None


class UnansweredError(Exception):
    """The service gave no answer; `failure` is its code, or what kept the request from it."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure


class _Retries:
    """When to send a request again: within its time, as often as is allowed, and only what is safe."""

    def __init__(self, seconds: float, attempts: int, *, is_repeatable: bool) -> None:
        self._ends = time.monotonic() + seconds
        self._left = attempts
        self._is_repeatable = is_repeatable

    @property
    def seconds_left(self) -> float:
        return max(self._ends - time.monotonic(), 0.001)

    def pause(self, outcome: httpx2.Response | httpx2.HTTPError) -> float | None:
        """Return how long to wait before sending again, `None` where that would not be safe or is too late."""
        self._left -= 1
        seconds = _PAUSE_SECONDS
        if isinstance(outcome, httpx2.Response):
            is_safe = outcome.status_code in _REFUSED or (outcome.status_code in _FAULTS and self._is_repeatable)
            wanted = outcome.headers.get("retry-after", "")
            seconds = float(wanted) if wanted.isascii() and wanted.isdigit() else seconds
        else:
            is_safe = self._is_repeatable or isinstance(outcome, _NEVER_ARRIVED)
        return seconds if is_safe and self._left > 0 and seconds < self.seconds_left else None


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    content: Mapping[str, Any] | None = None

    @property
    def is_repeatable(self) -> bool:
        return self.method == "GET" or bool(self.content and self.content.get("reference") and self.path == "/v1/score")


class _Both:
    """What the client and the asynchronous client have in common."""

    def __init__(self, url: str, key: str | None, seconds: float, attempts: int) -> None:
        self._seconds = seconds
        self._attempts = attempts
        self._settings: dict[str, Any] = {"base_url": url, "headers": {"authorization": f"Bearer {key}"} if key else {}}

    def _retries(self, request: _Request) -> _Retries:
        return _Retries(self._seconds, self._attempts, is_repeatable=request.is_repeatable)


class Client(_Both):
    """A connection to a service. Close it, or use it in a `with`; threads may share it."""

    def __init__(self, url: str, key: str | None = None, *, seconds: float = 3.0, attempts: int = 3) -> None:
        """Say where the service is. `seconds` is the time for one answer, all attempts together."""
        super().__init__(url, key, seconds, attempts)
        self._http = httpx2.Client(**self._settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def score(self, text: str | None = None, **fields: Any) -> Answer:
        """Ask what to do with a message; `fields` are those of the contract. Never raises: without a clear answer, hold."""
        try:
            return _answer(self._send(_scoring(text, fields)))
        except UnansweredError as error:
            return Answer(Action.REVIEW, failure=error.failure)

    def review(self, review_id: str) -> Mapping[str, Any]:
        """Return what has become of a held message.

        Raises:
            UnansweredError: there is no such review, or no answer.
        """
        return self._send(_Request("GET", f"/v1/reviews/{review_id}"))

    def give_feedback(self, **fields: Any) -> None:
        """Say what a verdict should have been; `fields` are those of the contract.

        Raises:
            UnansweredError: it was not taken.
        """
        self._send(_Request("POST", "/v1/feedback", fields))

    def _send(self, request: _Request) -> Mapping[str, Any]:
        retries = self._retries(request)
        while True:
            outcome: httpx2.Response | httpx2.HTTPError
            try:
                outcome = self._http.request(request.method, request.path, json=request.content, timeout=retries.seconds_left)
            except httpx2.HTTPError as error:
                outcome = error
            pause = retries.pause(outcome) if _is_failed(outcome) else None
            if pause is None:
                return _content(outcome)
            time.sleep(pause)


class AsyncClient(_Both):
    """The same for asyncio."""

    def __init__(self, url: str, key: str | None = None, *, seconds: float = 3.0, attempts: int = 3) -> None:
        """Say where the service is. `seconds` is the time for one answer, all attempts together."""
        super().__init__(url, key, seconds, attempts)
        self._http = httpx2.AsyncClient(**self._settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def score(self, text: str | None = None, **fields: Any) -> Answer:
        """Ask what to do with a message; `fields` are those of the contract. Never raises: without a clear answer, hold."""
        try:
            return _answer(await self._send(_scoring(text, fields)))
        except UnansweredError as error:
            return Answer(Action.REVIEW, failure=error.failure)

    async def review(self, review_id: str) -> Mapping[str, Any]:
        """Return what has become of a held message.

        Raises:
            UnansweredError: there is no such review, or no answer.
        """
        return await self._send(_Request("GET", f"/v1/reviews/{review_id}"))

    async def give_feedback(self, **fields: Any) -> None:
        """Say what a verdict should have been; `fields` are those of the contract.

        Raises:
            UnansweredError: it was not taken.
        """
        await self._send(_Request("POST", "/v1/feedback", fields))

    async def _send(self, request: _Request) -> Mapping[str, Any]:
        retries = self._retries(request)
        while True:
            outcome: httpx2.Response | httpx2.HTTPError
            try:
                outcome = await self._http.request(request.method, request.path, json=request.content, timeout=retries.seconds_left)
            except httpx2.HTTPError as error:
                outcome = error
            pause = retries.pause(outcome) if _is_failed(outcome) else None
            if pause is None:
                return _content(outcome)
            await asyncio.sleep(pause)


def _scoring(text: str | None, fields: Mapping[str, Any]) -> _Request:
    return _Request("POST", "/v1/score", {"text": text, **fields} if text is not None else fields)


def _is_failed(outcome: httpx2.Response | httpx2.HTTPError) -> bool:
    return not isinstance(outcome, httpx2.Response) or not outcome.is_success


def _content(outcome: httpx2.Response | httpx2.HTTPError) -> Mapping[str, Any]:
    """Return the JSON object that was answered.

    Raises:
        UnansweredError: there was no answer, a problem, or something else.
    """
    if not isinstance(outcome, httpx2.Response):
        raise UnansweredError(f"no answer: {type(outcome).__name__}")
    try:
        content = outcome.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise UnansweredError(f"no answer of ours: status {outcome.status_code}")
    if not outcome.is_success:
        raise UnansweredError(str(content.get("code") or f"status {outcome.status_code}"))
    return content


def _answer(verdict: Mapping[str, Any]) -> Answer:
    try:
        return Answer(Action(verdict["action"]), verdict)
    except (KeyError, ValueError, TypeError):
        return Answer(Action.REVIEW, failure="no action in the answer")
