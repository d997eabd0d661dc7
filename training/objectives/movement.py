"""What a body does, from its features: bones' directions and joints' way over the ground, and how far two motions differ in them.

A feature's error in metres says little of the body: two centimetres at the head are a nod, at the pelvis nothing, and half a
metre a second at a foot that stands is a slide. All features here are in metres and radians, [batch, frame, d].
"""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

from backend.motion.layout import of_features

_LIMBS = ("elbow", "wrist", "ankle", "foot", "head")
"""Joints (by a part of their name) that count several times: they carry the action, and are a third of all."""
_NEAR = 0.1
"""Direction (rad) and velocity (m/s) below which an error costs by its square: capture is no more exact."""
_FAST_M_S = 1.0
"""A joint at this speed counts twice as much as one at rest, at most four times as much: fast movements are rare and short."""


def bones(features: Tensor) -> Tensor:
    """Vectors [batch, frame, bone, 3] (m) from each joint's parent to the joint."""
    joints = _joints(features)
    parents = torch.tensor(of_features(features.shape[-1]).parents[1:], device=features.device)
    return joints[..., 1:, :] - joints[..., parents, :]


def steps(features: Tensor) -> Tensor:
    """The way [batch, frame - 1, joint, 3] (m) of each joint over the ground from a frame to the next, seen from the heading
    of the next."""
    joints = _joints(features)
    turn = 2.0 * features[:, :-1, 0, None]  # the heading turns by minus twice the feature, so the frame before by plus
    cos, sin = turn.cos(), turn.sin()
    x, y, z = joints[:, :-1].unbind(-1)
    before = torch.stack([cos * x + sin * z, y, cos * z - sin * x], dim=-1)
    travel = F.pad(features[:, :-1, None, 1:3], (0, 1))[..., [0, 2, 1]]
    return joints[:, 1:] + travel - before


def losses(made: Tensor, target: Tensor, limb_weight: float) -> dict[str, Tensor]:
    """`direction` (rad; `head` is that of the head alone), `step` (velocity over the ground, m/s) and `speed` (its length alone,
    m/s) errors of features.

    Limbs count `limb_weight` times, and joints the more the faster they should be. `speed` is there because the mean of all
    that a code may stand for is slower than any of it: where direction and moment are open, the speed is not.
    """
    layout = of_features(target.shape[-1])
    joint_weight = _weights(layout.joints, limb_weight, target.device)
    ours, theirs = (F.normalize(bones(features), dim=-1) for features in (made, target))
    direction = F.smooth_l1_loss(ours, theirs, beta=_NEAR, reduction="none").sum(dim=-1)
    ours, theirs = steps(made) * layout.fps, steps(target) * layout.fps
    speed = torch.linalg.vector_norm(theirs, dim=-1)
    weight = joint_weight * (1 + speed / _FAST_M_S).clamp(max=4.0)
    step = F.smooth_l1_loss(ours, theirs, beta=_NEAR, reduction="none").sum(dim=-1)
    own = torch.linalg.vector_norm(ours, dim=-1)
    return {
        "direction": (direction * joint_weight[1:]).mean(),
        "head": direction[..., layout.index["head"] - 1].mean(),
        "step": (step * weight).mean(),
        "speed": (F.smooth_l1_loss(own, speed, reduction="none") * weight).mean(),
    }


def _joints(features: Tensor) -> Tensor:
    """Joints [batch, frame, joint, 3] (m) of features, in the heading's frame above the root's place on the ground."""
    root = F.pad(features[..., 3:4], (1, 1))[..., None, :]
    return torch.cat([root, features[..., 4:].unflatten(-1, (-1, 3))], dim=-2)


@functools.cache
def _weights(joints: tuple[str, ...], limb_weight: float, device: torch.device) -> Tensor:
    """Weights [joint] with mean 1."""
    raw = torch.tensor([limb_weight if any(part in name for part in _LIMBS) else 1.0 for name in joints], device=device)
    return raw / raw.mean()
