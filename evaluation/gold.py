"""The frozen gold set: files of the test split and their hashes, written down in `gold.yaml`.

A gate that measured today on other messages than yesterday would compare nothing. New files of the split are not in it until
somebody freezes it again, which is a change that people review.
"""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field

from data.records import CORPUS, Record, read_file
from serving.bundle import sha256
from serving.errors import SendsafeError

GOLD = Path(__file__).parent / "gold.yaml"
_HEAD = "# The frozen gold set of the gate. Written by `python -m evaluation freeze`, never by hand.\n"


class GoldError(SendsafeError):
    """The gold set is not what was frozen."""


class Gold(BaseModel):
    """Which files are frozen: SHA-256 by name, inside one split of the corpus."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    split: str
    frozen: str
    messages: int = Field(ge=1)
    files: dict[str, str]

    @property
    def sha256(self) -> str:
        """Return one hash over the names and hashes of all files."""
        return hashlib.sha256("".join(f"{name} {digest}\n" for name, digest in sorted(self.files.items())).encode()).hexdigest()


def freeze(split: str = "test", corpus: Path = CORPUS, path: Path = GOLD) -> Gold:
    """Write down the files of a split as they are now."""
    files = sorted((corpus / split).glob("*.jsonl"))
    messages = sum(1 for file in files for _ in read_file(file, is_marked=True))
    gold = Gold(
        split=split,
        frozen=datetime.now(UTC).date().isoformat(),
        messages=messages,
        files={file.name: sha256(file.read_bytes()) for file in files},
    )
    path.write_text(_HEAD + yaml.safe_dump(gold.model_dump(), sort_keys=False), encoding="utf-8")
    return gold


def read_gold(path: Path = GOLD, corpus: Path = CORPUS) -> tuple[Gold, list[Record]]:
    """Return what is frozen and its messages, in the order of files and lines.

    Raises:
        GoldError: a file is missing or is not the one that was frozen.
    """
    gold = Gold.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    records: list[Record] = []
    for name, digest in sorted(gold.files.items()):
        file = corpus / gold.split / name
        if not file.exists():
            raise GoldError(f"the gold set's file {name} is missing")
        if sha256(file.read_bytes()) != digest:
            raise GoldError(f"the gold set's file {name} is not the one that was frozen on {gold.frozen}")
        records += read_file(file, is_marked=True)
    return gold, records
