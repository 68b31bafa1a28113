"""What is let in: each request has to find room, and to be within its client's rate, before anything of it is read."""

from collections import Counter
from typing import Self

from starlette.types import ASGIApp, Receive, Scope, Send

from serving import metrics
from serving.authentication import caller_of
from serving.deadline import Worker
from serving.errors import Code
from serving.judge import BUSY, Judge
from serving.problems import HttpProblem, problem_of, problem_response
from serving.rates import Rates
from serving.settings import Settings

NEVER_SHED = frozenset({"/livez", "/readyz", "/metrics"})
JUDGED = frozenset({"/v1/score", "/v1/score/batch", "/v1/check-template"})


class Room:
    """How many requests one worker has open, how fast each client may send, and the queue before the judging thread.

    A client with a key may take half of the places; who asks without one, where that is allowed, all of them and at any rate.
    """

    def __init__(self, most_open: int, rates: Rates | None, judge: Judge, *, has_clients: bool) -> None:
        self._most_open = most_open
        self._most_of_one = max(1, most_open // 2) if has_clients else most_open
        self._rates = rates
        self.judge = judge
        self._open: Counter[str] = Counter()

    @classmethod
    def of(cls, settings: Settings, worker: Worker, *, has_clients: bool) -> Self:
        """Return the room that a deployment's settings give each process, with its one worker."""
        judge = Judge(worker, settings.queue_messages, settings.queue_seconds, has_clients=has_clients)
        return cls(settings.open_requests, Rates(settings.rate_limit) if has_clients else None, judge, has_clients=has_clients)

    async def enter(self, client: str, *, is_judged: bool) -> None:
        """Take a place for a request; whoever enters must leave.

        Raises:
            HttpProblem: there is no room, or the client sends too fast.
        """
        if self._open.total() >= self._most_open:
            metrics.SHED.labels("requests").inc()
            raise HttpProblem(Code.OVERLOADED, BUSY)
        if self._open[client] >= self._most_of_one:
            metrics.SHED.labels("share").inc()
            raise HttpProblem(Code.RATE_LIMITED, f"Too many requests of this client are open. {BUSY}")
        if is_judged:
            self.judge.check(client)
        self._open[client] += 1
        try:
            await self.take(client)
        except HttpProblem:
            self.leave(client)
            raise

    def leave(self, client: str) -> None:
        """Give the place back."""
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]

    async def take(self, client: str, messages: int = 1, *, already: int = 0) -> None:
        """Count messages against the client's rate.

        Raises:
            HttpProblem: they are too many.
        """
        if self._rates is None:
            return
        try:
            await self._rates.take(client, messages, already=already)
        except HttpProblem:
            metrics.SHED.labels("rate").inc()
            raise


class Admission:
    """Refuse what there is no room for, before its body is read; health and metrics are never refused."""

    def __init__(self, app: ASGIApp, room: Room) -> None:
        self._app = app
        self._room = room

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["path"] in NEVER_SHED:
            await self._app(scope, receive, send)
            return
        client = caller_of(scope).client
        try:
            await self._room.enter(client, is_judged=scope["path"] in JUDGED)
        except HttpProblem as refusal:
            if rest := scope.get("sendsafe.rest"):
                rest()
            await problem_response(problem_of(refusal), refusal.headers)(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._room.leave(client)
