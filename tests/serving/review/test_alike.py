"""Are messages of one template that were read alike judged together, each by itself, and no others, on both databases?"""

import json
import threading
from dataclasses import replace

import pytest
from sqlalchemy import select

from serving.errors import ConflictError
from serving.policy import Fit, Match
from serving.policy.registry import AgreedTemplate
from serving.review.alike import Alike, count_alike, judge_together, undo_together
from serving.review.database import reading
from serving.review.judgements import Desk, Judgement, Reason, Span, judge, skip
from serving.review.queue import Stage, take
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action, Direction

ALONE, TWICE = Desk(600, 0), Desk(600, 100)
ALLOW = Judgement(
    Tier.ROUTINE, Action.ALLOW, agrees=False, reason=Reason.TEMPLATE, types=(InfoType.AMOUNT,), spans=(Span(0, 5),), policy="p", clause="1"
)
LETTER = "Your letter of ((date)) is here"


@pytest.fixture
def hold(keep_one, make):
    def held(template=LETTER, **changes):
        sent = make.message(reference=None, template=template, direction=changes.pop("direction", Direction.OUTBOUND))
        return keep_one(sent, Action.REVIEW, **changes)[0].answer["review"]["id"]

    return held


def review(store, review_id):
    with reading(store.engine) as connection:
        return connection.execute(select(store.tables.reviews).where(store.tables.reviews.c.id == review_id)).mappings().one()


def judged(store):
    with reading(store.engine) as connection:
        rows = connection.execute(select(store.tables.judgements).where(store.tables.judgements.c.undone_at_ms.is_(None))).mappings()
        return {row["review_id"]: row for row in rows}


def together(store, who, review_id, desk=ALONE):
    return judge_together(store, desk, who, review_id, ALLOW, store.clock.now_ms())


def test_only_what_is_free_and_was_read_alike_is_judged_with_it(store, people, hold, time_of_day):
    sam, kim = people["sam"], people["kim"]
    shown, alike = hold(), [hold(), hold()]
    others = {
        "another template": hold("Another of ((date))"),
        "of no template": hold(None),
        "read otherwise": hold(category=Tier.SENSITIVE),
        "other details": hold(findings=()),
        "urgent": hold(urgent=True),
        "a citizen's": hold(direction=Direction.INBOUND),
        "held by another": hold(),
        "skipped": hold(),
        "judged once, blind": hold(),
        "handed on": hold(),
    }
    take(store, sam, others["skipped"])
    skip(store, sam, others["skipped"], "conflict")
    take(store, kim, others["judged once, blind"])
    judge(store, TWICE, kim, others["judged once, blind"], ALLOW)
    take(store, kim, others["handed on"])
    judge(store, ALONE, kim, others["handed on"], ALLOW)
    take(store, kim, others["held by another"])
    take(store, sam, shown)
    assert review(store, others["judged once, blind"])["stage"] == Stage.SECOND
    assert count_alike(store, sam, review(store, shown)) == Alike(of_template=7, count=2)
    before = set(judged(store))
    seen_ms = store.clock.now_ms()
    time_of_day.pass_days(1 / 86400)
    late = hold()
    first, count = judge_together(store, ALONE, sam, shown, ALLOW, seen_ms)
    after = judged(store)
    assert count == 3
    assert set(after) - before == {shown, *alike}
    assert late not in after
    assert after[shown]["spans"] == [[0, 5, None]]
    for each in alike:
        assert (after[each]["together_with"], after[each]["spans"], after[each]["reviewer_id"]) == (first, [], sam.id)
    with reading(store.engine) as connection:
        entries = connection.execute(select(store.tables.audit).where(store.tables.audit.c.event == "review.judged")).mappings().all()
        assert {json.loads(each["details"])["review"] for each in entries} >= {shown, *alike}
        assert store.audit.verify(connection)[1] == []


def test_nothing_goes_with_a_second_judgement(store, people, hold):
    first, _ = hold(), hold()
    take(store, people["kim"], first)
    judge(store, TWICE, people["kim"], first, ALLOW)
    take(store, people["sam"], first)
    assert count_alike(store, people["sam"], review(store, first)) == Alike()
    assert together(store, people["sam"], first)[1] == 1


def test_each_may_be_drawn_for_a_second_judgement(store, people, hold):
    ids = [hold() for _ in range(3)]
    take(store, people["sam"], ids[0])
    together(store, people["sam"], ids[0], TWICE)
    assert {review(store, each)["stage"] for each in ids} == {Stage.SECOND}


def test_all_are_undone_together_but_what_somebody_went_on_with(store, people, hold):
    ids = [hold() for _ in range(4)]
    take(store, people["sam"], ids[0])
    first, count = together(store, people["sam"], ids[0], TWICE)
    take(store, people["kim"], ids[2])
    with pytest.raises(ConflictError):
        undo_together(store, people["kim"], first)
    assert (count, undo_together(store, people["sam"], first)) == (4, (ids[0], 1))
    assert set(judged(store)) == {ids[2]}
    assert review(store, ids[0])["holder"] == people["sam"].id
    assert review(store, ids[1])["holder"] is None


def test_who_does_not_hold_it_judges_nothing(store, people, hold):
    shown, _ = hold(), hold()
    take(store, people["kim"], shown)
    with pytest.raises(ConflictError):
        together(store, people["sam"], shown)
    assert judged(store) == {}


def test_the_template_of_a_text_that_matches_is_that_of_one_made_from_it(store, make, keep_one, hold):
    agreed = AgreedTemplate(id="letter", business_area="housing", text=LETTER, fields={"date": "date"})
    made = hold(agreed.text)
    grounds = make.verdict().grounds
    matched = replace(grounds, circumstances=replace(grounds.circumstances, match=Match(Fit.MATCHED, agreed)))
    found = keep_one(make.message(reference=None), Action.REVIEW, grounds=matched)[0].answer["review"]["id"]
    assert review(store, made)["template"] == review(store, found)["template"] is not None


def test_two_who_decide_the_same_template_at_once_judge_each_once(store, people, hold):
    ids = [hold() for _ in range(12)]
    take(store, people["sam"], ids[0])
    take(store, people["kim"], ids[1])
    counts, start = [], threading.Barrier(2)

    def work(who, shown):
        start.wait()
        counts.append(together(store, people[who], shown)[1])

    threads = [threading.Thread(target=work, args=args) for args in (("sam", ids[0]), ("kim", ids[1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(store.engine) as connection:
        rows = list(connection.scalars(select(store.tables.judgements.c.review_id)))
    assert sorted(rows) == sorted(ids)
    assert sum(counts) == 12
