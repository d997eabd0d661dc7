"""The numbers of Blender's rotation modes: there and back, and without jumps."""

import numpy as np
import pytest
from isodim.common.motion import quaternions
from isodim.isodim_blender.action import rotation_modes

MODES = (*rotation_modes.EULER, "AXIS_ANGLE", "QUATERNION")


def tumbling(frames=240, bones=5, seed=0):
    """[frame, bone, 4]: turning through several whole turns about slowly wandering axes, signs at random."""
    random = np.random.default_rng(seed)
    time = np.linspace(0.0, 1.0, frames)[:, None, None]
    axes = random.normal(size=(bones, 3)) + np.sin(random.uniform(1, 6, (bones, 3)) * time * 3)
    axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
    turned = quaternions.about(axes, time[..., 0] * random.uniform(4, 12, bones))
    return turned * random.choice([-1.0, 1.0], (frames, bones, 1))


@pytest.mark.parametrize("mode", MODES)
def test_there_and_back_is_the_same_rotation(mode):
    q = np.concatenate([tumbling(), quaternions.normalized(np.random.default_rng(1).normal(size=(50, 5, 4)))])
    again = rotation_modes.to_quaternions(mode, rotation_modes.from_quaternions(mode, q))
    assert np.degrees(quaternions.angle_between(q, again)).max() < 1e-5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("axis", range(3))
def test_whole_turns_about_one_axis_never_jump(mode, axis):
    q = quaternions.about(np.eye(3)[axis], np.linspace(-9.0, 9.0, 400))
    values = rotation_modes.from_quaternions(mode, q)
    step = 18.0 / 399
    if mode in rotation_modes.EULER and mode[1] == "XYZ"[axis]:
        # The middle angle of an Euler order turns back at a quarter turn, unless the other branch goes straight on.
        again = rotation_modes.to_quaternions(mode, (values[1:] + values[:-1]) / 2)
        assert quaternions.angle_between(again, q[1:]).max() < 2 * step
    else:
        assert np.abs(np.diff(values, axis=0)).max() < 1.01 * step


@pytest.mark.parametrize("mode", rotation_modes.EULER)
def test_at_the_gimbal_only_what_must_moves(mode):
    """With the middle angle at a quarter turn the first angle stays where it was."""
    first, second, third = (np.eye(3)["XYZ".index(letter)] for letter in mode)
    angles = np.linspace(0.0, 2.0, 30)
    for side in (1, -1):
        inner = quaternions.multiply(quaternions.about(second, side * np.pi / 2), quaternions.about(first, 0.3))
        q = quaternions.multiply(quaternions.about(third, angles), inner)
        start = np.zeros(3)
        start["XYZ".index(mode[0])] = 0.3
        values = rotation_modes.from_quaternions(mode, q, start)
        assert np.degrees(quaternions.angle_between(rotation_modes.to_quaternions(mode, values), q)).max() < 1e-4
        np.testing.assert_allclose(values[:, "XYZ".index(mode[0])], 0.3, atol=1e-6)
        np.testing.assert_allclose(values[:, "XYZ".index(mode[2])], angles, atol=1e-6)


@pytest.mark.parametrize("mode", MODES)
def test_the_first_frame_is_near_what_is_held(mode):
    q = tumbling(frames=40, bones=1)[:, 0]
    values = rotation_modes.from_quaternions(mode, q)
    wound = -values[0] if mode == "QUATERNION" else values[0] + (4 * np.pi, 0, 0, 0)[: len(values[0])]
    again = rotation_modes.from_quaternions(mode, q, start=wound)
    np.testing.assert_allclose(again[0], wound, atol=1e-6)


def test_eulers_are_blenders():
    pytest.importorskip("bpy")
    mathutils = pytest.importorskip("mathutils")
    for mode in rotation_modes.EULER:
        for q in tumbling(frames=30, bones=1)[:, 0]:
            start = np.random.default_rng(3).normal(size=3)
            theirs = mathutils.Quaternion(q).to_euler(mode, mathutils.Euler(start, mode))
            ours = rotation_modes.from_quaternions(mode, q[None], start)[0]
            assert np.abs(ours - start).sum() <= np.abs(np.array(theirs) - start).sum() + 1e-4
            same = mathutils.Euler(ours, mode).to_quaternion()
            assert np.degrees(quaternions.angle_between(np.array(same), q)) < 0.01
