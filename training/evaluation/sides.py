"""Is the side that a prompt names obeyed? Measured on the motion, with real motion beside to show that the measure works."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from backend.generators.sampling import Sampling
from backend.motion.features import features_to_joints, yaw_of
from common.motion.skeleton import INDEX
from training.data.dataset import Prepared
from training.data.wordings import waving_side

from .sampling import Job, MotionSampler
from .table import Row, single

SEEDS = range(100, 110)
TOKENS = 20
_CLEARLY_DEG = 15.0
"""More than a walk that is called straight wanders."""
_LONGEST = 196


def turned_deg(features: NDArray[np.floating]) -> float:
    """Heading change in degrees from the first frame to the last of features [frame, 67]; to the left is positive."""
    return float(np.degrees(yaw_of(features)[-1]))


def turning_side(features: NDArray[np.floating]) -> str | None:
    """`left` or `right`, where the heading ends; None within 15 degrees of where it began."""
    turned = turned_deg(features)
    if abs(turned) < _CLEARLY_DEG:
        return None
    return "left" if turned > 0 else "right"


def waved_side(features: NDArray[np.float32]) -> str | None:
    """The side of the wrist that is clearly higher, if it also moves more than the other; None if neither does both."""
    side = waving_side(features)
    if side is None:
        return None
    joints = features_to_joints(features)
    ways = {
        name: np.linalg.norm(np.diff(joints[:, INDEX[f"{name}_wrist"]] - joints[:, 0], axis=0), axis=-1).sum()
        for name in ("left", "right")
    }
    return side if ways[side] == max(ways.values()) else None


@dataclasses.dataclass(frozen=True)
class Order:
    """A prompt that names a side, the measure of the side that was taken, and how real captions say the same."""

    prompt: str
    side: str
    measure: Callable[[NDArray[np.float32]], str | None]
    said: re.Pattern[str]

    def obeyed(self, clips: Sequence[NDArray[np.float32]]) -> dict[str, float]:
        """Of clips [frame, 67]: share to the named side, to the other side, and how many there are; how far turns go."""
        taken = [self.measure(clip) for clip in clips]
        other = "left" if self.side == "right" else "right"
        metrics = {
            f"{word} side": taken.count(side) / len(clips) for word, side in (("named", self.side), ("other", other))
        }
        metrics["clips"] = len(clips)
        if self.measure is turning_side:
            metrics["median degrees"] = float(np.median([abs(turned_deg(clip)) for clip in clips]))
        return metrics


def _order(prompt: str, measure: Callable[[NDArray[np.float32]], str | None], said: str) -> tuple[Order, Order]:
    left, right = (
        Order(prompt.format(side), side, measure, re.compile(said.format(side), re.IGNORECASE))
        for side in ("left", "right")
    )
    return left, right


ORDERS = (
    *_order("a person turns {}", turning_side, r"\bturn(?:s|ing)? (?:to (?:the |their |his |her )?)?{}\b"),
    *_order("a person waves the {} hand", waved_side, r"\bwav(?:es|ing) .*\b{} (?:hand|arm)"),
)
_BOTH = re.compile(r"\bleft\b.*\bright\b|\bright\b.*\bleft\b|\bboth\b", re.IGNORECASE)


def real_clips(order: Order, splits: Sequence[Prepared]) -> list[NDArray[np.float32]]:
    """Captured motion, plain and mirrored, whose caption names the order's side and no other."""
    found = []
    for data in splits:
        for span in data.spans:
            caption = span.captions[0]
            if _BOTH.search(caption) or not 2 <= span.frames <= _LONGEST:
                continue
            for flipped in (False, True):
                said = opposite(order).said if flipped else order.said
                if said.search(caption):
                    found.append(data.window(span.start, span.frames, flipped))
    return found


def opposite(order: Order) -> Order:
    """The order that names the other side."""
    return next(other for other in ORDERS if other.measure is order.measure and other.side != order.side)


def rows(samplers: Sequence[tuple[str, MotionSampler, Sampling]], splits: Sequence[Prepared]) -> list[Row]:
    """For each order, real motion of those words and ten seeds of four seconds from each named generator."""
    made = []
    for order in ORDERS:
        real = real_clips(order, splits)
        if real:
            made.append(single(f"{order.prompt}: real", order.obeyed(real), real=True))
        jobs = [Job(order.prompt, TOKENS, seed) for seed in SEEDS]
        made += [
            single(f"{order.prompt}: {name}", order.obeyed(sampler.sample(jobs, sampling)))
            for name, sampler, sampling in samplers
        ]
    return made
