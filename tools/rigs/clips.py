"""Clips made by script that generated walks are not: backwards, sitting, crouching, a cartwheel; feet stand where they stand."""

from __future__ import annotations

import numpy as np

from common.motion import quaternions
from common.motion.motion import Motion
from common.motion.skeleton import (
    CONTACT_JOINTS,
    INDEX,
    JOINTS,
    PARENTS,
    REST_OFFSETS,
    forward_kinematics,
    rest_positions,
)

from .body import X, Y, Z

FPS = 20.0
_REST = rest_positions()
_STANDING = _REST[0] - 0.015 * Y
"""[3] metres: where the pelvis of a person is who stands at ease, knees not locked."""
_SIDES = (("left", 1.0, 0), ("right", -1.0, 2))


def walk_backwards(frames: int = 80) -> Motion:
    """Four seconds of steps towards -Z, .7 m a second; a foot stands three fifths of its cycle."""
    time = np.arange(frames) / FPS
    speed, period, stance = -0.7, 1.1, 0.6
    root = _REST[0] + np.outer(time, Z * speed) - Y * (0.05 - 0.015 * np.cos(4 * np.pi * time / period))[:, None]
    turns = _Turns(frames)
    turns.set("pelvis", quaternions.about(X, np.full(frames, 0.05)))
    contacts = np.zeros((frames, 4))
    ankles = {}
    for side, sign, column in _SIDES:
        cycle = time / period + (0.0 if sign > 0 else 0.5)
        step, phase = np.floor(cycle), cycle % 1.0
        swing = np.clip((phase - stance) / (1 - stance), 0, 1)
        smooth = swing * swing * (3 - 2 * swing)
        begun = (step - (0.0 if sign > 0 else 0.5)) * period
        place = speed * (begun + stance * period / 2 + smooth * period)
        ankles[side] = _REST[INDEX[f"{side}_ankle"]] + np.outer(place, Z) + np.outer(0.09 * np.sin(np.pi * swing), Y)
        turns.set(f"{side}_ankle", quaternions.about(X, 0.25 * np.sin(np.pi * swing)))
        contacts[:, column : column + 2] = (swing == 0)[:, None]
        _hang_arm(turns, side, sign, 0.35 * np.sin(2 * np.pi * cycle))
    return _with_legs(turns, root, ankles, contacts, "a person walks backwards")


def sit(frames: int = 60) -> Motion:
    """Sits down on a chair that is 45 cm high and stays there."""
    down = _eased(np.linspace(-0.3, 1.6, frames))
    root = _STANDING + np.outer(down, (0.0, 0.45 - _REST[0, 1] + 0.08, -0.38))
    turns = _Turns(frames)
    turns.set("pelvis", quaternions.about(X, 0.9 * np.sin(np.pi * down) + 0.1 * down))
    for side, sign, _ in _SIDES:
        _hang_arm(turns, side, sign, -0.7 * down)
    ankles = {side: np.tile(_REST[INDEX[f"{side}_ankle"]], (frames, 1)) for side, _, _ in _SIDES}
    return _with_legs(turns, root, ankles, np.ones((frames, 4)), "a person sits down")


def crouch(frames: int = 60) -> Motion:
    """Squats on the balls of the feet and comes up again: the heels leave the ground, the toes stay."""
    down = _eased(1.3 * np.sin(np.linspace(0, np.pi, frames)))
    root = _STANDING + np.outer(down, (0.0, -0.5, 0.06))
    turns = _Turns(frames)
    turns.set("pelvis", quaternions.about(X, 0.6 * down))
    turns.set("spine2", quaternions.about(X, 0.9 * down))
    lift = quaternions.about(X, 0.6 * down)
    ankles = {}
    for side, sign, _ in _SIDES:
        toes = INDEX[f"{side}_foot"]
        ankles[side] = _REST[toes] - quaternions.rotate(lift, REST_OFFSETS[toes])
        turns.set(f"{side}_ankle", lift)
        turns.set(f"{side}_foot", quaternions.identity(frames))
        _hang_arm(turns, side, sign, -0.9 * down)
    contacts = np.ones((frames, 4))
    contacts[:, [0, 2]] = (down < 0.05)[:, None]
    return _with_legs(turns, root, ankles, contacts, "a person crouches")


