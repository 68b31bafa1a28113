"""One request of somebody who is signed in, as a page's handler gets it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from serving.policy import Rulebook
from serving.review.changes import Changes
from serving.review.desk.rendering import render
from serving.review.judgements import Desk
from serving.review.people import Reviewer, Session, note_in_session
from serving.review.store import Store


@dataclass(frozen=True)
class Visit:
    """Who asks for what, and what the answer is made from."""

    store: Store
    desk: Desk
    changes: Changes
    rulebook: Rulebook
    request: Request
    session: Session
    form: Mapping[str, Sequence[str]] = field(default_factory=dict, repr=False)

    @property
    def reviewer(self) -> Reviewer:
        """Return who asks."""
        return self.session.reviewer

    @property
    def review_id(self) -> str:
        """Return the id in the path."""
        return str(self.request.path_params["id"])

    def page(self, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """Return a page; a notice that was left for it is shown once."""
        notice = self.session.notice
        if notice is not None:
            note_in_session(self.store, self.session, notice=None)
        known = {"reviewer": self.reviewer, "csrf": self.session.csrf(self.store), "notice": notice, "now_ms": self.store.clock.now_ms()}
        return render(template, status, **known, **values)

    def go(self, path: str, notice: str | None = None) -> RedirectResponse:
        """Send the browser on to another page, with a notice for it."""
        if notice is not None:
            note_in_session(self.store, self.session, notice=notice)
        return RedirectResponse(path, 303)
