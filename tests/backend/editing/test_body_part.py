"""A part of the body moves, the rest keeps its bits."""

import numpy as np
import pytest

from backend.editing import parts
from backend.editing.body_part import inpaint_part
from common.motion.skeleton import JOINTS, forward_kinematics

from .conftest import edit, silent


@pytest.mark.parametrize("fps", [20.0, 30.0])
@pytest.mark.parametrize("part", sorted(parts.PARTS))
def test_other_joints_and_frames_keep_their_bits(pipeline, clip, part, fps):
    clip = clip.resampled(fps) if fps != clip.fps else clip
    start, end = round(2 * fps), round(4 * fps)
    edited = inpaint_part(pipeline, edit(clip, start, end, part=part), silent)
    outside = np.r_[0:start, end : clip.frames]
    np.testing.assert_array_equal(edited.rotations[outside], clip.rotations[outside])
    np.testing.assert_array_equal(
        edited.rotations[:, list(parts.kept(part))], clip.rotations[:, list(parts.kept(part))]
    )
    moved = list(parts.joints_of(part))
    assert not np.array_equal(edited.rotations[start:end, moved], clip.rotations[start:end, moved])
    assert np.array_equal(edited.root, clip.root) is not parts.moves_root(part)
    np.testing.assert_allclose(forward_kinematics(edited.rotations, edited.root), edited.positions, atol=1e-5)


def test_upper_and_lower_are_the_whole_body_and_sides_mirror_each_other():
    assert sorted(parts.PARTS["upper"] + parts.PARTS["lower"]) == list(range(len(JOINTS)))
    assert parts.PARTS["arms"] == tuple(sorted(parts.PARTS["left_arm"] + parts.PARTS["right_arm"]))
    assert not set(parts.PARTS["arms"]) & set(parts.PARTS["head"])
