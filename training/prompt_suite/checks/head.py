"""Head and gaze, and standing about."""

from __future__ import annotations

import numpy as np

from training.prompt_suite.body import SIDES, Body, Side
from training.prompt_suite.signals import smooth, turning_points

from .check import Check, both_sides


def gaze(body: Body) -> np.ndarray:
    """Where the head points [frame], in degrees to the left of the first frame's heading."""
    return body.head_yaw + body.yaw + body.twist / 2


def at_rest(body: Body, metres_s: float) -> bool:
    """Stays where it is, and most of the body hardly moves."""
    return bool(body.away_m < 0.5 and np.median(body.stir) < metres_s and np.median(body.height) > 0.4)


def nods(body: Body) -> bool:
    """The head goes down and up again and again, the rest is calm."""
    down, aside = len(turning_points(body.head_pitch, 4.0)), len(turning_points(body.head_yaw, 4.0))
    return at_rest(body, 0.06) and len(turning_points(body.head_pitch, 2.5)) >= 2 and down >= aside


def shakes_head(body: Body) -> bool:
    """The head goes from side to side again and again, the rest is calm."""
    often = len(turning_points(body.head_yaw, 2.0)) >= 3
    return at_rest(body, 0.06) and often and np.ptp(body.head_yaw) > 1.5 * np.ptp(body.head_pitch)


def looks_around(body: Body) -> bool:
    """The gaze goes to a side and back, or on to the other side."""
    return at_rest(body, 0.25) and np.ptp(gaze(body)) > 25 and len(turning_points(gaze(body), 12.0)) >= 1


def looks(body: Body, side: Side) -> bool:
    """The head turns to a side and not to the other."""
    turned = gaze(body) * (1 if side == "left" else -1)
    return at_rest(body, 0.25) and np.percentile(turned, 90) > max(12.0, -1.3 * np.percentile(turned, 10))


def looks_up(body: Body) -> bool:
    """The head goes back on an upright body."""
    return at_rest(body, 0.25) and np.percentile(body.head_pitch, 10) < 20


def stands_still(body: Body) -> bool:
    """Stands and hardly moves."""
    calm = np.percentile(body.stir, 95) < 0.3 and max(np.percentile(body.palm_speed(s), 95) for s in SIDES) < 0.9
    low = max(np.percentile(body.arm(side), 90) for side in SIDES) < 85
    turned = np.ptp(body.yaw) > 40
    return bool(calm and low and not turned and body.height.min() > 0.76 and body.away_m < 0.4)


def idles(body: Body) -> bool:
    """Stands about: shifts its weight, hands down, without going anywhere."""
    shifts = np.ptp(smooth(body.at("pelvis")[:, [0, 2]], 0.5, body.fps), axis=0).max() > 0.03
    low = max(np.percentile(body.arm(side), 75) for side in SIDES) < 88
    return bool(
        shifts and low and body.height.min() > 0.85 and body.away_m < 1.0 and np.percentile(body.stir, 75) < 0.6
    )


def looks_behind(body: Body) -> bool:
    """The gaze goes far round while the feet stay."""
    return body.away_m < 0.6 and bool(np.abs(gaze(body) - np.median(gaze(body)[: body.frames(0.3)])).max() > 50)


def dances(body: Body) -> bool:
    """Lively all the time, without going straight on: hips, knees or hands go to and fro."""
    limbs = smooth(body.joints - body.joints[:, :1], 0.15, body.fps)
    lively = np.median(np.linalg.norm(np.gradient(limbs, axis=0), axis=-1).mean(axis=-1)) * body.fps
    aimless = body.way_m / body.seconds < 1.1 and body.went_ahead_m < 0.75 * body.way_m
    return bool(lively > 0.2 and aimless and beats(body) / body.seconds > 5.0)


def beats(body: Body) -> int:
    """Turns of knees, hips and hands, added up."""
    hips = body.seen(body.at("pelvis") - body.at("pelvis")[:1])[:, 0]
    knees = sum(len(turning_points(body.knee(side), 12.0)) for side in SIDES)
    hands = sum(len(turning_points(body.reach(side)[:, axis], 0.1)) for side in SIDES for axis in (0, 1))
    return len(turning_points(hips, 0.04)) + knees + hands


CHECKS = (
    Check("nod", nods, ("nod",)),
    Check("shake the head", shakes_head, ("shake_head",)),
    Check("look around", looks_around, ("look_around",)),
    *both_sides("look to the {}", looks, ("look_{}",)),
    Check("look up", looks_up, ("look_up",)),
    Check("look behind", looks_behind, ("look_behind",)),
    Check("stand still", stands_still, ("stand_still",)),
    Check("stand about", idles, ("stand_idle",)),
    Check("dance", dances, ("dance", "salsa"), ("hiphop", "ballet", "twist")),
)
