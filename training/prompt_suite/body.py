"""What the joints of a clip say of a body: where it goes and faces, how it stands, what its limbs and its head do.

Angles are in degrees, lengths in metres, speeds in metres a second. `left` and `right` are the figure's own. Nothing here
knows a prompt, a checkpoint or a threshold of a concept; `checks` holds those.
"""

from __future__ import annotations

import dataclasses
from functools import cached_property
from typing import Literal

import numpy as np

from common import FPS
from common.motion.skeleton import HIP_HEIGHT, INDEX, MIRROR, rest_positions

from .signals import Array, Mask, angle_deg, smooth, unit

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")
UP = np.array([0.0, 1.0, 0.0])

PALM_M = 0.08
"""From the wrist along the forearm to the palm of an adult; the skeleton ends at the wrist."""
SKULL_M = 0.10
"""From the head joint, at the skull's base, up to the middle of the head."""
ANKLE_M = float(rest_positions()[INDEX["left_ankle"], 1])
"""Height of the ankle of a foot that stands flat."""
GROUND_PERCENT = 15.0
"""A runner's lower foot is on the ground in a third of the frames or more."""
UNEVEN_M = 0.07
"""How much higher one foot of a capture may seem to stand than the other; more, and it is held up."""
OFF_GROUND_M = 0.05
"""A foot this far above where it stands is lifted: above the noise of capture, below the lowest step."""


def other(side: Side) -> Side:
    """The other side."""
    return "right" if side == "left" else "left"


