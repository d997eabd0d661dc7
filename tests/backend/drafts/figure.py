"""A figure of the canonical skeleton, moved by hand: what the facts are tried on."""

import numpy as np

from common.motion import quaternions
from common.motion.skeleton import HIP_HEIGHT, INDEX, JOINTS, forward_kinematics

RATE = 20
X, Y, Z = np.eye(3)
HANGING = {"left": (Z, -1.35), "right": (Z, 1.35)}


class Figure:
    """`frames` frames of standing with hanging arms, facing +Z; methods add motion and return the figure."""

    def __init__(self, seconds=3.0):
        self.frames = round(seconds * RATE)
        self.share = np.arange(self.frames) / max(1, self.frames - 1)
        self.rotations = quaternions.identity(self.frames, len(JOINTS))
        self.root = np.tile([0.0, HIP_HEIGHT, 0.0], (self.frames, 1))
        for side, (axis, angle) in HANGING.items():
            self.turned(f"{side}_shoulder", axis, np.full(self.frames, angle))

    def turned(self, joint, axis, angle_rad):
        """The joint turned about an axis of its parent, angles [frame] or one for all."""
        turn = quaternions.about(axis, np.broadcast_to(angle_rad, self.frames))
        index = INDEX[joint]
        self.rotations[:, index] = quaternions.multiply(turn, self.rotations[:, index])
        return self

    def going(self, metres, degrees=0.0):
        """Straight over the ground, to `degrees` left of the front."""
        way = np.array([np.sin(np.radians(degrees)), 0.0, np.cos(np.radians(degrees))])
        self.root += self.share[:, None] * metres * way
        return self

    def turning(self, degrees):
        """To the left by `degrees` in all, evenly."""
        return self.turned("pelvis", Y, np.radians(degrees) * self.share)

    def raised(self, side, level):
        """An arm held out sideways (0), straight up (1) or in between, from the middle on."""
        sign = 1.0 if side == "left" else -1.0
        ramp = np.clip((self.share - 0.3) / 0.2, 0.0, 1.0)
        return self.turned(f"{side}_shoulder", Z, sign * ramp * (1.35 + level * 1.35))

    def jumping(self, metres, times=1):
        """So many hops of that height, feet and all."""
        phase = (self.share * (2 * times + 1)) % 2 - 1
        self.root[:, 1] += metres * np.where((phase > 0) & (phase < 1), np.sin(np.pi * phase), 0.0).clip(0)
        return self

    def joints(self):
        """[frame, 22, 3] m."""
        return forward_kinematics(self.rotations, self.root)
