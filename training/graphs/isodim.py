"""IsoDiM's two networks as graphs: the MAR transformer (`context`) and the diffusion head (`predict`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backend.generators.isodim import IsoDiM
from backend.weights.locate import MAIN_FILE

from . import layers
from .graph import BOOL, FLOAT, Graph


def write_context(model: IsoDiM, folder: Path) -> None:
    """context.onnx: text states, which rows see none of them, data and which are visible -> what the head reads."""
    config, graph = model.config, Graph(folder / MAIN_FILE, "generator.")
    states = graph.input("states", FLOAT, "batch", "piece", config.text_width)
    mask = graph.input("mask", BOOL, "batch", "piece")
    null = graph.input("null", BOOL, "batch")
    data = graph.input("data", FLOAT, "batch", "token", model.bottleneck.dims)
    visible = graph.input("visible", BOOL, "batch", "token")
    if config.text == "pooled":
        mixed = graph.op("Mul", states, layers.shares(graph, mask))
        states = graph.op("ReduceSum", mixed, graph.constant([1]), keepdims=1)
        some = graph.op("ReduceMax", graph.op("Cast", mask, to=FLOAT), graph.constant([1]), keepdims=1)
        mask = graph.op("Cast", some, to=BOOL)
    text, mask = _words(graph, states, mask, null)
    seen = graph.op("Unsqueeze", visible, graph.constant([2]))
    x = graph.op("Where", seen, graph.linear(data, "known_in"), graph.weight("masked_token"))
    by, hidden = layers.angles(graph, x, config.width // config.heads), layers.hidden(graph, mask)
    for block in range(config.mar_depth):
        x = layers.text_block(graph, f"mar.{block}", x, text, hidden, config.width, config.heads, by)
    mean = graph.op("ReduceSum", graph.op("Mul", text, layers.shares(graph, mask)), graph.constant([1]), keepdims=0)
    tokens = layers.rms_norm(graph, x, config.width)
    graph.save(folder / "context.onnx", tokens=(tokens, FLOAT), pooled=(graph.linear(mean, "pool_in"), FLOAT))


def _words(graph: Graph, states: str, mask: str, null: str) -> tuple[str, str]:
    """`IsoDiM.text_states`."""
    wide = graph.op("Unsqueeze", null, graph.constant([1, 2]))
    text = graph.op("Where", wide, graph.weight("null_words"), graph.linear(states, "word_in"))
    first = graph.op("Equal", layers.numbers(graph, mask, 1), graph.constant(np.array(0)))
    without = graph.op("Unsqueeze", null, graph.constant([1]))
    alone, own = graph.op("And", without, first), graph.op("And", graph.op("Not", without), mask)
    return text, graph.op("Or", alone, own)


def write_predict(model: IsoDiM, folder: Path) -> None:
    """predict.onnx: noisy data, times and the context -> predicted data; where the head has levels, their logits too."""
    config, graph = model.config, Graph(folder / MAIN_FILE, "generator.")
    noisy = graph.input("noisy", FLOAT, "batch", "token", model.bottleneck.dims)
    time = graph.input("time", FLOAT, "batch")
    tokens = graph.input("tokens", FLOAT, "batch", "token", config.width)
    pooled = graph.input("pooled", FLOAT, "batch", config.width)
    x = graph.op("Add", graph.linear(noisy, "noisy_in"), tokens)
    condition = graph.op("Add", layers.time_embedding(graph, "time_in", time), pooled)
    condition = graph.op("Unsqueeze", layers.silu(graph, condition), graph.constant([1]))
    by = layers.angles(graph, x, config.width // config.heads)
    for block in range(config.depth):
        x = layers.timed_block(graph, f"head.{block}", x, condition, config.width, config.heads, by)
    output = graph.linear(layers.rms_norm(graph, x, config.width), "out")
    if config.output == "x":
        graph.save(folder / "predict.onnx", data=(output, FLOAT))
        return
    data = _expected(graph, output, model)
    graph.save(folder / "predict.onnx", data=(data, FLOAT), logits=(output, FLOAT))


def _expected(graph: Graph, output: str, model: IsoDiM) -> str:
    """`IsoDiM.expected` over an FSQ grid."""
    levels, values = model.levels, model.grid.numpy()
    if len(set(levels)) == 1:
        shape = (len(levels), levels[0])
        wide = graph.op("Reshape", output, graph.constant([0, 0, *shape]))
        chance = graph.op("Mul", graph.op("Softmax", wide, axis=-1), graph.constant(values.reshape(shape)))
        mean = graph.op("ReduceSum", chance, graph.constant([3]), keepdims=0)
    else:
        parts = graph.ops("Split", len(levels), output, graph.constant(list(levels)), axis=-1)
        grids = np.split(values, np.cumsum(levels)[:-1])
        means = [
            graph.op("MatMul", graph.op("Softmax", part, axis=-1), graph.constant(grid[:, None]))
            for part, grid in zip(parts, grids, strict=True)
        ]
        mean = graph.op("Concat", *means, axis=-1)
    return graph.op("Div", graph.op("Sub", mean, graph.weight("mean")), graph.weight("std"))
