"""Fine-tune the network on labelled messages, epoch by epoch, resumable after every epoch."""

import json
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.progress import Progress
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from data.records import Record
from data.synthesis import join_some
from training.base import HAS_BFLOAT16, encoder_folder
from training.bundle_weights import load_bundle
from training.config import HeadWeights, TrainingConfig
from training.dataset import IGNORED, Batch, Example, batches, examples, unlabelled_example
from training.network import Network, Outputs, new_network
from training.soft_labels import SoftLabels, key_of
from training.variants import variants

Augment = Callable[[Record, random.Random], Record]
MARGIN = 6.0
"""Difference of logits from which the halves of a near pair count as told apart: about 20 to 1 for each."""
WEIGHTS = "weights.safetensors"
"""File of a run: the network that came of it."""


def fit(
    config: TrainingConfig,
    records: Sequence[Record],
    folder: Path,
    augment: Augment | None = None,
    soft: SoftLabels | None = None,
    start: Path | None = None,
) -> Path:
    """Train and return the file of the final weights, written to `folder`; with a teacher's `soft` labels, on those too.

    It begins with the encoder, or with the weights of the bundle `start`. After each epoch weights and optimiser state are
    kept, so that the same call goes on where it was stopped.

    Raises:
        BaseModelError: the encoder is not here, or `start` holds another network.
    """
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(config.seed)
    source = encoder_folder(config.encoder)
    tokenizer, pad_id = load_tokenizer(source)
    network = new_network(source, config.dropout)
    if start is not None:
        load_bundle(network, start)
    optimiser = _optimiser(network, config)
    done = _resume(folder, network, optimiser)
    lessons = _lessons(config, records, soft or {})
    steps_an_epoch = math.ceil((_count(records, tokenizer) + lessons.an_epoch) / config.batch_size)
    total_steps = steps_an_epoch * config.epochs
    with Progress(transient=True) as progress:
        task = progress.add_task("training", total=total_steps, completed=done * steps_an_epoch)
        for epoch in range(done, config.epochs):
            rng = random.Random(f"{config.seed}/{epoch}")  # noqa: S311
            data = list(_epoch_examples(records, tokenizer, augment, config, lessons, rng))
            network.train()
            losses = []
            for step, batch in enumerate(batches(data, config.batch_size, rng, pad_id)):
                place = epoch * steps_an_epoch + min(step, steps_an_epoch - 1)
                _set_rate(optimiser, _schedule(place / total_steps, config.warmup_share))
                losses.append(_step(network, optimiser, batch, config, warm=min(1.0, (place + 1) / steps_an_epoch)))
                progress.advance(task)
            _keep(folder, network, optimiser, epoch)
            progress.console.print(f"epoch {epoch + 1}/{config.epochs}: mean loss {sum(losses) / len(losses):.4f}")
    return _average(folder, config)


def average(files: Sequence[Path], shares: Sequence[float], out: Path) -> None:
    """Write the weighted mean of several networks' weights, which is itself a network where all were fine-tuned from one encoder.

    Wortsman et al. 2022, "Model soups", arXiv:2203.05482.
    """
    kept = [load_file(file) for file in files]
    whole = sum(shares)
    mean = {
        name: torch.stack([each[name] * (share / whole) for each, share in zip(kept, shares, strict=True)]).sum(0)
        if value.is_floating_point()
        else value
        for name, value in kept[-1].items()
    }
    save_file(mean, out)


def load_tokenizer(source: str) -> tuple[Tokenizer, int]:
    """Return the fast tokenizer that belongs to an encoder, which neither pads nor cuts, and the id that pads."""
    file = Path(source) / "tokenizer.json"
    tokenizer = Tokenizer.from_file(str(file)) if file.exists() else Tokenizer.from_pretrained(source)
    pad_id = tokenizer.padding["pad_id"] if tokenizer.padding else 0
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, pad_id


def loss_of(outputs: Outputs, batch: Batch, weights: HeadWeights, label_smoothing: float, warm: float) -> Tensor:
    """Return the weighted sum of the heads' losses; `warm` (0 to 1) fades the side heads and the contrast of near pairs in."""
    loss: Tensor = nn.functional.cross_entropy(outputs.tier, batch.tier, label_smoothing=label_smoothing)
    if weights.contrast and len(batch.twins):
        loss = loss + warm * weights.contrast * contrast(outputs.tier, batch) * len(batch.twins) / len(batch.tier)
    known = (batch.types >= 0).to(outputs.types.dtype)
    types = nn.functional.binary_cross_entropy_with_logits(outputs.types, batch.types.clamp(min=0), weight=known, reduction="sum")
    loss = loss + warm * weights.types * types / len(known)
    for logits, labels, weight in (
        (outputs.tags, batch.tags, weights.tags),
        (outputs.modes, batch.modes, weights.modes),
    ):
        if weight and bool((labels != IGNORED).any()):
            loss = loss + warm * weight * nn.functional.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=IGNORED)
    return loss


