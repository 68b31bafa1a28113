"""The waiting messages of one template: one is shown, and one decision is recorded for each."""

from starlette.responses import Response

from serving.errors import Code, ConflictError
from serving.problems import HttpProblem
from serving.review.alike import MOST, Alike, count_alike, judge_together
from serving.review.desk.case import Case
from serving.review.desk.decision_form import MOST_NOTE, Filled, first, read_decision
from serving.review.desk.message_pages import UNTOUCHED, opened, shown_subject, shown_text
from serving.review.desk.queue_pages import go_on
from serving.review.desk.visit import Visit
from serving.review.judgements import settle_due
from serving.review.queue import Filters
from serving.taxonomy import InfoType


def show_alike(visit: Visit) -> Response:
    """Say how many wait, and show one."""
    case = opened(visit)
    alike = count_alike(visit.store, visit.reviewer, case.review)
    if not alike.count:
        return visit.go(f"/review/messages/{visit.review_id}")
    return _show(visit, case, alike, visit.store.clock.now_ms(), UNTOUCHED)


def decide_alike(visit: Visit) -> Response:
    """Record a decision for each of those that waited when the page was made, and go on to the next message.

    Raises:
        HttpProblem: the form does not say when that was.
        ConflictError: the message is not theirs (any more), or there are none like it.
    """
    case = opened(visit)
    seen = first(visit.form, "seen_ms")
    if not (seen.isascii() and seen.isdigit() and len(seen) <= len(str(visit.store.clock.now_ms()))):
        raise HttpProblem(Code.BAD_REQUEST, "The form is not whole; go back, load the page again and send it again.")
    alike = count_alike(visit.store, visit.reviewer, case.review)
    if not alike.of_template:
        raise ConflictError("nothing of this template waits beside it")
    filled = read_decision(case, visit.form)
    if filled.judgement is None:
        return _show(visit, case, alike, int(seen), filled, 422)
    judgement_id, count = judge_together(visit.store, visit.desk, visit.reviewer, visit.review_id, filled.judgement, int(seen))
    if not visit.desk.undo_seconds:
        settle_due(visit.store)
    return go_on(visit, Filters.of(visit.session.filters), f"decided:{judgement_id}:{count}")


def _show(visit: Visit, case: Case, alike: Alike, seen_ms: int, filled: Filled, status: int = 200) -> Response:
    return visit.page(
        "alike.html",
        status,
        title="Messages of one template",
        case=case,
        count=min(MOST, alike.count + 1),
        rest=alike.of_template + 1 - min(MOST, alike.count + 1),
        is_cut=alike.count + 1 > MOST,
        shown=shown_text(case),
        subject=shown_subject(case),
        is_revealed=bool(case.review["is_revealed"]),
        seen_ms=seen_ms,
        filled=filled,
        most_note=MOST_NOTE,
        all_types=[each.value for each in InfoType],
    )
