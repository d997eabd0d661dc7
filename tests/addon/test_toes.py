"""Toes lie flat while the ball of the foot stands and the heel lifts; other toes stay as they are."""

import dataclasses

import numpy as np
import pytest
from isodim.isodim_blender.rig import feet, toes
from isodim.isodim_blender.rig.fit import fit
from isodim.isodim_blender.rig.kinematics import Kinematics
from isodim.isodim_blender.rig.retarget import transfer

from common.motion import quaternions
from common.motion.skeleton import INDEX
from tests.addon.described import rest_pose
from tools.rigs import description
from tools.rigs.clips import CLIPS


def stiff(motion):
    """The clip with toes that never bend, as generated clips have them."""
    rotations = motion.rotations.copy()
    for side in ("left", "right"):
        rotations[:, INDEX[f"{side}_foot"]] = (1.0, 0.0, 0.0, 0.0)
    return dataclasses.replace(motion, rotations=rotations)


def sunk_cm(fitted, pose):
    """How far the lowest tip of the toes is below where it is on a flat foot."""
    found = Kinematics(fitted.rest, pose)
    worst = 0.0
    for side in ("left", "right"):
        end = toes.tip(fitted, side)
        bone = fitted.bones(f"{side}_foot")[0]
        local = quaternions.rotate(
            quaternions.inverse(fitted.stance.rotations[bone]), end - fitted.stance.rig.heads[bone]
        )
        now = found.head(bone) + quaternions.rotate(found.rotation(bone), local)
        height = (now @ fitted.up - fitted.floor) - (end @ fitted.up - fitted.soles)
        worst = max(worst, float(-height.min() / fitted.scale * 100))
    return worst


@pytest.mark.parametrize(
    "maker", [name for name in description.makers() if "left_foot" in description.expected(name).slots]
)
@pytest.mark.parametrize("clip", ["crouch", "walk_backwards", "sit"])
def test_toes_lie_flat_while_the_heel_lifts(maker, clip):
    found = description.describe(maker, rolls_seed=3)
    fitted = fit(rest_pose(found), found.bone_map)
    motion = stiff(CLIPS[clip]())
    pose = transfer(fitted, motion)
    after = feet.plant(fitted, pose, motion.contacts, motion.fps).pose
    assert sunk_cm(fitted, after) < 1.0
    if clip == "crouch":
        assert sunk_cm(fitted, pose) > 2.0, "the clip would push the toes through the floor"


def test_toes_that_need_not_bend_do_not():
    found = description.describe("mixamo")
    fitted = fit(rest_pose(found), found.bone_map)
    motion = CLIPS["sit"]()
    pose = transfer(fitted, motion)
    after = toes.bent(fitted, pose)
    for bone, rotation in after.rotations.items():
        assert np.degrees(quaternions.angle_between(rotation, pose.rotations[bone])).max() < 0.2
