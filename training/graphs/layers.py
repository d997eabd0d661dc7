"""The layers of `backend.generators.layers` as nodes of a graph."""

from __future__ import annotations

import numpy as np

from .graph import FLOAT, Graph

_EPSILON = float(np.finfo(np.float32).eps)
"""What torch's rms_norm adds under the root where it is told nothing."""
Angles = tuple[str, str]


def rms_norm(graph: Graph, x: str, width: int) -> str:
    """x [..., width] over its last dim."""
    ones = graph.constant(np.ones(width, np.float32))
    return graph.op("RMSNormalization", x, ones, axis=-1, epsilon=_EPSILON)


def silu(graph: Graph, x: str) -> str:
    """x sigmoid(x)."""
    return graph.op("Mul", x, graph.op("Sigmoid", x))


def count(graph: Graph, x: str, axis: int) -> str:
    """How long x is along an axis, as a scalar."""
    size = graph.op("Shape", x, start=axis, end=axis + 1)
    return graph.op("Squeeze", size, graph.constant([0]))


def numbers(graph: Graph, x: str, axis: int) -> str:
    """0, 1, 2 ... [n] for the n places of x along an axis."""
    begin, step = (graph.constant(np.array(value)) for value in (0, 1))
    return graph.op("Range", begin, count(graph, x, axis), step)


def angles(graph: Graph, x: str, head_width: int) -> Angles:
    """Cosines and sines [token, head_width // 2] of rotary positions for x [batch, token, width]."""
    rates = (10_000.0 ** (-np.arange(0, head_width, 2, dtype=np.float32) / head_width)).astype(np.float32)
    place = graph.op("Unsqueeze", graph.op("Cast", numbers(graph, x, 1), to=FLOAT), graph.constant([1]))
    found = graph.op("Mul", place, graph.constant(rates))
    return graph.op("Cos", found), graph.op("Sin", found)


def rotated(graph: Graph, x: str, by: Angles) -> str:
    """x [batch, head, token, head_width] turned by its positions' angles."""
    cos, sin = by
    first, second = graph.ops("Split", 2, x, axis=-1, num_outputs=2)
    left = graph.op("Sub", graph.op("Mul", first, cos), graph.op("Mul", second, sin))
    right = graph.op("Add", graph.op("Mul", first, sin), graph.op("Mul", second, cos))
    return graph.op("Concat", left, right, axis=-1)


def attention(
    graph: Graph, name: str, x: str, source: str, width: int, heads: int, mask: str | None, by: Angles | None
) -> str:
    """`layers.Attention`; mask: what is added to the scores, or None where all of the source is real."""
    head_width = width // heads
    shape = graph.constant([0, 0, heads, head_width])
    query = graph.op("Reshape", graph.linear(x, f"{name}.query"), shape)
    parts = graph.ops("Split", 2, graph.linear(source, f"{name}.key_value"), axis=-1, num_outputs=2)
    key, value = (graph.op("Reshape", part, shape) for part in parts)
    query, key = (rms_norm(graph, part, head_width) for part in (query, key))
    query, key, value = (graph.op("Transpose", part, perm=[0, 2, 1, 3]) for part in (query, key, value))
    if by is not None:
        query, key = rotated(graph, query, by), rotated(graph, key, by)
    query = graph.op("Mul", query, graph.weight(f"{name}.temperature"))
    scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    if mask is not None:
        scores = graph.op("Add", scores, mask)
    mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), value)
    joined = graph.op("Reshape", graph.op("Transpose", mixed, perm=[0, 2, 1, 3]), graph.constant([0, 0, width]))
    return graph.linear(joined, f"{name}.out")


def swiglu(graph: Graph, name: str, x: str) -> str:
    """`layers.SwiGLU`."""
    gate, up = graph.ops("Split", 2, graph.linear(x, f"{name}.gate_up"), axis=-1, num_outputs=2)
    return graph.linear(graph.op("Mul", silu(graph, gate), up), f"{name}.down")


def text_block(graph: Graph, name: str, x: str, text: str, mask: str, width: int, heads: int, by: Angles) -> str:
    """`layers.TextBlock`."""
    normed = rms_norm(graph, x, width)
    x = graph.op("Add", x, attention(graph, f"{name}.attention", normed, normed, width, heads, None, by))
    normed = rms_norm(graph, x, width)
    x = graph.op("Add", x, attention(graph, f"{name}.words", normed, text, width, heads, mask, None))
    return graph.op("Add", x, swiglu(graph, f"{name}.feed", rms_norm(graph, x, width)))


def timed_block(graph: Graph, name: str, x: str, condition: str, width: int, heads: int, by: Angles) -> str:
    """`layers.TimedBlock`; condition [batch, 1, width] is past its SiLU."""
    parts = graph.ops("Split", 6, graph.linear(condition, f"{name}.modulation"), axis=-1, num_outputs=6)
    for place, feed in ((0, False), (3, True)):
        shift, scale, gate = parts[place : place + 3]
        moved = graph.op("Mul", rms_norm(graph, x, width), graph.op("Add", scale, graph.constant(1.0)))
        moved = graph.op("Add", moved, shift)
        if feed:
            made = swiglu(graph, f"{name}.feed", moved)
        else:
            made = attention(graph, f"{name}.attention", moved, moved, width, heads, None, by)
        x = graph.op("Add", x, graph.op("Mul", gate, made))
    return x


def time_embedding(graph: Graph, name: str, time: str) -> str:
    """`layers.TimeEmbedding`: time [batch] -> [batch, width]."""
    rates = np.exp(-np.log(10_000.0) * np.arange(128, dtype=np.float32) / 128).astype(np.float32)
    scaled = graph.op("Mul", graph.op("Unsqueeze", time, graph.constant([1])), graph.constant(1000.0))
    found = graph.op("Mul", scaled, graph.constant(rates))
    waves = graph.op("Concat", graph.op("Cos", found), graph.op("Sin", found), axis=-1)
    return graph.linear(silu(graph, graph.linear(waves, f"{name}.layers.0")), f"{name}.layers.2")


def hidden(graph: Graph, mask: str) -> str:
    """What is added to scores [batch, head, query, piece] so that the pieces outside of `mask` [batch, piece] count for nothing."""
    wide = graph.op("Unsqueeze", mask, graph.constant([1, 2]))
    return graph.op("Where", wide, graph.constant(0.0), graph.constant(float(np.finfo(np.float32).min)))


def shares(graph: Graph, mask: str) -> str:
    """[batch, piece, 1]: the share of each real piece in their mean."""
    real = graph.op("Cast", mask, to=FLOAT)
    share = graph.op("Div", real, graph.op("ReduceSum", real, graph.constant([1]), keepdims=1))
    return graph.op("Unsqueeze", share, graph.constant([2]))
