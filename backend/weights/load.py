"""From a checkpoint's folder to its three networks."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file

from backend.drafts import library
from backend.drafts.library import Library
from backend.generators import presets as generators
from backend.generators.length import LengthEstimator
from backend.generators.sampling import Sampling, read
from backend.generators.token_generator import TokenGenerator
from backend.tokenizers import presets as tokenizers
from backend.tokenizers.conv import ConvTokenizer
from common import checks
from common.errors import InputError

from . import locate
from .locate import MAIN_FILE

_PARTS = ("tokenizer", "generator", "length")
_DTYPES = ("F16", "BF16", "F32", "I64", "BOOL")
_check_number = checks.number(0, 8192)


@dataclasses.dataclass(frozen=True)
class Networks:
    """A checkpoint in memory, in evaluation mode; `config` is its config.json, `text_encoder` a name of `backend.text`."""

    config: dict[str, Any]
    tokenizer: ConvTokenizer
    generator: TokenGenerator
    length: LengthEstimator
    sampling: Sampling
    takes: Library | None = None
    """The motion library beside the weights, where there is one."""

    @property
    def parameters(self) -> int:
        """Numbers in the three networks, the text encoder apart; what they share counts once."""
        parts = (self.tokenizer, self.generator, self.length)
        return sum(parameter.numel() for parameter in {p for part in parts for p in part.parameters()})


def build(config: dict[str, Any]) -> Networks:
    """Untrained networks of the sizes that a config.json names under `tokenizer`, `generator` and `length`, and its `sampling`.

    InputError where this version does not know a setting or a size is beyond reason.
    """
    sizes = {part: checks.json_object(f"config.json: {part}", config.get(part)) for part in _PARTS}
    for part, settings in sizes.items():
        for name, value in settings.items():
            if not isinstance(value, str):
                _check_number(f"config.json: {part}.{name}", value)
    sampling = read(checks.json_object("config.json: sampling", config.get("sampling")))
    try:
        tokenizer = tokenizers.build(**sizes["tokenizer"])
        text_width = sizes["length"]["text_width"]
        generator = generators.build(bottleneck=tokenizer.bottleneck, text_width=text_width, **sizes["generator"])
        return Networks(config, tokenizer, generator, LengthEstimator(**sizes["length"]), sampling)
    except InputError:
        raise
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise InputError("config.json", str(error), "the settings that this version of the backend knows") from None


def load(folder: Path, device: str) -> Networks:
    """The checkpoint of a folder on a device, in float32; InputError when its tensors do not fit its config.

    The file's header is held against networks without memory first: nothing larger than the file is ever allocated.
    """
    config = locate.read_config(folder)
    with torch.device("meta"):
        check_tensors(folder / MAIN_FILE, build(config))
    networks = build(config)
    tensors = load_file(folder / MAIN_FILE)
    for part in _PARTS:
        module = getattr(networks, part)
        own = {key.removeprefix(f"{part}."): value for key, value in tensors.items() if key.startswith(f"{part}.")}
        module.load_state_dict(own)
        module.to(device=device, dtype=torch.float32).eval()
    return dataclasses.replace(networks, takes=library.load(folder, library.fingerprint_of(networks.tokenizer)))


def check_tensors(path: Path, networks: Networks) -> None:
    """Names, types and shapes in the header of a safetensors file; InputError for the first that is not as it should be."""
    try:
        with safe_open(path, framework="pt") as file:
            names = file.keys()
            slices = {name: file.get_slice(name) for name in names}
            found = {key: (tuple(part.get_shape()), part.get_dtype()) for key, part in slices.items()}
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError(path.name, str(error), "an undamaged safetensors file: install the checkpoint again") from None
    wanted = {
        f"{part}.{key}": tuple(value.shape)
        for part in _PARTS
        for key, value in getattr(networks, part).state_dict().items()
    }
    for key in sorted(wanted.keys() | {key for key in found if key.partition(".")[0] in _PARTS}):
        shapes = found[key][0] if key in found else "missing", wanted.get(key, "missing")
        if shapes[0] != shapes[1]:
            raise InputError(f"{MAIN_FILE}: {key}", shapes[0], f"{shapes[1]}, as config.json says")
        if found[key][1] not in _DTYPES:
            raise InputError(f"{MAIN_FILE}: {key}", found[key][1], f"one of {', '.join(_DTYPES)}")
