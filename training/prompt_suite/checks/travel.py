"""Going over the ground: walking, running and their manners, ways and turns."""

from __future__ import annotations

import numpy as np

from common.motion.skeleton import HIP_HEIGHT
from training.prompt_suite.body import SIDES, Body, Side
from training.prompt_suite.signals import bridged, correlation, longest, smooth, spans, turning_points

from .check import Check, both_sides

MOVING = 0.25
"""Metres a second above which a body goes somewhere."""
RUNNING = 1.7
"""Metres a second: people change from walking to running at about 2."""


def steps(body: Body) -> int:
    """How often a foot comes down again."""
    return sum(len(spans(bridged(body.lifted(side), 1), body.frames(0.12))) for side in SIDES)


def pace_underway(body: Body) -> float:
    """Median speed in m/s while the body goes somewhere; 0 if it never does."""
    moving = body.pace > MOVING
    return float(np.median(body.pace[moving])) if moving.any() else 0.0


def on_foot(body: Body) -> bool:
    """Whether the body stays upright on its feet and never flies for long."""
    return bool(
        np.median(body.height) > 0.78 and np.median(body.lean) < 45 and longest(body.airborne) <= body.frames(0.4)
    )


def walks(body: Body) -> bool:
    """Goes somewhere on foot, not running."""
    flying = body.airborne[body.pace > MOVING]
    return (
        on_foot(body) and body.way_m > 0.7 and pace_underway(body) < 2.0 and (not flying.size or flying.mean() < 0.15)
    )


def walks_ahead(body: Body) -> bool:
    """Walks to where it faces, without a turn."""
    return walks(body) and body.went_ahead_m > 0.8 * body.way_m and abs(body.yaw[-1]) < 60


def walks_slowly(body: Body) -> bool:
    """Walks ahead at less than an ordinary pace."""
    return walks(body) and body.went_ahead_m > 0.7 * body.way_m and pace_underway(body) < 1.0


def walks_quickly(body: Body) -> bool:
    """Walks ahead at more than an ordinary pace."""
    return walks(body) and body.went_ahead_m > 0.7 * body.way_m and np.percentile(body.pace, 80) > 1.3


def walks_back(body: Body) -> bool:
    """Walks to where its back is."""
    return walks(body) and body.went_ahead_m < -0.6 * body.way_m


def course(body: Body) -> np.ndarray:
    """Direction of the way [frame] in degrees while the body goes, to the left positive, whole turns counted."""
    moved = np.gradient(smooth(body.track, 0.5, body.fps), axis=0) * body.fps
    moving = np.linalg.norm(moved, axis=-1) > MOVING
    if moving.sum() < 2:
        return np.zeros(1)
    return np.degrees(np.unwrap(np.arctan2(moved[moving, 0], moved[moving, 1])))


def walks_a_circle(body: Body) -> bool:
    """Walks ahead while the body comes round most of a circle."""
    return walks(body) and np.ptp(body.yaw) > 215 and body.way_m > 1.8 and body.away_m > 0.5


def walks_a_curve(body: Body, side: Side) -> bool:
    """Walks ahead while the body comes round to a side, less than most of a circle."""
    return walks(body) and 25 < turned(body, side) < 270 and body.away_m > 0.8 and body.went_ahead_m > 0.6 * body.way_m


def walks_a_zigzag(body: Body) -> bool:
    """Walks ahead, and the way bends to one side and then to the other."""
    bends = max(len(turning_points(way, 25.0)) for way in (course(body), body.yaw))
    return walks(body) and bends >= 1 and body.went_ahead_m > 0.6 * body.way_m and body.away_m > 1.0


def there_and_back(body: Body) -> bool:
    """Goes away and comes back a good part of the way, once or more."""
    middle = body.track - body.track.mean(axis=0)
    along = middle @ np.linalg.svd(middle, full_matrices=False)[2][0]
    return on_foot(body) and len(turning_points(along, 0.6)) >= 1


def runs(body: Body) -> bool:
    """Goes ahead with a flight between its steps, or faster than people walk."""
    quick = np.percentile(body.pace, 75)
    flying = body.airborne.mean()
    return bool(
        quick > RUNNING and (flying > 0.08 or quick > 2.4) and body.went_ahead_m > 0.6 * body.way_m and body.way_m > 1.5
    )


