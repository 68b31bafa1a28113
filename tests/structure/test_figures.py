"""Do README and card show the figures of the committed reports, and do those belong to the shipped bundle?"""

from pathlib import Path

from serving.bundle import CARD_FILE, open_bundle
from serving.settings import Settings
from training.card import REPORTS, figures_table

ROOT = Path(__file__).parents[2]


def test_readme_and_card_show_the_committed_figures():
    table = figures_table()
    assert table in (ROOT / "README.md").read_text()
    assert table in (Settings().bundle_folder / CARD_FILE).read_text()


def test_the_reports_are_of_the_shipped_bundle():
    version = open_bundle(Settings().bundle_folder).manifest.version
    assert all(version in path.read_text().splitlines()[0] for path in REPORTS.glob("*.md"))
