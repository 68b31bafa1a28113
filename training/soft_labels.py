"""What a teacher makes of texts, kept so that a student can be trained where the teacher is not (Hinton et al. 2015, arXiv:1503.02531)."""

import gzip
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from rich.progress import track
from tokenizers import Tokenizer

from serving.taxonomy import TIERS
from training.base import HAS_BFLOAT16
from training.dataset import collate, unlabelled_example
from training.network import Network

SOFT_LABELS = Path(__file__).parent / "soft_labels.tsv.gz"
SoftLabels = Mapping[str, Sequence[float]]
"""Four probabilities by the key of the text."""
_DIGITS = 3
_BATCH = 64


def key_of(text: str) -> str:
    """Return what a text is found by: the start of its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_soft_labels(path: Path = SOFT_LABELS) -> SoftLabels:
    """Read soft labels; none where there is no file."""
    if not path.exists():
        return {}
    rows = (line.split("\t") for line in gzip.decompress(path.read_bytes()).decode().splitlines())
    return {key: tuple(int(each) / 10**_DIGITS for each in rest) for key, *rest in rows}


def write_soft_labels(labels: SoftLabels, path: Path = SOFT_LABELS) -> None:
    """Write soft labels, in thousandths, in order of their keys."""
    lines = ("\t".join([key, *(str(round(each * 10**_DIGITS)) for each in labels[key])]) for key in sorted(labels))
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode(), mtime=0))


def soft_labels(network: Network, tokenizer: Tokenizer, texts: Iterable[str], pad_id: int) -> dict[str, tuple[float, ...]]:
    """Return what a network makes of every text that fits in one window, in batches of like length."""
    found: dict[str, tuple[float, ...]] = {}
    readable = [(text, example) for text in texts if (example := unlabelled_example(text, (0.0,) * len(TIERS), tokenizer))]
    readable.sort(key=lambda pair: len(pair[1].ids))
    for start in track(range(0, len(readable), _BATCH), description="reading", transient=True):
        group = readable[start : start + _BATCH]
        batch = collate([example for _, example in group], pad_id)
        with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=HAS_BFLOAT16):
            probabilities = torch.softmax(network(batch.ids, batch.mask).tier.float(), dim=1)
        found |= {key_of(text): tuple(row.tolist()) for (text, _), row in zip(group, probabilities, strict=True)}
    return found
