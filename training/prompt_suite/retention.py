"""What a tokenizer leaves of an action: the share of real takes that pass their concept's check and still pass after encoding
and decoding. Joint errors hide it: a punch that came out soft is a few centimetres wrong in three frames."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from backend.motion.features import features_to_joints, joints_to_features
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from backend.tokenizers.conv import ConvTokenizer

from .body import Body
from .checks import Check
from .real import Take, own_takes

Features = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Retained:
    """Of a concept: its takes that pass as captured, and how many of them pass after encoding and decoding."""

    takes: int
    kept: int

    @property
    def share(self) -> float:
        """Of those that pass as captured; at least one does."""
        return self.kept / self.takes


@torch.inference_mode()
def through(model: ConvTokenizer, features: Features) -> Features:
    """Features [frame, 67] of whole tokens through the tokenizer and back."""
    made, _ = model(model.normalize(torch.from_numpy(features)[None].to(model.mean)))
    return model.denormalize(made.float())[0].cpu().numpy()


def retention(
    model: ConvTokenizer, takes: Sequence[Take], checks: Mapping[str, Check], most: int
) -> dict[str, Retained]:
    """Concept -> what is left of its real takes; concepts without a passing take are left out.

    A take counts for each concept that it shows, of a named side also as its mirror image; a concept has `most` takes at most,
    evenly chosen. Takes are cut to whole tokens before they are judged as captured.
    """
    made: dict[int, Body] = {}

    def decoded(take: Take, features: Features) -> Body:
        if id(take) not in made:
            made[id(take)] = Body(features_to_joints(through(model, features)))
        return made[id(take)]

    found = {}
    for concept, check in checks.items():
        outcomes, own = [], own_takes(check, takes)
        for take in own[:: -(-len(own) // most) or 1]:
            frames = len(take.body) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
            cut = take.body.part(0, frames)
            if check.passes(cut):
                outcomes.append(bool(check.passes(decoded(take, joints_to_features(cut.joints)))))
        if outcomes:
            found[concept] = Retained(len(outcomes), sum(outcomes))
    return found


def total(found: Mapping[str, Retained]) -> Retained:
    """All concepts together, each take counting once for each concept that it shows."""
    return Retained(sum(one.takes for one in found.values()), sum(one.kept for one in found.values()))
