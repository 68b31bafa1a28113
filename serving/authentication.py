"""Who asks, and may they: API keys are checked here, ahead of every route, BentoML's own too."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.errors import Code
from serving.problems import problem, problem_response
from serving.review.keys import KeyRing
from serving.review.keys import Scope as KeyScope
from serving.review.records import Caller

OPEN = frozenset({"/livez", "/readyz", "/openapi.json"})
"""What anybody may read: it tells nothing of messages."""
SCOPES = {
    "/v1/score": KeyScope.SCORE,
    "/v1/score/batch": KeyScope.SCORE,
    "/v1/check-template": KeyScope.SCORE,
    "/v1/reviews": KeyScope.REVIEWS,
    "/v1/feedback": KeyScope.FEEDBACK,
    "/metrics": KeyScope.METRICS,
    "/v1/model": None,
    "/v1/policies": None,
    "/schema.json": None,
}
"""The scope that a key needs for each path and the paths below it; `None` is any key. A path that is not here needs a key too."""
LOCAL = Caller()
_CALLER = "sendsafe.caller"


def caller_of(scope: Scope) -> Caller:
    """Return who sent a request that was let through."""
    caller: Caller = scope.get(_CALLER, LOCAL)
    return caller


class Authentication:
    """Let through whoever has a key with the scope that the path needs; without a key ring, everybody as `local`."""

    def __init__(self, app: ASGIApp, keys: KeyRing | None) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan" or self._keys is None or scope["path"] in OPEN:
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # nothing here speaks anything else
        refusal = await self._check(self._keys, scope)
        if refusal is None:
            await self._app(scope, receive, send)
        else:
            headers = {"www-authenticate": "Bearer"} if refusal["code"] == Code.UNAUTHENTICATED else None
            await problem_response(refusal, headers)(scope, receive, send)

    async def _check(self, keys: KeyRing, scope: Scope) -> dict[str, object] | None:
        if keys.is_due or not keys.is_usable:  # where another request is reading them for the first time, this one waits for it
            refreshed = asyncio.get_running_loop().run_in_executor(None, keys.refresh)
            if not keys.is_usable:
                await refreshed
        if not keys.is_usable:
            return problem(Code.OVERLOADED, "The keys cannot be read at the moment; hold the message and try again.")
        scheme, _, given = _header(scope, b"authorization").partition(" ")
        key = keys.find(given.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            return problem(Code.UNAUTHENTICATED, "Send a key in force: Authorization: Bearer ss_...")
        needed = _needed(scope["path"])
        if needed is not None and needed not in key.scopes:
            return problem(Code.FORBIDDEN, f"The key lacks the scope '{needed}'.")
        scope[_CALLER] = key.caller
        return None


def _needed(path: str) -> KeyScope | None:
    return next((scope for known, scope in SCOPES.items() if path == known or path.startswith(f"{known}/")), None)


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")
