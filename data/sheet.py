"""The figures of the data sheet, written into the marked parts of `data/README.md` and never by hand."""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from data.agreement import agreement
from data.check import MOST_OPENINGS, Corpus, Quotas, read_quotas, train_quotas
from data.variety import COMMONEST, Lengths, lengths, opening_share
from serving.taxonomy import TIERS

SHEET = Path(__file__).parent / "README.md"
REPORTS = Path(__file__).parents[1] / "evaluation" / "reports"
BESIDE = {"public": "the public benchmark"}
"""Reports whose measured messages stand beside the corpus, as to length."""


def write_sheet(corpus: Corpus, sheet: Path = SHEET) -> None:
    """Write every marked part anew."""
    sheet.write_text(filled(sheet.read_text(encoding="utf-8"), parts(corpus)), encoding="utf-8")


def parts(corpus: Corpus, quotas: Quotas | None = None, reports: Path = REPORTS) -> dict[str, str]:
    """Return the Markdown of each marked part by its name."""
    wanted = quotas or read_quotas()
    return {
        "counts": counts_table(corpus),
        "quotas": quotas_table(corpus, wanted),
        "agreement": agreement_table(corpus),
        "openings": openings_table(corpus),
        "lengths": lengths_table(corpus, reports),
    }


def filled(text: str, written: Mapping[str, str]) -> str:
    r"""Put parts between their marks.

    >>> filled("<!-- counts -->old<!-- end of counts -->", {"counts": "new"})
    '<!-- counts -->\nnew\n<!-- end of counts -->'
    """
    for name, part in written.items():
        pattern = re.compile(rf"<!-- {name} -->.*?<!-- end of {name} -->", re.DOTALL)
        text = pattern.sub(_constant(f"<!-- {name} -->\n{part}\n<!-- end of {name} -->"), text)
    return text


def counts_table(corpus: Corpus) -> str:
    """Count the messages of each split by tier."""
    rows = [
        [split, *(str(sum(record.label is tier for record in records)) for tier in TIERS), str(len(records))]
        for split, records in corpus.items()
    ]
    return _table(["split", *TIERS, "all"], rows)


def quotas_table(corpus: Corpus, quotas: Quotas) -> str:
    """Hold the counts to the quotas."""
    have = {f"{split}: messages": (len(corpus[split]), least) for split, least in quotas.splits.items()}
    have |= {f"train: {name}": pair for name, pair in train_quotas(corpus["train"], quotas).items()}
    rows = [[name, str(number), str(least), "yes" if number >= least else "no"] for name, (number, least) in have.items()]
    return _table(["quota", "have", "least", "met"], rows)


def agreement_table(corpus: Corpus) -> str:
    """Say how far two labellers agree."""
    rows = []
    for split, records in corpus.items():
        found = agreement(records)
        rows.append([split, str(found.messages), *(_share(value) for value in (found.same, found.fair, found.kappa))])
    return _table(["split", "labelled twice", "same tier", "same or fair", "Cohen's kappa"], rows)


def openings_table(corpus: Corpus) -> str:
    """Say how many messages begin with one of the commonest openings."""
    rows = [
        [split, f"{opening_share([record.text for record in records]):.1%}", f"{MOST_OPENINGS:.0%}"] for split, records in corpus.items()
    ]
    return _table(["split", f"begun by the {COMMONEST} commonest three-word openings", "at most"], rows)


def lengths_table(corpus: Corpus, reports: Path) -> str:
    """Say how many words the messages have, and those of the public benchmark."""
    rows = {split: lengths([record.text for record in records]) for split, records in corpus.items()}
    for name, title in BESIDE.items():
        path = reports / f"{name}.json"
        measured = json.loads(path.read_text(encoding="utf-8")).get("lengths") if path.exists() else None
        if measured:
            rows[title] = Lengths(**measured)
    cells = [
        [name, *(f"{value:g}" for value in (of.messages, of.p05, of.p25, of.p50, of.p75, of.p95, of.longest))] for name, of in rows.items()
    ]
    return _table(["words", "messages", "5 %", "25 %", "median", "75 %", "95 %", "longest"], cells)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _constant(text: str) -> Callable[[re.Match[str]], str]:
    return lambda _: text
