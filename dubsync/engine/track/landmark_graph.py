"""Read the landmark network's graph from its TFLite flatbuffer: operators and weights as arrays.

Only the operators of that network are supported; anything else is refused.  The tables' accessors
come generated with the runtime (`ai_edge_litert.schema_py_generated`).
Source: TensorFlow Lite schema, version 3 (schema.fbs).
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError

Kind = Literal["conv", "depthwise", "prelu", "add", "pool", "channels"]

#: Largest number of channels accepted: twice what the network has.
MOST_CHANNELS = 4096
_VERSION = 3
_SAME = 0
_STORED_TYPES = {0: "<f4", 1: "<f2", 2: "<i4"}  # TensorType: FLOAT32, FLOAT16, INT32


@dataclass(frozen=True, slots=True, eq=False)
class Operator:
    """One operator of the graph.

    reads    tensor numbers of its inputs
    makes    tensor number of its output
    weights  as the file has them, float32: conv (out, h, w, in) and bias, depthwise (1, h, w, c)
             and bias, prelu (1, 1, c)
    stride   pixels, of conv, depthwise and pool
    same     padded to ceil(size / stride)
    amount   side of a pool's window; channels added after the last
    """

    kind: Kind
    reads: tuple[int, ...]
    makes: int
    weights: tuple[Array, ...] = ()
    stride: int = 1
    same: bool = False
    amount: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Operators in execution order, from the tensor `input` to the tensors `outputs`."""

    operators: tuple[Operator, ...]
    input: int
    outputs: tuple[int, ...]


def read_graph(model: bytes, outputs: int) -> Graph:
    """The graph that computes the first `outputs` outputs of a .tflite file.

    Raises:
        ModelError: damaged, or with operators other than those of the landmark network.
    """
    try:
        return _read(model, outputs)
    except (
        struct.error, IndexError, KeyError, ValueError, TypeError, AttributeError, OverflowError,
    ) as error:  # fmt: skip
        raise ModelError("the landmark network's graph cannot be read: damaged") from error


def _read(model: bytes, outputs: int) -> Graph:
    root = schema.Model.GetRootAs(model, 0)
    if root.Version() != _VERSION or root.SubgraphsLength() != 1:
        raise ModelError("the landmark network's graph has an unsupported version")
    tables = root.Subgraphs(0)
    constants = _Constants(root, tables)
    operators: list[Operator] = []
    unknown: dict[int, str] = {}
    for n in range(tables.OperatorsLength()):
        table = tables.Operators(n)
        name = _operator_name(root, table)
        makes = table.Outputs(0)
        if name == "DEQUANTIZE":
            constants.alias(makes, table.Inputs(0))
        elif name not in _READERS:
            unknown[makes] = name
        else:
            operators.append(_READERS[name](table, constants))
    graph_outputs = tuple(tables.Outputs(n) for n in range(outputs))
    return Graph(
        _needed(operators, graph_outputs, unknown, tables.Inputs(0)),
        tables.Inputs(0),
        graph_outputs,
    )


def _needed(
    operators: list[Operator],
    outputs: tuple[int, ...],
    unknown: Mapping[int, str],
    graph_input: int,
) -> tuple[Operator, ...]:
    """The operators that `outputs` depend on, each after its inputs."""
    missing = set(outputs)
    needed = []
    for operator in reversed(operators):
        if operator.makes in missing:
            missing.discard(operator.makes)
            missing.update(operator.reads)
            needed.append(operator)
    for number in missing - {graph_input}:
        what = unknown.get(number, "nothing")
        raise ModelError(f"the landmark network's graph depends on {what}, which is not supported")
    return tuple(reversed(needed))


class _Constants:
    """The constant tensors of a graph."""

    def __init__(self, root: Any, tables: Any) -> None:
        self._root, self._tables = root, tables
        self._halves: dict[int, int] = {}

    def alias(self, number: int, half: int) -> None:
        """Tensor `number` is tensor `half`, dequantised."""
        self._halves[number] = half

    def numbers(self, number: int) -> NDArray[Any]:
        """A tensor's values, in its shape."""
        tensor = self._tables.Tensors(self._halves.get(number, number))
        data = self._root.Buffers(tensor.Buffer()).DataAsNumpy()
        return np.asarray(data.view(_STORED_TYPES[tensor.Type()]).reshape(tensor.ShapeAsNumpy()))

    def weights(self, number: int, dimensions: int) -> Array:
        """A tensor of weights, float32."""
        result = self.numbers(number).astype(np.float32)
        if result.ndim != dimensions or not np.isfinite(result).all():
            raise ModelError("the landmark network's graph has weights of a wrong kind")
        return result


