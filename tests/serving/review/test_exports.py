"""Do decisions leave as they were made, without text unless asked, and come back from Label Studio?"""

import json

import pytest
from sqlalchemy import select

from serving.errors import RequestError
from serving.review.database import reading
from serving.review.exports import from_label_studio, labelled_records, to_label_studio
from serving.review.judgements import Desk, Judgement, Reason, Span, judge, settle_due
from serving.review.people import Role, find_session, make_link, use_link
from serving.review.queue import take
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action

CURFEW = Judgement(
    Tier.SENSITIVE,
    Action.BLOCK,
    agrees=False,
    reason=Reason.DETAIL_MISSED,
    types=(InfoType.HEALTH, InfoType.CRIMINAL),
    spans=(Span(0, 5, InfoType.CRIMINAL), Span(6, 9)),
    note="a note",
)


@pytest.fixture
def decide(store, keep_one, make):
    sam = find_session(store, use_link(store, make_link(store, "Sam Okafor", [Role.REVIEWER]))).reviewer

    def decided(*, keeps_text):
        held = keep_one(make.message(reference=None), Action.REVIEW)[0].answer["review"]["id"]
        take(store, sam, held)
        judge(store, Desk(0, 0, keeps_text=keeps_text), sam, held, CURFEW)
        settle_due(store)
        return held

    return decided


def test_records_hold_no_text_unless_asked_and_no_name(store, decide, make):
    held = decide(keeps_text=True)
    decide(keeps_text=False)
    plain = list(labelled_records(store))
    assert [each["text"] for each in plain] == [None, None]
    assert held in {each["id"] for each in plain}
    assert (plain[0]["category"], plain[0]["action"], plain[0]["machine"]["category"]) == ("sensitive", "block", "personal")
    assert plain[0]["spans"] == [[0, 5, "criminal"], [6, 9, None]]
    for secret in (make.canary, "Sam Okafor", "a note"):
        assert secret not in json.dumps(plain)
    assert {each["text"] for each in labelled_records(store, with_text=True)} == {make.canary, None}


def test_a_reviewer_has_one_pseudonym_in_every_record(store, decide):
    for _ in range(2):
        decide(keeps_text=False)
    (pseudonym,) = {judgement["reviewer"] for each in labelled_records(store) for judgement in each["judgements"]}
    with reading(store.engine) as connection:
        ids = list(connection.scalars(select(store.tables.reviewers.c.id)))
    assert not any(pseudonym in each for each in ids)


def test_types_without_words_come_back_and_those_of_new_labels_are_added(store, decide):
    decide(keeps_text=True)
    task = to_label_studio(next(labelled_records(store, with_text=True)))
    label = {"start": 0, "end": 5, "labels": ["amount"]}
    task["annotations"][0]["result"].append({"from_name": "words", "type": "labels", "value": label})
    assert from_label_studio(task)["types"] == ["health", "criminal", "amount"]


def test_what_is_not_decided_is_not_exported(store, keep_one, make):
    keep_one(make.message(), Action.REVIEW)
    assert list(labelled_records(store)) == []


def test_label_studio_there_and_back(store, decide):
    decide(keeps_text=True)
    record = next(labelled_records(store, with_text=True))
    again = from_label_studio(json.loads(json.dumps(to_label_studio(record))))
    assert again == {name: record[name] for name in ("id", "text", "category", "action", "types", "spans")}


@pytest.mark.parametrize(
    "task",
    [
        {},
        [],
        {"data": {"text": "x"}, "annotations": []},
        {"data": {"text": "x"}, "annotations": [{"result": []}]},
        {"data": {"text": "x"}, "annotations": [{"result": [{"from_name": "tier", "type": "choices", "value": {"choices": ["secret"]}}]}]},
    ],
)
def test_what_is_no_annotated_task_is_refused(task):
    with pytest.raises(RequestError):
        from_label_studio(task)


def test_a_record_without_text_is_no_task(store, decide):
    decide(keeps_text=False)
    with pytest.raises(RequestError):
        to_label_studio(next(labelled_records(store, with_text=True)))
