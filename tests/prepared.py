"""A prepared folder of procedural motion in the real layout: swinging figures with captions, no corpus."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from backend.motion.features import joints_to_features
from common.motion import quaternions
from common.motion.skeleton import HIP_HEIGHT, INDEX, forward_kinematics

_CLIPS = (
    ("walk", "a person walks forward", "train"),
    ("wave", "a person waves the right hand", "train"),
    ("turn", "a person turns left", "train"),
    ("walk", "a person walks ahead", "val"),
)


def swinging(frames: int, seed: int) -> np.ndarray:
    """Features [frame, 67] of a figure that travels forward while legs and right arm swing."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / 20
    rotations = quaternions.identity(frames, 22)
    across, ahead = (1.0, 0.0, 0.0), (0.0, 0.0, 1.0)
    for joint, axis, size in (("left_hip", across, 0.5), ("right_hip", across, -0.5), ("right_shoulder", ahead, 0.8)):
        rotations[:, INDEX[joint]] = quaternions.about(axis, size * np.sin(5 * time + 6 * rng.random()))
    root = np.stack([0 * time, HIP_HEIGHT + 0 * time, time * rng.uniform(0.5, 1.0)], axis=1)
    return joints_to_features(forward_kinematics(rotations, root))


def make(folder: Path, frames: int = 72) -> Path:
    """Write features.npy, clips.jsonl and statistics.json; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    features = np.concatenate([swinging(frames, seed) for seed in range(len(_CLIPS))])
    np.save(folder / "features.npy", features)
    rows = [
        {
            "name": f"clip{index}",
            "source": "procedural",
            "split": split,
            "license": "GPL-3.0-or-later",
            "start": index * frames,
            "frames": frames,
            "spans": [
                {
                    "start": 0,
                    "frames": frames,
                    "captions": [caption],
                    "action": action,
                    "any_crop_fits": True,
                    "caption_origin": "test",
                }
            ],
        }
        for index, (action, caption, split) in enumerate(_CLIPS)
    ]
    (folder / "clips.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    std = np.full(67, 0.2)
    (folder / "statistics.json").write_text(json.dumps({"mean": features.mean(0).tolist(), "std": std.tolist()}))
    return folder
