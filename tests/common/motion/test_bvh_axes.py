"""Axes and unit are found from a body that stands; a clip of ours comes back from any of them; what is foreign is told."""

import dataclasses

import numpy as np
import pytest

from common.errors import InputError
from common.motion import bvh, bvh_axes, quaternions
from common.motion.bvh_axes import Given, Up, mirrored, turned, unit_of, up_of
from common.motion.skeleton import JOINTS, rest_positions

LYING = quaternions.about((1.0, 0.0, 0.0), np.pi / 2)


def in_axes(positions, up):
    """Points with Y up, in axes where `up` is up."""
    return quaternions.rotate(quaternions.inverse(quaternions.between(bvh_axes.UPS[up], (0, 1, 0))), positions)


def rewritten(clip, turn, unit):
    """The file of another program: other axes and another unit, all channels as XYZ."""
    rotations = bvh.local_rotations(clip)
    rotations[..., 1:] = quaternions.rotate(turn, rotations[..., 1:])
    angles = np.degrees(bvh.euler_zxy(rotations)).reshape(len(rotations), -1)
    root = quaternions.rotate(turn, bvh.local_offsets(clip)[:, 0]) * unit
    return dataclasses.replace(
        clip,
        offsets=quaternions.rotate(turn, clip.offsets) * unit,
        values=np.concatenate([root, angles], axis=-1),
    )


@pytest.mark.parametrize("unit", [0.01, 1.0, 1 / 2.54])
@pytest.mark.parametrize("up", bvh_axes.UPS)
def test_our_clip_comes_back_from_other_axes_and_units(make_motion, up, unit):
    motion = make_motion()
    turn = quaternions.inverse(quaternions.between(bvh_axes.UPS[up], (0, 1, 0)))
    back = bvh.to_motion(rewritten(bvh.from_motion(motion), turn, unit))
    assert np.abs(back.positions - motion.positions).max() < 1e-4
    assert np.degrees(quaternions.angle_between(back.rotations, motion.rotations)).max() < 0.01


@pytest.mark.parametrize("up", bvh_axes.UPS)
def test_up_is_where_a_body_stands(make_motion, up):
    rest = in_axes(rest_positions(), up)
    standing = np.repeat(rest[None], 30, axis=0) * 37.0
    assert up_of(standing, rest) == Up(up, True)
    nowhere = np.zeros_like(rest)
    assert up_of(standing, nowhere) == Up(up, True)
    np.testing.assert_allclose(turned(standing, up) / 37.0, np.repeat(rest_positions()[None], 30, axis=0), atol=1e-9)


def test_who_lies_is_told_by_the_rest_pose_and_is_not_sure():
    rest = rest_positions()
    lying = np.repeat(quaternions.rotate(LYING, rest - rest[0])[None], 30, axis=0) + np.array((0.0, 0.1, 0.0))
    assert up_of(lying, rest) == Up("Y", False)
    assert up_of(in_axes(lying, "Z"), in_axes(rest, "Z")) == Up("Z", False)


def test_a_root_that_turns_the_rest_pose_up_is_believed():
    standing = np.repeat(in_axes(rest_positions(), "Z")[None], 30, axis=0)
    assert up_of(standing, rest_positions()).name == "Z"


@pytest.mark.parametrize(
    ("leg", "metres", "name"), [(0.8, 1, "m"), (86, 0.01, "cm"), (33, 0.0254, "inch"), (900, 0.001, "mm")]
)
def test_units_are_told_by_the_legs(leg, metres, name):
    assert unit_of(leg, None) == (metres, name)
    assert unit_of(leg, name) == (metres, name)


def test_other_units_and_contradictions_are_told():
    metres, words = unit_of(14.5, None)
    assert 14.5 * metres == pytest.approx(0.82, abs=0.01)
    assert words.startswith("units of 0.0566 m")
    with pytest.raises(InputError, match=r"unit is 'm', expected one in which a leg of 86 is 0.25 to 2 m long"):
        unit_of(86.0, "m")
    assert Given.of("x", "z", "CM") == Given("Z", "cm")
    with pytest.raises(InputError, match="x up is 'W', expected one of X, -X, Y, -Y, Z, -Z"):
        Given.of("x", "W", None)


def test_a_body_inside_out_is_seen():
    body = np.repeat(rest_positions()[None], 20, axis=0)
    assert not mirrored(body)
    assert mirrored(body * (-1.0, 1.0, 1.0))
    prone = quaternions.rotate(LYING, body)
    prone[:, [JOINTS.index("left_foot"), JOINTS.index("right_foot")]] -= (0.0, -0.1, 0.2)  # toes stretched
    assert not mirrored(prone)


def test_a_foreign_file_is_refused_by_what_it_lacks_and_with_the_next_step(make_motion):
    ours = bvh.from_motion(make_motion(frames=2))
    others = {
        "without pelvis, left_hip and 20 more": dataclasses.replace(ours, names=tuple(f"m:{name}" for name in JOINTS)),
        "without left_wrist": dataclasses.replace(ours, names=tuple(n.replace("left_wrist", "hand") for n in JOINTS)),
        "one whose head hangs elsewhere": dataclasses.replace(
            ours, parents=tuple(0 if name == "head" else parent for name, parent in zip(JOINTS, ours.parents, strict=True))
        ),
    }  # fmt: skip
    for words, foreign in others.items():
        with pytest.raises(InputError, match=r"Copy Clip, or learnt from with training\.prepare") as caught:
            bvh.to_motion(foreign)
        assert words in str(caught.value)
    longer = ours.offsets.copy()
    longer[JOINTS.index("left_elbow")] *= 1.3
    with pytest.raises(InputError, match="left_elbow for one"):
        bvh.to_motion(dataclasses.replace(ours, offsets=longer))
    with pytest.raises(InputError, match="another body's"):
        bvh.to_motion(dataclasses.replace(ours, offsets=ours.offsets * (-1.0, 1.0, 1.0)))
