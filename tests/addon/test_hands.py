"""Hands at rest keep their place, others their path."""

import numpy as np
import pytest
from isodim.common.motion import quaternions
from isodim.common.motion.skeleton import INDEX, rest_positions
from isodim.isodim_blender.rig import feet, hands
from isodim.isodim_blender.rig.retarget import transfer

from tests.addon import canonical_rig
from tests.addon.other_figures import figure, jerk, paths

FPS, FRAMES = 20.0, 100
RESTING = slice(32, 68)


def leaning(sway_m=0.02):
    """The arms swing, rest before the body while it sways, and swing on."""
    time = np.arange(FRAMES) / FPS
    swing = 0.8 * np.sin(2 * np.pi * time / 1.25) * np.clip(np.abs(time - 2.5) / 0.5 - 2.0, 0.0, 1.0)
    rotations = quaternions.identity(FRAMES, 22)
    for side, sign in (("left", 1.0), ("right", -1.0)):
        down = quaternions.about((0.0, 0.0, 1.0), np.full(FRAMES, -1.1 * sign))
        rotations[:, INDEX[f"{side}_shoulder"]] = quaternions.multiply(
            quaternions.about((1.0, 0, 0), swing - 0.4), down
        )
        rotations[:, INDEX[f"{side}_elbow"]] = quaternions.about((0.0, 1.0, 0.0), np.full(FRAMES, -0.7 * sign))
    root = np.tile(rest_positions()[0], (FRAMES, 1))
    root[:, 0] += sway_m * np.sin(2 * np.pi * time / 3.0)
    return canonical_rig.clip(rotations, root)


@pytest.mark.parametrize("proportions", ["canonical", "short legs, long arms"])
def test_resting_hands_keep_one_place_in_the_world(proportions):
    fitted = figure(proportions, scale=100.0)
    pose = transfer(fitted, leaning())
    found = hands.pin(fitted, pose, FPS)
    before, after = (paths(fitted, each, "elbow", "wrist") for each in (pose, found))
    assert np.ptp(before[RESTING, :, 1], axis=0).max() > 0.015
    assert np.ptp(after[RESTING, :, 1], axis=0).max() < 1e-4
    assert np.linalg.norm(after - before, axis=-1).max() < 0.05
    assert jerk(after, FPS) < 1.3 * jerk(before, FPS)


def test_moving_hands_keep_their_path_and_all_hands_their_orientation():
    fitted = figure("canonical")
    pose = transfer(fitted, leaning())
    found = hands.pin(fitted, pose, FPS)
    before, after = (paths(fitted, each, "wrist")[:, :, 0] for each in (pose, found))
    for moving in (slice(0, 20), slice(80, FRAMES)):
        np.testing.assert_allclose(after[moving], before[moving], atol=1e-9)
    for side in ("left", "right"):
        hand = fitted.bones(f"{side}_wrist")[0]
        assert found.rotations[hand] is pose.rotations[hand]


def test_a_hand_that_drifts_is_not_at_rest():
    fitted = figure("canonical")
    pose = transfer(fitted, leaning(sway_m=0.08))
    assert np.ptp(paths(fitted, hands.pin(fitted, pose, FPS), "wrist")[RESTING, 0, 0, 0]) > 0.1


def test_hands_are_pinned_only_on_request():
    fitted, motion = figure("canonical"), leaning()
    pose = transfer(fitted, motion)
    arms = [fitted.bones(f"{side}_{part}")[0] for side in ("left", "right") for part in ("shoulder", "elbow")]
    for wanted in (False, True):
        found = feet.plant(fitted, pose, np.zeros((FRAMES, 4)), FPS, hands=wanted).pose
        assert all((found.rotations[bone] is pose.rotations[bone]) != wanted for bone in arms)
