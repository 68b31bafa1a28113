"""Is every verdict kept once, given back by its reference, and kept without a word in the open?"""

import threading
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from serving.errors import NotStoredError, StoreError
from serving.policy import Keep
from serving.review import records
from serving.review.database import migrate, reading, sqlite_url
from serving.review.incidents import IncidentCount, count_incidents
from serving.review.records import Caller, first_answer, grounds_of, make_record, message_of
from serving.review.reviews import Feedback, expire_reviews, find_review, give_feedback, settle_review
from serving.review.store import Store
from serving.review.tables import make_tables
from serving.review.vault import Vault
from serving.taxonomy import InfoType, Tier
from serving.verdict import Action, Message, Recipient, Sender


def count(store, table):
    with reading(store.engine) as connection:
        return len(connection.execute(select(store.raw_tables.metadata.tables[table])).all())


def everything(store):
    """Return all that stands in the database, sealed columns as they are."""
    with reading(store.engine) as connection:
        return [dict(row) for table in store.raw_tables.metadata.sorted_tables for row in connection.execute(select(table)).mappings()]


def test_the_migrations_make_the_tables_that_are_described(store):
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), make_tables().metadata) == []


def test_a_verdict_under_a_reference_is_given_back(store, keep_one, make):
    record, standing = keep_one()
    assert standing is None
    again, standing = keep_one()
    assert standing["id"] == record.decision["id"]
    assert first_answer(standing, make.message()) == record.answer
    assert again.answer["id"] != record.answer["id"]
    assert count(store, "decisions") == 1


def test_another_message_has_another_fingerprint(vault, make):
    told = {
        "text": "another", "subject": "another", "channel": "sms", "direction": "inbound", "audience": "colleague", "policies": ("other",),
        "recipient": Recipient(phone="+447700900123"), "sender": Sender(sender_id="DWP"), "significant": True, "exception": "EX-1",
        "send_by": datetime(2026, 12, 1, tzinfo=UTC), "shadow": True, "template": "another", "personalisation": (("a", "b"),),
    }  # fmt: skip
    plain = records.fingerprint(vault, make.message())
    assert plain == records.fingerprint(vault, replace(make.message(), redact=True, explain=True, reference="b"))
    for name, value in told.items():
        assert records.fingerprint(vault, replace(make.message(), **{name: value})) != plain, name
    assert records.fingerprint(Vault("t" * 43, [Fernet.generate_key().decode()]), make.message()) != plain


def test_references_are_each_clients_own(store, keep_one):
    keep_one(caller=Caller("one"))
    assert keep_one(caller=Caller("two"))[1] is None
    assert count(store, "decisions") == 2


def test_verdicts_without_reference_are_all_kept(store, keep_one, make):
    for _ in range(3):
        assert keep_one(make.message(reference=None))[1] is None
    assert count(store, "decisions") == 3


def test_one_reference_twice_in_one_write_is_kept_once(store, make):
    pair = [make_record(store.vault, Caller(), make.message(), make.verdict(), Keep.TEXT, 1) for _ in range(2)]
    standing = store.write(pair)
    assert [row is None for row in standing].count(True) == 1
    assert count(store, "decisions") == 1


def test_a_write_whose_answer_was_lost_is_written_once(store, make):
    record = make_record(store.vault, Caller(), make.message(), make.verdict(Action.REVIEW), Keep.TEXT, 1)
    assert store.write([record]) == [None]
    assert store.write([record]) == [None]
    assert [count(store, table) for table in ("decisions", "reviews")] == [1, 1]


