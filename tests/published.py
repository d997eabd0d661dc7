"""Small data in the published layouts of HumanML3D and KIT-ML, made by script: no number of theirs is in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from backend.motion.classic import classic
from backend.motion.features import joints_to_features
from backend.motion.layout import KIT
from tests.prepared import swinging

TEXTS = {
    "000001": "a person walks forward.#a/DET person/NOUN walk/VERB forward/ADV#0.0#0.0\n"
    "someone strolls ahead#someone/PRON stroll/VERB ahead/ADV#0.0#0.0\n"
    "a man waves#a/DET man/NOUN wave/VERB#1.0#2.5\n",
    "000002": "the person turns left#the/DET person/NOUN turn/VERB left/ADV#0.0#0.0\n",
    "000003": "a person walks#a/DET person/NOUN walk/VERB#nan#nan\n",
    "M000001": "a person walks forward.#a/DET person/NOUN walk/VERB forward/ADV#0.0#0.0\n",
}
LISTS = {"train": ("000001", "M000001", "000002"), "val": ("000003",), "test": ()}


def kit_joints(frames: int = 60, turn: float = 0.03) -> np.ndarray:
    """Joints [frame, 21, 3] (m) of a stiff KIT figure that walks a bend while an arm swings; sides as KIT's `facing`."""
    x, y = np.zeros(21), np.zeros(21)
    y[:5] = 0.9, 1.0, 1.2, 1.4, 1.6
    for first, heights, reach in ((5, (1.35, 1.1, 0.85), 0.2), (11, (0.88, 0.5, 0.1, 0.05, 0.02), 0.1)):
        for side, start in ((-1, first), (1, first + len(heights))):
            x[start : start + len(heights)], y[start : start + len(heights)] = side * reach, heights
    still = np.stack([x, y, np.zeros(21)], axis=-1)
    still[[15, 20], 2] = 0.15
    positions = np.repeat(still[None], frames, axis=0)
    positions[:, 7, 2] = 0.2 * np.sin(0.3 * np.arange(frames))
    yaw = turn * np.arange(frames)
    cos, sin = np.cos(yaw)[:, None], np.sin(yaw)[:, None]
    x, y, z = np.moveaxis(positions, -1, 0)
    path = np.cumsum(np.stack([np.sin(yaw), 0 * yaw, np.cos(yaw)], axis=-1) * 0.05, axis=0)
    return np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1) + path[:, None]


def vectors(name: str, frames: int, seed: int) -> np.ndarray:
    """Published features [frame, 263] of `t2m`; [frame, 251] of `kit`, millimetres, noise behind the essential ones."""
    if name == "t2m":
        return classic(swinging(frames, seed))
    features = joints_to_features(kit_joints(frames, turn=0.01 * (seed + 1)))
    features[:, 1:] *= 1000.0
    rest = np.random.default_rng(seed).normal(size=(frames, KIT.classic_features - KIT.features))
    return np.concatenate([features, rest], axis=1).astype(np.float32)


def make(folder: Path, name: str, frames: int = 60) -> Path:
    """The folder of `t2m` or `kit` with three clips and a mirrored one; returns it."""
    for part in ("new_joint_vecs", "new_joints", "texts"):
        (folder / part).mkdir(parents=True)
    for seed, (clip, text) in enumerate(TEXTS.items()):
        np.save(folder / "new_joint_vecs" / f"{clip}.npy", vectors(name, frames, seed))
        (folder / "texts" / f"{clip}.txt").write_text(text, encoding="utf-8")
    for split, clips in LISTS.items():
        (folder / f"{split}.txt").write_text("".join(f"{clip}\n" for clip in clips))
    width = vectors(name, 4, 0).shape[1]
    np.save(folder / "Mean.npy", np.zeros(width, np.float32))
    np.save(folder / "Std.npy", np.ones(width, np.float32))
    return folder
