"""Is what is past its time gone to the last byte, and is nothing deleted by a clock that has jumped?"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import delete, select

from serving.errors import ClockError, StoreError
from serving.policy import Keep
from serving.review.database import reading, sqlite_url
from serving.review.records import Caller, make_record
from serving.review.retention import erase, purge, reseal
from serving.review.reviews import Feedback, find_review, give_feedback
from serving.review.store import CLOCK, Store
from serving.review.vault import Vault
from serving.taxonomy import Tier
from serving.verdict import Action

YEAR = 365


def rows(store, *names):
    with reading(store.engine) as connection:
        tables = store.raw_tables.metadata.tables
        return {name: len(connection.execute(select(tables[name])).all()) for name in names}


def fill(keep_one, make, store, count=5):
    for place in range(count):
        keep_one(make.message(reference=f"old/{place}"), Action.REVIEW if place % 2 else Action.BLOCK)
    give_feedback(store, "local", Feedback(Tier.ROUTINE, reference="old/0", note=make.canary))


def test_after_the_period_nothing_is_left(store, keep_one, make, time_of_day):
    fill(keep_one, make, store)
    assert purge(store, 30, YEAR) == 0
    for _ in range(5):
        time_of_day.pass_days(6)
        purge(store, 30, YEAR)
    assert rows(store, "decisions") == {"decisions": 5}
    time_of_day.pass_days(1)
    keep_one(make.message(reference="new/1"))
    assert purge(store, 30, YEAR) == 5
    assert rows(store, "decisions", "reviews", "feedback") == {"decisions": 1, "reviews": 0, "feedback": 0}
    assert rows(store, "incidents") == {"incidents": 4}


def test_incidents_have_a_time_of_their_own(store, keep_one, make, time_of_day):
    keep_one()
    for _ in range(6):
        time_of_day.pass_days(6)
        purge(store, 30, 33)
    assert rows(store, "decisions", "incidents") == {"decisions": 0, "incidents": 0}


def test_not_a_byte_is_left_in_the_files(tmp_path, vault, time_of_day, make):
    """SQLite overwrites what is deleted, in the file and in its write-ahead log."""
    store = Store(sqlite_url(tmp_path / "a.sqlite"), vault, time_of_day.clock(), tmp_path)
    store.prepare()
    for place in range(200):
        sent = make.message(reference=f"gone/{place:04}")
        given = make.verdict(Action.REVIEW, reference=sent.reference)
        store.write([make_record(vault, Caller(), sent, given, Keep.TEXT, store.clock.now_ms())])
    tokens = [row for row in _texts(store) if row]

    def left():
        content = b"".join(path.read_bytes() for path in tmp_path.glob("a.sqlite*"))
        return content.count(b"gone/") + sum(token[:40] in content for token in tokens)

    assert left() > 400
    assert erase(store, "gone/0007") == 1
    time_of_day.pass_days(5)
    purge(store, 1, YEAR)
    assert left() == 0


def _texts(store):
    with reading(store.engine) as connection:
        return list(connection.scalars(select(store.raw_tables.reviews.c.text)))


JUMPS = {"F24 to yesterday": -1.0, "F25 to 1970": -20_000.0, "F26 to 2038": 4_300.0}


@pytest.mark.fault("F24", "F25", "F26")
@pytest.mark.parametrize("days", JUMPS.values(), ids=JUMPS.keys())
def test_f24_f25_f26_a_clock_that_jumps_deletes_nothing(store, keep_one, make, time_of_day, days):
    fill(keep_one, make, store)
    purge(store, 30, YEAR)
    before = rows(store, "decisions", "reviews", "incidents", "feedback")
    at_ms = store.clock.now_ms()
    time_of_day.wall += days * 86400
    with pytest.raises(ClockError):
        purge(store, 30, YEAR)
    record, _ = keep_one(make.message(reference="during/1"))
    assert abs(record.decision["decided_at_ms"] - at_ms) < 1000
    time_of_day.wall -= days * 86400
    purge(store, 30, YEAR)
    assert rows(store, "decisions", "reviews", "incidents", "feedback") == {
        **before, "decisions": before["decisions"] + 1, "incidents": before["incidents"] + 1
    }  # fmt: skip


@pytest.mark.parametrize("days", JUMPS.values(), ids=JUMPS.keys())
def test_a_process_that_starts_with_a_wrong_clock_deletes_nothing(store, keep_one, make, time_of_day, database_url, vault, tmp_path, days):
    fill(keep_one, make, store)
    purge(store, 30, YEAR)
    time_of_day.wall += days * 86400
    other = Store(database_url, vault, time_of_day.clock(), tmp_path)
    other.prepare()
    with pytest.raises(ClockError):
        purge(other, 30, YEAR)
    assert rows(store, "decisions") == {"decisions": 5}


def test_two_workers_that_start_at_once_both_purge(store):
    facts = store.tables.facts
    for _ in range(10):
        with store.engine.begin() as connection:
            connection.execute(delete(facts).where(facts.c.name == CLOCK))
        start = Barrier(2)

        def work(_, start=start):
            start.wait()
            return purge(store, 30, 365)

        with ThreadPoolExecutor(2) as both:
            assert list(both.map(work, range(2))) == [0, 0]


def test_held_messages_do_not_expire_by_a_clock_that_jumps(store, keep_one, make, time_of_day):
    store.clock.now_ms()
    send_by = datetime.fromtimestamp(time_of_day.wall + 3600, UTC)
    review_id = keep_one(make.message(send_by=send_by), Action.REVIEW)[0].answer["review"]["id"]
    time_of_day.wall += 4_300 * 86400
    assert find_review(store, "local", review_id)["state"] == "waiting"


def test_a_time_of_day_that_holds_for_a_day_is_believed(store, keep_one, make, time_of_day):
    fill(keep_one, make, store)
    purge(store, 30, YEAR)
    time_of_day.wall += 40 * 86400
    for _ in range(24):
        with pytest.raises(ClockError):
            purge(store, 30, YEAR)
        time_of_day.pass_days(1 / 24)
    assert purge(store, 30, YEAR) == 5


def test_an_operators_word_is_believed_at_once_and_noted(store, keep_one, make, time_of_day):
    fill(keep_one, make, store)
    purge(store, 30, YEAR)
    time_of_day.wall += 40 * 86400
    with pytest.raises(ClockError):
        purge(store, 30, YEAR)
    assert purge(store, 30, YEAR, clock_is_right=True) == 5
    with reading(store.engine) as connection:
        details = list(connection.scalars(select(store.tables.audit.c.details)))
    assert '"clock_is_right": true' in details[-1]


def test_erasure_forgets_a_reference_everywhere(store, keep_one, make):
    fill(keep_one, make, store)
    keep_one(make.message(reference="old/0"), caller=Caller("two"))
    assert erase(store, "old/0", "local") == 1
    assert erase(store, "old/0", "local") == 0
    assert rows(store, "decisions", "feedback", "incidents") == {"decisions": 5, "feedback": 0, "incidents": 3}
    assert erase(store, "old/0") == 1
    with reading(store.engine) as connection:
        assert "old/0" not in str(connection.execute(select(store.tables.audit)).all())
    assert keep_one(make.message("another", reference="old/0"))[1] is None


def test_keys_rotate(database_url, tmp_path, time_of_day, make):
    """Written with the old key, sealed anew with the new one, read with the new one alone."""
    old, new = (Fernet.generate_key().decode() for _ in range(2))

    def opened(*keys):
        store = Store(database_url, Vault("s" * 43, keys), time_of_day.clock(), tmp_path)
        store.prepare()
        return store

    first = opened(old)
    sent = make.message(reference="a/1")
    record = make_record(first.vault, Caller(), sent, make.verdict(Action.REVIEW, reference="a/1"), Keep.TEXT, 1)
    first.write([record])
    assert reseal(opened(new, old)) == 2
    last = opened(new)
    with reading(last.engine) as connection:
        assert make.canary in connection.scalar(select(last.tables.reviews.c.text))
    again = make_record(last.vault, Caller(), sent, make.verdict(Action.REVIEW, reference="a/1"), Keep.TEXT, 1)
    assert last.write([again])[0]["fingerprint"] == again.decision["fingerprint"]
    with pytest.raises(StoreError):
        opened(old)
