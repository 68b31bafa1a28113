"""Does a link sign in once and in time, and does a session end?"""

import pytest
from sqlalchemy import select

from serving.errors import RequestError
from serving.review.database import reading
from serving.review.people import IDLE_MS, LINK_MS, SESSION_MS, Role, find_session, make_link, note_in_session, sign_in, sign_out, use_link


def wait(time_of_day, milliseconds):
    time_of_day.pass_days(milliseconds / 86_400_000)


def test_a_link_signs_in_once(store):
    link = make_link(store, "Zebra Quokka", [Role.REVIEWER])
    session = find_session(store, use_link(store, link))
    assert (session.reviewer.name, session.reviewer.roles) == ("Zebra Quokka", {Role.REVIEWER})
    assert use_link(store, link) is None
    assert use_link(store, "x" * 5000) is None


def test_a_link_is_good_for_a_while(store, time_of_day):
    link = make_link(store, "Sam", [Role.REVIEWER])
    wait(time_of_day, LINK_MS)
    assert use_link(store, link) is None


def test_a_session_ends_unused_or_used(store, time_of_day):
    token = use_link(store, make_link(store, "Sam", [Role.REVIEWER]))
    for _ in range(SESSION_MS // (IDLE_MS // 2) - 1):
        wait(time_of_day, IDLE_MS // 2)
        assert find_session(store, token)
    wait(time_of_day, IDLE_MS // 2)
    assert find_session(store, token) is None
    other = use_link(store, make_link(store, "Sam", [Role.REVIEWER]))
    wait(time_of_day, IDLE_MS)
    assert find_session(store, other) is None


def test_signing_out_ends_it_at_once(store):
    token = use_link(store, make_link(store, "Sam", [Role.REVIEWER]))
    sign_out(store, find_session(store, token))
    assert find_session(store, token) is None


def test_one_person_is_one_reviewer_whose_roles_are_those_given_last(store):
    first = find_session(store, sign_in(store, "https://id.example 1", "Sam", [Role.REVIEWER])).reviewer
    again = find_session(store, sign_in(store, "https://id.example 1", "Sam O", [Role.MANAGER])).reviewer
    local = find_session(store, use_link(store, make_link(store, "https://id.example 1", [Role.REVIEWER]))).reviewer
    assert first.id == again.id != local.id
    assert (again.name, again.roles) == ("Sam O", {Role.MANAGER})
    assert not again.may_review


def test_names_are_sealed_and_tokens_are_not_kept(store):
    link = make_link(store, "Zebra Quokka", [Role.REVIEWER])
    token = use_link(store, link)
    note_in_session(store, find_session(store, token), notice="decided:1", filters={"channel": "sms"})
    with reading(store.engine) as connection:
        tables = store.raw_tables
        rows = str([connection.execute(select(table)).all() for table in (tables.reviewers, tables.links, tables.sessions, tables.audit)])
    for secret in ("Zebra", link, token):
        assert secret not in rows
    assert find_session(store, token).filters == {"channel": "sms"}


def test_a_reviewer_has_a_name_and_a_role(store):
    for name, roles in (("", [Role.REVIEWER]), ("a\x00b", [Role.REVIEWER]), ("Sam", [])):
        with pytest.raises(RequestError):
            make_link(store, name, roles)
