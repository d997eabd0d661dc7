"""Losses of movement: what they measure on motion whose steps, directions and speeds are known."""

import numpy as np
import pytest
import torch

from backend.motion.features import features_to_joints, joints_to_features, yaw_of
from common import FPS
from common.motion.skeleton import INDEX, PARENTS
from tests import prepared
from training.objectives import movement

TURN = np.linspace(0.0, 2.0, 30)


@pytest.fixture(scope="module")
def turning():
    """Features [1, frame, 67] of a figure that walks, swings and turns."""
    joints = features_to_joints(prepared.swinging(len(TURN), seed=3))
    cos, sin = np.cos(TURN)[:, None], np.sin(TURN)[:, None]
    x, y, z = np.moveaxis(joints, -1, 0)
    turned = np.stack([cos * x + sin * z, y, cos * z - sin * x], axis=-1)
    return torch.from_numpy(joints_to_features(turned))[None]


def test_steps_are_those_of_the_joints_over_the_ground(turning):
    moved = np.diff(features_to_joints(turning[0].numpy()), axis=0)
    assert np.ptp(yaw_of(turning[0].numpy())) > 1
    found = movement.steps(turning)[0].numpy()
    np.testing.assert_allclose(np.linalg.norm(found, axis=-1), np.linalg.norm(moved, axis=-1), atol=1e-6)
    np.testing.assert_allclose(found[..., 1], moved[..., 1], atol=1e-6)


def test_bones_lead_from_parent_to_joint(turning):
    joints = features_to_joints(turning[0].numpy())
    vectors = joints[:, 1:] - joints[:, list(PARENTS[1:])]
    found = movement.bones(turning)[0]
    np.testing.assert_allclose(found.norm(dim=-1).numpy(), np.linalg.norm(vectors, axis=-1), atol=1e-6)
    np.testing.assert_allclose(found[0].numpy(), vectors[0], atol=1e-6)  # the first frame faces +Z


def test_the_same_motion_costs_nothing_and_every_loss_has_a_gradient(turning):
    assert all(float(value) == 0 for value in movement.losses(turning, turning, 2.0).values())
    made = (turning + 0.01 * torch.randn(turning.shape, generator=torch.manual_seed(0))).requires_grad_()
    for value in movement.losses(made, turning, 2.0).values():
        assert float(value.detach()) > 0
        (gradient,) = torch.autograd.grad(value, made, retain_graph=True)
        assert torch.isfinite(gradient).all() and (gradient[..., 4:] != 0).any()


def test_a_standing_figure_has_finite_gradients(turning):
    still = turning[:, :1].repeat(1, 8, 1)
    still[..., :3] = 0
    made = still.clone().requires_grad_()
    sum(movement.losses(made, still, 2.0).values()).backward()
    assert torch.isfinite(made.grad).all()


def shifted(features, joint, metres):
    made = features.clone()
    place = 4 + 3 * (INDEX[joint] - 1)
    made[..., place : place + 3] += torch.tensor([0.0, 0.0, metres])
    return made


def test_a_short_bone_and_a_limb_cost_more_than_the_trunk(turning):
    def direction(joint, limb_weight):
        return float(movement.losses(shifted(turning, joint, 0.02), turning, limb_weight)["direction"])

    assert direction("head", 1.0) > 3 * direction("left_wrist", 1.0)
    for joint in ("head", "left_wrist", "right_foot"):
        assert direction(joint, 4.0) > 1.5 * direction(joint, 1.0)
    assert direction("spine1", 4.0) < direction("spine1", 1.0)


def test_the_heads_own_loss_knows_the_head_alone(turning):
    nodded = movement.losses(shifted(turning, "head", 0.02), turning, 2.0)
    stretched = movement.losses(shifted(turning, "left_wrist", 0.02), turning, 2.0)
    assert float(nodded["head"]) > 5 * float(nodded["direction"]) > 0
    assert float(stretched["head"]) == pytest.approx(0, abs=1e-6)


def test_speed_tells_a_soft_movement_from_one_that_is_as_fast_elsewhere(turning):
    frames = torch.arange(40) / FPS
    still = turning[:, :1].repeat(1, len(frames), 1)
    still[..., :3] = 0
    height, ahead = (4 + 3 * (INDEX["left_wrist"] - 1) + axis for axis in (1, 2))
    target, soft, elsewhere = still.clone(), still.clone(), still.clone()
    swing = 0.3 * torch.sin(8 * frames)
    target[..., height] += swing
    soft[..., height] += 0.5 * swing
    elsewhere[..., ahead] += swing
    softer, away = (movement.losses(made, target, 2.0) for made in (soft, elsewhere))
    assert float(away["speed"]) == pytest.approx(0, abs=1e-6)
    assert float(softer["speed"]) > 1e-3
    assert float(away["step"]) > float(softer["step"]) > 0
