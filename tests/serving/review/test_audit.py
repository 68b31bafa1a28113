"""Does the audit chain show every edit, deletion and truncation?"""

import random

import pytest
from sqlalchemy import delete, select, update

from serving.review.audit import HEAD
from serving.review.database import reading, sqlite_url
from serving.review.store import Store

ENTRIES = 40
CHANGES = 1000


@pytest.fixture
def filled(store):
    with store.engine.begin() as connection:
        for number in range(ENTRIES):
            store.audit.append(connection, "operator", "key.created", prefix=f"ss_live_{number}", client="gateway")
    store.note_head()
    return store


def faults(store):
    with reading(store.engine) as connection:
        return store.audit.verify(connection)[1]


def test_a_chain_that_nobody_touched_is_whole(filled):
    with reading(filled.engine) as connection:
        assert filled.audit.verify(connection) == (ENTRIES + 1, [])


@pytest.mark.fault("F37")
def test_f37_an_entry_that_was_edited_is_found(filled):
    audit = filled.tables.audit
    with filled.engine.begin() as connection:
        connection.execute(update(audit).where(audit.c.sequence == 7).values(actor="nobody"))
    assert faults(filled) == ["entry 7 was changed"]


def test_an_end_that_was_cut_off_is_found_also_where_the_head_was_put_back(filled):
    audit, facts = filled.tables.audit, filled.tables.facts
    with filled.engine.begin() as connection:
        last = connection.scalar(select(audit.c.digest).where(audit.c.sequence == 30))
        connection.execute(delete(audit).where(audit.c.sequence > 30))
        connection.execute(update(facts).where(facts.c.name == HEAD).values(value=f"30 {last}"))
    assert faults(filled) == ["the end that was noted outside the database is not in the chain"]


def test_a_thousand_changes_are_all_found(tmp_path, vault, time_of_day):
    """Each is undone again: edits of any column, rows taken out or doubled in place, ends cut off, everything gone."""
    store = Store(sqlite_url(tmp_path / "a.sqlite"), vault, time_of_day.clock(), tmp_path)
    store.prepare()
    audit = store.tables.audit
    with store.engine.begin() as connection:
        for number in range(ENTRIES):
            store.audit.append(connection, "operator", "key.created", prefix=f"ss_live_{number}", client="gateway")
    chance = random.Random(7)
    found = 0
    with store.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(audit).order_by(audit.c.sequence)).mappings()]
        for _ in range(CHANGES):
            change(connection, audit, rows, chance)
            found += bool(store.audit.verify(connection)[1])
            connection.rollback()
        assert store.audit.verify(connection)[1] == []
    assert found == CHANGES


def change(connection, audit, rows, chance):
    row = chance.choice(rows)
    kind = chance.choice(["edit", "edit", "edit", "delete", "cut", "swap", "all"])
    this = audit.c.sequence == row["sequence"]
    if kind == "edit":
        column = chance.choice(["at_ms", "actor", "event", "details", "previous", "digest"])
        new = row[column] + chance.choice([-1, 1]) if column == "at_ms" else flipped(row[column], chance)
        connection.execute(update(audit).where(this).values({column: new}))
    elif kind == "delete":
        connection.execute(delete(audit).where(this))
    elif kind == "cut":
        connection.execute(delete(audit).where(audit.c.sequence >= row["sequence"]))
    elif kind == "swap":
        other = chance.choice([each for each in rows if each["sequence"] != row["sequence"]])
        values = {name: other[name] for name in ("at_ms", "actor", "event", "details", "digest")}
        connection.execute(update(audit).where(this).values(values))
    else:
        connection.execute(delete(audit))


def flipped(text, chance):
    place = chance.randrange(len(text))
    return text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
