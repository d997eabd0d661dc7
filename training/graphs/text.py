"""all-MiniLM-L6-v2 and the length estimator as graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backend.text.minilm import HEADS, LAYERS
from backend.text.pieces import WIDTH
from backend.weights.locate import MAIN_FILE

from . import layers
from .graph import BOOL, FLOAT, INT, Graph

_EPSILON = 1e-12


def write_length(text_width: int, folder: Path) -> None:
    """length.onnx: text states and mask -> logits over lengths; see `LengthEstimator`."""
    graph = Graph(folder / MAIN_FILE, "length.")
    states = graph.input("states", FLOAT, "batch", "piece", text_width)
    mask = graph.input("mask", BOOL, "batch", "piece")
    x = graph.op("Tanh", graph.linear(states, "states"))
    real = graph.op("Unsqueeze", mask, graph.constant([2]))
    score = graph.op("Where", real, graph.linear(x, "weight"), graph.constant(float(np.finfo(np.float32).min)))
    weighted = graph.op("Mul", graph.op("Softmax", score, axis=1), x)
    pooled = graph.op("ReduceSum", weighted, graph.constant([1]), keepdims=0)
    hidden = layers.silu(graph, graph.linear(pooled, "out.0"))
    graph.save(folder / "length.onnx", logits=(graph.linear(hidden, "out.3"), FLOAT))


def write_minilm(folder: Path) -> None:
    """encode.onnx: numbers of word pieces and their mask -> states [prompt, piece, 384]; see `backend.text.minilm.Bert`."""
    graph = Graph(folder / MAIN_FILE)
    tokens = graph.input("tokens", INT, "batch", "piece")
    mask = graph.input("mask", BOOL, "batch", "piece")
    places = graph.rows("position.weight", layers.numbers(graph, tokens, 1))
    kind = graph.rows("kind.weight", graph.constant([0]))
    x = graph.op("Add", graph.rows("word.weight", tokens), graph.op("Add", places, kind))
    x, hidden = _norm(graph, x, "norm"), layers.hidden(graph, mask)
    for layer in range(LAYERS):
        name = f"layers.layers.{layer}"
        x = _norm(graph, graph.op("Add", x, _attention(graph, x, hidden, f"{name}.self_attn")), f"{name}.norm1")
        feed = graph.linear(graph.op("Gelu", graph.linear(x, f"{name}.linear1")), f"{name}.linear2")
        x = _norm(graph, graph.op("Add", x, feed), f"{name}.norm2")
    graph.save(folder / "encode.onnx", states=(x, FLOAT))


def _norm(graph: Graph, x: str, name: str) -> str:
    weight, bias = graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias")
    return graph.op("LayerNormalization", x, weight, bias, axis=-1, epsilon=_EPSILON)


def _attention(graph: Graph, x: str, hidden: str, name: str) -> str:
    mixed = graph.product(x, f"{name}.in_proj_weight", f"{name}.in_proj_bias")
    shape = graph.constant([0, 0, HEADS, WIDTH // HEADS])
    parts = (graph.op("Reshape", part, shape) for part in graph.ops("Split", 3, mixed, axis=-1, num_outputs=3))
    query, key, value = (graph.op("Transpose", part, perm=[0, 2, 1, 3]) for part in parts)
    scores = graph.op("MatMul", query, graph.op("Transpose", key, perm=[0, 1, 3, 2]))
    scores = graph.op("Mul", scores, graph.constant((WIDTH / HEADS) ** -0.5))
    weights = graph.op("Softmax", graph.op("Add", scores, hidden), axis=-1)
    found = graph.op("Transpose", graph.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    return graph.linear(graph.op("Reshape", found, graph.constant([0, 0, WIDTH])), f"{name}.out_proj")
