"""Which engine computes a checkpoint: asked for by name, or the lightest that can. Engines are imported only when chosen."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from backend import memory
from backend.device import ENGINES
from backend.weights import locate
from backend.weights.locate import GRAPHS
from common import checks
from common.errors import InputError

from . import libraries
from .engine import Engine, TextEncoder

_MODULES = {"onnx": "onnxruntime", "torch": "torch"}
_TEXT = "minilm"
"""The text encoder that has a graph."""


def installed(engine: str) -> bool:
    """Whether an engine's library can be imported here."""
    return importlib.util.find_spec(_MODULES[engine]) is not None


def choose(folder: Path, device: str, engine: str = "auto") -> str:
    """`onnx` or `torch` for a checkpoint on a device of `backend.device`.

    `auto` takes the graphs where the checkpoint has them and the device is the CPU. InputError where no engine can.
    """
    checks.one_of(ENGINES)("engine", engine)
    config = locate.read_config(folder)
    name = config.get("name")
    has_graphs = set(GRAPHS) <= set(config.get("files", ())) and config.get("text_encoder") == _TEXT
    if engine == "onnx" and not has_graphs:
        raise InputError("engine", engine, f"torch: the checkpoint {name} has no graphs, `training.export` writes them")
    if engine == "onnx" and device != "cpu":
        raise InputError("engine", engine, f"torch for the device {device}: the graphs run on the CPU")
    if engine == "auto":
        engine = "onnx" if has_graphs and device == "cpu" and (installed("onnx") or not installed("torch")) else "torch"
    if installed(engine):
        return engine
    if engine == "torch" and not has_graphs:
        raise InputError(
            "checkpoint", name, "one with graphs where torch is not installed: `training.export` writes them"
        )
    raise InputError("engine", f"{engine}, not installed", f"{_MODULES[engine]} in the backend's Python")


def load(folder: Path, device: str, engine: str = "auto", threads: int | None = None) -> tuple[Engine, TextEncoder]:
    """The verified checkpoint of a folder by the engine that `choose` names, and its text encoder by the same."""
    if choose(folder, device, engine) == "onnx":
        libraries.require()
        from backend.engines import onnx

        # one after another, what loading took given back in between: beside each other they need 100 MB more for a moment
        encoder = onnx.load_text(threads)
        memory.trim()
        return onnx.load_engine(folder, threads), encoder
    from backend.engines import torch

    made = torch.load_engine(folder, device)
    return made, torch.load_text(str(made.config["text_encoder"]), device)


def load_reader(engine: Engine, encoder: TextEncoder) -> TextEncoder:
    """The encoder that reads sentences for their actions: MiniLM, whatever encoder the generator has."""
    if encoder.name == _TEXT:
        return encoder
    from backend.engines import torch

    return torch.load_text(_TEXT, engine.device)
