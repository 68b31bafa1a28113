"""The desk as one ASGI app: its routes, who may see which page, and faults as pages."""

from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from serving.body import read_form
from serving.errors import Code, SendsafeError
from serving.policy import Rulebook
from serving.problems import STATUS, HttpProblem
from serving.review.changes import Changes, Find
from serving.review.desk import message_pages, queue_pages, report_pages, template_pages
from serving.review.desk.decision_form import first
from serving.review.desk.guard import SecureHeaders, Site, check_token
from serving.review.desk.oidc import Provider
from serving.review.desk.rendering import STATIC, render
from serving.review.desk.sign_in import SIGN_IN, SignIn, leave
from serving.review.desk.visit import Visit
from serving.review.judgements import Desk
from serving.review.people import Reviewer, find_session
from serving.review.store import Store
from serving.settings import Settings

PATH = "/review"
Handler = Callable[[Visit], Response]
Allowed = Callable[[Reviewer], bool]

_TITLES = {
    403: "You may not do this",
    404: "There is no such page",
    409: "Somebody else has gone on with it",
    422: "That cannot be done as sent",
    503: "The desk is away at the moment",
}


def may_review(reviewer: Reviewer) -> bool:
    """Tell whether somebody may see messages."""
    return reviewer.may_review


def may_report(reviewer: Reviewer) -> bool:
    """Tell whether somebody may see the overview and the reports."""
    return reviewer.may_report


def may_audit(reviewer: Reviewer) -> bool:
    """Tell whether somebody may see who did what."""
    return reviewer.may_audit


def anybody(_: Reviewer) -> bool:
    """Let in whoever is signed in."""
    return True


def create_desk(store: Store, settings: Settings, rulebook: Callable[[], Rulebook], find: Find | None = None) -> ASGIApp:
    """Return the desk over a store; `rulebook` gives the packs and registers in use, `find` the change that would let a message go."""
    site = Site(settings.review_url)
    provider = Provider(settings) if settings.oidc_issuer else None
    signing_in = SignIn(store, site, provider, settings.body_seconds)
    desk = Desk(settings.undo_seconds, settings.second_review_percent, settings.keep_decided_text)
    guarded = partial(_guarded, store, desk, Changes(store, find), site, rulebook, settings.body_seconds)
    message = f"{PATH}/messages/{{id}}"
    routes: list[BaseRoute] = [
        Route(PATH, guarded(queue_pages.show_queue, anybody)),
        Route(f"{PATH}/next", guarded(queue_pages.take_next_one, may_review), methods=["POST"]),
        Route(message, guarded(message_pages.show_message, may_review)),
        Route(f"{message}/take", guarded(queue_pages.take_this_one, may_review), methods=["POST"]),
        Route(f"{message}/reveal", guarded(message_pages.reveal_message, may_review), methods=["POST"]),
        Route(f"{message}/decide", guarded(message_pages.decide_message, may_review), methods=["POST"]),
        Route(f"{message}/skip", guarded(message_pages.skip_message, may_review), methods=["POST"]),
        Route(f"{message}/escalate", guarded(message_pages.escalate_message, may_review), methods=["POST"]),
        Route(f"{message}/alike", guarded(template_pages.show_alike, may_review)),
        Route(f"{message}/alike", guarded(template_pages.decide_alike, may_review), methods=["POST"]),
        Route(f"{message}/note", guarded(message_pages.note_message, may_review), methods=["POST"]),
        Route(f"{PATH}/judgements/{{id}}/undo", guarded(message_pages.undo_judgement, may_review), methods=["POST"]),
        Route(f"{PATH}/overview", guarded(report_pages.show_overview, may_report)),
        Route(f"{PATH}/incidents", guarded(report_pages.show_incidents, may_report)),
        Route(f"{PATH}/audit", guarded(report_pages.show_audit, may_audit)),
        Route(f"{PATH}/sign-out", guarded(partial(leave, site=site), anybody), methods=["POST"]),
        Route(SIGN_IN, signing_in.show),
        Route(f"{SIGN_IN}/link", signing_in.show_link),
        Route(f"{SIGN_IN}/link", signing_in.use_link, methods=["POST"]),
        Route(f"{SIGN_IN}/provider", signing_in.ask_provider),
        Route(f"{SIGN_IN}/provider/back", signing_in.come_back),
        Mount(f"{PATH}/static", StaticFiles(directory=str(STATIC))),
    ]
    is_secure = (settings.review_url or "").startswith("https:")
    secret = store.vault.digest("desk", b"sign-in")
    middleware = [
        Middleware(
            SessionMiddleware, secret, session_cookie="sendsafe-sign-in", max_age=600, path=SIGN_IN, same_site="lax", https_only=is_secure
        ),
    ]
    faults = {SendsafeError: _our_fault, HTTPException: _http_fault, SQLAlchemyError: _database_fault, Exception: _unknown_fault}
    app = Starlette(routes=routes, middleware=middleware, exception_handlers=faults)
    app.router.redirect_slashes = False
    return SecureHeaders(app)


def _guarded(
    store: Store,
    desk: Desk,
    changes: Changes,
    site: Site,
    rulebook: Callable[[], Rulebook],
    seconds: float,
    handler: Handler,
    allowed: Allowed,
) -> Callable[[Request], Awaitable[Response]]:
    """Return an endpoint that lets in only whoever is signed in with a role for it, and forms only from our pages."""

    async def answer(request: Request) -> Response:
        token = site.token(request)
        session = await run_in_threadpool(find_session, store, token) if token else None
        if session is None:
            return RedirectResponse(SIGN_IN, 303)
        if not allowed(session.reviewer):
            raise HttpProblem(Code.FORBIDDEN, "Your role does not include this page.")
        form: dict[str, list[str]] = {}
        if request.method == "POST":
            site.check_origin(request)
            form = await read_form(request, seconds)
            check_token(first(form, "csrf"), session.csrf(store))

        def respond() -> Response:  # the rulebook may wait for a message that is being judged
            return handler(Visit(store, desk, changes, rulebook(), request, session, form))

        return await run_in_threadpool(respond)

    return answer


async def _our_fault(_: Request, error: Exception) -> Response:
    if not isinstance(error, SendsafeError):
        raise error
    status = error.status if isinstance(error, HttpProblem) else STATUS[error.code]
    sentence = str(error) if isinstance(error, HttpProblem) else None
    return _fault(status, sentence)


async def _http_fault(_: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    return _fault(error.status_code)


async def _database_fault(_: Request, __: Exception) -> Response:
    return _fault(503, "Its database does not answer. Nothing that you sent was kept; try again in a minute.")


async def _unknown_fault(_: Request, __: Exception) -> Response:
    return _fault(500)


def _fault(status: int, sentence: str | None = None) -> Response:
    title = _TITLES.get(status, "Something went wrong")
    return render("fault.html", status, title=title, sentence=sentence)
