"""Files as twelve programs write them, whichever axis is up, in whatever unit: read and prepared they are the same motion."""

import itertools
import json

import numpy as np
import pytest

from backend.motion.features import features_to_joints
from common.motion.skeleton import INDEX, PARENTS
from tests import dialects
from training.data.captioned import CaptionedClip
from training.data.sources import bvh
from training.prepare import PrepareSettings, prepare

VARIANTS = list(itertools.product((False, True), dialects.UNITS_M.values(), (0.0, 0.95)))
ARMS_AND_LEGS = [INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("elbow", "wrist", "knee", "ankle")]


def degrees_between(first, second):
    """[frame, bone]: of the bones that arms and legs are made of."""
    bones = [
        joints[:, ARMS_AND_LEGS] - joints[:, [PARENTS[joint] for joint in ARMS_AND_LEGS]] for joints in (first, second)
    ]
    cosines = (bones[0] * bones[1]).sum(-1) / np.linalg.norm(bones[0], axis=-1) / np.linalg.norm(bones[1], axis=-1)
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))


@pytest.mark.parametrize("name", dialects.DIALECTS)
def test_every_axis_and_unit_is_read_as_the_same_motion(name, tmp_path):
    motion = dialects.walk(30)
    for z_up, unit_m, root_m in VARIANTS:
        dialects.write(tmp_path / "a.bvh", name, motion, z_up=z_up, unit_m=unit_m, root_m=root_m)
        read = bvh.Reader(tmp_path, {})(CaptionedClip("", "a", "train", "", ()))
        unit = next(word for word, metres in dialects.UNITS_M.items() if metres == unit_m)
        assert read.told == f"{'Z' if z_up else 'Y'} up, as the clip shows; {unit}"
        assert degrees_between(read.positions, motion.positions).max() < 1.0
        assert np.abs(read.positions[:, ARMS_AND_LEGS] - motion.positions[:, ARMS_AND_LEGS]).max() < 0.01


def test_prepared_they_are_the_walk(tmp_path):
    motion = dialects.walk()
    wanted = motion.resampled(20.0).positions.astype(float)
    rows = []
    for number, name in enumerate(dialects.DIALECTS):
        z_up, unit_m, root_m = VARIANTS[(7 * number) % len(VARIANTS)]
        (tmp_path / f"s{number}").mkdir()
        dialects.write(tmp_path / f"s{number}" / "walk.bvh", name, motion, z_up=z_up, unit_m=unit_m, root_m=root_m)
        rows.append({"source": f"s{number}", "clip": "walk", "captions": ["a person walks"], "split": "train"})
    (tmp_path / "captions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    report = prepare(PrepareSettings(bvh=tmp_path, out=tmp_path / "out"))
    assert report.dropped == []
    features = np.load(tmp_path / "out" / "features.npy")
    for row in map(json.loads, (tmp_path / "out" / "clips.jsonl").read_text().splitlines()):
        joints = features_to_joints(features[row["start"] : row["start"] + row["frames"]])
        count = len(joints)
        assert degrees_between(joints, wanted[:count]).max() < 1.0, row["source"]
        apart = joints - wanted[:count]
        apart -= apart[:1, :1]  # features begin at the origin, feet on the ground
        assert np.abs(apart[:, ARMS_AND_LEGS]).max() < 0.01, row["source"]