def _operator_name(root: Any, table: Any) -> str:
    """The operator's name in the schema; "?" where it has none."""
    code = root.OperatorCodes(table.OpcodeIndex())
    # Codes over 127 are in the newer field alone: schema.fbs, OperatorCode.
    number = max(code.BuiltinCode(), code.DeprecatedBuiltinCode())
    return _NAMES.get(number, "?")


_NAMES: dict[int, str] = {
    v: n for n, v in vars(schema.BuiltinOperator).items() if isinstance(v, int)
}


def _options(table: Any, kind: Any) -> Any:
    """The operator's options as a table of `kind`; fused activations are refused."""
    raw = table.BuiltinOptions()
    options = kind()
    options.Init(raw.Bytes, raw.Pos)
    if options.FusedActivationFunction():
        raise ModelError(
            "the landmark network's graph has a fused activation, which is not supported"
        )
    return options


def _strided(options: Any) -> int:
    stride = int(options.StrideW())
    if stride not in (1, 2) or options.StrideH() != stride:
        raise ModelError(f"the landmark network's graph has a stride of {stride}")
    return stride


def _convolution(table: Any, constants: _Constants, kind: Kind) -> Operator:
    table_kind = schema.Conv2DOptions if kind == "conv" else schema.DepthwiseConv2DOptions
    options = _options(table, table_kind)
    weights, bias = constants.weights(table.Inputs(1), 4), constants.weights(table.Inputs(2), 1)
    out = weights.shape[0 if kind == "conv" else 3]
    dilated = options.DilationWFactor() != 1 or options.DilationHFactor() != 1
    # A depthwise kernel with a depth multiplier would have a different layout.
    several = kind == "depthwise" and (options.DepthMultiplier() != 1 or weights.shape[0] != 1)
    if dilated or several or bias.shape != (out,) or out > MOST_CHANNELS:
        raise ModelError("the landmark network's graph has an unsupported convolution")
    return Operator(
        kind,
        (table.Inputs(0),),
        table.Outputs(0),
        (weights, bias),
        _strided(options),
        options.Padding() == _SAME,
    )


def _prelu(table: Any, constants: _Constants) -> Operator:
    weights = constants.weights(table.Inputs(1), 3)
    if weights.shape[:2] != (1, 1):
        raise ModelError("the landmark network's graph has a PReLU that varies with position")
    return Operator("prelu", (table.Inputs(0),), table.Outputs(0), (weights,))


def _add(table: Any, constants: _Constants) -> Operator:
    _options(table, schema.AddOptions)
    return Operator("add", (table.Inputs(0), table.Inputs(1)), table.Outputs(0))


def _pool(table: Any, constants: _Constants) -> Operator:
    options = _options(table, schema.Pool2DOptions)
    stride, side = _strided(options), options.FilterWidth()
    if options.Padding() == _SAME or options.FilterHeight() != side or side != stride:
        raise ModelError("the landmark network's graph has an unsupported pool")
    return Operator("pool", (table.Inputs(0),), table.Outputs(0), stride=stride, amount=side)


def _pad(table: Any, constants: _Constants) -> Operator:
    amounts = constants.numbers(table.Inputs(1))
    added = int(amounts[3, 1])
    if amounts.shape != (4, 2) or amounts.sum() != added or not 0 < added <= MOST_CHANNELS:
        raise ModelError("the landmark network's graph pads more than channels")
    return Operator("channels", (table.Inputs(0),), table.Outputs(0), amount=added)


_READERS: dict[str, Callable[[Any, _Constants], Operator]] = {
    "CONV_2D": lambda table, constants: _convolution(table, constants, "conv"),
    "DEPTHWISE_CONV_2D": lambda table, constants: _convolution(table, constants, "depthwise"),
    "PRELU": _prelu,
    "ADD": _add,
    "MAX_POOL_2D": _pool,
    "PAD": _pad,
}
