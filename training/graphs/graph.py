"""Builds one ONNX graph whose weights stay where they are: in a safetensors file beside it, named by their place there."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from common import VERSION

_OPSET, _IR = 23, 11
"""The first with RMSNormalization, and the file format of its time."""
_RUNTIME = "com.microsoft"
"""ONNX Runtime's own operators."""
_TYPES = {"F32": TensorProto.FLOAT, "F16": TensorProto.FLOAT16, "I8": TensorProto.INT8}
SCALE = ".scale"
"""Ends the name of what a weight in 8 bits is multiplied by."""
FLOAT, BOOL, INT = TensorProto.FLOAT, TensorProto.BOOL, TensorProto.INT64


class Graph:
    """A graph under construction; values are the names of tensors.

    weights: the safetensors file; prefix: what stands before the network's own names in it.
    """

    def __init__(self, weights: Path, prefix: str = "") -> None:
        self.weights, self.prefix = weights, prefix
        with weights.open("rb") as file:
            (size,) = struct.unpack("<Q", file.read(8))
            self._places: dict[str, Any] = json.loads(file.read(size))
        self._begin = 8 + size
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: dict[str, TensorProto] = {}
        self._inputs: list[onnx.ValueInfoProto] = []
        self._loaded: dict[str, str] = {}
        self._constants: dict[str, str] = {}

    def input(self, name: str, kind: int, *shape: str | int) -> str:
        """An input; a word in its shape is a length that is free."""
        self._inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """The one output of a node."""
        (made,) = self.ops(kind, 1, *inputs, **attributes)
        return made

    def ops(self, kind: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """The outputs of a node that has several."""
        names = [f"{kind}_{len(self._nodes)}_{place}" for place in range(count)]
        self._nodes.append(helper.make_node(kind, list(inputs), names, **attributes))
        return names

    def constant(self, values: NDArray[Any] | float | list[int]) -> str:
        """A constant that stands in the graph itself; floats are float32, integers int64."""
        array = np.asarray(values)
        array = array.astype(np.float32) if array.dtype.kind == "f" else array
        key = str((array.dtype, array.shape, array.tobytes()))
        if key not in self._constants:
            self._constants[key] = f"constant_{len(self._constants)}"
            self._initializers[self._constants[key]] = numpy_helper.from_array(array, self._constants[key])
        return self._constants[key]

    def weight(self, name: str) -> str:
        """A weight in float32, however it is stored; the runtime converts it once, when it loads the graph."""
        key = self.prefix + name
        if key not in self._loaded:
            self._loaded[key] = self._float(key, lambda stored: stored)
        return self._loaded[key]

    def rows(self, name: str, numbers: str) -> str:
        """Rows of a weight by their numbers; only these become float32, so that a large table stays as it is stored."""
        return self._float(self.prefix + name, lambda stored: self.op("Gather", stored, numbers))

    def has(self, name: str) -> bool:
        """Whether the network has a weight of that name."""
        return self.prefix + name in self._places

    def linear(self, x: str, name: str) -> str:
        """x [..., in] through the linear layer of that name."""
        return self.product(x, f"{name}.weight", f"{name}.bias")

    def product(self, x: str, weight: str, bias: str) -> str:
        """x [..., in] times a weight [out, in], with a bias [out] where there is one of that name.

        A weight that is stored in 8 bits is multiplied in 8 bits, with x rounded against its own range.
        """
        if self.has(weight + SCALE):
            return self._in_eight_bits(x, weight, bias)
        made = self.op("MatMul", x, self.op("Transpose", self.weight(weight), perm=[1, 0]))
        return self.op("Add", made, self.weight(bias)) if self.has(bias) else made

    def _in_eight_bits(self, x: str, weight: str, bias: str) -> str:
        key = self.prefix + weight
        # without a sign: signed weights overflow in the 16 bits that processors without VNNI add products in
        middle = self.constant(np.array(128.0))
        shifted = self.op("Add", self.op("Cast", self._stored(key), to=FLOAT), middle)
        rows = self.op("Transpose", self.op("Cast", shifted, to=TensorProto.UINT8), perm=[1, 0])
        scale = self.op("Squeeze", self._stored(key + SCALE), self.constant([1]))
        zeros = self.constant(np.full(self._places[key]["shape"][0], 128, np.uint8))
        inputs = [x, rows, scale, zeros, *([self.weight(bias)] if self.has(bias) else [])]
        return self.op("DynamicQuantizeMatMul", *inputs, domain=_RUNTIME)

    def save(self, path: Path, **outputs: tuple[str, int]) -> None:
        """Write the graph with outputs by name: (value, type)."""
        for name, (value, _) in outputs.items():
            self._nodes.append(helper.make_node("Identity", [value], [name]))
        found = [helper.make_tensor_value_info(name, kind, None) for name, (_, kind) in outputs.items()]
        used = {"": _OPSET} | {node.domain: 1 for node in self._nodes if node.domain}
        graph = helper.make_graph(self._nodes, path.stem, self._inputs, found, list(self._initializers.values()))
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid(name, number) for name, number in used.items()], ir_version=_IR,
            producer_name="isodim", producer_version=VERSION,
        )  # fmt: skip
        path.write_bytes(model.SerializeToString(deterministic=True))

    def _float(self, key: str, read: Callable[[str], str]) -> str:
        made = read(self._stored(key))
        if self._places[key]["dtype"] != "F32":
            made = self.op("Cast", made, to=FLOAT)
        return self.op("Mul", made, read(self._stored(key + SCALE))) if key + SCALE in self._places else made

    def _stored(self, key: str) -> str:
        place = self._places[key]
        if key not in self._initializers:
            first, end = place["data_offsets"]
            tensor = TensorProto(name=key, data_type=_TYPES[place["dtype"]], dims=place["shape"])
            tensor.data_location = TensorProto.EXTERNAL
            where = {"location": self.weights.name, "offset": str(self._begin + first), "length": str(end - first)}
            for name, value in where.items():
                tensor.external_data.add(key=name, value=value)
            self._initializers[key] = tensor
        return key
