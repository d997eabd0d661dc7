"""BVH: what is written reads back, foreign channel orders follow scipy, and bad files are refused with their line."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from common.errors import InputError
from common.motion import bvh, quaternions
from common.motion.bvh_text import parse
from common.motion.skeleton import JOINTS

SMALL = """HIERARCHY
ROOT hips
{
  OFFSET 1 2 3
  CHANNELS 6 Xposition Yposition Zposition %s %s %s
  JOINT upper leg
  {
    OFFSET 0 -10 0
    CHANNELS 3 %s %s %s
    End Site
    {
      OFFSET 0 -4 2
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.0333333
5 6 7 10 20 30 40 50 60
5 6 8 -10 95 170 0 0 0
"""


def small(order="ZXY"):
    return SMALL % (*(f"{axis}rotation" for axis in order), *(f"{axis}rotation" for axis in order))


@pytest.mark.parametrize("fps", [20.0, 23.976, 30.0, 60.0])
def test_round_trip(tmp_path, make_motion, fps):
    motion = make_motion(fps=fps)
    bvh.write(tmp_path / "clip.bvh", motion)
    back = bvh.to_motion(bvh.read(tmp_path / "clip.bvh"))
    assert np.abs(back.positions - motion.positions).max() < 1e-4
    assert np.degrees(quaternions.angle_between(back.rotations, motion.rotations)).max() < 0.01
    assert back.fps == pytest.approx(fps, abs=1e-3)
    assert list(tmp_path.iterdir()) == [tmp_path / "clip.bvh"]


def test_written_angles_are_continuous(tmp_path, make_motion):
    motion = make_motion(frames=80, seed=2).resampled(200.0)
    bvh.write(tmp_path / "clip.bvh", motion)
    values = bvh.read(tmp_path / "clip.bvh").values[:, 3:].reshape(motion.frames, -1, 3)
    assert np.abs(values).max() > 180.0, "the clip must wind past half a turn for this test to mean something"
    assert np.abs(np.diff(values, axis=0))[:, :, 1].max() < 90.0
    turn = Rotation.from_euler("ZXY", values.reshape(-1, 3), degrees=True).as_quat(scalar_first=True)
    order = [bvh.read(tmp_path / "clip.bvh").names.index(name) for name in JOINTS]
    wanted = turn.reshape(motion.frames, -1, 4)[:, order]
    assert np.degrees(quaternions.angle_between(wanted, motion.rotations)).max() < 0.01


@pytest.mark.parametrize("pitch_rad", [np.pi / 2, -np.pi / 2])
def test_gimbal_lock_keeps_the_last_angle(pitch_rad):
    x, y = np.eye(3)[0], np.eye(3)[1]
    pitch = np.array([0.0, 0.7, 1.0, 1.0]) * pitch_rad
    rotations = quaternions.multiply(quaternions.about(x, pitch), quaternions.about(y, np.full(4, 0.3)))[:, None]
    angles = bvh.euler_zxy(rotations)[:, 0]
    np.testing.assert_allclose(angles[:, 2], 0.3, atol=1e-6)
    np.testing.assert_allclose(angles[:, 1], pitch, atol=1e-6)


@pytest.mark.parametrize("order", ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX"])
def test_rotation_orders_and_end_sites(order):
    clip = parse(small(order))
    root, knee = (Rotation.from_euler(order, clip.values[:, k : k + 3], degrees=True) for k in (3, 6))
    positions = bvh.world_positions(clip)
    assert list(positions) == ["hips", "upper leg", "end:upper leg"]
    np.testing.assert_allclose(positions["hips"], [[5, 6, 7], [5, 6, 8]], err_msg="a position channel replaces OFFSET")
    np.testing.assert_allclose(positions["upper leg"], positions["hips"] + root.apply([0, -10, 0]), atol=1e-9)
    end = positions["upper leg"] + (root * knee).apply([0, -4, 2])
    np.testing.assert_allclose(positions["end:upper leg"], end, atol=1e-9)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("HIERARCHY", "HELLO", 1),
        ("ROOT hips", "}", 2),
        ("OFFSET 1 2 3", "OFFSET 1 2", 4),
        ("OFFSET 1 2 3", "OFFSET 1 2 nan", 4),
        ("CHANNELS 6 Xposition", "CHANNELS 6 Wposition", 5),
        ("CHANNELS 3 Zrotation", "CHANNELS 3 Zrotation Zrotation", 9),
        ("JOINT upper leg", "JOINT", 6),
        ("MOTION", "", 17),
        ("Frames: 2", "Frames: -2", 17),
        ("Frame Time: 0.0333333", "Frame Time: 0", 18),
        ("Frame Time: 0.0333333", "Frame Time: 33.3", 18),
        ("JOINT upper leg", "JIONT upper leg", 7),
        ("  OFFSET 1 2 3\n", "", 14),
        ("-10 95 170", "-10 x 170", 20),
        ("-10 95 170", "-10 inf 170", 20),
        ("40 50 60", "40 50", 19),
    ],
)
def test_malformed_files_name_the_line(old, new, line):
    text = small()
    assert old in text
    with pytest.raises(InputError, match=f"BVH line {line} "):
        parse(text.replace(old, new, 1))


def test_truncated_files_are_refused_at_every_line():
    lines = small().splitlines(keepends=True)
    for count in range(len(lines) - 1):
        with pytest.raises(InputError):
            parse("".join(lines[:count]))
    assert parse("".join(lines[:-1])).notes == ("1 frames, not the 2 that Frames: announces",)


def test_foreign_skeletons_are_named(tmp_path, make_motion):
    with pytest.raises(InputError, match="left_hip"):
        bvh.to_motion(parse(small()))
    bvh.write(tmp_path / "clip.bvh", make_motion(frames=2))
    text = (tmp_path / "clip.bvh").read_text()
    with pytest.raises(InputError, match="offsets"):
        bvh.to_motion(parse(text.replace("OFFSET 26.000000", "OFFSET 36.000000")))


def test_missing_file_and_missing_folder(tmp_path, make_motion):
    with pytest.raises(InputError, match="readable"):
        bvh.read(tmp_path / "none.bvh")
    with pytest.raises(InputError, match="output file"):
        bvh.write(tmp_path / "none" / "clip.bvh", make_motion(frames=2))
