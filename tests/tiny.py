"""A complete checkpoint of random weights in seconds: the real networks, the real file format, no training.

And an IsoDiM small enough for hundreds of drawings.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from backend.engines import torch as engine
from backend.generators import windows
from backend.generators.isodim import IsoDiM, IsoDiMConfig
from backend.tokenizers.bottleneck import Bottleneck
from backend.weights.load import build


def config(name: str = "tiny") -> dict[str, object]:
    """config.json of the tiny checkpoint, its hash not yet known."""
    return {
        "name": name,
        "title": "Tiny random weights for tests",
        "licence": "GPL-3.0-or-later",
        "version": "0.1.0",
        "max_seconds": 20.0,
        "text_encoder": "minilm",
        "tokenizer": {"name": "IsoDiM_Tokenizer_Small", "width": 16},
        "generator": {"name": "IsoDiM-DiT-XXS", "output": "grid"},
        "length": {"text_width": 384, "width": 16},
        "sampling": {"steps": 4, "guidance": 2.0},
    }


def make_checkpoint(folder: Path, name: str = "tiny", **changes: object) -> Path:
    """Write a checkpoint of untrained networks (seed 0) into `folder`; returns the folder. `changes` are of its config.json."""
    torch.manual_seed(0)
    described = config(name) | changes
    networks = build(described)
    for parameter in networks.generator.parameters():  # untrained gates are zero and would hide prompt and noise
        parameter.data += 0.1 * torch.randn_like(parameter)
    networks.generator.noisy_in.weight.data *= 10.0
    described["parameters"] = networks.parameters
    tensors = {
        f"{part}.{key}": value.half()
        for part in ("tokenizer", "generator", "length")
        for key, value in getattr(networks, part).state_dict().items()
    }
    tensors["tokenizer.mean"][3] = 0.95  # a root height, so that the clip is a figure and not a point
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / "model.safetensors")
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    described["files"] = {"model.safetensors": digest}
    (folder / "config.json").write_text(json.dumps(described))
    return folder


def inpaint(model, text, latents, keep, noise, *more):
    """The product's sampling of any generator's networks, tensors in and out."""
    parts = (part.numpy() for part in (latents, keep, noise))
    made = engine.generator(model).inpaint(tuple(part.numpy() for part in text), *parts, *more)
    return torch.from_numpy(made)


def sample(model, text, noise, *more):
    """The same of whole clips, window by window."""
    made = windows.sample(engine.generator(model), tuple(part.numpy() for part in text), noise.numpy(), *more)
    return torch.from_numpy(made)


def isodim(bottleneck: Bottleneck, **options: str) -> IsoDiM:
    """A two-layer IsoDiM for prompts 12 wide, its gates open as after training (seed 0)."""
    torch.manual_seed(0)
    config = IsoDiMConfig(width=32, heads=2, depth=2, mar_depth=2, text_width=12, dropout=0.0, **options)
    model = IsoDiM(config, bottleneck).eval()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model
