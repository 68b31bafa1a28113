"""One message's pages: look, reveal, decide, skip, escalate, note, undo."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from serving.errors import Code, ConflictError
from serving.problems import HttpProblem
from serving.review.alike import count_alike, undo_together
from serving.review.desk.case import Case, open_case, reveal
from serving.review.desk.decision_form import MOST_NOTE, Filled, first, read_decision
from serving.review.desk.queue_pages import QUEUE, go_on
from serving.review.desk.shown import excerpt, mask, show
from serving.review.desk.visit import Visit
from serving.review.desk.wording import ESCALATE_REASONS, REVEAL_REASONS, SKIP_REASONS
from serving.review.judgements import add_note, escalate, judge, settle_due, skip
from serving.review.queue import Filters, Stage, list_next, take
from serving.taxonomy import InfoType

UNTOUCHED = Filled(None, {}, {})
_AHEAD = 3
"""Messages whose smallest change is worked out before they are opened."""
_WAIT_SECONDS = 0.1
"""How long a page may wait for its own."""


def show_message(visit: Visit) -> Response:
    """Show a message that this reviewer holds."""
    return _show(visit, opened(visit), UNTOUCHED)


def reveal_message(visit: Visit) -> Response:
    """Unmask a message for a reason."""
    reason = first(visit.form, "reason")
    if reason not in REVEAL_REASONS:
        raise HttpProblem(Code.BAD_REQUEST, "Choose a reason from the list.")
    if not reveal(visit.store, visit.reviewer, visit.review_id, reason):
        raise ConflictError("this message is not yours any more")
    page = "/alike" if first(visit.form, "page") == "alike" else ""
    return visit.go(f"/review/messages/{visit.review_id}{page}#message")


def decide_message(visit: Visit) -> Response:
    """Record a decision and go on to the next message."""
    case = opened(visit)
    filled = read_decision(case, visit.form)
    if filled.judgement is None:
        return _show(visit, case, filled, 422)
    judgement_id = judge(visit.store, visit.desk, visit.reviewer, visit.review_id, filled.judgement)
    if not visit.desk.undo_seconds:
        settle_due(visit.store)
    return go_on(visit, _filters(visit), f"decided:{judgement_id}")


def skip_message(visit: Visit) -> Response:
    """Leave a message to others and go on."""
    skip(visit.store, visit.reviewer, visit.review_id, _reason(visit, SKIP_REASONS), _note(visit))
    return go_on(visit, _filters(visit), "skipped")


def escalate_message(visit: Visit) -> Response:
    """Hand a message to the adjudicators and go on."""
    escalate(visit.store, visit.reviewer, visit.review_id, _reason(visit, ESCALATE_REASONS), _note(visit))
    return go_on(visit, _filters(visit), "escalated")


def note_message(visit: Visit) -> Response:
    """Write a note for whoever sees the message next."""
    if (note := _note(visit)) is not None:
        add_note(visit.store, visit.reviewer, visit.review_id, note)
    return visit.go(f"/review/messages/{visit.review_id}#notes")


def undo_judgement(visit: Visit) -> Response:
    """Take back one's own decision, and what was decided together with it; the message is on the page again."""
    try:
        review_id, left = undo_together(visit.store, visit.reviewer, visit.review_id)
    except ConflictError:
        return visit.go(QUEUE, "too_late")
    return visit.go(f"/review/messages/{review_id}", f"undone_but:{left}" if left else "undone")


def opened(visit: Visit) -> Case:
    """Return the message, taking it where it is free.

    Raises:
        ConflictError: somebody else has it, or it is decided.
    """
    case = open_case(visit.store, visit.rulebook, visit.reviewer, visit.review_id)
    if case is None and visit.request.method == "GET" and take(visit.store, visit.reviewer, visit.review_id):
        case = open_case(visit.store, visit.rulebook, visit.reviewer, visit.review_id)
    if case is None:
        raise ConflictError("this message is not yours any more")
    return case


def shown_text(case: Case) -> Markup:
    """Return the text as its page shows it, masked until it is revealed."""
    is_revealed = bool(case.review["is_revealed"])
    return show(case.text, case.marks) if is_revealed else mask(case.text, case.marks, whole=case.is_masked_whole)


def shown_subject(case: Case) -> Markup | None:
    """Return the subject, if there is one, masked until the text is revealed."""
    if not case.subject:
        return None
    return show(case.subject, []) if case.review["is_revealed"] else mask(case.subject, [], whole=True)


def _show(visit: Visit, case: Case, filled: Filled, status: int = 200) -> Response:
    is_revealed = bool(case.review["is_revealed"])
    change = _change(visit, case)
    places = [(each["start"], each["end"]) for each in change["without"]] if change else []
    pieces = [excerpt(case.text, case.marks, *place, is_revealed=is_revealed, whole=case.is_masked_whole) for place in places]
    return visit.page(
        "message.html",
        status,
        title="A message to decide",
        case=case,
        shown=shown_text(case),
        alike=count_alike(visit.store, visit.reviewer, case.review),
        subject=shown_subject(case),
        change=change,
        pieces=pieces,
        is_revealed=is_revealed,
        filled=filled,
        all_types=[each.value for each in InfoType],
        most_note=MOST_NOTE,
    )


def _change(visit: Visit, case: Case) -> Mapping[str, Any] | None:
    """Return the smallest change that would let the message go, if one is known soon; who judges a second time judges without it.

    The changes of the messages that come next are asked for too.
    """
    if case.review["stage"] == Stage.SECOND:
        return None
    here, known = str(case.review["id"]), case.review["change"]
    if known is None and visit.changes.is_able:
        visit.changes.ask([*reversed(list_next(visit.store, visit.reviewer, _filters(visit), _AHEAD)), here])
        visit.changes.wait(here, _WAIT_SECONDS)
        known = visit.changes.known(here)
    return known or None


def _filters(visit: Visit) -> Filters:
    return Filters.of(visit.session.filters)


def _reason(visit: Visit, known: dict[str, str]) -> str:
    reason = first(visit.form, "reason")
    if reason not in known:
        raise HttpProblem(Code.BAD_REQUEST, "Choose a reason from the list.")
    return reason


def _note(visit: Visit) -> str | None:
    return first(visit.form, "note").strip()[:MOST_NOTE] or None