def test_of_many_at_once_under_one_reference_one_stands(store, make):
    """Threads stand for workers: each has a connection of its own."""
    first, others = [], []

    def write(place):
        for number in range(10):
            sent = make.message(reference=f"r/{number}")
            record = make_record(store.vault, Caller(), sent, make.verdict(reference=sent.reference), Keep.TEXT, 1)
            standing = store.write([record])[0]
            (first if standing is None else others).append(record.decision["id"] if standing is None else standing["id"])

    threads = [threading.Thread(target=write, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(first) == 10
    assert len(others) == 30
    assert set(others) == set(first)
    assert count(store, "decisions") == 10


@pytest.mark.clause("dwp-sms 1.7.2")
@pytest.mark.clause("dwp-aup 10.5")
def test_no_word_stands_in_the_open(store, make, keep_one):
    """The reference alone does: it holds no personal data."""
    canary = make.canary
    sent = Message(
        text=canary, subject=canary, reference="a/1", exception=canary, recipient=Recipient(phone=canary),
        sender=Sender(business_area=canary, sender_id=canary),
    )  # fmt: skip
    record, _ = keep_one(sent, Action.REVIEW, reply=canary, explanation={"x": canary}, redacted=canary)
    keep_one(replace(sent, reference="a/2"), Action.BLOCK)
    give_feedback(store, "local", Feedback(Tier.ROUTINE, reference="a/1", note=canary))
    settle_review(store, record.answer["review"]["id"], Action.ALLOW, by=canary)
    assert canary not in str(everything(store))
    assert "a/1" in str(everything(store))


def test_every_field_of_a_message_is_kept_sealed_or_forgotten_on_purpose():
    told = (*records.KEPT, *records.SEALED, *records.FORGOTTEN)
    assert sorted(told) == sorted(field.name for field in fields(Message))
    assert sorted((*records.KEPT_OF_SENDER, *records.SEALED_OF_SENDER)) == sorted(field.name for field in fields(Sender))
    assert sorted((*records.KEPT_OF_RECIPIENT, "phone")) == sorted(field.name for field in fields(Recipient))


def test_features_come_back_as_they_were_without_a_word(store, make, keep_one):
    record, _ = keep_one(make.message(channel="sms", significant=True, exception="EX-1"))
    with reading(store.engine) as connection:
        features = store.find(connection, "local", decision_id=record.decision["id"])["features"]
    grounds = grounds_of(features, records.NO_RULES)
    assert grounds.judgement == make.verdict().grounds.judgement
    assert grounds.circumstances.text == ""
    assert grounds.circumstances.kept["exception"] == {"invalid"}
    assert message_of(features) == Message(text="", channel="sms", significant=True, exception="-")


def test_what_is_redacted_is_made_anew_for_who_asks(store, make, keep_one):
    keep_one(make.message("£1.50 and more"))
    standing = keep_one(make.message("£1.50 and more"))[1]
    assert first_answer(standing, make.message("£1.50 and more"))["redacted"] is None
    assert first_answer(standing, make.message("£1.50 and more", redact=True))["redacted"] == "[amount] and more"


@pytest.mark.clause("dwp-aup 3.3")
def test_a_held_message_waits_with_its_text_sealed(store, make, keep_one):
    record, _ = keep_one(action=Action.REVIEW)
    held = record.answer["review"]
    assert held["url"] == f"/v1/reviews/{held['id']}"
    found = find_review(store, "local", held["id"])
    assert found == {"id": held["id"], "state": "waiting", "category": "personal", "action": "review", "clause": "1.2", "decided_at": None}
    with reading(store.engine) as connection:
        assert make.canary in connection.scalar(select(store.tables.reviews.c.text))


@pytest.mark.parametrize(
    ("action", "level", "changes"),
    [(Action.REVIEW, Keep.FEATURES, {}), (Action.REVIEW, Keep.TEXT, {"shadow": True}), (Action.ALLOW, Keep.TEXT, {})],
)
def test_what_is_not_to_be_held_is_not(store, make, keep_one, action, level, changes):
    record, _ = keep_one(make.message(**changes), action, level=level)
    assert record.answer["review"] is None
    assert [count(store, table) for table in ("decisions", "reviews", "incidents")] == [1, 0, 0]


def test_a_review_is_its_clients_alone(store, keep_one):
    record, _ = keep_one(action=Action.REVIEW, caller=Caller("one"))
    assert find_review(store, "two", record.answer["review"]["id"]) is None
    assert find_review(store, "one", record.answer["review"]["id"])


def test_a_decided_message_loses_its_text(store, keep_one):
    review_id = keep_one(action=Action.REVIEW)[0].answer["review"]["id"]
    assert settle_review(store, review_id, Action.ALLOW, by="sam")
    assert not settle_review(store, review_id, Action.BLOCK, by="sam")
    found = find_review(store, "local", review_id)
    assert (found["state"], found["action"]) == ("decided", "allow")
    assert found["decided_at"]
    with reading(store.engine) as connection:
        assert connection.scalar(select(store.tables.reviews.c.text)) is None


def test_a_held_message_expires_unsent_at_its_time(store, make, keep_one, time_of_day):
    send_by = datetime.fromtimestamp(time_of_day.wall + 3600, UTC)
    review_id = keep_one(make.message(send_by=send_by), Action.REVIEW)[0].answer["review"]["id"]
    keep_one(make.message(reference="a/2"), Action.REVIEW)
    assert expire_reviews(store) == 0
    time_of_day.pass_days(1 / 24)
    assert find_review(store, "local", review_id)["state"] == "expired"
    assert not settle_review(store, review_id, Action.ALLOW, by="sam")
    assert expire_reviews(store) == 1
    assert expire_reviews(store) == 0
    assert find_review(store, "local", review_id)["state"] == "expired"
    with reading(store.engine) as connection:
        texts = dict(connection.execute(select(store.tables.reviews.c.state, store.tables.reviews.c.text)).all())
    assert texts["expired"] is None
    assert texts["waiting"]


@pytest.mark.clause("dwp-sms 2.2")
@pytest.mark.clause("dwp-sms 2.4")
@pytest.mark.clause("barnet-messaging 6.7")
@pytest.mark.clause("dwp-aup 10.7")
def test_every_blocked_send_is_an_incident(store, make, keep_one):
    for place, area in enumerate(["housing", "housing", None, "pensions"]):
        keep_one(make.message(reference=f"b/{place}", area=area))
    keep_one(make.message(reference="b/1", area="housing"))
    keep_one(make.message(reference="s/1", shadow=True))
    keep_one(make.message(reference="t/1"), caller=Caller("one", is_test=True))
    assert count_incidents(store) == [
        IncidentCount("housing", "dwp-sms", "1.2", 2),
        IncidentCount(None, "dwp-sms", "1.2", 1),
        IncidentCount("pensions", "dwp-sms", "1.2", 1),
    ]
    assert count_incidents(store, is_test=True) == [IncidentCount("housing", "dwp-sms", "1.2", 1)]
    now = store.clock.now_ms()
    assert count_incidents(store, since_ms=now + 1) == []
    assert count_incidents(store, before_ms=now) == []


def test_feedback_belongs_to_a_verdict_of_the_client(store, keep_one):
    record, _ = keep_one(caller=Caller("one"))
    give_feedback(store, "one", Feedback(Tier.ROUTINE, decision_id=record.answer["id"], types=[InfoType.NAME], note="no"))
    give_feedback(store, "one", Feedback(Tier.ROUTINE, reference="a/1"))
    for feedback in (Feedback(Tier.ROUTINE, reference="a/2"), Feedback(Tier.ROUTINE, decision_id="0")):
        with pytest.raises(NotStoredError):
            give_feedback(store, "one", feedback)
    with pytest.raises(NotStoredError):
        give_feedback(store, "two", Feedback(Tier.ROUTINE, reference="a/1"))
    assert count(store, "feedback") == 2


def test_preparing_again_changes_nothing(store):
    before = everything(store)
    store.prepare()
    assert everything(store) == before


@pytest.mark.fault("F35")
def test_f35_a_newer_schema_is_refused_and_an_older_one_brought_up_to_date(store, database_url, vault, tmp_path):
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreError, match="newer"):
        store.prepare()
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        for table in reversed(store.tables.metadata.sorted_tables):
            table.drop(connection)
    assert migrate(store.engine, tmp_path) is None
    store.prepare()


@pytest.mark.fault("F36")
def test_f36_a_wrong_key_or_secret_is_refused(store, database_url, tmp_path, time_of_day):
    for vault in (Vault("s" * 43, [Fernet.generate_key().decode()]), Vault("t" * 43, [Fernet.generate_key().decode()])):
        with pytest.raises(StoreError, match="keys"):
            Store(database_url, vault, time_of_day.clock(), tmp_path).prepare()


@pytest.mark.fault("F36")
def test_f36_a_wrong_secret_is_refused_where_the_key_is_right(database_url, tmp_path, time_of_day):
    key = Fernet.generate_key().decode()
    Store(database_url, Vault("s" * 43, [key]), time_of_day.clock(), tmp_path).prepare()
    with pytest.raises(StoreError, match="SECRET"):
        Store(database_url, Vault("t" * 43, [key]), time_of_day.clock(), tmp_path).prepare()


def test_an_error_of_the_database_prints_no_parameter(tmp_path, vault, time_of_day, make):
    """PostgreSQL's own sentence may quote a row, so only the kind of an error is ever logged."""
    store = Store(sqlite_url(tmp_path / "a.sqlite"), vault, time_of_day.clock())
    store.prepare()
    with pytest.raises(IntegrityError, match="hidden") as caught, store.engine.begin() as connection:
        connection.execute(insert(store.tables.facts), {"name": make.canary, "value": None})
    assert make.canary not in str(caught.value)
