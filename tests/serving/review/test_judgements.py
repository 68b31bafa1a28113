"""Does a judgement take effect when it should, once, by the right people, and is the text gone then?"""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from serving.errors import ConflictError
from serving.review.database import reading
from serving.review.judgements import SECOND_MS, Desk, Judgement, Reason, add_note, escalate, judge, settle_due, skip, undo
from serving.review.people import Role, find_session, make_link, use_link
from serving.review.queue import Filters, take, take_next
from serving.review.reviews import find_review
from serving.taxonomy import Tier
from serving.verdict import Action

ALONE = Desk(undo_seconds=20, second_percent=0)
TWICE = Desk(undo_seconds=20, second_percent=100)
BLOCK = Judgement(Tier.SENSITIVE, Action.BLOCK, agrees=False, reason=Reason.OTHER_TIER, clause="1.2", note="zebra-7f3a says so")
ALLOW = Judgement(Tier.ROUTINE, Action.ALLOW, agrees=False, reason=Reason.FALSE_ALARM)


@pytest.fixture
def held(keep_one, make):
    return keep_one(make.message(reference=None), Action.REVIEW)[0].answer["review"]["id"]


def wait(time_of_day, seconds):
    time_of_day.pass_days(seconds / 86400)


def state(store, review_id):
    found = find_review(store, "local", review_id)
    return found["state"], found["category"], found["action"]


def test_a_decision_takes_effect_after_the_time_for_undoing_and_the_text_is_gone(store, people, held, time_of_day):
    assert take_next(store, people["sam"], Filters()) == held
    judge(store, ALONE, people["sam"], held, BLOCK)
    assert settle_due(store) == 0
    assert state(store, held)[0] == "waiting"
    wait(time_of_day, 21)
    assert settle_due(store) == 1
    assert state(store, held) == ("decided", "sensitive", "block")
    assert find_review(store, "local", held)["clause"] == "1.2"
    with reading(store.engine) as connection:
        assert connection.scalar(select(store.tables.reviews.c.text)) is None
        assert connection.scalar(select(store.tables.judgements.c.text)) is None
        assert connection.scalar(select(store.tables.reviews.c.decided_by)) == "sam"
        assert "zebra" not in str(connection.execute(select(store.raw_tables.judgements)).all())
    assert settle_due(store) == 0
    assert store.audit.verify(store.engine.connect())[1] == []


def test_the_text_stays_with_the_label_where_the_deployment_says_so(store, people, held, make, time_of_day):
    take(store, people["sam"], held)
    judge(store, Desk(0, 0, keeps_text=True), people["sam"], held, BLOCK)
    settle_due(store)
    with reading(store.engine) as connection:
        assert make.canary in connection.scalar(select(store.tables.judgements.c.text))
        assert make.canary not in str(connection.execute(select(store.raw_tables.judgements)).all())


def test_one_can_undo_ones_own_while_there_is_time(store, people, held, time_of_day):
    take(store, people["sam"], held)
    judgement_id = judge(store, ALONE, people["sam"], held, BLOCK)
    with pytest.raises(ConflictError):
        undo(store, people["kim"], judgement_id)
    assert undo(store, people["sam"], judgement_id) == held
    with pytest.raises(ConflictError):
        undo(store, people["sam"], judgement_id)
    wait(time_of_day, 60)
    assert settle_due(store) == 0
    judge(store, ALONE, people["sam"], held, ALLOW)
    wait(time_of_day, 21)
    settle_due(store)
    assert state(store, held) == ("decided", "routine", "allow")


def test_what_has_taken_effect_cannot_be_undone(store, people, held, time_of_day):
    take(store, people["sam"], held)
    judgement_id = judge(store, ALONE, people["sam"], held, BLOCK)
    wait(time_of_day, 20)
    with pytest.raises(ConflictError):
        undo(store, people["sam"], judgement_id)


