"""Two captioned motions at once: legs and trunk of one clip, arms of another, "... and waves the right hand".

The corpora hold single actions, while people ask for two. Local joint rotations make the join exact: bone lengths stay
and the arms follow the other clip's chest. After the idea of spatial composition in SINC (Athanasiou et al., ICCV 2023).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import features_to_joints, joints_to_features
from backend.motion.layout import require_canonical
from backend.motion.solve import solve
from common.motion import quaternions
from common.motion.skeleton import INDEX, forward_kinematics

from .dataset import Prepared, Span
from .wordings import wave_wordings

_BASES, _ARM_ACTIONS = ("walk", "run", "turn", "sit", "idle"), ("wave", "raise")
_SUBJECTS = ("a person ", "the person ")
_RAMP_FRAMES = 8
_MAX_FRAMES, _MAX_ARM_FRAMES = 196, 160  # a longer take of the arms is more than one gesture
_ARM = ("collar", "shoulder", "elbow", "wrist")


def compositions(data: Prepared, count: int, rng: np.random.Generator) -> list[tuple[NDArray[np.float32], str]]:
    """`count` pairs of features [frame, 67] and caption; none when the data lacks one of the two kinds.

    InputError if there shall be some of another skeleton than the canonical one.
    """
    if count:
        require_canonical(len(data.layout.joints))
    bases = _usable(data, _BASES, _MAX_FRAMES)
    arms = _usable(data, _ARM_ACTIONS, _MAX_ARM_FRAMES)
    if not bases or not arms:
        return []
    made = []
    for _ in range(count):
        (base, words), (arm, arm_words) = bases[rng.integers(len(bases))], arms[rng.integers(len(arms))]
        wordings = wave_wordings(data.window(arm.start, arm.frames, False), arm_words)
        predicate = _predicate(wordings[rng.integers(len(wordings))])
        made.append((_joined(data, base, arm, arm_words, rng), f"{words} and {predicate}"))
    return made


def _usable(data: Prepared, actions: tuple[str, ...], longest: int) -> list[tuple[Span, str]]:
    """Spans of these actions, each with one caption that names the person first and holds one action."""
    return [
        (span, caption)
        for span in data.spans
        if span.action in actions and 2 * _RAMP_FRAMES < span.frames <= longest
        for caption in span.captions
        if caption.startswith(_SUBJECTS) and " and " not in caption
    ]


def _predicate(caption: str) -> str:
    return next(caption.removeprefix(subject) for subject in _SUBJECTS if caption.startswith(subject))


def _sides(caption: str) -> tuple[str, ...]:
    named = tuple(side for side in ("left", "right") if side in caption)
    return named if len(named) == 1 else ("left", "right")


def _joined(data: Prepared, base: Span, arm: Span, arm_words: str, rng: np.random.Generator) -> NDArray[np.float32]:
    rotations, root = solve(features_to_joints(data.window(base.start, base.frames, False)))
    theirs, _ = solve(features_to_joints(data.window(arm.start, arm.frames, False)))
    overlap = min(base.frames, arm.frames)
    begin = int(rng.integers(base.frames - overlap + 1))
    steps = np.arange(overlap)
    ramp_in = np.minimum(1.0, steps / _RAMP_FRAMES) if begin else np.ones(overlap)
    ramp_out = np.minimum(1.0, (overlap - 1 - steps) / _RAMP_FRAMES) if begin + overlap < base.frames else 1.0
    amount = np.minimum(ramp_in, ramp_out)
    for side in _sides(arm_words):
        for name in _ARM:
            joint = INDEX[f"{side}_{name}"]
            part = slice(begin, begin + overlap)
            rotations[part, joint] = quaternions.slerp(rotations[part, joint], theirs[:overlap, joint], amount)
    return joints_to_features(forward_kinematics(rotations, root))
