"""Rigs of the canonical proportions in any unit, orientation, rest pose and rolls, made by script."""

import numpy as np
from isodim.common.motion import quaternions
from isodim.common.motion.motion import Motion
from isodim.common.motion.skeleton import INDEX, JOINTS, PARENTS, rest_positions
from isodim.common.rigs.bone_map import BoneMap
from isodim.common.rigs.rig import Rig
from isodim.isodim_blender.rig.rest import RestPose

ROOT = "root"
SLOTS = {"spine": ("spine1", "spine2", "spine3")} | {
    name: (name,) for name in JOINTS if not name.startswith("spine")
}  # fmt: skip


def clip(rotations, root):
    """A Motion of 20 fps."""
    arrays = (quaternions.continuous(rotations), root, np.zeros((len(root), 4)))
    return Motion(*(array.astype(np.float32) for array in arrays), fps=20.0)


def random_clip(seed=0, frames=30):
    """All joints turn by up to 1.2 rad about random axes; the body turns round once and goes two metres."""
    random = np.random.default_rng(seed)
    axes = random.normal(size=(len(JOINTS), 3))
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    angles = 1.2 * np.sin(np.arange(frames)[:, None] / 5.0 + random.uniform(0, 6, len(JOINTS)))
    rotations = quaternions.about(np.broadcast_to(axes, (frames, len(JOINTS), 3)), angles)
    rotations[:, 0] = quaternions.about((0.0, 1.0, 0.0), np.linspace(0.0, 6.0, frames))
    root = random.normal(0.0, 0.03, (frames, 3)).cumsum(axis=0)
    root += np.linspace((0.0, 0.9, 0.0), (1.0, 0.9, 2.0), frames)
    return clip(rotations, root)


def lowered_arms(angle_rad):
    """One frame of the canonical skeleton at rest, its arms turned down from the T-pose."""
    rotations = quaternions.identity(1, len(JOINTS))
    for side, sign in (("left", -1.0), ("right", 1.0)):
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.about((0.0, 0.0, 1.0), sign * angle_rad)
    return clip(rotations, rest_positions()[:1])


def make(rest=None, turn=(1.0, 0.0, 0.0, 0.0), scale=1.0, seed=0, root=False):
    """A RestPose whose joints are those of the one-frame Motion `rest`, turned and scaled, with random rolls and tails."""
    random = np.random.default_rng(seed)
    positions = lowered_arms(0.0).positions[0] if rest is None else rest.positions[0]
    heads = quaternions.rotate(turn, positions * scale)
    names, parents = JOINTS, PARENTS
    if root:
        heads = np.concatenate([np.zeros((1, 3)), heads])
        names, parents = (ROOT, *JOINTS), (-1, *(parent + 1 for parent in PARENTS))
    count = len(names)
    rotations = quaternions.normalized(random.normal(size=(count, 4)))
    tails = heads + quaternions.rotate(rotations, (0.0, 0.1 * scale, 0.0))
    rig = Rig(tuple(names), tuple(parents), heads, tails)
    yes = np.ones(count, bool)
    return RestPose(rig, rotations, random.uniform(size=count) < 0.8, ~yes, random.uniform(size=count) < 0.8)


def bone_map(root=False):
    """The map of such a rig."""
    return BoneMap(SLOTS, {}, ROOT if root else None)