@dataclasses.dataclass(frozen=True)
class Body:
    """A clip's joints [frame, 22, 3] in metres, Y up, the floor at y = 0, 20 frames a second; at least four frames."""

    joints: Array
    fps: float = FPS

    def __len__(self) -> int:
        return len(self.joints)

    def at(self, name: str) -> Array:
        """Positions [frame, 3] of a joint of the canonical skeleton."""
        return self.joints[:, INDEX[name]]

    def part(self, start: int, end: int) -> Body:
        """The frames start ... end - 1."""
        return Body(self.joints[start:end], self.fps)

    @property
    def seconds(self) -> float:
        """Length of the clip."""
        return len(self) / self.fps

    def frames(self, seconds: float) -> int:
        """Frames of a time, at least one."""
        return max(1, round(seconds * self.fps))

    def speed(self, positions: Array) -> Array:
        """Speed [frame] in m/s of positions [frame, n]."""
        return np.linalg.norm(np.gradient(positions, axis=0), axis=-1) * self.fps

    # Facing and going

    @cached_property
    def across(self) -> Array:
        """Unit vector [frame, 3] over the ground from the right side to the left one, of hips and shoulders together."""
        hips = unit(self.at("left_hip") - self.at("right_hip"))
        shoulders = unit(self.at("left_shoulder") - self.at("right_shoulder"))
        return unit((hips + shoulders) * (1.0, 0.0, 1.0))

    @cached_property
    def ahead(self) -> Array:
        """Unit vector [frame, 3] over the ground to where the body faces."""
        return np.cross(self.across, UP)

    @cached_property
    def yaw(self) -> Array:
        """Heading [frame] in degrees from that of the first frame, to the left positive, whole turns counted."""
        angles = np.unwrap(np.arctan2(self.ahead[:, 0], self.ahead[:, 2]))
        turned = smooth(np.degrees(angles), 0.3, self.fps)
        return turned - turned[0]

    def seen(self, positions: Array) -> Array:
        """World vectors [frame, 3] as (left, up, ahead) of the body's heading."""
        return np.stack([(positions * axis).sum(axis=-1) for axis in (self.across, UP, self.ahead)], axis=-1)

    def relative(self, name: str, origin: str = "pelvis") -> Array:
        """A joint from another one, [frame, 3] as (left, up, ahead)."""
        return self.seen(self.at(name) - self.at(origin))

    @cached_property
    def velocity(self) -> Array:
        """Of the pelvis over the ground, [frame, 2] as (left, ahead) in m/s, without the sway of single steps."""
        moved = np.gradient(smooth(self.at("pelvis"), 0.6, self.fps), axis=0) * self.fps
        return self.seen(moved)[:, [0, 2]]

    @cached_property
    def pace(self) -> Array:
        """Speed [frame] of the pelvis over the ground in m/s."""
        return np.linalg.norm(self.velocity, axis=-1)

    @cached_property
    def track(self) -> Array:
        """Way of the pelvis over the ground, [frame, 2], the sway of steps taken out."""
        return smooth(self.at("pelvis")[:, [0, 2]], 0.6, self.fps)

    @cached_property
    def way_m(self) -> float:
        """Length of the way over the ground."""
        return float(np.linalg.norm(np.diff(self.track, axis=0), axis=-1).sum())

    @cached_property
    def away_m(self) -> float:
        """The farthest the body gets from where it began."""
        return float(np.linalg.norm(self.track - self.track[0], axis=-1).max())

    @cached_property
    def net_m(self) -> float:
        """From the first place to the last."""
        return float(np.linalg.norm(self.track[-1] - self.track[0]))

    @cached_property
    def went_ahead_m(self) -> float:
        """Way that went to where the body faced, backward counted as negative."""
        return float(self.velocity[:, 1].sum() / self.fps)

    @cached_property
    def went_left_m(self) -> float:
        """Way that went to the body's left, to the right counted as negative."""
        return float(self.velocity[:, 0].sum() / self.fps)

    # Trunk and height

    @cached_property
    def height(self) -> Array:
        """Height of the pelvis [frame] as a share of that of a standing figure."""
        return self.at("pelvis")[:, 1] / HIP_HEIGHT

    @cached_property
    def trunk(self) -> Array:
        """Unit vector [frame, 3] up the trunk as (left, up, ahead)."""
        return unit(self.relative("neck"))

    @cached_property
    def lean(self) -> Array:
        """Angle [frame] of the trunk from upright: 0 standing, 90 lying."""
        return np.degrees(np.arccos(np.clip(self.trunk[:, 1], -1.0, 1.0)))

    @cached_property
    def bow(self) -> Array:
        """Lean ahead [frame], back is negative."""
        return np.degrees(np.arctan2(self.trunk[:, 2], self.trunk[:, 1]))

    @cached_property
    def tilt(self) -> Array:
        """Lean to the left [frame], to the right is negative."""
        return np.degrees(np.arctan2(self.trunk[:, 0], self.trunk[:, 1]))

    @cached_property
    def twist(self) -> Array:
        """Turn of the shoulders against the hips [frame], to the left positive."""
        hips, shoulders = (self.at(f"left_{name}") - self.at(f"right_{name}") for name in ("hip", "shoulder"))
        angles = [np.arctan2(-line[:, 2], line[:, 0]) for line in (hips, shoulders)]
        return np.degrees((angles[1] - angles[0] + np.pi) % (2 * np.pi) - np.pi)

    # Legs

    def knee(self, side: Side) -> Array:
        """Bend of the knee [frame]: 0 straight."""
        return angle_deg(
            self.at(f"{side}_knee") - self.at(f"{side}_hip"), self.at(f"{side}_ankle") - self.at(f"{side}_knee")
        )

    def thigh(self, side: Side) -> Array:
        """Angle [frame] of the thigh from hanging down: 90 level."""
        return angle_deg(self.at(f"{side}_knee") - self.at(f"{side}_hip"), -np.broadcast_to(UP, (len(self), 3)))

    def foot(self, side: Side) -> Array:
        """Height [frame] of the lower of ankle and toes above where they stand."""
        return np.minimum(self.at(f"{side}_ankle")[:, 1] - ANKLE_M, self.at(f"{side}_foot")[:, 1])

    def heel(self, side: Side) -> Array:
        """Height [frame] of the ankle above that of a foot standing flat."""
        return self.at(f"{side}_ankle")[:, 1] - ANKLE_M

    def lifted(self, side: Side) -> Mask:
        """Frames [frame] in which a foot is off its ground."""
        return self._lifted[side]

    @cached_property
    def _lifted(self) -> dict[Side, Mask]:
        feet = {side: self.foot(side) for side in SIDES}
        both = self._low(np.minimum(feet["left"], feet["right"])) + UNEVEN_M
        return {side: foot - np.minimum(self._low(foot), both) > OFF_GROUND_M for side, foot in feet.items()}

    def _low(self, heights: Array) -> Array:
        """A low percentile of heights [frame] within a second before and after: captured toes dip into the floor at times."""
        reach = self.frames(1.0)
        padded = np.pad(heights, reach, mode="reflect" if len(heights) > reach else "edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
        place = round(GROUND_PERCENT / 100 * 2 * reach)
        return np.partition(windows, place, axis=-1)[:, place]

    @cached_property
    def airborne(self) -> Mask:
        """Frames in which both feet are off the ground."""
        return self.lifted("left") & self.lifted("right")

    def planted_speed(self, side: Side) -> Array:
        """Speed [frame] of a foot over the ground in m/s."""
        return self.speed(self.at(f"{side}_foot")[:, [0, 2]])

    # Arms

    def elbow(self, side: Side) -> Array:
        """Bend of the elbow [frame]: 0 straight."""
        upper, lower = (self.at(f"{side}_elbow"), f"{side}_shoulder"), (self.at(f"{side}_wrist"), f"{side}_elbow")
        return angle_deg(upper[0] - self.at(upper[1]), lower[0] - self.at(lower[1]))

    def palm(self, side: Side) -> Array:
        """Position [frame, 3] of the palm."""
        wrist = self.at(f"{side}_wrist")
        return wrist + PALM_M * unit(wrist - self.at(f"{side}_elbow"))

    def reach(self, side: Side) -> Array:
        """The palm from its shoulder, [frame, 3] as (outward to its own side, up, ahead)."""
        found = self.seen(self.palm(side) - self.at(f"{side}_shoulder"))
        return found * ((1.0 if side == "left" else -1.0), 1.0, 1.0)

    def arm(self, side: Side) -> Array:
        """Angle [frame] of the line from shoulder to palm from hanging down: 90 level, 180 straight up."""
        return angle_deg(self.palm(side) - self.at(f"{side}_shoulder"), -np.broadcast_to(UP, (len(self), 3)))

    def stretched(self, side: Side) -> Array:
        """Distance [frame] from shoulder to palm as a share of the arm's length."""
        bones = sum(
            np.linalg.norm(self.at(f"{side}_{b}") - self.at(f"{side}_{a}"), axis=-1)
            for a, b in (("shoulder", "elbow"), ("elbow", "wrist"))
        )
        return np.linalg.norm(self.palm(side) - self.at(f"{side}_shoulder"), axis=-1) / (bones + PALM_M)

    def palm_speed(self, side: Side) -> Array:
        """Speed [frame] of the palm as seen from the trunk in m/s."""
        return self.speed(smooth(self.seen(self.palm(side) - self.at("neck")), 0.1, self.fps))

    @cached_property
    def palms_apart(self) -> Array:
        """Distance [frame] between the palms."""
        return np.linalg.norm(self.palm("left") - self.palm("right"), axis=-1)

    @cached_property
    def skull(self) -> Array:
        """Middle of the head [frame, 3]."""
        return self.at("head") + SKULL_M * unit(self.at("head") - self.at("spine3"))

    def palm_to(self, side: Side, place: Array) -> Array:
        """Distance [frame] from a palm to a place [frame, 3]."""
        return np.linalg.norm(self.palm(side) - place, axis=-1)

    @cached_property
    def mouth(self) -> Array:
        """Where the mouth is [frame, 3], about: before the head joint."""
        return self.at("head") + 0.02 * UP + 0.10 * self.face

    # Head

    @cached_property
    def _chest(self) -> tuple[Array, Array, Array]:
        """(left, up, ahead) of the chest, [frame, 3] each."""
        left = unit(self.at("left_shoulder") - self.at("right_shoulder"))
        up = self.at("neck") - self.at("spine2")
        ahead = unit(np.cross(left, up))
        return left, np.cross(ahead, left), ahead

    @cached_property
    def face(self) -> Array:
        """Unit vector [frame, 3] to where the head points over the ground, of neck and head alone."""
        yaw = np.radians(self.head_yaw)
        left, _, ahead = self._chest
        return unit(np.cos(yaw)[:, None] * ahead + np.sin(yaw)[:, None] * left)

    @cached_property
    def _head(self) -> Array:
        """The head joint from the neck, [frame, 3] as (left, up, ahead) of the chest."""
        bone = self.at("head") - self.at("neck")
        return np.stack([(bone * axis).sum(axis=-1) for axis in self._chest], axis=-1)

    @cached_property
    def head_yaw(self) -> Array:
        """Turn of the head against the chest [frame], to the left positive; coarse, from a bone of ten centimetres."""
        return np.degrees(np.arctan2(self._head[:, 0], np.maximum(self._head[:, 2], 0.02)))

    @cached_property
    def head_pitch(self) -> Array:
        """Angle [frame] of neck to head against the chest: ahead and down is positive."""
        return np.degrees(np.arctan2(self._head[:, 2], self._head[:, 1]))

    # All of it

    @cached_property
    def stir(self) -> Array:
        """Mean speed [frame] of all joints in m/s, the body's way over the ground included."""
        moved = np.gradient(smooth(self.joints, 0.15, self.fps), axis=0)
        return np.linalg.norm(moved, axis=-1).mean(axis=-1) * self.fps

    def mirrored(self) -> Body:
        """The mirror image: left and right exchanged."""
        return Body(self.joints[:, list(MIRROR)] * (-1.0, 1.0, 1.0), self.fps)