def cartwheel(frames: int = 90) -> Motion:
    """Once round to the left, arms and legs like spokes; what is lowest stays where it is."""
    amount = _eased(np.linspace(-0.15, 1.15, frames))
    spread = 0.75 * _eased(np.linspace(0, 6, frames)) * _eased(np.linspace(6, 0, frames))
    body = quaternions.about(Z, -2 * np.pi * amount)
    turns = _Turns(frames)
    turns.set("pelvis", body)
    for side, sign, _ in _SIDES:
        apart = quaternions.multiply(body, quaternions.about(Z, sign * spread))
        for part in ("hip", "knee", "ankle", "foot"):
            turns.set(f"{side}_{part}", apart)
        turns.set(f"{side}_shoulder", quaternions.multiply(body, quaternions.about(Z, sign * (2.6 * spread - 0.75))))
    still = turns.motion(np.zeros((frames, 3)), np.zeros((frames, 4)), "").positions.astype(np.float64)
    ends = [INDEX[f"{side}_{part}"] for side in ("left", "right") for part in ("ankle", "foot", "wrist")]
    lowest = np.array(ends)[still[:, ends, 1].argmin(axis=1)]
    root = np.zeros((frames, 3))
    for frame in range(1, frames):
        root[frame] = root[frame - 1] - (still[frame, lowest[frame]] - still[frame - 1, lowest[frame]])
    root[:, 1] = -still[np.arange(frames), lowest, 1]
    contacts = (lowest[:, None] == CONTACT_JOINTS).astype(float)
    return turns.motion(root, contacts, "a person does a cartwheel")


CLIPS = {"walk_backwards": walk_backwards, "sit": sit, "crouch": crouch, "cartwheel": cartwheel}


class _Turns:
    """Rotations of joints against the T-pose; a joint that is not set moves with its parent."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._set: dict[int, np.ndarray] = {}

    def set(self, joint: str, turn: np.ndarray) -> None:
        self._set[INDEX[joint]] = turn

    def local(self) -> np.ndarray:
        """[frame, joint, 4]."""
        world = quaternions.identity(self._frames, len(JOINTS))
        local = world.copy()
        for joint, parent in enumerate(PARENTS):
            above = world[:, parent] if parent >= 0 else quaternions.identity(self._frames)
            world[:, joint] = self._set.get(joint, above)
            local[:, joint] = quaternions.multiply(quaternions.inverse(above), world[:, joint])
        return quaternions.continuous(quaternions.normalized(local))

    def motion(self, root: np.ndarray, contacts: np.ndarray, prompt: str) -> Motion:
        local = self.local()
        arrays = local, root, contacts
        local, root, contacts = (array.astype(np.float32) for array in arrays)
        return Motion(local, root, contacts, FPS, {"prompt": prompt}).check()


def _eased(time: np.ndarray) -> np.ndarray:
    time = np.clip(time, 0.0, 1.0)
    return time * time * (3 - 2 * time)


def _hang_arm(turns: _Turns, side: str, sign: float, swing: np.ndarray) -> None:
    """An arm beside the body that swings about X, its elbow bent a little."""
    arm = quaternions.multiply(quaternions.about(X, swing), quaternions.about(Z, np.full(len(swing), -1.3 * sign)))
    turns.set(f"{side}_shoulder", arm)
    bend = quaternions.about(Y, np.full(len(swing), -0.4 * sign))
    turns.set(f"{side}_elbow", quaternions.multiply(arm, bend))


def _with_legs(
    turns: _Turns, root: np.ndarray, ankles: dict[str, np.ndarray], contacts: np.ndarray, prompt: str
) -> Motion:
    """The clip whose ankles are at `ankles` [frame, 3] m: knees ahead, by the law of cosines."""
    found = forward_kinematics(turns.local(), root)
    for side, _, _ in _SIDES:
        thigh, shin = (float(np.linalg.norm(REST_OFFSETS[INDEX[f"{side}_{part}"]])) for part in ("knee", "ankle"))
        reach = ankles[side] - found[:, INDEX[f"{side}_hip"]]
        distance = np.linalg.norm(reach, axis=-1, keepdims=True)
        assert (distance < 0.9999 * (thigh + shin)).all(), f"{prompt}: the {side} leg is too short"
        angle = np.arccos((thigh**2 + distance**2 - shin**2) / (2 * thigh * distance))[:, 0]
        hinge = np.cross(reach, np.broadcast_to(Z, reach.shape))
        hinge /= -np.linalg.norm(hinge, axis=-1, keepdims=True)
        upper = quaternions.rotate(quaternions.about(hinge, -angle), reach / distance) * thigh
        for part, bone in (("hip", upper), ("knee", reach - upper)):
            start = quaternions.from_frame(-Y, X)
            turn = quaternions.multiply(quaternions.from_frame(bone, hinge), quaternions.inverse(start))
            turns.set(f"{side}_{part}", quaternions.continuous(turn))
        if INDEX[f"{side}_ankle"] not in turns._set:
            turns.set(f"{side}_ankle", quaternions.identity(len(root)))
    return turns.motion(root, contacts, prompt)
