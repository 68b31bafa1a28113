"""Signing in, by a one-off link of the command line or by an identity provider, and out."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from serving.body import read_form
from serving.review.desk.decision_form import first
from serving.review.desk.guard import Site
from serving.review.desk.oidc import Provider, ProviderAwayError, RefusedError
from serving.review.desk.rendering import render
from serving.review.desk.visit import Visit
from serving.review.people import sign_in, sign_out, use_link
from serving.review.store import Store

SIGN_IN = "/review/sign-in"
CALLBACK = f"{SIGN_IN}/provider/back"


class SignIn:
    """The pages that nobody needs to be signed in for."""

    def __init__(self, store: Store, site: Site, provider: Provider | None, body_seconds: float) -> None:
        self._store = store
        self._site = site
        self._provider = provider
        self._body_seconds = body_seconds

    async def show(self, _: Request) -> Response:
        """Say how to sign in."""
        return self._page(200)

    async def show_link(self, request: Request) -> Response:
        """Ask for a press on a button: a link alone, which some programs open unasked, signs nobody in."""
        return render("link.html", title="Sign in", token=request.query_params.get("token", ""))

    async def use_link(self, request: Request) -> Response:
        """Sign in by a link that was not used yet."""
        self._site.check_origin(request)
        form = await read_form(request, self._body_seconds)
        token = await run_in_threadpool(use_link, self._store, first(form, "token"))
        if token is None:
            return self._page(403, "This link was used already or is past its time. Ask for a new one.")
        response = RedirectResponse("/review", 303)
        self._site.set_token(request, response, token)
        return response

    async def ask_provider(self, request: Request) -> Response:
        """Go to the identity provider."""
        if self._provider is None:
            return self._page(404)
        try:
            return await self._provider.start(request, self._site.url(request, CALLBACK))
        except ProviderAwayError:
            return self._page(503, "The identity provider does not answer at the moment. Try again in a few minutes.")

    async def come_back(self, request: Request) -> Response:
        """Sign in whom the identity provider vouches for.

        The page that follows goes on by itself: the cookie is for this site alone, and browsers do not send it along with a
        redirection that began elsewhere.
        """
        if self._provider is None:
            return self._page(404)
        try:
            person = await self._provider.finish(request)
        except ProviderAwayError:
            return self._page(503, "The identity provider does not answer at the moment. Try again in a few minutes.")
        except RefusedError as error:
            return self._page(403, f"You are not signed in: {error}.")
        token = await run_in_threadpool(sign_in, self._store, person.subject, person.name, person.roles)
        request.session.clear()
        response = render("signed_in.html", title="You are signed in")
        self._site.set_token(request, response, token)
        return response

    def _page(self, status: int, fault: str | None = None) -> Response:
        return render("sign_in.html", status, title="Sign in", has_provider=self._provider is not None, fault=fault)


def leave(visit: Visit, site: Site) -> Response:
    """Sign out."""
    sign_out(visit.store, visit.session)
    response = RedirectResponse(SIGN_IN, 303)
    site.delete_token(visit.request, response)
    return response