def contrast(tier: Tensor, batch: Batch) -> Tensor:
    """Return how far the halves of near pairs are from being told apart by `MARGIN`, the mean over the pairs.

    Only the difference between the halves counts: what each says for its own tier against that of the other.
    """
    first, second = batch.twins[:, 0], batch.twins[:, 1]
    own, other = batch.tier[first].argmax(1), batch.tier[second].argmax(1)
    differ = tier[first] - tier[second]
    apart = (differ.gather(1, own[:, None]) - differ.gather(1, other[:, None])).squeeze(1)
    return nn.functional.softplus(MARGIN - apart)[own != other].sum() / len(batch.twins)


def _step(network: Network, optimiser: torch.optim.Optimizer, batch: Batch, config: TrainingConfig, warm: float) -> float:
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=HAS_BFLOAT16):
        outputs = network(batch.ids, batch.mask)
        loss = loss_of(outputs, batch, config.side_heads, config.label_smoothing, warm)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    return float(loss.detach())


def _optimiser(network: Network, config: TrainingConfig) -> torch.optim.AdamW:
    encoder = list(network.encoder.parameters())
    heads = [weight for name, weight in network.named_parameters() if not name.startswith("encoder.")]
    groups = [{"params": encoder, "lr": config.learning_rate}, {"params": heads, "lr": config.head_learning_rate}]
    for group in groups:
        group["peak"] = group["lr"]
    return torch.optim.AdamW(groups, weight_decay=config.weight_decay, fused=True)


def _schedule(share: float, warmup: float) -> float:
    """Return the factor of the learning rate: up over the warm-up, then linearly down to 0."""
    return share / warmup if share < warmup else max(0.0, (1 - share) / (1 - warmup))


def _set_rate(optimiser: torch.optim.Optimizer, factor: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * factor


def _count(records: Sequence[Record], tokenizer: Tokenizer) -> int:
    return sum(1 for record in records for _ in examples(record, tokenizer))


@dataclass(frozen=True, slots=True)
class _Lessons:
    """What a teacher says: of the messages, by their source, and of texts without label, of which each epoch shows `an_epoch`."""

    of_messages: dict[str, Sequence[float]]
    unlabelled: list[tuple[str, Sequence[float]]]
    an_epoch: int


def _lessons(config: TrainingConfig, records: Sequence[Record], soft: SoftLabels) -> _Lessons:
    if not soft:
        return _Lessons({}, [], 0)
    of_messages = {record.source: soft[key] for record in records if (key := key_of(record.text)) in soft}
    unlabelled = [(text, soft[key]) for text in variants(records) if (key := key_of(text)) in soft]
    return _Lessons(of_messages, unlabelled, min(len(unlabelled), round(config.teacher.unlabelled * len(records))))


def _epoch_examples(
    records: Sequence[Record], tokenizer: Tokenizer, augment: Augment | None, config: TrainingConfig, lessons: _Lessons, rng: random.Random
) -> Iterator[Example]:
    shown = [augment(record, rng) if augment else record for record in records]
    for record in join_some(shown, config.augmentation.join, rng):
        has_one_name = rng.random() >= config.augmentation.own_names
        given = lessons.of_messages.get(record.source)
        yield from examples(record, tokenizer, has_one_name=has_one_name, soft=given, soft_share=config.teacher.share)
    for text, said in rng.sample(lessons.unlabelled, lessons.an_epoch):
        example = unlabelled_example(text, said, tokenizer)
        if example:
            yield example


def _keep(folder: Path, network: Network, optimiser: torch.optim.Optimizer, epoch: int) -> None:
    save_file(network.state_dict(), folder / f"epoch-{epoch + 1}.safetensors")
    state = {
        f"{number}.{key}": value.contiguous() if value.dim() else value.reshape(1)
        for number, values in optimiser.state_dict()["state"].items()
        for key, value in values.items()
    }
    save_file(state, folder / "optimiser.safetensors")
    (folder / "progress.json").write_text(json.dumps({"epochs_done": epoch + 1}))


def _resume(folder: Path, network: Network, optimiser: torch.optim.Optimizer) -> int:
    progress = folder / "progress.json"
    if not progress.exists():
        return 0
    done = int(json.loads(progress.read_text())["epochs_done"])
    network.load_state_dict(load_file(folder / f"epoch-{done}.safetensors"))
    state: dict[int, dict[str, Tensor]] = {}
    for name, value in load_file(folder / "optimiser.safetensors").items():
        number, _, key = name.partition(".")
        state.setdefault(int(number), {})[key] = value.reshape(()) if key == "step" else value
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    return done


def _average(folder: Path, config: TrainingConfig) -> Path:
    last = range(max(1, config.epochs - config.average_last + 1), config.epochs + 1)
    path = folder / WEIGHTS
    average([folder / f"epoch-{epoch}.safetensors" for epoch in last], [1.0] * len(last), path)
    return path
