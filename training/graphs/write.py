"""A checkpoint's graphs beside its weights, checked and entered in its config.json."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from backend.engines import torch as torch_engine
from backend.generators.isodim import IsoDiM
from backend.tokenizers.fsq import FSQ
from backend.weights.load import Networks, load
from backend.weights.locate import GRAPHS, read_config
from common.files import replace_file

from . import checked, isodim, text, tokenizer


def can(networks: Networks) -> bool:
    """Whether these networks have graphs: an IsoDiM over an FSQ tokenizer, for the text encoder that has one."""
    fits = type(networks.generator) is IsoDiM and isinstance(networks.tokenizer.bottleneck, FSQ)
    return fits and networks.config.get("text_encoder") == "minilm"


def write(folder: Path) -> list[checked.Difference]:
    """Writes the graphs of a checkpoint's folder; none where `can` says so. GraphsDifferError leaves config.json without them."""
    networks = load(folder, "cpu")
    if not can(networks):
        return []
    model = networks.generator
    assert isinstance(model, IsoDiM)
    isodim.write_context(model, folder)
    isodim.write_predict(model, folder)
    tokenizer.write_encode(networks.tokenizer, folder)
    tokenizer.write_decode(networks.tokenizer, folder)
    text.write_length(networks.config["length"]["text_width"], folder)
    found = checked.check(folder, torch_engine.load_text("minilm", "cpu"))
    config = read_config(folder)
    config["files"] |= {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in GRAPHS}
    replace_file(folder / "config.json", (json.dumps(config, indent=1) + "\n").encode())
    return found
