"""A range of a clip filled anew from words: clean known tokens around masked ones, exact frames outside."""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray

from backend.generate import Pipeline
from backend.generators.draw import draw
from backend.generators.sampling import Sampling
from backend.generators.token_generator import OnStep
from backend.motion.features import features_to_joints, joints_to_features
from backend.motion.feet import detect_contacts, plant_feet
from backend.motion.solve import solve
from backend.tokenizers.conv import FRAMES_PER_TOKEN
from contract import messages, quaternions
from contract.motion import Motion
from contract.skeleton import JOINTS, forward_kinematics

from . import arrival, seam

Array = NDArray[np.float64]

Pose = tuple[Array, Array]
"""Rotations [frame, joint, 4] and root [frame, 3] (m)."""

_CANDIDATES = 4
"""Takes of a range that has to arrive: the one that needs least bending is kept."""
_SEED_STEP, _SEEDS = 1_000_003, messages.MAX_SEED + 1
"""Between the takes' seeds, so that the next seed has other takes."""
_BESIDE = 2
"""Frames beyond a border that the seam reads: a place and a speed."""


@dataclasses.dataclass(frozen=True)
class Filling:
    """What to fill with: words, and where the clip after the range is.

    arrive: the new stretch ends where the clip goes on; otherwise the clip follows rigidly from where the stretch ends.
    """

    prompt: str
    seed: int
    sampling: Sampling
    arrive: bool = True


@torch.inference_mode()
def fill_range(pipeline: Pipeline, clip: Motion, start: int, end: int, asked: Filling, on_step: OnStep) -> Motion:
    """`clip` (20 fps) with the frames start ... end - 1 filled anew; all others keep their pose bit for bit.

    The frames inside the range only set how long it is. At least one frame must stay outside.
    """
    old = clip.rotations.astype(np.float64), clip.root.astype(np.float64)
    between = asked.arrive and start > 0 and end < clip.frames
    takes = _drawn(pipeline, clip, start, end, asked, _CANDIDATES if between else 1, on_step)
    found = [_begun(_solved(take, start, end), old, start, end) for take in takes]
    if between:
        like = old[0][end, 0], old[1][end]
        found = [min(found, key=lambda new: arrival.miss(new[0], new[1], end, like))]
        new = arrival.arriving(*found[0], start - 1, end, like)
    else:
        new, old = found[0], _following(found[0], old, start, end)
    joined = seam.joined(new, old, start, end)
    contacts = np.array(clip.contacts)
    contacts[start:end] = detect_contacts(forward_kinematics(*joined), clip.fps)[start:end]
    rotations, root = seam.joined(plant_feet(*joined, contacts), joined, start, end)
    return dataclasses.replace(
        clip,
        positions=forward_kinematics(rotations, root).astype(np.float32),
        rotations=rotations.astype(np.float32),
        root=root.astype(np.float32),
        contacts=contacts,
    ).check()


def _drawn(
    pipeline: Pipeline, clip: Motion, start: int, end: int, asked: Filling, count: int, on_step: OnStep
) -> NDArray[np.float32]:
    """Features [count, frame, 67] of the clip with the tokens drawn anew that the range touches."""
    tokens = -(-clip.frames // FRAMES_PER_TOKEN)
    features = joints_to_features(clip.positions)
    still = np.repeat(features[-1:], tokens * FRAMES_PER_TOKEN - clip.frames, axis=0)
    still[:, :3] = 0.0
    tokenizer = pipeline.networks.tokenizer
    padded = torch.from_numpy(np.concatenate([features, still]))[None].to(pipeline.device)
    given = tokenizer.encode(tokenizer.normalize(padded)).expand(count, -1, -1)
    known = torch.ones(tokens, dtype=torch.bool, device=pipeline.device)
    known[start // FRAMES_PER_TOKEN : -(-end // FRAMES_PER_TOKEN)] = False
    noise = torch.cat([pipeline.noise((asked.seed + take * _SEED_STEP) % _SEEDS, 1, tokens) for take in range(count)])
    prompt = pipeline.prompt(asked.prompt)
    coordinates = draw(pipeline.networks.generator, prompt, noise, asked.sampling, on_step, given, known)
    return pipeline.features(coordinates)[:, : clip.frames]


def _solved(features: NDArray[np.float32], start: int, end: int) -> Pose:
    """The pose of a take in the range and as far beside it as the seams read; identity and zero elsewhere."""
    frames = len(features)
    near = slice(max(0, start - _BESIDE), min(frames, end + _BESIDE))
    rotations, root = quaternions.identity(frames, len(JOINTS)), np.zeros((frames, 3))
    rotations[near], root[near] = solve(features_to_joints(features[near]))
    return rotations, root


def _begun(new: Pose, old: Pose, start: int, end: int) -> Pose:
    """The new stretch where the frames before it end; without such frames, where those after it begin."""
    at = start - 1 if start > 0 else end
    return arrival.placed(*new, at, (old[0][at, 0], old[1][at]))


def _following(new: Pose, old: Pose, start: int, end: int) -> Pose:
    """The old frames after the range, moved as one to where the new stretch ends."""
    if start == 0 or end == len(old[1]):
        return old
    rotations, root = old[0].copy(), old[1].copy()
    rotations[end:], root[end:] = arrival.placed(old[0][end:], old[1][end:], 0, (new[0][end, 0], new[1][end]))
    return rotations, root
