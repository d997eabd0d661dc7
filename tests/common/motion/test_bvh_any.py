"""Any skeleton's file is read as it was written, in whatever order its joints stand."""

import dataclasses

import numpy as np

from common.motion import bvh, bvh_write
from common.motion.bvh_text import Bvh, parse

NAMES, PARENTS = ("hips", "leg", "chest", "arm", "head"), (-1, 0, 0, 2, 2)
OFFSETS = np.array([[0, 100, 0], [10, -10, 0], [0, 30, 0], [20, 0, 0], [0, 30, 10]], float)
ENDS = {1: np.array([0.0, -80.0, 0.0]), 3: np.array([60.0, 0.0, 0.0]), 4: np.array([0.0, 20.0, 0.0])}
TURNS, PLACE = ("Zrotation", "Xrotation", "Yrotation"), ("Xposition", "Yposition", "Zposition")
CHANNELS = ((*PLACE, *TURNS), TURNS, TURNS, (*PLACE, *TURNS), TURNS)


def made(frames=20):
    """A skeleton with positions at the root and at one joint that leaves its place."""
    values = np.random.default_rng(3).uniform(-90, 90, (frames, sum(map(len, CHANNELS))))
    return Bvh(NAMES, PARENTS, OFFSETS, CHANNELS, ENDS, 1 / 24, values)


def test_text_and_parse_are_inverse():
    once = parse(bvh_write.text(made()))
    assert once.names == NAMES
    assert once.channels == CHANNELS
    np.testing.assert_allclose(once.values, made().values, atol=1e-5)
    assert bvh_write.text(once) == bvh_write.text(made())


def test_joints_are_written_depth_first_with_their_own_columns():
    clip = made()
    order = [0, 2, 1, 4, 3]  # breadth first, so the columns must move
    ends = np.cumsum([0, *map(len, CHANNELS)])
    moved = dataclasses.replace(
        clip,
        names=tuple(NAMES[joint] for joint in order),
        parents=tuple(order.index(PARENTS[joint]) if PARENTS[joint] >= 0 else -1 for joint in order),
        offsets=OFFSETS[order],
        channels=tuple(CHANNELS[joint] for joint in order),
        end_sites={order.index(joint): end for joint, end in ENDS.items()},
        values=np.concatenate([clip.values[:, ends[joint] : ends[joint + 1]] for joint in order], axis=-1),
    )
    wanted, found = bvh.world_positions(clip), bvh.world_positions(parse(bvh_write.text(moved)))
    assert set(found) == set(wanted)
    for name, positions in wanted.items():
        np.testing.assert_allclose(found[name], positions, atol=1e-3)
