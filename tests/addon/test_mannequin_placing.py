"""The mannequin's parts on rigs of other proportions."""

import numpy as np
import pytest
from isodim.isodim_blender.figure.body import lofts
from isodim.isodim_blender.figure.placing import placements
from isodim.isodim_blender.rig.fit import fit

from common.motion import quaternions
from tests.addon.described import rest_pose
from tools.rigs import description

BODY = lofts()


def placed(found):
    """Joint -> [vertex, 3]: the flesh at rest, the wire's axes, metres."""
    pure = rest_pose(found)
    points = {}
    for joint, place in placements(fit(pure, found.bone_map)).items():
        if joint in BODY:
            flesh = np.concatenate([part.mesh()[0] for part in BODY[joint]]) * place.scale
            there = place.origin + quaternions.rotate(place.rotation, flesh)
            points[joint] = quaternions.rotate(quaternions.inverse(found.wire), there) / found.unit
    return points


@pytest.mark.parametrize("maker", description.makers())
def test_flesh_reaches_from_joint_to_joint_and_stands_on_the_ground(maker):
    found = description.describe(maker, rolls_seed=1)
    points = placed(found)
    toes = "left_foot" if "left_foot" in points else "left_ankle"
    assert abs(points[toes][:, 1].min()) < 0.05
    for start, end in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle")):
        for side in ("left", "right"):
            gap = np.linalg.norm(points[f"{side}_{start}"] - found.head(f"{side}_{end}"), axis=-1).min()
            assert gap < 0.06, (side, start)


@pytest.mark.parametrize("maker", description.makers())
def test_the_nose_looks_ahead_and_left_is_left(maker):
    found = description.describe(maker)
    points = placed(found)
    ahead = points["head"][:, 2] - found.head("head")[2]
    assert ahead.max() > -ahead.min()
    assert points["left_wrist"][:, 0].min() > 0.1 > -0.1 > points["right_wrist"][:, 0].max()
