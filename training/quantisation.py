"""Write a fused fp32 network in int8 so that it keeps its verdicts.

Weights have a scale for each channel, embeddings one for each token, and what goes into a layer one as it comes (dynamic). Since that is
one scale for all of it, a few channels that are ten times as large as the rest would leave the rest coarse: in dense layers each channel is
first divided by a number, and the weights that it meets are multiplied by it (SmoothQuant, Xiao and others 2022, arXiv 2211.10438).
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from serving.inference import open_network

SMOOTHING = "smoothing."
"""Begins the name of what a layer's input is multiplied with; the rest is the layer's own name."""
ROWS, ROW_SCALES = "_rows", "_row_scales"
"""End the names of an embedding's int8 rows and of what each of them is multiplied with."""
_SHARE = 0.8
"""How much of the unevenness goes over to the weights."""
_LEAST = 1e-5
_HIGHEST_INT8 = 127
_MANY_ROWS = 100
"""An embedding of fewer stays as it is."""


def quantise(path: Path, out: Path, token_lists: Sequence[Sequence[int]]) -> None:
    """Write the fused network of `path` in int8; `token_lists` are messages that show how uneven its values are."""
    model = onnx.load(path)
    _smooth(model, token_lists)
    embeddings = _quantise_embeddings(model)
    quantize_dynamic(
        model,
        out,
        nodes_to_exclude=embeddings,
        weight_type=QuantType.QInt8,
        per_channel=True,
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def layer_name(node: onnx.NodeProto) -> str:
    """Return torch's name of the layer that a matrix product stands for."""
    return node.name.strip("/").partition("/MatMul")[0].replace("/", ".").removeprefix("network.")


def _smooth(model: onnx.ModelProto, token_lists: Sequence[Sequence[int]]) -> None:
    highest = _highest(model, [node.input[0] for node in model.graph.node if _is_dense(node)], token_lists)
    arrays = {each.name: each for each in model.graph.initializer}
    nodes: list[onnx.NodeProto] = []
    for node in model.graph.node:
        if _is_dense(node):
            given, weight = node.input[0], numpy_helper.to_array(arrays[node.input[1]])
            scale = _scale(highest[given], np.abs(weight).max(axis=1))
            arrays[node.input[1]].CopyFrom(numpy_helper.from_array(weight * scale[:, None], node.input[1]))
            name = SMOOTHING + layer_name(node)
            model.graph.initializer.append(numpy_helper.from_array(1 / scale, name))
            node.input[0] = f"{name}_output"
            nodes.append(helper.make_node("Mul", [given, name], [node.input[0]], name=name))
        nodes.append(node)
    del model.graph.node[:]
    model.graph.node.extend(nodes)


def _is_dense(node: onnx.NodeProto) -> bool:
    return node.op_type == "MatMul" and node.name.endswith("/dense/MatMul")


def _highest(model: onnx.ModelProto, names: Sequence[str], token_lists: Sequence[Sequence[int]]) -> dict[str, NDArray[np.float32]]:
    """Return the largest amount of each channel of each of these values over the messages."""
    told = onnx.ModelProto()
    told.CopyFrom(model)
    told.graph.output.extend(helper.make_empty_tensor_value_info(name) for name in names)
    session = open_network(told.SerializeToString())
    highest: dict[str, NDArray[np.float32]] = {}
    for ids in token_lists:
        tokens = np.array([ids], dtype=np.int64)
        values = session.run(list(names), {"input_ids": tokens, "attention_mask": np.ones_like(tokens)})
        for name, value in zip(names, values, strict=True):
            own = np.abs(value).reshape(-1, value.shape[-1]).max(axis=0)
            highest[name] = np.maximum(highest.get(name, own), own)
    return highest


def _scale(given: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what each channel is divided by; the geometric mean is 1.

    >>> [round(float(each), 2) for each in _scale(np.array([1, 16], dtype=np.float32), np.array([1, 1], dtype=np.float32))]
    [0.33, 3.03]
    """
    scale = np.maximum(given, _LEAST) ** _SHARE / np.maximum(weight, _LEAST) ** (1 - _SHARE)
    return np.asarray(scale / np.exp(np.log(scale).mean()), dtype=np.float32)


def _quantise_embeddings(model: onnx.ModelProto) -> list[str]:
    """Write each embedding as int8 rows, and take a row's scale with it; return the names of the nodes that do so."""
    arrays = {each.name: each for each in model.graph.initializer}
    nodes: list[onnx.NodeProto] = []
    names: list[str] = []
    for node in model.graph.node:
        if node.op_type != "Gather" or node.input[0] not in arrays or len(arrays[node.input[0]].dims) != 2:  # noqa: PLR2004 (rows and columns)
            nodes.append(node)
            continue
        if arrays[node.input[0]].dims[0] < _MANY_ROWS:
            names.append(node.name)
            nodes.append(node)
            continue
        name, places, found = node.input[0], node.input[1], node.output[0]
        table = numpy_helper.to_array(arrays[name])
        scales = np.maximum(np.abs(table).max(axis=1, keepdims=True), _LEAST) / _HIGHEST_INT8
        rows = np.rint(table / scales).astype(np.int8)
        model.graph.initializer.remove(arrays[name])
        model.graph.initializer.append(numpy_helper.from_array(rows, name + ROWS))
        model.graph.initializer.append(numpy_helper.from_array(scales.astype(np.float32), name + ROW_SCALES))
        taking = [
            helper.make_node("Gather", [name + ROWS, places], [f"{found}_int8"], f"{found}_take", axis=0),
            helper.make_node("Gather", [name + ROW_SCALES, places], [f"{found}_scale"], f"{found}_take_scale", axis=0),
        ]
        names += [each.name for each in taking]
        nodes += [
            *taking,
            helper.make_node("Cast", [f"{found}_int8"], [f"{found}_float"], to=onnx.TensorProto.FLOAT),
            helper.make_node("Mul", [f"{found}_float", f"{found}_scale"], [found]),
        ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return names
