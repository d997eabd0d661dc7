"""Random weights in the published layouts: names and sizes are written out here, not taken from our networks."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

TEXTS = {
    "000001.txt": "a person walks to the left.#a/DET person/NOUN walk/VERB to/ADP the/DET left/ADV#0.0#0.0\n",
    "000002.txt": "a man sits#a/DET man/NOUN sit/VERB#0.0#0.0\na man zorbs down#a/DET man/NOUN zorb/VERB down/ADP#1.5#nan\n",
}
WORDS = ("unk", "sos", "eos", "a", "person", "walk", "to", "the", "left", "man", "sit", "down")


def _random(shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Values that overlap in one small store, so that a file of 60 million numbers is small and quickly made."""
    pool = 0.2 * torch.rand(200_000, generator=torch.Generator().manual_seed(0)) - 0.1
    return {
        name: torch.as_strided(pool, shape, (1,) * len(shape), storage_offset=97 * index)
        for index, (name, shape) in enumerate(shapes.items())
    }


def _linear(name: str, out: int, width: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, width), f"{name}.bias": (out,)}


def _gru(width: int, hidden: int) -> dict[str, tuple[int, ...]]:
    shapes = _linear("input_emb", hidden, width) | {"hidden": (2, 1, hidden), "output_net.1.weight": (hidden,)}
    shapes |= _linear("output_net.0", hidden, 2 * hidden) | _linear("output_net.3", 512, hidden)
    shapes |= {"output_net.1.bias": (hidden,)}
    for way in ("", "_reverse"):
        for side in ("ih", "hh"):
            shapes |= {f"gru.weight_{side}_l0{way}": (3 * hidden, hidden), f"gru.bias_{side}_l0{way}": (3 * hidden,)}
    return shapes


def match_parts(features: int) -> dict[str, dict[str, Tensor]]:
    """The three state dicts of `text_mot_match/model/finest.tar`."""
    movement = {"main.0.weight": (512, features, 4), "main.0.bias": (512,)} | _linear("out_net", 512, 512)
    movement |= {"main.3.weight": (512, 512, 4), "main.3.bias": (512,)}
    return {
        "movement_encoder": _random(movement),
        "text_encoder": _random(_gru(300, 512) | _linear("pos_emb", 300, 15)),
        "motion_encoder": _random(_gru(512, 1024)),
    }


def _layers(prefix: str) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for index in range(8):
        layer = f"{prefix}.layers.{index}"
        shapes |= {f"{layer}.self_attn.in_proj_weight": (1536, 512), f"{layer}.self_attn.in_proj_bias": (1536,)}
        shapes |= _linear(f"{layer}.self_attn.out_proj", 512, 512)
        shapes |= _linear(f"{layer}.linear1", 1024, 512) | _linear(f"{layer}.linear2", 512, 1024)
        for norm in ("norm1", "norm2"):
            shapes |= {f"{layer}.{norm}.weight": (512,), f"{layer}.{norm}.bias": (512,)}
    return shapes


def clip_parts(features: int) -> dict[str, dict[str, Tensor]]:
    """The state dict of `text_mot_match_clip/model/finest.tar`."""
    shapes = {"positional_embedding": (77, 512), "logit_scale": (), "token_embedding.weight": (49408, 512)}
    shapes |= {"motion_encoder.query_token": (1, 512), "motion_encoder.sequence_pos_encoder.pe": (2000, 512)}
    shapes |= _linear("motion_encoder.embed_motion", 512, features) | _linear("motion_encoder.out", 512, 512)
    shapes |= _linear("out", 512, 512) | _layers("motion_encoder.transformer") | _layers("textTransEncoder")
    for norm in ("motion_encoder.out_ln", "text_ln"):
        shapes |= {f"{norm}.weight": (512,), f"{norm}.bias": (512,)}
    return {"contrast_model": _random(shapes)}


def make(folder: Path, parts: dict[str, dict[str, Tensor]], features: int) -> Path:
    """finest.tar (with an optimizer's state, as published), the evaluator's own statistics, glove and texts."""
    for name in ("glove", "texts"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    torch.save(
        {**parts, "opt_text_encoder": {"state": {}, "param_groups": [{"lr": 1e-4}]}, "epoch": 3}, folder / "finest.tar"
    )
    rng = np.random.default_rng(0)
    np.save(folder / "mean.npy", rng.standard_normal(features) * 0.1)
    np.save(folder / "std.npy", rng.uniform(0.2, 2.0, features))
    np.save(folder / "glove" / "our_vab_data.npy", rng.standard_normal((len(WORDS), 300)))
    rows = {word: row for row, word in enumerate(reversed(WORDS))}
    (folder / "glove" / "our_vab_words.pkl").write_bytes(pickle.dumps(list(WORDS)))
    (folder / "glove" / "our_vab_idx.pkl").write_bytes(pickle.dumps(rows))
    for name, text in TEXTS.items():
        (folder / "texts" / name).write_text(text)
    return folder
