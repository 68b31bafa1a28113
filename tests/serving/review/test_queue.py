"""Is the queue in order, is each message one reviewer's at a time, and does nobody judge twice, on both databases?"""

import json
import threading
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from serving.review.forward import list_forward, put_forward
from serving.review.people import Reviewer, Role
from serving.review.queue import LEASE_MS, Filters, Stage, count_waiting, list_waiting, take, take_next
from serving.review.weighing import AGES, FORWARD, URGENT, WEIGHTS, weight_of
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action, Channel

EVERYTHING = Filters()
BUSY_TIMES = 10
"""How often a reviewer comes again who found the database busy."""
SAM = Reviewer("sam", "Sam", frozenset({Role.REVIEWER}))
KIM = Reviewer("kim", "Kim", frozenset({Role.REVIEWER}))
ADA = Reviewer("ada", "Ada", frozenset({Role.ADJUDICATOR}))


@pytest.fixture
def hold(keep_one, make, store, time_of_day):
    """Hold a message of a tier, so many hours ago; return its review's id."""

    def held(tier=Tier.PERSONAL, hours=0.0, likeliest=0.95, urgent=False, **changes):
        scores = dict.fromkeys(Tier, (1 - likeliest) / 3) | {tier: likeliest}
        sent = make.message(reference=None, **changes)
        record, _ = keep_one(sent, Action.REVIEW, category=tier, scores=scores, urgent=urgent)
        review_id = record.answer["review"]["id"]
        at_ms = store.clock.now_ms() - int(hours * 3_600_000)
        with store.engine.begin() as connection:
            connection.execute(update(store.tables.reviews).where(store.tables.reviews.c.id == review_id).values(held_at_ms=at_ms))
        return review_id

    return held


def order(store, filters=EVERYTHING):
    return [row["id"] for row in list_waiting(store, SAM, filters)]


def test_harm_times_uncertainty_times_age_says_what_comes_first(store, hold):
    mild_and_sure = hold(Tier.ROUTINE, 0.1)
    sensitive_and_sure = hold(Tier.SENSITIVE, 0.1)  # 4 × 1 × 1
    sensitive_and_unsure = hold(Tier.SENSITIVE, 0.1, likeliest=0.5)  # 4 × 3 × 1
    old_and_personal = hold(Tier.PERSONAL, 30)  # 3 × 1 × 4, and lighter at equal product
    older = hold(Tier.SENSITIVE, 0.5)
    urgent = hold(Tier.ROUTINE, 0.0, urgent=True)
    assert order(store) == [urgent, sensitive_and_unsure, old_and_personal, older, sensitive_and_sure, mild_and_sure]


def test_every_weight_that_a_verdict_can_have_is_looked_for(make):
    found = {
        weight_of(make.verdict(category=tier, scores=dict.fromkeys(Tier, 0.0) | {tier: score}, degraded=degraded))
        for tier in Tier
        for score in (0.5, 0.7, 0.95)
        for degraded in (True, False)
    }
    assert found | {URGENT, FORWARD} == set(WEIGHTS)
    assert max(found) < FORWARD
    assert FORWARD * max(factor for _, factor in AGES) < URGENT


def test_what_is_put_forward_comes_after_the_urgent_and_is_so_once(store, hold):
    urgent, unsure, mild = hold(urgent=True), hold(Tier.SENSITIVE, likeliest=0.5), hold(Tier.ROUTINE)
    judged, late = hold(), hold(send_by=datetime.fromtimestamp(store.clock.now_ms() / 1000 - 1, UTC))
    with store.engine.begin() as connection:
        connection.execute(update(store.tables.reviews).where(store.tables.reviews.c.id == judged).values(stage=Stage.SECOND))
    assert put_forward(store, [mild, urgent, judged, late, "none"]) == 1
    assert put_forward(store, [mild]) == 0
    assert list_forward(store) == {mild}
    assert order(store)[:3] == [urgent, mild, unsure]
    with store.engine.connect() as connection:
        audit = store.tables.audit
        entries = connection.scalars(select(audit.c.details).where(audit.c.event == "review.put_forward")).all()
        assert [json.loads(each) for each in entries] == [{"review": mild}]
        assert store.audit.verify(connection)[1] == []
    aged = hold(Tier.SENSITIVE, 30, likeliest=0.5)
    assert order(store)[:3] == [urgent, aged, mild]


