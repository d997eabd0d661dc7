"""Any skeleton's motion goes into a BVH file and comes back, whatever moves its joints."""

import numpy as np
import pytest

from contract import bvh, bvh_write, quaternions
from contract.bvh_text import parse

NAMES, PARENTS = ("hips", "leg", "chest", "arm", "head"), (-1, 0, 0, 2, 2)
REST = np.array([[0, 1, 0], [0.1, 0.9, 0], [0, 1.3, 0], [0.2, 1.3, 0], [0, 1.6, 0.1]], float)
ENDS = {1: np.array([0.1, 0.1, 0.0]), 3: np.array([0.8, 1.3, 0.0]), 4: np.array([0.0, 1.8, 0.1])}


def skeleton(frames=20, loose=()):
    """World turns and positions; the `loose` joints also slide away from their parents."""
    random = np.random.default_rng(3)
    turns = random.normal(size=(frames, 5, 4)).cumsum(axis=0) * 0.2 + np.array([2.0, 0.0, 0.0, 0.0])
    turns = quaternions.normalized(turns)
    positions = np.empty((frames, 5, 3))
    for joint, parent in enumerate(PARENTS):
        slide = random.normal(0, 0.1, (frames, 3)) if joint in loose else 0.0
        if parent < 0:
            positions[:, joint] = REST[joint] + random.normal(0, 0.1, (frames, 3)).cumsum(axis=0)
        else:
            offset = np.broadcast_to(REST[joint] - REST[parent], (frames, 3))
            positions[:, joint] = positions[:, parent] + quaternions.rotate(turns[:, parent], offset + slide)
    return turns, positions


@pytest.mark.parametrize("loose", [(), (1,), (2, 4)])
def test_positions_come_back(loose, tmp_path):
    turns, positions = skeleton(loose=loose)
    made = bvh.from_world(NAMES, PARENTS, REST, ENDS, positions, turns, 24.0)
    assert [len(channels) for channels in made.channels] == [6 if j == 0 or j in loose else 3 for j in range(5)]
    bvh.save(tmp_path / "clip.bvh", made)
    back = bvh.read(tmp_path / "clip.bvh")
    assert back.frame_time == pytest.approx(1 / 24)
    found = bvh.world_positions(back)
    for joint, name in enumerate(NAMES):
        np.testing.assert_allclose(found[name] / 100, positions[:, joint], atol=2e-6)
    for joint, end in ENDS.items():
        expected = positions[:, joint] + quaternions.rotate(turns[:, joint], end - REST[joint])
        np.testing.assert_allclose(found[f"end:{NAMES[joint]}"] / 100, expected, atol=2e-6)


def test_at_rest_all_rotations_are_zero():
    still = quaternions.identity(3, 5)
    made = bvh.from_world(NAMES, PARENTS, REST, ENDS, np.repeat(REST[None], 3, axis=0), still, 30.0)
    np.testing.assert_allclose(bvh.local_rotations(made), still, atol=1e-12)
    np.testing.assert_allclose(made.offsets[1:], (REST - REST[[0, 0, 0, 2, 2]])[1:] * 100)


def test_text_and_parse_are_inverse():
    turns, positions = skeleton(loose=(3,))
    made = bvh.from_world(NAMES, PARENTS, REST, ENDS, positions, turns, 24.0)
    once = parse(bvh_write.text(made))
    assert once.names == ("hips", "leg", "chest", "arm", "head")
    assert bvh_write.text(once) == bvh_write.text(made)


def test_joints_are_written_depth_first_with_their_own_columns():
    turns, positions = skeleton()
    order = [0, 2, 1, 4, 3]  # breadth first, so the columns must move
    parents = [order.index(PARENTS[joint]) if PARENTS[joint] >= 0 else -1 for joint in order]
    ends = {order.index(joint): end for joint, end in ENDS.items()}
    names = [NAMES[joint] for joint in order]
    made = bvh.from_world(names, parents, REST[order], ends, positions[:, order], turns[:, order], 24.0)
    found = bvh.world_positions(parse(bvh_write.text(made)))
    for joint, name in enumerate(NAMES):
        np.testing.assert_allclose(found[name] / 100, positions[:, joint], atol=2e-6)
