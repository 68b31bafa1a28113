"""The queue's pages: what waits, and taking the next."""

from starlette.responses import Response

from serving.review.desk.decision_form import first
from serving.review.desk.visit import Visit
from serving.review.people import note_in_session
from serving.review.queue import FILTERS, Filters, count_waiting, list_waiting, take, take_next
from serving.taxonomy import InfoType

QUEUE = "/review"


def show_queue(visit: Visit) -> Response:
    """List what waits, in order, without a word of it."""
    query = visit.request.query_params
    filters = Filters.of(query or visit.session.filters)
    rows = list_waiting(visit.store, visit.reviewer, filters) if visit.reviewer.may_review or visit.reviewer.may_report else []
    return visit.page(
        "queue.html",
        title="Waiting messages",
        filters=filters,
        filter_form=filters.as_form(),
        waiting=count_waiting(visit.store, filters),
        rows=rows,
        areas={area.id: area.name for area in visit.rulebook.areas.values()},
        policies={pack.id: pack.title for pack in visit.rulebook.packs.values()},
        types=[each.value for each in InfoType],
    )


def take_next_one(visit: Visit) -> Response:
    """Give the first free message under the filters sent, and keep those for the ones after it."""
    filters = Filters.of({name: first(visit.form, name) for name in FILTERS})
    note_in_session(visit.store, visit.session, filters=filters.as_form())
    return go_on(visit, filters)


def take_this_one(visit: Visit) -> Response:
    """Give one message of the list, if it is free."""
    if take(visit.store, visit.reviewer, visit.review_id):
        return visit.go(f"/review/messages/{visit.review_id}")
    return visit.go(QUEUE, "taken")


def go_on(visit: Visit, filters: Filters, notice: str | None = None) -> Response:
    """Take the next message and go there, or to the queue where nothing is free."""
    found = take_next(visit.store, visit.reviewer, filters)
    if found is None:
        return visit.go(QUEUE, notice or "empty")
    return visit.go(f"/review/messages/{found}", notice)