def step_rate(body: Body) -> float:
    """How often a second both knees bend and straighten in turn."""
    return min(len(turning_points(body.knee(side), 15.0)) for side in SIDES) / 2 / body.seconds


def jogs_in_place(body: Body) -> bool:
    """Quick steps on the spot, one foot after the other."""
    return body.away_m < 1.0 and on_foot(body) and step_rate(body) > 0.5 and not together(body)


def steps_in_place(body: Body) -> bool:
    """Steps on the spot, one foot after the other."""
    return body.away_m < 1.0 and on_foot(body) and step_rate(body) > 0.3 and not together(body)


def together(body: Body) -> bool:
    """Whether the legs bend at the same time, as in squats and jumps."""
    return correlation(body.knee("left"), body.knee("right")) > 0.5


def side_steps(body: Body, side: Side) -> bool:
    """Goes to a side, facing the front."""
    gone = body.went_left_m * (1 if side == "left" else -1)
    return gone > 0.25 and gone > 0.6 * abs(body.went_ahead_m) and np.abs(body.yaw).max() < 75 and on_foot(body)


def turned(body: Body, side: Side) -> float:
    """Degrees to a side from the first heading to the last, the other way negative."""
    return float(body.yaw[-1] * (1 if side == "left" else -1))


def turns(body: Body, side: Side) -> bool:
    """Faces another way at the end, having turned to a side."""
    return 35 < turned(body, side) < 260 and turned(body, side) > 0.7 * np.ptp(body.yaw)


def turns_around(body: Body) -> bool:
    """Faces about the opposite way at the end."""
    return 125 < abs(body.yaw[-1]) < 240


def spins(body: Body) -> bool:
    """Turns a whole circle about itself."""
    return np.ptp(body.yaw) > 270 and body.away_m < 2.0


def starts(body: Body) -> bool:
    """Stands, then goes."""
    fastest = body.pace.max()
    stood = body.pace[: body.frames(0.3)].mean() < max(0.3, 0.55 * fastest)
    return on_foot(body) and bool(fastest > 0.4 and stood and body.went_ahead_m > max(0.4, 0.7 * body.way_m))


