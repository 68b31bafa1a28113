"""Everything that must hold of the corpus, each as a plain function from records to sentences about what is wrong."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from data.duplicates import NearIndex
from data.records import SPLITS, Record, has_exact_marks, least_tier
from data.variety import COMMONEST, opening_share
from serving.taxonomy import InfoType, Mode, Tier

Corpus = Mapping[str, Sequence[Record]]

QUOTAS = Path(__file__).parent / "quotas.yaml"
MOST_OPENINGS = 0.06
"""Largest share of a split's messages that the commonest openings may begin."""
LEAST_FOR_OPENINGS = 500
"""Messages from which that share says anything."""

FIELDS = ("service", "channel", "direction", "register", "kind", "writer")
_FICTIONAL_PHONE = re.compile(
    r"0(7700900\d{3}|1632960\d{3}|2079460\d{3}|1\d\d4960\d{3}|1914980\d{3}|2896496\d{3}|2920180\d{3}|8081570\d{3}|3069990\d{3})"
)
_FICTIONAL_EMAIL = re.compile(r"@([\w-]+\.)*example(\.(com|org|net|co\.uk))?$|\.example$")
_NINO = re.compile(r"\b[A-Z]{2}\s?(?:\d\d\s?){3}[A-D]\b", re.IGNORECASE)
_PHONE_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Quotas:
    """The least numbers of `quotas.yaml`."""

    splits: Mapping[str, int]
    train: Mapping[str, object]


def wrong_labels(records: Iterable[Record]) -> Iterator[str]:
    """Name messages whose label is not what their marks demand, or whose milder reading is not milder."""
    for record in records:
        if not has_exact_marks(record):
            yield f"{record.source}: labelled {record.label}, but the marks demand {least_tier(record)}"
        if record.also is not None and record.also.rank >= record.label.rank:
            yield f"{record.source}: 'also' is not milder than the label"


def missing_fields(records: Iterable[Record]) -> Iterator[str]:
    """Name messages that do not say where they come from."""
    for record in records:
        for name in FIELDS:
            if not record.fields.get(name):
                yield f"{record.source}: no {name}"


def real_looking(records: Iterable[Record]) -> Iterator[str]:
    """Name messages with a phone number, email or NINO that could be somebody's.

    Fictional are Ofcom's drama numbers, the example domains of RFC 2606, and the NINO prefixes that HMRC never issues.
    """
    for record in records:
        for mark in record.marks:
            words = record.text[mark.start : mark.end]
            if mark.mode is not Mode.STATED:
                continue
            if mark.info_type is InfoType.PHONE:
                digits = re.sub(r"^(?:\+|00)?44\(?0?\)?", "0", re.sub(r"[^\d+]", "", words))
                if len(digits) >= _PHONE_DIGITS and not _FICTIONAL_PHONE.fullmatch(digits):
                    yield f"{record.source}: a phone number outside Ofcom's drama ranges"
            if mark.info_type is InfoType.EMAIL and "@" in words and not _FICTIONAL_EMAIL.search(words.strip()):
                yield f"{record.source}: an email address outside the example domains"
        for nino in _NINO.findall(record.text):
            if nino[0].upper() not in "DFIQUV" and nino[:2].upper() not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}:
                yield f"{record.source}: a NINO that could be issued"


def straddling_groups(corpus: Corpus) -> Iterator[str]:
    """Name groups whose messages stand in two splits."""
    seen: dict[str, str] = {}
    for split, records in corpus.items():
        for group in {record.group for record in records}:
            if seen.setdefault(group, split) != split:
                yield f"group {group} is in {seen[group]} and in {split}"


def near_duplicates(corpus: Corpus) -> Iterator[str]:
    """Name messages of one split that nearly stand in another, by MinHash over neighbouring words."""
    index = NearIndex()
    split_of: dict[str, str] = {}
    for split, records in corpus.items():
        for record in records:
            for key in index.add(record.source, record.text):
                if split_of[key] != split:
                    yield f"{record.source} ({split}) nearly stands in {split_of[key]} as {key}"
            split_of.setdefault(record.source, split)


