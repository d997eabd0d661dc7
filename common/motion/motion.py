"""A clip: joint rotations and a root over time, the joint positions that follow, and the checks at every border it crosses."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from . import quaternions
from .skeleton import JOINTS, forward_kinematics

MAX_FRAMES = 100_000
_JOINT_COUNT = len(JOINTS)
_ROUNDING = 1e-3
"""What interpolation in float32 may add to a contact's ends."""
_FARTHEST_M = 10_000.0
"""From the origin: further out float32 leaves less than a millimetre."""
_SHAPES = {
    "rotations": (_JOINT_COUNT, 4),
    "root": (3,),
    "contacts": (4,),
}


@dataclasses.dataclass(frozen=True)
class Motion:
    """One clip on the canonical skeleton; axes and units as in the package's docstring.

    rotations: [frame, joint, 4] float32, w first, joint to parent, sign-continuous in time; the pelvis is joint to world.
    root: [frame, 3] float32, metres, the pelvis.
    contacts: [frame, 4] float32 in 0..1: left ankle, left toes, right ankle, right toes on the ground.
    fps: frames a second.
    meta: JSON-able facts that make the clip again: prompt, seed, checkpoint, sha256, version, settings.
    """

    rotations: NDArray[np.float32]
    root: NDArray[np.float32]
    contacts: NDArray[np.float32]
    fps: float
    meta: dict[str, object] = dataclasses.field(default_factory=dict)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return len(self.root)

    @property
    def seconds(self) -> float:
        """Duration: every frame lasts 1 / fps."""
        return self.frames / self.fps

    @functools.cached_property
    def positions(self) -> NDArray[np.float32]:
        """[frame, joint, 3] metres: forward kinematics of `rotations` and `root`, worked out once."""
        return forward_kinematics(self.rotations, self.root).astype(np.float32)

    def check(self) -> Motion:
        """The same clip if it is sound; otherwise InputError naming the field."""
        if not (np.isfinite(self.fps) and 1.0 <= self.fps <= 1000.0):
            raise InputError("fps", self.fps, "a number from 1 to 1000")
        frames = self.frames
        if not 1 <= frames <= MAX_FRAMES:
            raise InputError("frames", frames, f"1 to {MAX_FRAMES}")
        for name, tail in _SHAPES.items():
            array = getattr(self, name)
            if array.shape != (frames, *tail):
                raise InputError(f"{name}.shape", array.shape, f"{(frames, *tail)}")
            if not np.isfinite(array).all():
                raise InputError(name, "not finite", "finite numbers only")
        farthest = float(np.abs(self.root).max())
        if farthest > _FARTHEST_M:
            raise InputError("root", f"{farthest:.3g} m away", f"metres, at most {_FARTHEST_M:g} from the origin")
        if np.abs(np.linalg.norm(self.rotations, axis=-1) - 1.0).max() > 1e-3:
            raise InputError("rotations", "not of unit length", "unit quaternions, w first")
        if self.contacts.min() < -_ROUNDING or self.contacts.max() > 1.0 + _ROUNDING:
            raise InputError(
                "contacts", [float(self.contacts.min()), float(self.contacts.max())], "numbers from 0 to 1"
            )
        return self

    def cut(self, start: int, end: int) -> Motion:
        """The frames start ... end - 1, where they stand; fewer where the clip has no more."""
        parts = {name: getattr(self, name)[start:end] for name in _SHAPES}
        return dataclasses.replace(self, **parts)

    def resampled(self, fps: float) -> Motion:
        """The same seconds at another frame rate: slerp between rotations, a smooth curve for the root.

        The first frame keeps its time.
        """
        frames = max(1, round(self.seconds * fps))
        time = np.minimum(np.arange(frames) / fps * self.fps, self.frames - 1)
        before = np.minimum(time.astype(int), max(self.frames - 2, 0))
        after = np.minimum(before + 1, self.frames - 1)
        amount = (time - before)[:, None]
        rotations = quaternions.slerp(self.rotations[before], self.rotations[after], amount)
        root = _catmull_rom(self.root, before, amount)
        contacts = self.contacts[before] * (1 - amount) + self.contacts[after] * amount
        return Motion(
            rotations=quaternions.continuous(rotations).astype(np.float32),
            root=root.astype(np.float32),
            contacts=contacts.astype(np.float32),
            fps=fps,
            meta=self.meta,
        )


def _catmull_rom(
    values: NDArray[np.float32], before: NDArray[np.intp], amount: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Points [time, 3] between the keys `values` [frame, 3], its velocity continuous (Catmull & Rom, 1974).

    Straight lines would turn a steady walk into small jerks at every original frame.
    """
    second, before_last = min(1, len(values) - 1), max(0, len(values) - 2)
    ends = 2 * values[0] - values[second], 2 * values[-1] - values[before_last]  # the outer speeds go on
    keys = np.concatenate([ends[:1], values, ends[1:]]).astype(np.float64)
    p0, p1, p2, p3 = (keys[np.minimum(before + shift, len(keys) - 1)] for shift in range(4))
    a, b, c = 3 * (p1 - p2) + p3 - p0, 2 * p0 - 5 * p1 + 4 * p2 - p3, p2 - p0
    return p1 + 0.5 * amount * (c + amount * (b + amount * a))
