"""What stands between browsers and the pages: headers, the session's cookie, and whether a form is one of ours."""

import hmac

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as Event

from serving.errors import Code
from serving.problems import HttpProblem

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), clipboard-read=()",
}
_COOKIE = "sendsafe-desk"


class SecureHeaders:
    """Send every page with a content policy that lets no script and no style in but our files, and keep none in a cache."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_with_headers(event: Event) -> None:
            if event["type"] == "http.response.start":
                has_its_own = any(name.lower() == b"cache-control" for name, _ in event["headers"])
                cache = [] if has_its_own else [(b"cache-control", b"no-store")]
                event["headers"] = [*event["headers"], *self._headers, *cache]
            await send(event)

        await self._app(scope, receive, send_with_headers)


class Site:
    """Where browsers find the desk: as the deployment says, else as the request does."""

    def __init__(self, review_url: str | None) -> None:
        self._review_url = review_url

    def url(self, request: Request, path: str = "") -> str:
        """Return the address of a path as browsers see it."""
        return (self._review_url or f"{request.url.scheme}://{request.url.netloc}") + path

    def token(self, request: Request) -> str | None:
        """Return what the session's cookie holds."""
        return request.cookies.get(self._cookie(request))

    def set_token(self, request: Request, response: Response, token: str) -> None:
        """Give the browser its session: for this site alone, out of reach of scripts."""
        response.set_cookie(self._cookie(request), token, path="/", secure=self._is_secure(request), httponly=True, samesite="strict")

    def delete_token(self, request: Request, response: Response) -> None:
        """Take the session's cookie away."""
        response.delete_cookie(self._cookie(request), path="/", secure=self._is_secure(request), httponly=True, samesite="strict")

    def check_origin(self, request: Request) -> None:
        """See that a form was sent from a page of ours: by `Sec-Fetch-Site`, and for browsers without it by `Origin`.

        Raises:
            HttpProblem: it was not, or nobody can tell.
        """
        site = request.headers.get("sec-fetch-site")
        is_ours = site == "same-origin" if site is not None else request.headers.get("origin") == self.url(request)
        if not is_ours:
            raise HttpProblem(Code.FORBIDDEN, "The form was not sent from a page of this desk.")

    def _is_secure(self, request: Request) -> bool:
        return self.url(request).startswith("https:")

    def _cookie(self, request: Request) -> str:
        """Return the cookie's name; over TLS the browser then binds it to this host."""
        return f"__Host-{_COOKIE}" if self._is_secure(request) else _COOKIE


def check_token(given: str, expected: str) -> None:
    """See that a form carries what this session's forms carry.

    Raises:
        HttpProblem: it does not.
    """
    if not hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode()):
        raise HttpProblem(Code.FORBIDDEN, "The form is not of this session; go back, load the page again and send it again.")
