"""Bundle three parts into one checkpoint: `python -m training.export --name open --generator DIR --tokenizer DIR --length DIR --out DIR`.

A part may also come from a checkpoint, so that a fine-tuned generator keeps the rest. Weights are stored as fp16
safetensors with a config.json that holds their hash; the networks as graphs, which need no torch, beside them (`graphs/`). The
model card is written by hand.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor

from backend import text
from backend.generators.sampling import Sampling, changed
from backend.motion.features import FEATURES
from backend.weights.load import build, load
from backend.weights.locate import MAIN_FILE, Checkpoint, find
from common import VERSION
from common.errors import InputError
from common.files import replace_file, require_folder
from common.wire.requests import MAX_SECONDS

from . import library
from .data import dataset
from .engine import config
from .engine.command import run
from .engine.isodim_settings import IsoDiMSettings
from .engine.length_settings import LengthSettings
from .engine.runs import is_run, sampling_of
from .engine.state import ema_weights, save_tensors
from .engine.tokenizer_settings import TokenizerSettings
from .graphs.write import write

_PARTS = ("tokenizer", "generator", "length")


@dataclasses.dataclass(frozen=True)
class ExportSettings:
    """What to bundle and what to say of it. A part is a run folder, or the same part of a checkpoint by name or folder."""

    name: str
    title: str
    licence: str
    tokenizer: str
    generator: str
    length: str
    out: Path
    steps: int | None = None
    """Diffusion steps; like the settings below, those of the generator's family unless given."""
    guidance: float | None = None
    mar_steps: int | None = None
    solver: Literal["euler", "heun"] | None = None
    snap: Literal["step", "end", "never"] | None = None
    dataset_dir: Path | None = None
    """Folder made by `prepare` whose training takes become the motion library; none: that of the tokenizer's checkpoint."""
    concepts: Path | None = None
    """JSON lines that say which actions the takes show; none: as their captions and their motion say."""
    leave_out: tuple[str, ...] = ()
    """Sources that are no takes for the library."""
    credits: Path | None = None
    """JSON: source -> {licence, credit}, for the library."""
    overwrite: bool = False
    """Replace the checkpoint that `out` holds."""


def main(settings: ExportSettings) -> None:
    """Write config.json and model.safetensors to `out`, then read them back as the backend would."""
    require_folder("out", settings.out)
    if (settings.out / "config.json").exists() and not settings.overwrite:
        raise InputError(
            "out", str(settings.out), "a folder without a checkpoint, or --overwrite to replace the one that is there"
        )
    sampling = changed(_sampling_of(settings.generator), settings)
    checkpoint = bundle(settings, dataclasses.asdict(sampling), {})
    print(f"{checkpoint.folder}: {checkpoint.info.parameters / 1e6:.1f} M parameters, sha256 {checkpoint.info.sha256}")


def bundle(settings: ExportSettings, sampling: dict[str, Any], notes: dict[str, Any]) -> Checkpoint:
    """Write the checkpoint with its default `sampling` and more entries, `notes`, for config.json; verified as it is found."""
    parts = {kind: _part(getattr(settings, kind), kind) for kind in _PARTS}
    features = len(parts["tokenizer"][1]["mean"])
    if features != FEATURES:
        raise InputError("tokenizer", f"for {features} features", f"one for the {FEATURES} features of the 22 joints")
    described: dict[str, Any] = {
        "name": settings.name,
        "title": settings.title,
        "licence": settings.licence,
        "version": VERSION,
        "max_seconds": MAX_SECONDS,
        "text_encoder": _text_encoder(settings.generator),
        **{kind: network for kind, (network, _) in parts.items()},
        "sampling": sampling,
        **notes,
    }
    described["parameters"] = build(described).parameters
    tensors = {
        f"{kind}.{key}": _stored(key, value) for kind, (_, weights) in parts.items() for key, value in weights.items()
    }
    settings.out.mkdir(parents=True, exist_ok=True)
    save_tensors(settings.out / MAIN_FILE, tensors)
    described["files"] = {MAIN_FILE: hashlib.sha256((settings.out / MAIN_FILE).read_bytes()).hexdigest()}
    replace_file(settings.out / "config.json", (json.dumps(described, indent=1) + "\n").encode())
    _add_library(settings)
    for one in write(settings.out):
        print(f"{one.graph}.onnx: {one.share:.1e} of its range from the network at most")
    return find(str(settings.out))


def _add_library(settings: ExportSettings) -> None:
    """The motion library beside the weights: the tokenizer's checkpoint's, if it has one, and the takes of the data."""
    base = None if is_run(settings.tokenizer) else load(find(settings.tokenizer).folder, "cpu").takes
    if settings.dataset_dir is None or not load(settings.out, "cpu").tokenizer.bottleneck.levels:
        if base is not None:
            library.write(base, settings.out)
        return
    tokenizer = load(settings.out, "cpu").tokenizer
    data = dataset.load(settings.dataset_dir, "train")
    own = library.build(tokenizer, data, settings.concepts, settings.leave_out, settings.credits)
    library.write(library.joined(base, own), settings.out)


def _part(where: str, kind: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """A part's entry of config.json and its weights."""
    if not is_run(where):
        networks = load(find(where).folder, "cpu")
        return networks.config[kind], getattr(networks, kind).state_dict()
    folder, weights = Path(where), ema_weights(Path(where))
    if kind == "tokenizer":
        return dict(config.load(TokenizerSettings, folder).network), weights
    if kind == "generator":
        return config.load(IsoDiMSettings, folder).network, weights
    length = config.load(LengthSettings, folder)
    return {"text_width": text.load(length.text_encoder).width, "width": length.width}, weights


def _sampling_of(generator: str) -> Sampling:
    """How a run's family, or a checkpoint, is sampled."""
    return sampling_of(Path(generator)) if is_run(generator) else load(find(generator).folder, "cpu").sampling


def _text_encoder(generator: str) -> str:
    """The text encoder that a generator's run or checkpoint was trained with."""
    if is_run(generator):
        return config.load(IsoDiMSettings, Path(generator)).text_encoder
    return str(load(find(generator).folder, "cpu").config["text_encoder"])


def _stored(key: str, value: Tensor) -> Tensor:
    """fp16, but statistics as they are: they scale every number of every clip."""
    return (value if key in ("mean", "std") else value.to(torch.float16)).contiguous()


if __name__ == "__main__":
    run(main, ExportSettings, __doc__)
