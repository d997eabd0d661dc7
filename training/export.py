"""Bundle three runs into one checkpoint: `python -m training.export --name open --generator DIR --tokenizer DIR --length DIR --out DIR`.

Weights are stored as fp16 safetensors with a config.json that holds their hash. The model card is written by hand.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from backend import text
from backend.weights.load import build
from backend.weights.locate import MAIN_FILE, find
from contract import VERSION
from contract.messages import MAX_SECONDS

from . import config
from .command import run
from .isodim_settings import IsoDiMSettings
from .state import ema_weights
from .train_length import LengthSettings
from .train_tokenizer import TokenizerSettings


@dataclasses.dataclass(frozen=True)
class ExportSettings:
    """What to bundle and what to say of it."""

    name: str
    title: str
    licence: str
    tokenizer: Path
    generator: Path
    length: Path
    out: Path
    steps: int = 4
    guidance: float = 2.5


def _stored(key: str, value: Tensor) -> Tensor:
    """fp16, but statistics as they are: they scale every number of every clip."""
    return (value if key in ("mean", "std") else value.to(torch.float16)).contiguous()


def main(settings: ExportSettings) -> None:
    """Write config.json and model.safetensors to `out`, then read them back as the backend would."""
    tokenizer = config.load(TokenizerSettings, settings.tokenizer)
    generator = config.load(IsoDiMSettings, settings.generator)
    length = config.load(LengthSettings, settings.length)
    text_width = text.load(generator.text_encoder).width
    described: dict[str, object] = {
        "name": settings.name,
        "title": settings.title,
        "licence": settings.licence,
        "version": VERSION,
        "max_seconds": MAX_SECONDS,
        "text_encoder": generator.text_encoder,
        "tokenizer": tokenizer.network,
        "generator": generator.network,
        "length": {"text_width": text_width, "width": length.width},
        "sampling": {"steps": settings.steps, "guidance": settings.guidance},
    }
    described["parameters"] = build(described).parameters
    tensors: dict[str, Tensor] = {}
    for part in ("tokenizer", "generator", "length"):
        weights = ema_weights(getattr(settings, part))
        tensors |= {f"{part}.{key}": _stored(key, value) for key, value in weights.items()}
    settings.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors, settings.out / MAIN_FILE)
    digest = hashlib.sha256((settings.out / MAIN_FILE).read_bytes()).hexdigest()
    described["files"] = {MAIN_FILE: digest}
    (settings.out / "config.json").write_text(json.dumps(described, indent=1) + "\n")
    checkpoint = find(str(settings.out))
    print(f"{checkpoint.folder}: {checkpoint.info.parameters / 1e6:.1f} M parameters, sha256 {digest}")


if __name__ == "__main__":
    run(main, ExportSettings, __doc__)