def test_nobody_judges_what_is_not_theirs(store, people, held, time_of_day):
    for attempt in (
        lambda: judge(store, ALONE, people["sam"], held, BLOCK),
        lambda: skip(store, people["sam"], held, "unsure"),
        lambda: escalate(store, people["sam"], held, "policy"),
        lambda: add_note(store, people["sam"], held, "x"),
    ):
        with pytest.raises(ConflictError):
            attempt()
    take(store, people["sam"], held)
    wait(time_of_day, 3600)
    with pytest.raises(ConflictError):
        judge(store, ALONE, people["sam"], held, BLOCK)


def test_of_a_sample_a_second_reviewer_judges_and_agreement_settles(store, people, held, time_of_day):
    take(store, people["sam"], held)
    judge(store, TWICE, people["sam"], held, BLOCK)
    wait(time_of_day, 60)
    assert settle_due(store) == 0
    assert take_next(store, people["sam"], Filters()) is None
    assert not take(store, people["sam"], held)
    assert take_next(store, people["kim"], Filters()) == held
    judge(store, TWICE, people["kim"], held, BLOCK)
    wait(time_of_day, 21)
    settle_due(store)
    assert state(store, held) == ("decided", "sensitive", "block")


def test_where_two_differ_an_adjudicator_decides(store, people, held, time_of_day):
    for name, judgement in (("sam", BLOCK), ("kim", ALLOW)):
        take(store, people[name], held)
        judge(store, TWICE, people[name], held, judgement)
    wait(time_of_day, 24 * 3600)
    assert settle_due(store) == 0
    for name in ("sam", "kim"):
        assert not take(store, people[name], held)
    assert take_next(store, people["ada"], Filters()) == held
    judge(store, TWICE, people["ada"], held, BLOCK)
    wait(time_of_day, 21)
    settle_due(store)
    assert state(store, held) == ("decided", "sensitive", "block")


def test_a_second_judgement_that_nobody_gives_holds_nothing_up_for_ever(store, people, held, time_of_day):
    take(store, people["sam"], held)
    judge(store, TWICE, people["sam"], held, BLOCK)
    wait(time_of_day, SECOND_MS / 1000 + 1)
    assert settle_due(store) == 1
    assert state(store, held) == ("decided", "sensitive", "block")


def test_who_is_alone_at_the_desk_is_not_asked_for_a_second_reviewer(store, held, time_of_day):
    sam = find_session(store, use_link(store, make_link(store, "sam", [Role.REVIEWER]))).reviewer
    take(store, sam, held)
    judge(store, TWICE, sam, held, BLOCK)
    wait(time_of_day, 21)
    assert settle_due(store) == 1


def test_a_decision_takes_effect_before_the_message_is_too_late(store, people, keep_one, make, time_of_day):
    send_by = datetime.fromtimestamp(time_of_day.wall + 15, UTC)
    held = keep_one(make.message(reference=None, send_by=send_by), Action.REVIEW)[0].answer["review"]["id"]
    take(store, people["sam"], held)
    judge(store, TWICE, people["sam"], held, ALLOW)
    wait(time_of_day, 11)
    assert settle_due(store) == 1
    assert state(store, held) == ("decided", "routine", "allow")


def test_skipped_goes_to_others_and_escalated_to_adjudicators(store, people, held):
    take(store, people["sam"], held)
    skip(store, people["sam"], held, "unsure", "zebra-7f3a?")
    assert take_next(store, people["sam"], Filters()) is None
    assert take_next(store, people["kim"], Filters()) == held
    escalate(store, people["kim"], held, "policy")
    assert take_next(store, people["kim"], Filters()) is None
    assert take_next(store, people["ada"], Filters()) == held
    with reading(store.engine) as connection:
        assert "zebra" not in str(connection.execute(select(store.raw_tables.notes)).all())
        assert "zebra" not in str(connection.execute(select(store.raw_tables.audit)).all())
