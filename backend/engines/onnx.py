"""The ONNX Runtime engine: the graphs that stand beside a checkpoint's weights, on the CPU, without torch.

The graphs hold no weights: they name those in model.safetensors by their place in that file, so each stands once.
"""

from __future__ import annotations

import functools
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
from backend.generators.windows import MAX_TOKENS
from backend.motion.jitter import MOST, NEIGHBOUR
from backend.text import States
from backend.text.pieces import WIDTH, load_pieces
from backend.tokenizers.coder import Array
from backend.tokenizers.grid import LEVELS, Grid, full_name
from backend.weights import locate
from backend.weights.locate import GRAPHS, MAIN_FILE
from common import checks
from common.errors import InputError
from common.files import read_small

from .engine import Engine

TEXT_FOLDER = Path(__file__).parents[1] / "text" / "all-minilm-l6-v2"
"""all-MiniLM-L6-v2's graph, weights and word pieces."""
_KEPT_TEXTS = 128
"""Whose states are kept, some 15 KB each: a sentence is read for the generator and for its actions."""
ROWS = 8
"""Of a batch that are computed at a time."""
Context = tuple[NDArray[Any], NDArray[Any]]


class Session:
    """One graph, ready to run; `outputs` are asked for by name."""

    def __init__(self, path: Path, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors alone
        # memory goes back to the system after each run, at no measurable cost in time: a clip every now and then needs no arena
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        # waiting threads that spin take the time of Blender's own
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
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


def in_parts(array: NDArray[Any]) -> list[NDArray[Any]]:
    """The rows of a batch, `ROWS` at a time: what more of them need in memory at once makes nothing faster."""
    return [array[first : first + ROWS] for first in range(0, len(array), ROWS)]


def _beside(some: NDArray[Any], one: NDArray[Any], where: Flags) -> NDArray[Any]:
    """A row for each of `where`: `one` where that is True, the next of `some` where it is not."""
    made = np.empty((len(where), *some.shape[1:]), some.dtype)
    made[where], made[~where] = one, some
    return made


class OnnxCoder:
    """See `Coder`."""

    def __init__(self, encode: Session, decode: Session, grid: Grid, smoothing: float) -> None:
        self.bottleneck, self.smoothing = grid, smoothing
        self._encode, self._decode = encode, decode

    def encode(self, features: Array) -> Array:
        """See `Coder`."""
        return np.concatenate([self._encode("latents", features=rows) for rows in in_parts(features)])

    def decode(self, latents: Array) -> Array:
        """See `Coder`."""
        return np.concatenate([self._decode("features", latents=rows) for rows in in_parts(latents)])


class OnnxDenoiser:
    """See `Denoiser`."""

    def __init__(self, context: Session, predict: Session, grid: Grid, scale: tuple[Array, Array], output: str) -> None:
        self.bottleneck, self.output = grid, output
        self.mean, self.std = scale
        self._context, self._predict = context, predict
        self._blanks: dict[int, list[NDArray[Any]]] = {}

    def context(self, text: States, null: Flags, data: Array, visible: Flags, serves: int) -> Context:
        """See `Denoiser`. What stands for nothing at all, neither prompt nor visible tokens, is computed once for each length."""
        inputs = {"states": text[0], "mask": text[1], "null": null, "data": data, "visible": visible}
        nothing = null & ~visible.any(1)
        if nothing.all():
            nothing[0] = False
        made = self._context.both(**{name: rows[~nothing] for name, rows in inputs.items()})
        if nothing.any():
            blank = self._blank(data.shape[1], {name: rows[nothing][:1] for name, rows in inputs.items()})
            made = [_beside(one, other, nothing) for one, other in zip(made, blank, strict=True)]
        tokens, pooled = (np.repeat(part, serves, 0) for part in made)
        return tokens, pooled

    def _blank(self, tokens: int, inputs: dict[str, NDArray[Any]]) -> list[NDArray[Any]]:
        if tokens not in self._blanks:
            if len(self._blanks) >= MAX_TOKENS:
                self._blanks.clear()
            self._blanks[tokens] = self._context.both(**inputs)
        return self._blanks[tokens]

    def predict(self, noisy: Array, time: Array, context: Context) -> Array:
        """See `Denoiser`."""
        return self._asked("data", noisy, time, context)

    def logits(self, noisy: Array, time: Array, context: Context) -> Array:
        """See `Denoiser`."""
        return self._asked("logits", noisy, time, context)

    def _asked(self, output: str, noisy: Array, time: Array, context: Context) -> Array:
        given = noisy.astype(np.float32, copy=False), time, *context
        parts = [
            self._predict(output, **dict(zip(("noisy", "time", "tokens", "pooled"), rows, strict=True)))
            for rows in zip(*(in_parts(array) for array in given), strict=True)
        ]
        return np.concatenate(parts)


class OnnxText:
    """all-MiniLM-L6-v2; see `TextEncoder`."""

    name, width = "minilm", WIDTH

    def __init__(self, threads: int, folder: Path = TEXT_FOLDER) -> None:
        _verify(folder)
        self.pieces = load_pieces(folder)
        self._encode = Session(folder / "encode.onnx", threads)
        self._states = functools.lru_cache(_KEPT_TEXTS)(self._encoded)

    def encode(self, prompts: list[str]) -> States:
        """Text states of prompts and their mask; each prompt is read by itself, so that it is the same in any company."""
        rows = [self._states(prompt) for prompt in prompts]
        mask = np.arange(max(map(len, rows))) < np.array([[len(row)] for row in rows])
        states = np.zeros((*mask.shape, WIDTH), np.float32)
        states[mask] = np.concatenate(rows)
        return states, mask

    def _encoded(self, prompt: str) -> Array:
        """States [piece, 384] of one prompt."""
        tokens = np.array([self.pieces.encode(prompt).ids], np.int64)
        found: Array = self._encode("states", tokens=tokens, mask=np.ones(tokens.shape, np.bool_))[0]
        return found


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _verify(folder: Path) -> None:
    """InputError where a file of the text encoder is not as its encoder.json says."""
    try:
        files = json.loads(read_small(folder / "encoder.json"))["files"]
        found = {name: _digest(folder / name) for name in files}
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
    # one after another: side by side they would all hold their weights twice at once
    graphs = {name: Session(folder / name, count) for name in GRAPHS}
    with safe_open(folder / MAIN_FILE, framework="np") as file:
        sizes = {name: math.prod(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    own = {name.removeprefix("tokenizer."): name for name in sizes if name.startswith("tokenizer.")}
    weights = dict(zip(own, tensors(folder / MAIN_FILE, *own.values()), strict=True))
    mean, std = tensors(folder / MAIN_FILE, "generator.mean", "generator.std")
    output = str(generator.get("output", "grid"))
    return Engine(
        name=f"onnxruntime {onnxruntime.__version__}",
        device="cpu",
        config=config,
        sampling=read(checks.json_object("config.json: sampling", config.get("sampling"))),
        generator=Sampler(OnnxDenoiser(graphs["context.onnx"], graphs["predict.onnx"], grid, (mean, std), output)),
        tokenizer=OnnxCoder(graphs["encode.onnx"], graphs["decode.onnx"], grid, smoothing_of(tokenizer)),
        length=lambda states: graphs["length.onnx"]("logits", states=states[0], mask=states[1]),
        parameters=sum(sizes.values()),
        takes=library.load(folder, library.fingerprint(weights)),
    )


def load_text(threads: int | None = None) -> OnnxText:
    """all-MiniLM-L6-v2, which every checkpoint with graphs was trained with."""
    return OnnxText(threads_of(threads))
