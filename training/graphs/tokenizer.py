"""The tokenizer's encoder and decoder as graphs, normalisation inside."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from backend.tokenizers.conv import ConvTokenizer, Residual
from backend.tokenizers.fsq import FSQ
from backend.weights.locate import MAIN_FILE

from .graph import FLOAT, Graph


def write_encode(tokenizer: ConvTokenizer, folder: Path) -> None:
    """encode.onnx: features [batch, frame, 67] -> latents [batch, token, d] on FSQ's grid."""
    graph, fsq = Graph(folder / MAIN_FILE, "tokenizer."), tokenizer.bottleneck
    assert isinstance(fsq, FSQ)
    features = graph.input("features", FLOAT, "batch", "frame", len(tokenizer.mean))
    normal = graph.op("Div", graph.op("Sub", features, graph.weight("mean")), graph.weight("std"))
    encoded = _along_frames(graph, normal, tokenizer.encoder, "encoder")
    reach, offset, shift, scale = (
        graph.constant(part.numpy()) for part in (fsq.reach, fsq.offset, fsq.shift, fsq.scale)
    )
    bounded = graph.op("Mul", graph.op("Tanh", graph.op("Add", encoded, shift)), reach)
    latents = graph.op("Div", graph.op("Round", graph.op("Sub", bounded, offset)), scale)
    graph.save(folder / "encode.onnx", latents=(latents, FLOAT))


def write_decode(tokenizer: ConvTokenizer, folder: Path) -> None:
    """decode.onnx: latents [batch, token, d] -> features [batch, 4 * token, 67]."""
    graph = Graph(folder / MAIN_FILE, "tokenizer.")
    latents = graph.input("latents", FLOAT, "batch", "token", tokenizer.bottleneck.dims)
    made = _along_frames(graph, latents, tokenizer.decoder, "decoder")
    features = graph.op("Add", graph.op("Mul", made, graph.weight("std")), graph.weight("mean"))
    graph.save(folder / "decode.onnx", features=(features, FLOAT))


def _along_frames(graph: Graph, x: str, layers: nn.Sequential, name: str) -> str:
    """x [batch, frame, channel] through convolutions over its frames."""
    made = _layers(graph, graph.op("Transpose", x, perm=[0, 2, 1]), layers, name)
    return graph.op("Transpose", made, perm=[0, 2, 1])


def _layers(graph: Graph, x: str, layers: nn.Sequential, name: str) -> str:
    for place, layer in enumerate(layers):
        x = _layer(graph, x, layer, f"{name}.{place}")
    return x


def _layer(graph: Graph, x: str, layer: nn.Module, name: str) -> str:
    """x [batch, channel, frame] through one layer of the tokenizer."""
    if isinstance(layer, nn.Conv1d):
        return _conv(graph, x, layer, name)
    if isinstance(layer, nn.ReLU):
        return graph.op("Relu", x)
    if isinstance(layer, Residual):
        wide = _conv(graph, graph.op("Relu", x), layer.wide, f"{name}.wide")
        return graph.op("Add", x, _conv(graph, graph.op("Relu", wide), layer.narrow, f"{name}.narrow"))
    if isinstance(layer, nn.Sequential):
        return _layers(graph, x, layer, name)
    assert isinstance(layer, nn.Upsample), layer
    twin = graph.op("Unsqueeze", x, graph.constant([3]))
    return graph.op("Reshape", graph.op("Concat", twin, twin, axis=-1), graph.constant([0, 0, -1]))


def _conv(graph: Graph, x: str, layer: nn.Conv1d, name: str) -> str:
    padding, stride, dilation = int(layer.padding[0]), layer.stride[0], layer.dilation[0]
    return graph.op(
        "Conv", x, graph.weight(f"{name}.weight"), graph.weight(f"{name}.bias"),
        pads=[padding, padding], strides=[stride], dilations=[dilation], kernel_shape=list(layer.kernel_size),
    )  # fmt: skip
