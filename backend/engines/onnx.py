"""The ONNX Runtime engine: the graphs that stand beside a checkpoint's weights, on the CPU, without torch.

The graphs hold no weights: they name those in model.safetensors by their place in that file, so each stands once.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from backend.drafts import library
from backend.generators.sampler import Sampler
from backend.generators.sampling import read
from backend.generators.unmasking import Flags
from backend.motion.jitter import MOST, NEIGHBOUR
from backend.text import States
from backend.text.pieces import WIDTH, load_pieces, padded
from backend.tokenizers.coder import Array
from backend.tokenizers.grid import LEVELS, Grid, full_name
from backend.weights import locate
from backend.weights.locate import MAIN_FILE
from common import checks
from common.errors import InputError
from common.files import read_small

from .engine import Engine

TEXT_FOLDER = Path(__file__).parents[1] / "text" / "all-minilm-l6-v2"
"""all-MiniLM-L6-v2's graph, weights and word pieces."""
Context = tuple[NDArray[Any], NDArray[Any]]


class Session:
    """One graph, ready to run; `outputs` are asked for by name."""

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors alone
        try:
            self.session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors share no class of their own
            raise InputError(path.name, str(error)[:200], "an undamaged graph: install the checkpoint again") from None

    def __call__(self, output: str, **inputs: NDArray[Any]) -> Any:
        """The output of that name."""
        return self.session.run([output], inputs)[0]

    def both(self, **inputs: NDArray[Any]) -> list[Any]:
        """All outputs in the graph's order."""
        found: list[Any] = self.session.run(None, inputs)
        return found


class OnnxCoder:
    """See `Coder`."""

    def __init__(self, folder: Path, threads: int, grid: Grid, smoothing: float) -> None:
        self.bottleneck, self.smoothing = grid, smoothing
        self._encode, self._decode = (Session(folder / name, threads) for name in ("encode.onnx", "decode.onnx"))

    def encode(self, features: Array) -> Array:
        """See `Coder`."""
        found: Array = self._encode("latents", features=features.astype(np.float32, copy=False))
        return found

    def decode(self, latents: Array) -> Array:
        """See `Coder`."""
        found: Array = self._decode("features", latents=latents.astype(np.float32, copy=False))
        return found


class OnnxDenoiser:
    """See `Denoiser`."""

    def __init__(self, folder: Path, threads: int, grid: Grid, output: str) -> None:
        self.bottleneck, self.output = grid, output
        self.mean, self.std = tensors(folder / MAIN_FILE, "generator.mean", "generator.std")
        self._context, self._predict = (Session(folder / name, threads) for name in ("context.onnx", "predict.onnx"))

    def context(self, text: States, null: Flags, data: Array, visible: Flags, serves: int) -> Context:
        """See `Denoiser`."""
        states, mask = text
        tokens, pooled = self._context.both(states=states, mask=mask, null=null, data=data, visible=visible)
        return np.repeat(tokens, serves, 0), np.repeat(pooled, serves, 0)

    def predict(self, noisy: Array, time: Array, context: Context) -> Array:
        """See `Denoiser`."""
        return self._asked("data", noisy, time, context)

    def logits(self, noisy: Array, time: Array, context: Context) -> Array:
        """See `Denoiser`."""
        return self._asked("logits", noisy, time, context)

    def _asked(self, output: str, noisy: Array, time: Array, context: Context) -> Array:
        inputs = {"noisy": noisy.astype(np.float32, copy=False), "time": time, "tokens": context[0]}
        found: Array = self._predict(output, **inputs, pooled=context[1])
        return found


class OnnxText:
    """all-MiniLM-L6-v2; see `TextEncoder`."""

    name, width = "minilm", WIDTH

    def __init__(self, threads: int, folder: Path = TEXT_FOLDER) -> None:
        _verify(folder)
        self.pieces = load_pieces(folder)
        self._encode = Session(folder / "encode.onnx", threads)

    def encode(self, prompts: list[str]) -> States:
        """Text states of prompts and their mask."""
        tokens, mask = padded([row.ids for row in self.pieces.encode_batch(prompts)])
        return self._encode("states", tokens=tokens, mask=mask), mask


def _verify(folder: Path) -> None:
    """InputError where a file of the text encoder is not as its encoder.json says."""
    try:
        files = json.loads(read_small(folder / "encoder.json"))["files"]
        found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise InputError(
            "text encoder", "not complete", f"its files at {folder}: install the extension again"
        ) from None
    for name, digest in found.items():
        if digest != files[name]:
            raise InputError(
                "text encoder", f"{name}, damaged", f"the extension's own file at {folder}: install it again"
            )


def threads_of(asked: int | None = None) -> int:
    """Threads to compute with: as asked, as OMP_NUM_THREADS says, else the cores that this process may use, at most four."""
    if asked is not None:
        return asked
    said = os.environ.get("OMP_NUM_THREADS", "")
    return int(said) if said.isdigit() and int(said) else min(4, os.cpu_count() or 1)


def tensors(path: Path, *names: str) -> list[NDArray[Any]]:
    """Tensors of a safetensors file by name; InputError where one is not there."""
    try:
        with safe_open(path, framework="np") as file:
            return [file.get_tensor(name) for name in names]
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(path.name, str(error), "an undamaged safetensors file: install the checkpoint again") from None


def smoothing_of(tokenizer: dict[str, Any]) -> float:
    """The smoothing that a config.json's `tokenizer` asks for; InputError where it cannot be."""
    found = tokenizer.get("smoothing", NEIGHBOUR)
    if not isinstance(found, int | float) or not 0 <= found <= MOST:
        raise InputError("config.json: tokenizer.smoothing", found, f"0 to {MOST}")
    return float(found)


def load_engine(folder: Path, threads: int | None = None) -> Engine:
    """The checkpoint of a verified folder that has graphs."""
    config = locate.read_config(folder)
    count = threads_of(threads)
    tokenizer, generator = (
        checks.json_object(f"config.json: {part}", config.get(part)) for part in ("tokenizer", "generator")
    )
    levels = LEVELS.get(full_name(str(tokenizer.get("name"))))
    if levels is None:
        raise InputError(
            "config.json: tokenizer", tokenizer.get("name"), f"one of {', '.join(LEVELS)}, which graphs are for"
        )
    grid = Grid(levels)
    length = Session(folder / "length.onnx", count)
    with safe_open(folder / MAIN_FILE, framework="np") as file:
        sizes = {name: math.prod(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    own = {name.removeprefix("tokenizer."): name for name in sizes if name.startswith("tokenizer.")}
    weights = dict(zip(own, tensors(folder / MAIN_FILE, *own.values()), strict=True))
    return Engine(
        name=f"onnxruntime {onnxruntime.__version__}",
        device="cpu",
        config=config,
        sampling=read(checks.json_object("config.json: sampling", config.get("sampling"))),
        generator=Sampler(OnnxDenoiser(folder, count, grid, str(generator.get("output", "grid")))),
        tokenizer=OnnxCoder(folder, count, grid, smoothing_of(tokenizer)),
        length=lambda states: length("logits", states=states[0], mask=states[1]),
        parameters=sum(sizes.values()),
        takes=library.load(folder, library.fingerprint(weights)),
    )


def load_text(threads: int | None = None) -> OnnxText:
    """all-MiniLM-L6-v2, which every checkpoint with graphs was trained with."""
    return OnnxText(threads_of(threads))