def test_a_hundred_thousand_waiting_are_listed_and_given_out_in_time(store, hold, a_hundred_thousand_more):
    """Time of this process, since the machine may be busy; PostgreSQL does its work elsewhere."""
    hold()
    a_hundred_thousand_more(store)
    assert count_waiting(store).count == 100_001
    nothing = Filters(channel="email", info_type="health")
    took = []
    for filters in (EVERYTHING, nothing) * 3:
        started = time.process_time()
        count_waiting(store, filters)
        list_waiting(store, SAM, filters)
        took.append(time.process_time() - started)
    started = time.process_time()
    assert take_next(store, KIM, EVERYTHING)
    took.append(time.process_time() - started)
    assert sorted(took)[len(took) // 2] < 0.1, took


def test_filters_choose(store, hold, make):
    sms = hold(channel=Channel.SMS)
    urgent = hold(urgent=True)
    assert order(store, Filters(channel="sms")) == [sms]
    assert order(store, Filters(only_urgent=True)) == [urgent]
    assert set(order(store, Filters(info_type=InfoType.AMOUNT))) == {sms, urgent}
    assert order(store, Filters(info_type=InfoType.HEALTH)) == []
    assert order(store, Filters(info_type="%")) == []
    assert order(store, Filters(policy="dwp-sms", area="nowhere")) == []
    assert count_waiting(store, Filters(channel="sms")).count == 1
    assert Filters.of(Filters("a", "b", "c", "d", only_urgent=True).as_form()) == Filters("a", "b", "c", "d", only_urgent=True)


def test_a_message_is_one_reviewers_until_the_lease_ends(store, hold, time_of_day):
    first, second = hold(hours=2), hold(hours=1.5)
    assert take_next(store, SAM, EVERYTHING) == first
    assert take_next(store, SAM, EVERYTHING) == first
    assert take_next(store, KIM, EVERYTHING) == second
    assert take_next(store, ADA, EVERYTHING) is None
    assert not take(store, KIM, first)
    time_of_day.pass_days((LEASE_MS + 1) / 86_400_000)
    assert take(store, KIM, first)
    assert not take(store, SAM, first)


def test_who_takes_another_gives_the_first_back(store, hold):
    first, second = hold(hours=2), hold(hours=1)
    assert take_next(store, SAM, EVERYTHING) == first
    assert take(store, SAM, second)
    assert take_next(store, KIM, EVERYTHING) == first


def test_what_is_past_its_time_is_given_to_nobody(store, hold, make, time_of_day):
    late = hold(send_by=datetime.fromtimestamp(time_of_day.wall + 60, UTC))
    time_of_day.pass_days(1 / 24)
    assert take_next(store, SAM, EVERYTHING) is None
    assert not take(store, SAM, late)
    assert order(store) == []


def test_no_two_reviewers_ever_get_the_same_message(store, hold):
    """Four at once, until nothing is left: every message goes to exactly one.

    Who finds the database busy for too long is told so and comes again, as a person does: on a busy disk SQLite lets some wait for long.
    """
    held = {hold(hours=1) for _ in range(60)}
    got, faults = [], []
    start = threading.Barrier(4)

    def next_for(reviewer):
        for _ in range(BUSY_TIMES):
            with suppress(OperationalError):
                return take_next(store, reviewer, EVERYTHING)
        raise AssertionError("busy at every try")

    def work(number):
        try:
            start.wait()
            turn = 0
            while (found := next_for(replace(SAM, id=f"reviewer-{number}-{turn}"))) is not None:
                got.append(found)
                turn += 1
        except Exception as error:  # noqa: BLE001 (told below)
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert sorted(got) == sorted(held)
