"""From fp32 to int8: a quarter of the size, and faster (docs/decisions/0014)."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

_LARGE: Final = 1 << 20
"""Numbers in a table from which it is worth shrinking."""


def quantize(graph: Path) -> None:
    """Replace the model in `graph` by its int8 form.

    - Matrices are quantised by column and multiplied as integers. Seven bits of the weights are
      used: processors without VNNI add two products in 16 bits and would overflow with eight.
    - Matrices that narrow (the second one of each feed-forward block) are stored in 8 bits and
      multiplied in fp32: what goes into them has outliers, and quantising those makes half of the
      whole error. onnxruntime unpacks them once, when it loads.
    - Tables of embeddings are stored in 8 bits with a scale for each row.
    """
    model = onnx.load(str(graph))
    _shrink_tables(model)
    _shrink_narrowing(model)
    onnx.save(model, str(graph))
    # The package advises a preparation that changes nothing for these graphs.
    logging.getLogger().setLevel(logging.ERROR)
    quantize_dynamic(
        str(graph),
        str(graph),
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=True,
        weight_type=QuantType.QInt8,
    )


def _matrices(graph: Any) -> dict[str, Any]:
    return {
        tensor.name: tensor
        for tensor in graph.initializer
        if len(tensor.dims) == 2 and tensor.data_type == TensorProto.FLOAT
    }


def _in_8_bits(values: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[Any]]:
    """The values as integers, and the scales along `axis`."""
    scale = (np.abs(values).max(axis=axis, keepdims=True) / 127).astype(np.float32)
    scale[scale == 0] = 1
    return np.clip(np.round(values / scale), -127, 127).astype(np.int8), scale


def _shrink_narrowing(model: Any) -> None:
    graph = model.graph
    matrices = _matrices(graph)
    for node in list(graph.node):
        matrix = matrices.get(node.input[1]) if node.op_type == "MatMul" else None
        if matrix is None or matrix.dims[0] <= matrix.dims[1]:
            continue
        columns, scale = _in_8_bits(numpy_helper.to_array(matrix), axis=0)
        name = matrix.name
        at = list(graph.node).index(node)
        # Not DequantizeLinear, which onnxruntime would work out again in every run.
        steps = [
            helper.make_node("Cast", [f"{name}.int8"], [f"{name}.float"], to=TensorProto.FLOAT),
            helper.make_node("Mul", [f"{name}.float", f"{name}.scale"], [f"{name}.whole"]),
        ]
        for offset, step in enumerate(steps):
            graph.node.insert(at + offset, step)
        node.input[1] = f"{name}.whole"
        graph.initializer.remove(matrix)
        graph.initializer.append(numpy_helper.from_array(columns, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))


def _shrink_tables(model: Any) -> None:
    graph = model.graph
    matrices = _matrices(graph)
    for node in list(graph.node):
        table = matrices.get(node.input[0]) if node.op_type == "Gather" else None
        if table is None or int(np.prod(table.dims)) < _LARGE:
            continue
        rows, scale = _in_8_bits(numpy_helper.to_array(table), axis=1)
        name, ids = table.name, node.input[1]
        at = list(graph.node).index(node)
        graph.node.remove(node)
        steps = [
            helper.make_node("Gather", [f"{name}.int8", ids], [f"{name}.row"]),
            helper.make_node("Cast", [f"{name}.row"], [f"{name}.float"], to=TensorProto.FLOAT),
            helper.make_node("Gather", [f"{name}.scale", ids], [f"{name}.factor"]),
            helper.make_node("Mul", [f"{name}.float", f"{name}.factor"], [node.output[0]]),
        ]
        for offset, step in enumerate(steps):
            graph.node.insert(at + offset, step)
        graph.initializer.remove(table)
        graph.initializer.append(numpy_helper.from_array(rows, f"{name}.int8"))
        graph.initializer.append(numpy_helper.from_array(scale, f"{name}.scale"))
