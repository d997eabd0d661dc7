"""Write the text encoder that the extension ships, as a graph over small weights: `python -m training.export_text_encoder`.

all-MiniLM-L6-v2's published weights, matrices in 16 or 8 bits: 8 bits are rounded against a scale for each row, and multiplied as they are.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from backend.engines import onnx
from backend.text.minilm import MiniLM
from backend.text.pieces import folder as published
from backend.weights.locate import MAIN_FILE

from .engine.command import run
from .graphs import checked
from .graphs.graph import SCALE
from .graphs.text import write_minilm

_PIECES = "tokenizer.json"


@dataclasses.dataclass(frozen=True)
class TextEncoderSettings:
    """Command line of `export_text_encoder`."""

    out: Path = onnx.TEXT_FOLDER
    weights: Literal["f16", "i8"] = "i8"
    """Bits of the matrices; vectors are float32."""


def main(settings: TextEncoderSettings) -> None:
    """Write weights, graph, word pieces and their hashes; the graph is held against the network first."""
    encoder = MiniLM()
    settings.out.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, NDArray[Any]] = {}
    for name, value in encoder.network.state_dict().items():
        tensors |= stored(name, value.numpy(), settings.weights)
    save_file(tensors, settings.out / MAIN_FILE)
    (settings.out / MAIN_FILE).chmod(0o644)  # safetensors' own are for their owner alone
    shutil.copyfile(published() / _PIECES, settings.out / _PIECES)
    write_minilm(settings.out)
    files = {
        name: hashlib.sha256((settings.out / name).read_bytes()).hexdigest()
        for name in (MAIN_FILE, _PIECES, "encode.onnx")
    }
    described = {"name": "minilm", "licence": "Apache-2.0", "weights": settings.weights, "files": files}
    (settings.out / "encoder.json").write_text(json.dumps(described, indent=1) + "\n")
    rounded = {name: torch.from_numpy(array) for name, array in read_back(tensors).items()}
    encoder.network.load_state_dict(rounded)
    ours, prompts = onnx.OnnxText(1, settings.out), list(checked.PROMPTS)
    states, mask = ours.encode(prompts)
    theirs = encoder.encode(prompts)[0].numpy()
    allowed = checked.ALLOWED_IN_8_BITS if settings.weights == "i8" else checked.ALLOWED
    (found,) = checked.raised([checked.Difference("encode", checked.apart(states[mask], theirs[mask]))], allowed)
    exact = MiniLM().encode(prompts)[0].numpy()
    print(f"{settings.out}: {found.share:.1e} of its range from the network with these weights")
    print(f"from the published weights: cosine {cosine(states[mask], exact[mask]):.5f} at the least")


def stored(name: str, value: NDArray[np.float32], weights: str) -> dict[str, NDArray[Any]]:
    """What stands in the file for a tensor of the network."""
    if value.ndim < 2:
        return {name: value}
    if weights == "f16":
        return {name: value.astype(np.float16)}
    scale = np.maximum(np.abs(value).max(-1, keepdims=True), 1e-12) / 127
    return {name: np.round(value / scale).astype(np.int8), name + SCALE: scale.astype(np.float32)}


def read_back(tensors: dict[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """The network's tensors as the graph computes with them."""
    whole = {name: array.astype(np.float32) for name, array in tensors.items() if not name.endswith(SCALE)}
    return {name: array * tensors[name + SCALE] if name + SCALE in tensors else array for name, array in whole.items()}


def cosine(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """The least cosine between the rows of two arrays [n, d]."""
    norms = np.linalg.norm(ours, axis=-1) * np.linalg.norm(theirs, axis=-1)
    return float(((ours * theirs).sum(-1) / norms).min())


if __name__ == "__main__":
    run(main, TextEncoderSettings, __doc__)