def repeated(records: Sequence[Record]) -> Iterator[str]:
    """Name messages that stand twice, to the letter."""
    seen: dict[str, str] = {}
    for record in records:
        first = seen.setdefault(record.text.casefold(), record.source)
        if first != record.source:
            yield f"{record.source} is {first} again"


def missed_quotas(corpus: Corpus, quotas: Quotas) -> Iterator[str]:
    """Name every quota that the corpus does not meet."""
    for split, least in quotas.splits.items():
        if len(corpus[split]) < least:
            yield f"{split}: {len(corpus[split])} of {least} messages"
    for name, (have, least) in train_quotas(corpus["train"], quotas).items():
        if have < least:
            yield f"train: {name}: {have} of {least}"


def repeated_openings(corpus: Corpus) -> Iterator[str]:
    """Name splits of which too many messages begin alike: with one of the commonest three-word openings."""
    for split, records in corpus.items():
        found = opening_share([record.text for record in records])
        if len(records) >= LEAST_FOR_OPENINGS and found > MOST_OPENINGS:
            yield f"{split}: the {COMMONEST} commonest openings begin {found:.1%} of the messages, at most {MOST_OPENINGS:.0%} may"


def train_counts(records: Sequence[Record]) -> dict[str, Counter[str]]:
    """Count the training messages by tier, service, kind and pair."""
    return {
        "tier": Counter(record.label.value for record in records),
        "service": Counter(record.slice_value("service") for record in records),
        "kind": Counter(record.slice_value("kind") for record in records),
        "pair": Counter(record.pair for record in records if record.pair),
    }


def read_quotas(path: Path = QUOTAS) -> Quotas:
    """Read the quota table."""
    return Quotas(**yaml.safe_load(path.read_text(encoding="utf-8")))


def problems(corpus: Corpus, quotas: Quotas | None = None) -> dict[str, list[str]]:
    """Run every check; the values are empty where all is well. Without `quotas`, the counts are not held to any."""
    everything = [record for split in SPLITS for record in corpus[split]]
    found: defaultdict[str, list[str]] = defaultdict(list)
    found["label and marks"] = list(wrong_labels(everything))
    found["fields"] = list(missing_fields(everything))
    found["fictional people"] = list(real_looking(everything))
    found["groups in one split"] = list(straddling_groups(corpus))
    found["repeated messages"] = list(repeated(everything))
    found["openings"] = list(repeated_openings(corpus))
    found["leaks across splits"] = list(near_duplicates(corpus))
    if quotas is not None:
        found["quotas"] = list(missed_quotas(corpus, quotas))
    return dict(found)


def train_quotas(records: Sequence[Record], quotas: Quotas) -> dict[str, tuple[int, int]]:
    """Return (have, least) of the training split by the quota's name."""
    counts, total, wanted = train_counts(records), len(records), quotas.train
    tier_share, kinds, hard = wanted["tier_share"], wanted["kinds"], wanted["hard"]
    least_services, least_each = wanted["services"], wanted["messages_a_service"]
    if not (isinstance(tier_share, dict) and isinstance(kinds, dict) and isinstance(hard, dict)):
        raise TypeError("quotas.yaml: tier_share, kinds and hard are tables")
    rows = {f"tier {Tier(tier)}": (counts["tier"][tier], int(share * total)) for tier, share in tier_share.items()}
    rows |= {f"kind {kind}": (counts["kind"][kind], least) for kind, least in kinds.items()}
    filled = sum(1 for number in counts["service"].values() if number >= int(str(least_each)))
    rows[f"services with {least_each} messages"] = (filled, int(str(least_services)))
    rows["hard kinds"] = (sum(counts["kind"][kind] for kind in hard["kinds"]), hard["messages"])
    rows["near pairs"] = (len(counts["pair"]), hard["pairs"])
    return rows
