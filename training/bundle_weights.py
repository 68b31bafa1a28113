"""The weights of a network as a bundle holds them, so that training can go on from the bundle that is served.

int8 weights come back with what quantising took from them: at most half a step of their scale each.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import Tensor

from serving.bundle import MODEL_FILE
from training.base import BaseModelError
from training.network import Network
from training.quantisation import ROW_SCALES, ROWS, SMOOTHING, layer_name

_SCALE, _ZERO, _QUANTISED = "_scale", "_zero_point", "_quantized"
_TRANSPOSED = "_Transposed"
_READS = ("query", "key", "value")
"""What an attention layer makes of its input, in the order in which fusing puts the weights together."""
_UNUSED = "encoder.pooler."
"""Part of some encoders that the heads do not read, so that no bundle holds it."""


def load_bundle(network: Network, bundle: Path) -> None:
    """Put the weights of a bundle into a network of the same shape.

    Raises:
        BaseModelError: the bundle holds another network.
        OSError: the bundle cannot be read.
    """
    weights = dict(_weights(onnx.load(bundle / MODEL_FILE)))
    own = {name: weight.shape for name, weight in network.state_dict().items() if not name.startswith(_UNUSED)}
    if {name: weight.shape for name, weight in weights.items()} != own:
        raise BaseModelError(f"{bundle} holds another network than the configuration asks for: training cannot go on from it")
    network.load_state_dict(weights, strict=False)


def _weights(model: onnx.ModelProto) -> Iterator[tuple[str, Tensor]]:
    """Yield the network's weights by torch's names."""
    arrays = {each.name: numpy_helper.to_array(each) for each in model.graph.initializer}
    yield from _named_weights(arrays)
    layer = 0
    for node in model.graph.node:
        quantised = next((each.removesuffix(_QUANTISED) for each in node.input if each in arrays and each.endswith(_QUANTISED)), "")
        if node.op_type == "QAttention":
            weights = np.split(_dequantised(arrays, quantised), len(_READS), axis=1)
            biases = np.split(arrays[quantised.replace("weight", "bias")], len(_READS))
            for part, weight, bias in zip(_READS, weights, biases, strict=True):
                prefix = f"encoder.encoder.layer.{layer}.attention.self.{part}"
                yield f"{prefix}.weight", _tensor(weight.T)
                yield f"{prefix}.bias", _tensor(bias)
            layer += 1
        elif node.op_type == "MatMulInteger" and not quantised.startswith("network."):
            place = layer_name(node)
            smoothing = arrays.get(SMOOTHING + place, np.ones(1, dtype=np.float32))
            yield f"{place}.weight", _tensor((_dequantised(arrays, quantised) * smoothing[:, None]).T)


def _named_weights(arrays: dict[str, NDArray[Any]]) -> Iterator[tuple[str, Tensor]]:
    """Yield those that kept their names: embeddings, biases and norms, and the heads."""
    for name, array in arrays.items():
        if not name.startswith("network.") or name.endswith((_SCALE, _ZERO, ROW_SCALES)):
            continue
        if name.endswith(_QUANTISED):
            full = name.removesuffix(_QUANTISED)
            weight = _dequantised(arrays, full)
            is_turned = full.endswith(_TRANSPOSED)
            yield _name(full.removesuffix(_TRANSPOSED)), _tensor(weight.T if is_turned else weight)
        elif name.endswith(ROWS):
            full = name.removesuffix(ROWS)
            yield _name(full), _tensor(array.astype(np.float32) * arrays[full + ROW_SCALES])
        else:
            yield _name(name), _tensor(array)


def _dequantised(arrays: dict[str, NDArray[Any]], name: str) -> NDArray[Any]:
    zero = arrays[f"{name}{_ZERO}"].astype(np.float32)
    return np.asarray((arrays[f"{name}{_QUANTISED}"].astype(np.float32) - zero) * arrays[f"{name}{_SCALE}"])


def _name(name: str) -> str:
    return name.removeprefix("network.")


def _tensor(array: NDArray[Any]) -> Tensor:
    return torch.tensor(array, dtype=torch.float32)
