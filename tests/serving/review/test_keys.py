"""Are keys made, listed and revoked, and is each noted?"""

import pytest
from sqlalchemy import select

from serving.errors import NotStoredError, RequestError
from serving.review.database import reading
from serving.review.keys import KeyRing, Scope, create_key, list_keys, revoke_key


def test_a_key_is_made_found_and_revoked(store):
    live, test = create_key(store, "gateway"), create_key(store, "gateway", [Scope.SCORE], is_test=True)
    assert live.startswith("ss_live_")
    assert test.startswith("ss_test_")
    ring = KeyRing(store)
    ring.refresh()
    assert ring.find(live).caller.client == "gateway"
    assert not ring.find(live).caller.is_test
    assert ring.find(test).caller.is_test
    assert ring.find(test).scopes == {Scope.SCORE}
    prefix = ring.find(live).prefix
    revoke_key(store, prefix)
    with pytest.raises(NotStoredError):
        revoke_key(store, prefix)
    ring = KeyRing(store)
    ring.refresh()
    assert ring.find(live) is None
    assert ring.find(test)
    assert [key.revoked_at_ms is None for key in list_keys(store) if key.prefix == prefix] == [False]
    with reading(store.engine) as connection:
        assert list(connection.scalars(select(store.tables.audit.c.event)))[1:] == ["key.created", "key.created", "key.revoked"]


def test_a_clients_name_is_plain(store):
    for client in ("", "Gateway", "a b", "-a", "a" * 64, "../x"):
        with pytest.raises(RequestError):
            create_key(store, client)
    assert list_keys(store) == []