def stops(body: Body) -> bool:
    """Walks, then stands."""
    slow = np.median(body.pace[-body.frames(0.4) :]) < 0.35
    return walks(body) and bool(slow and body.pace[: len(body) // 2].max() > 0.5)


def on_stairs(body: Body, way: int) -> bool:
    """The standing pelvis gets higher (`way` 1) or lower (-1) by more than a step, on foot."""
    ends = body.frames(0.5)
    legs = body.at("pelvis")[:, 1] - np.minimum(body.foot("left"), body.foot("right"))
    stood = min(legs[:ends].mean(), legs[-ends:].mean()) > 0.8 * HIP_HEIGHT
    height = smooth(body.at("pelvis")[:, 1], 0.5, body.fps) * way
    gained = height[-ends:].mean() - height.min() > 0.25
    return bool(stood and gained and body.way_m > 0.3 and steps(body) >= 2 and np.median(body.lean) < 45)


def goes_upstairs(body: Body) -> bool:
    """Steps up and up."""
    return on_stairs(body, 1)


def goes_downstairs(body: Body) -> bool:
    """Steps down and down."""
    return on_stairs(body, -1)


def sneaks(body: Body) -> bool:
    """Goes slowly, crouched, on its toes or with feet set down with care."""
    low = np.median(body.height) < 0.95 or np.median(body.bow) > 15
    return on_foot(body) and 0.15 < pace_underway(body) < 1.1 and body.way_m > 0.6 and (low or tiptoe_m(body) > 0.04)


def tiptoe_m(body: Body) -> float:
    """Median height of the heel of the foot that stands, its toes down."""
    heels = np.where(body.foot("left") < body.foot("right"), body.heel("left"), body.heel("right"))
    return float(np.median(heels))


def marches(body: Body) -> bool:
    """Steps in time, the knees brought up or the arms swung."""
    knees = [np.percentile(body.thigh(side), 95) for side in SIDES]
    return on_foot(body) and steps(body) >= 3 and min(knees) > 45


def limps(body: Body) -> bool:
    """Walks with two legs that step differently."""
    return walks(body) and body.way_m > 1.0 and body.went_ahead_m > 0.6 * body.way_m and unevenness(body) > 0.36


def unevenness(body: Body) -> float:
    """How little the legs do the same in turn, 0 alike: of knees, of ankles ahead of the pelvis and of feet, the worst."""
    going = np.flatnonzero(body.pace > MOVING)
    if len(going) < body.frames(1.0):
        return 0.0
    walk = body.part(going[0], going[-1] + 1)
    pairs = (
        (walk.knee("left"), walk.knee("right")),
        (walk.relative("left_ankle")[:, 2], walk.relative("right_ankle")[:, 2]),
        (walk.foot("left"), walk.foot("right")),
    )
    return 1.0 - min(likeness(left, right, walk.frames(0.25), walk.frames(1.0)) for left, right in pairs)


def likeness(first: np.ndarray, second: np.ndarray, least: int, most: int) -> float:
    """The best correlation of two signals [frame] shifted by `least` to `most` frames; unequal sizes count against it."""
    first, second, best = first - first.mean(), second - second.mean(), 0.0
    for lag in range(least, min(most, len(first) // 2)):
        for a, b in ((first[lag:], second[:-lag]), (second[lag:], first[:-lag])):
            best = max(best, float(2 * (a * b).sum() / ((a * a).sum() + (b * b).sum() + 1e-9)))
    return best


def staggers(body: Body) -> bool:
    """Walks unsteadily: at least three of a trunk that sways, one that pitches, feet that wander, legs that differ, a
    pace that changes."""
    if not on_foot(body) or body.went_ahead_m < max(0.4, 0.4 * body.way_m):
        return False
    aside = body.relative("left_ankle", "right_ankle")[:, 0]
    pace = body.pace.std() / (body.pace.mean() + 0.1)
    signs = (np.ptp(body.tilt) > 12, np.ptp(body.bow) > 13, aside.std() > 0.06, unevenness(body) > 0.35, pace > 0.3)
    return sum(signs) >= 3


def skips(body: Body) -> bool:
    """Goes ahead in high bounces, one leg after the other, no faster than a slow run."""
    flown = body.airborne
    apart = np.abs(body.foot("left") - body.foot("right"))[flown]
    bouncy = np.ptp(body.at("pelvis")[:, 1]) > 0.18
    pace = np.percentile(body.pace, 75)
    return bool(bouncy and flown.mean() > 0.05 and 0.6 < pace < 2.3 and body.way_m > 1.0 and np.median(apart) > 0.08)


CHECKS = (
    Check("walk forward", walks_ahead, ("walk_forward", "walk_slowly", "walk_quickly")),
    Check("walk slowly", walks_slowly, ("walk_slowly",)),
    Check("walk quickly", walks_quickly, ("walk_quickly",)),
    Check("walk backward", walks_back, ("walk_backward",)),
    Check("walk in a circle", walks_a_circle, ("walk_circle",)),
    *both_sides("walk in a curve to the {}", walks_a_curve, ("walk_curve_{}",)),
    Check("walk in a zigzag", walks_a_zigzag, ("walk_zigzag",)),
    Check("walk there and back", there_and_back, ("walk_and_back",)),
    Check("walk on the spot", steps_in_place, ("walk_on_the_spot",)),
    Check("start walking", starts, ("start_walking",)),
    Check("stop walking", stops, ("stop_walking",)),
    Check("run", runs, ("run_forward",)),
    Check("jog on the spot", jogs_in_place, ("run_on_the_spot",)),
    *both_sides("step to the {}", side_steps, ("side_step_{}",)),
    *both_sides("turn {}", turns, ("turn_{}",)),
    Check("turn around", turns_around, ("turn_around", "turn_left", "turn_right"), said=r"around|round|180|half|about"),
    Check("spin", spins, ("spin",)),
    Check("walk up stairs", goes_upstairs, ("upstairs",)),
    Check(
        "walk down stairs",
        goes_downstairs,
        ("downstairs", "turn_left > downstairs", "turn_right > downstairs", "upstairs > downstairs"),
    ),
    Check("sneak", sneaks, ("sneak",)),
    Check("march", marches, ("march",)),
    Check("limp", limps, ("limp",)),
    Check("stagger", staggers, ("stagger",), said=r"stagger|drunk|unstead|stumbl|wobbl|totter|lurch"),
    Check("skip", skips, ("skip",)),
)
