"""Are the records written with what a deployment has set, with its blanks, and without its secrets?"""

from serving.settings import Settings
from training.governance import MARK, OUTLINES, RECORDS, write_records


def test_the_settings_stand_in_every_record(tmp_path):
    settings = Settings(retention_days=17, shadow=True, secret="s" * 43, database_url="postgresql://user:hidden@host/db")
    written = write_records(settings, tmp_path / "out")
    assert [path.name for path in written] == list(RECORDS)
    for path in written:
        text = path.read_text()
        assert "17 days" in text
        assert "dwp-sms" in text
        assert "▢" in text
        assert MARK not in text
        assert "hidden" not in text
        assert "s" * 43 not in text


def test_a_broken_bundle_is_said_to_be_none(tmp_path):
    (path, _) = write_records(Settings(bundle_folder=tmp_path), tmp_path / "out")
    assert "none usable" in path.read_text()


def test_every_outline_has_its_place_for_the_settings():
    assert all((OUTLINES / name).read_text().count(MARK) == 1 for name in RECORDS)
