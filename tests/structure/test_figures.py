"""Do README, card and data sheet show the figures of the committed reports, and do those belong to the shipped bundle?"""

from pathlib import Path

from data.records import SPLITS, read_corpus
from data.sheet import SHEET, filled, parts
from serving.bundle import CARD_FILE, open_bundle
from serving.settings import Settings
from training.card import REPORTS, card, figures_table, read_reports

ROOT = Path(__file__).parents[2]
BUNDLE = Settings().bundle_folder


def test_readme_and_card_show_the_committed_figures():
    table = figures_table()
    assert table in (ROOT / "README.md").read_text()
    assert table in (BUNDLE / CARD_FILE).read_text()


def test_the_card_says_nothing_but_what_the_reports_say():
    assert (BUNDLE / CARD_FILE).read_text() == card(open_bundle(BUNDLE).manifest), "write it again: make card"


def test_the_card_names_what_follows_from_its_labels():
    text = (BUNDLE / CARD_FILE).read_text()
    for words in (
        "Language models wrote every message and every label",
        "agreement is between two such labellings",
        "Limits and known failures",
    ):
        assert words in text


def test_the_data_sheet_shows_the_corpus_as_it_is():
    text = SHEET.read_text()
    assert filled(text, parts({split: read_corpus(split) for split in SPLITS})) == text, "write it again: python -m data sheet"


def test_the_reports_are_of_the_shipped_bundle():
    version = open_bundle(BUNDLE).manifest.version
    measured = {name: report["bundle"] for name, report in read_reports().items() if "bundle" in report}
    assert {"test", "public"} <= set(measured)
    assert set(measured.values()) == {version}
    assert all(version in path.read_text().splitlines()[0] for path in REPORTS.glob("*.md") if path.stem in measured)
