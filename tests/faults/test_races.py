"""A small version of `make test-races`."""

from tests.faults.races import Races, open_stores


def test_no_message_goes_to_two_reviewers_or_to_none(database_url, tmp_path):
    stores = open_stores(database_url, tmp_path)
    for told in Races(stores).run(45).values():
        assert {name: told[name] for name in ("races", "both", "none", "failed")} == {"races": 15, "both": 0, "none": 0, "failed": 0}
    for each in stores:
        each.engine.dispose()
