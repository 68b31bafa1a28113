"""Export a trained network: ONNX, fused, int8, proved equal to torch; and the bundle around it."""

import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
import yaml
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoConfig

from data.records import read_corpus
from serving.bundle import (
    FORMAT,
    HASHED_FILES,
    MANIFEST_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    KnownAnswer,
    Manifest,
    Thresholds,
    sha256,
)
from serving.errors import SendsafeError
from serving.inference import open_network
from serving.model import OUTPUTS
from serving.names import lexicon_sha256
from serving.text import NORMALISATION_VERSION
from serving.windows import OVERLAP_TOKENS, WINDOW_TOKENS
from training.base import encoder_folder
from training.dataset import examples
from training.fit import load_tokenizer
from training.labels import MODE_LABELS, TAG_LABELS, TIER_LABELS, TYPE_LABELS
from training.network import Network, empty_network
from training.quantisation import quantise

KNOWN_ANSWERS = Path(__file__).parent / "known_answers.yaml"
LARGEST_DIFFERENCE = 1e-3
"""Largest difference of a logit between torch and the fused fp32 network that counts as the same network."""
SHOWN_OF = 8
"""One in so many messages of the calibration split shows how uneven the network's values are."""
_PROBES = [[101, *range(2000, 2000 + length), 102] for length in (1, 7, 30, 126)]


class ExportError(SendsafeError):
    """The exported network is not the trained one."""


class _Plain(nn.Module):
    """The network with a tuple as its answer, which is what ONNX knows."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, ...]:
        outputs = self.network(input_ids, attention_mask)
        return outputs.tier, outputs.types, outputs.tags, outputs.modes


def load_network(source: str, weights: Path) -> Network:
    """Return the trained network, ready to read."""
    network = empty_network(source)
    network.load_state_dict(load_file(weights))
    return network.eval()


def export_onnx(network: Network, path: Path) -> None:
    """Write the network as one fp32 ONNX file that takes batches of any size and length."""
    tokens = torch.ones(2, 16, dtype=torch.int64)
    batch, length = {0: "batch"}, {0: "batch", 1: "tokens"}
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the TorchScript exporter announces its end; the newer one's graphs do not fuse
        torch.onnx.export(
            _Plain(network).eval(),
            (tokens, tokens),
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=["input_ids", "attention_mask"],
            output_names=list(OUTPUTS),
            dynamic_axes={
                "input_ids": length,
                "attention_mask": length,
                "tier": batch,
                "types": batch,
                "tags": length,
                "modes": length,
            },
        )


def fuse(path: Path, out: Path, heads: int, hidden_size: int) -> dict[str, int]:
    """Fuse attention, layer normalisation and activations; return how many of each operator came out.

    Embeddings stay by themselves, since the operator that they would be fused into has one scale for all rows in int8.
    """
    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False
    fused = optimizer.optimize_model(
        str(path),
        model_type="bert",
        num_heads=heads,
        hidden_size=hidden_size,
        optimization_options=options,
    )
    counts = dict(fused.get_fused_operator_statistics())
    split_norms(fused.model)
    fused.save_model_to_file(str(out))
    return counts


def split_norms(model: onnx.ModelProto) -> None:
    """Write every SkipLayerNormalization as additions and a LayerNormalization, which onnxruntime computes faster.

    Measured with onnxruntime 1.32 on 24 tokens of 384: 48 µs against 9. `serving.inference` keeps it from fusing them again.
    """
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if node.op_type != "SkipLayerNormalization":
            nodes.append(node)
            continue
        total, skip, gamma, beta, *biases = node.input
        for number, other in enumerate((*biases, skip)):
            nodes.append(onnx.helper.make_node("Add", [total, other], [f"{node.name}_sum_{number}"]))
            total = f"{node.name}_sum_{number}"
        epsilon = next(each.f for each in node.attribute if each.name == "epsilon")
        nodes.append(onnx.helper.make_node("LayerNormalization", [total, gamma, beta], [node.output[0]], axis=-1, epsilon=epsilon))
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def largest_difference(network: Network, path: Path, batches: Sequence[list[int]]) -> float:
    """Return the largest difference of any tier or tag logit between torch and an ONNX file, over some token lists."""
    session = open_network(path.read_bytes())
    worst = 0.0
    for ids in batches:
        tokens = np.array([ids], dtype=np.int64)
        theirs = session.run(["tier", "tags"], {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
        with torch.no_grad():
            outputs = network(torch.tensor(tokens), torch.ones_like(torch.tensor(tokens)))
        for mine, other in ((outputs.tier, theirs[0]), (outputs.tags, theirs[1])):
            worst = max(worst, float(np.abs(mine.numpy() - other).max()))
    return worst


def export_fused(encoder: str, weights: Path, out: Path) -> None:
    """Write the trained network as one fused fp32 file, proved equal to torch.

    Raises:
        ExportError: the fused network is not the trained one, or an operator was not fused.
    """
    source = encoder_folder(encoder)
    network = load_network(source, weights)
    config = AutoConfig.from_pretrained(source)
    with TemporaryDirectory() as work:
        plain = Path(work) / "plain.onnx"
        export_onnx(network, plain)
        counts = fuse(plain, out, config.num_attention_heads, config.hidden_size)
    if counts["Attention"] != config.num_hidden_layers:
        raise ExportError(f"only {counts['Attention']} of {config.num_hidden_layers} attention layers were fused")
    difference = largest_difference(network, out, _PROBES)
    if difference > LARGEST_DIFFERENCE:
        raise ExportError(f"the fused network differs from torch by {difference:.2g}")


def export_bundle(encoder: str, weights: Path, folder: Path, training_data_sha256: str) -> Manifest:
    """Write a bundle that is not yet calibrated (temperature 1, thresholds one half).

    Raises:
        ExportError: the fused network is not the trained one, or an operator was not fused.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer, _ = load_tokenizer(encoder_folder(encoder))
    with TemporaryDirectory() as work:
        fused = Path(work) / "fused.onnx"
        export_fused(encoder, weights, fused)
        shown = [window.ids for record in read_corpus("calibration")[::SHOWN_OF] for window in examples(record, tokenizer)]
        quantise(fused, folder / MODEL_FILE, shown)
    tokenizer.save(str(folder / TOKENIZER_FILE))
    files = {name: sha256((folder / name).read_bytes()) for name in HASHED_FILES}
    created = datetime.now(UTC)
    manifest = Manifest(
        format=FORMAT,
        name="sendsafe",
        version=f"{created:%Y.%m.%d}-{files[MODEL_FILE][:8]}",
        created=created.isoformat(timespec="seconds"),
        base_model=encoder,
        tiers=TIER_LABELS,
        types=TYPE_LABELS,
        tags=TAG_LABELS,
        modes=MODE_LABELS,
        temperature=1.0,
        thresholds=Thresholds(allow=0.5, block=0.5),
        window_tokens=WINDOW_TOKENS,
        overlap_tokens=OVERLAP_TOKENS,
        normalisation=NORMALISATION_VERSION,
        has_one_name=True,
        lexicon_sha256=lexicon_sha256(),
        training_data_sha256=training_data_sha256,
        metrics={},
        known_answers=tuple(KnownAnswer(**each) for each in yaml.safe_load(KNOWN_ANSWERS.read_text(encoding="utf-8"))),
        files=files,
    )
    write_manifest(manifest, folder)
    return manifest


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write a bundle's manifest."""
    (folder / MANIFEST_FILE).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
