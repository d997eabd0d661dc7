"""From a checkpoint's folder to its three networks."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from backend.generators import presets as generators
from backend.generators.length import LengthEstimator
from backend.generators.sampling import Sampling, read
from backend.generators.token_generator import TokenGenerator
from backend.tokenizers import presets as tokenizers
from backend.tokenizers.conv import ConvTokenizer
from contract import checks
from contract.errors import InputError

from .locate import MAIN_FILE

_PARTS = ("tokenizer", "generator", "length")


@dataclasses.dataclass(frozen=True)
class Networks:
    """A checkpoint in memory, in evaluation mode; `config` is its config.json, `text_encoder` a name of `backend.text`."""

    config: dict[str, Any]
    tokenizer: ConvTokenizer
    generator: TokenGenerator
    length: LengthEstimator
    sampling: Sampling

    @property
    def parameters(self) -> int:
        """Numbers in the three networks, the text encoder apart; what they share counts once."""
        parts = (self.tokenizer, self.generator, self.length)
        return sum(parameter.numel() for parameter in {p for part in parts for p in part.parameters()})


def build(config: dict[str, Any]) -> Networks:
    """Untrained networks of the sizes that a config.json names under `tokenizer`, `generator` and `length`, and its `sampling`."""
    sizes = {part: checks.json_object(f"config.json: {part}", config.get(part)) for part in _PARTS}
    sampling = read(checks.json_object("config.json: sampling", config.get("sampling")))
    try:
        tokenizer = tokenizers.build(**sizes["tokenizer"])
        text_width = sizes["length"]["text_width"]
        generator = generators.build(bottleneck=tokenizer.bottleneck, text_width=text_width, **sizes["generator"])
        return Networks(config, tokenizer, generator, LengthEstimator(**sizes["length"]), sampling)
    except (TypeError, KeyError) as error:
        raise InputError("config.json", str(error), "the settings that this version of the backend knows") from None


def load(folder: Path, device: str) -> Networks:
    """The checkpoint of a folder on a device, in float32; InputError when its tensors do not fit its config."""
    networks = build(json.loads((folder / "config.json").read_text()))
    tensors = load_file(folder / MAIN_FILE)
    for part in _PARTS:
        module = getattr(networks, part)
        own = {key.removeprefix(f"{part}."): value for key, value in tensors.items() if key.startswith(f"{part}.")}
        expected = module.state_dict()
        for key in sorted(own.keys() | expected.keys()):
            found, wanted = (tuple(where[key].shape) if key in where else "missing" for where in (own, expected))
            if found != wanted:
                raise InputError(f"{MAIN_FILE}: {part}.{key}", found, f"{wanted}, as config.json says")
        module.load_state_dict(own)
        module.to(device=device, dtype=torch.float32).eval()
    return networks
