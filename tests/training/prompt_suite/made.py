"""Made motion: a figure of the canonical skeleton that stands, steps, turns, jumps, raises and waves its arms."""

import json

import numpy as np

from backend.motion.features import joints_to_features
from common.motion.skeleton import INDEX, rest_positions
from training.prompt_suite.body import Body

FPS = 20.0
_ARM_M = (0.26, 0.27)


def arm(joints, side, direction, bend=None):
    """Lays an arm from its shoulder along `direction` [frame, 3]; the forearm along `bend` where it is given."""
    direction = np.broadcast_to(direction, (len(joints), 3))
    bend = direction if bend is None else np.broadcast_to(bend, (len(joints), 3))
    shoulder = joints[:, INDEX[f"{side}_shoulder"]]
    lengths = (vector / np.linalg.norm(vector, axis=-1, keepdims=True) for vector in (direction, bend))
    upper, lower = (vector * length for vector, length in zip(lengths, _ARM_M, strict=True))
    joints[:, INDEX[f"{side}_elbow"]] = shoulder + upper
    joints[:, INDEX[f"{side}_wrist"]] = shoulder + upper + lower
    return joints


def standing(seconds=3.0):
    """[frame, 22, 3]: stands with the arms down."""
    joints = np.repeat(rest_positions()[None], round(seconds * FPS), axis=0)
    for side, out in (("left", 0.1), ("right", -0.1)):
        arm(joints, side, (out, -1.0, 0.0))
    return joints


def walking(speed=1.2, seconds=4.0, step_hz=1.0):
    """Walks along +Z at `speed` m/s (backward below 0), the feet lifted in turn."""
    joints = standing(seconds)
    time = np.arange(len(joints)) / FPS
    joints[..., 2] += (speed * time)[:, None]
    for side, phase in (("left", 0.0), ("right", np.pi)):
        swing = np.sin(2 * np.pi * step_hz * time + phase)
        for name, share in (("knee", 0.6), ("ankle", 1.0), ("foot", 1.0)):
            joints[:, INDEX[f"{side}_{name}"], 2] += 0.25 * share * swing
            joints[:, INDEX[f"{side}_{name}"], 1] += (
                0.12 * share * np.maximum(0.0, np.cos(2 * np.pi * step_hz * time + phase))
            )
    return joints


def turning(degrees, seconds=3.0):
    """Turns on the spot, to the left where `degrees` is positive."""
    return turned(standing(seconds), np.linspace(0.0, np.radians(degrees), round(seconds * FPS)))


def turned(joints, angles):
    """Every frame turned about the vertical through the origin by its angle (rad, to the left)."""
    cos, sin = np.cos(angles)[:, None], np.sin(angles)[:, None]
    x, z = joints[..., 0], joints[..., 2]
    return np.stack([cos * x + sin * z, joints[..., 1], cos * z - sin * x], axis=-1)


def jumping(height_m=0.4, ahead_m=0.0, times=1):
    """Stands and jumps, each flight half a second, with half a second before and after."""
    joints = standing(0.5 + times)
    for jump in range(times):
        start = round((0.5 + jump) * FPS)
        flight = np.linspace(0.0, 1.0, 11)
        joints[start : start + 11, :, 1] += (4 * height_m * flight * (1 - flight))[:, None]
        joints[start : start + 11, :, 2] += (ahead_m * flight)[:, None]
        joints[start + 11 :, :, 2] += ahead_m
    return joints


def waving(side, seconds=3.0):
    """One hand above the shoulder, swung from side to side."""
    joints = standing(seconds)
    time = np.arange(len(joints)) / FPS
    out = 1.0 if side == "left" else -1.0
    swing = 0.5 * np.sin(2 * np.pi * 1.5 * time)
    bend = np.stack([swing + out * 0.2, np.ones_like(time), np.full_like(time, 0.2)], axis=-1)
    return arm(joints, side, (out, 0.1, 0.2), bend)


def raising(*sides):
    """Arms straight up from the second second on."""
    joints = standing()
    for side in sides:
        joints[20:] = arm(joints[20:].copy(), side, (0.0, 1.0, 0.05))
    return joints


def kicking(side):
    """One leg swings up ahead and comes down."""
    joints = standing(2.0)
    angle = np.zeros(len(joints))
    angle[15:25] = np.sin(np.linspace(0.0, np.pi, 10)) * 1.3
    hip = joints[:, INDEX[f"{side}_hip"]]
    for name in ("knee", "ankle", "foot"):
        offset = joints[:, INDEX[f"{side}_{name}"]] - hip
        length = -offset[:, 1]
        joints[:, INDEX[f"{side}_{name}"]] = hip + np.stack(
            [offset[:, 0], -length * np.cos(angle), offset[:, 2] + length * np.sin(angle)], axis=-1
        )
    return joints


def sitting_down(seconds=3.0):
    """Stands for a second and is then on a seat: thighs level, trunk upright."""
    joints = standing(seconds)
    depth = np.clip((np.arange(len(joints)) / FPS - 1.0), 0.0, 1.0)[:, None]
    lower = {f"{side}_{name}" for side in ("left", "right") for name in ("knee", "ankle", "foot")}
    for name, joint in INDEX.items():
        if name not in lower:
            joints[:, joint] -= depth * (0.0, 0.40, 0.40)
    return joints


def body(joints):
    """As the checks see it."""
    return Body(np.asarray(joints, float))


def takes(folder):
    """A prepared folder with labels.jsonl: two takes that show what their label says, a third labelled wrongly, and a pair in order."""
    motions = {
        "walk": (walking(), ["walk_forward"], False),
        "wave": (waving("right"), ["wave_right"], False),
        "not": (standing(), ["walk_forward"], False),
        "both": (walking(), ["walk_forward", "wave_right"], True),
    }
    rows, labels, blocks, total = [], [], [], 0
    for name, (joints, concepts, mirrored) in motions.items():
        features = joints_to_features(joints)
        span = {"start": 0, "frames": len(features), "captions": [name]}
        rows.append(
            {"source": "made", "name": name, "split": "val", "start": total, "frames": len(features), "spans": [span]}
        )
        said = [{"concept": one, "mirrored": mirrored and one == "wave_right"} for one in concepts]
        labels.append(
            {"source": "made", "clip": name, "start_s": 0.0, "end_s": (len(features) - 1) / 20, "concepts": said}
        )
        blocks.append(features)
        total += len(features)
    np.save(folder / "features.npy", np.concatenate(blocks).astype(np.float32))
    for name, content in (("clips", rows), ("labels", labels)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in content))
    return folder
