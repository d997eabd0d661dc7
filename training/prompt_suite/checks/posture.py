"""Sitting, kneeling, lying, bending, falling: what becomes of the whole body's height and lean."""

from __future__ import annotations

import numpy as np

from training.prompt_suite.body import SIDES, Body
from training.prompt_suite.signals import longest, smooth, turning_points

from .check import Check

STANDING = 0.86
"""Share of the standing height of the pelvis above which a body stands."""


def stands_at(body: Body, first: bool) -> bool:
    """Upright on its feet at its beginning, or at its end."""
    ends = body.frames(0.3)
    part = slice(0, ends) if first else slice(-ends, None)
    return bool(body.height[part].mean() > STANDING and body.lean[part].mean() < 35)


def sat(body: Body) -> np.ndarray:
    """Frames [frame] on a seat: the thighs about level, the trunk upright, the pelvis at a seat's height."""
    thighs = np.mean([body.thigh(side) for side in SIDES], axis=0)
    return (body.height > 0.38) & (body.height < 0.9) & (thighs > 50) & (body.lean < 50)


def sits_down(body: Body) -> bool:
    """Stands, then sits on a seat."""
    return stands_at(body, True) and bool(sat(body)[-body.frames(0.3) :].mean() > 0.5)


def stands_up(body: Body) -> bool:
    """Sits on a seat, then stands."""
    return stands_at(body, False) and bool(sat(body)[: body.frames(0.3)].mean() > 0.5)


def sits(body: Body) -> bool:
    """Is seated for most of the clip."""
    return bool(sat(body).mean() > 0.7)


def on_the_floor(body: Body) -> np.ndarray:
    """Frames [frame] with the pelvis near the floor."""
    return body.height < 0.36


def sits_on_floor(body: Body) -> bool:
    """Ends seated on the floor."""
    ends = body.frames(0.4)
    return bool(on_the_floor(body)[-ends:].mean() > 0.5 and body.lean[-ends:].mean() < 60)


def lies(body: Body) -> np.ndarray:
    """Frames [frame] lying."""
    return (body.height < 0.65) & (body.lean > 55) & (body.at("neck")[:, 1] < 0.6)


def lies_down(body: Body) -> bool:
    """Comes to lie."""
    found = lies(body)
    return bool(found[-body.frames(0.4) :].mean() > 0.5 and not found[: body.frames(0.3)].all())


def gets_up(body: Body) -> bool:
    """From the floor to standing."""
    ends = body.frames(0.3)
    low = (
        on_the_floor(body)[: len(body) // 2 + 1].any() or body.lean[:ends].mean() > 50 or body.height[:ends].min() < 0.5
    )
    return bool(low and body.height[-ends:].mean() > 0.78 and body.lean[-ends:].mean() < 40)


def falls(body: Body) -> bool:
    """Goes down to the floor, quickly."""
    drop = -np.gradient(smooth(body.at("pelvis")[:, 1], 0.2, body.fps)) * body.fps
    return bool(body.height.max() > 0.75 and body.height.min() < 0.45 and drop.max() > 0.8)


def kneels(body: Body) -> bool:
    """A knee on the ground, the trunk upright."""
    knee = np.minimum(*(body.at(f"{side}_knee")[:, 1] for side in SIDES))
    return longest((knee < 0.16) & (body.lean < 60) & (body.height > 0.25)) > body.frames(0.4)


def squats(body: Body) -> bool:
    """Bends the knees low on its feet and comes up."""
    bent = np.minimum(*(body.knee(side) for side in SIDES)) > 55
    low = np.flatnonzero((body.height < 0.8) & bent & (body.lean < 75))
    return len(low) >= 3 and body.height[low[0] :].max() > body.height[low].min() + 0.12 and body.away_m < 1.5


def crouches(body: Body) -> bool:
    """Stays low on its feet."""
    bent = np.minimum(*(body.knee(side) for side in SIDES)) > 50
    return bool(((body.height < 0.82) & bent).mean() > 0.4)


def lunges(body: Body) -> bool:
    """A long step, the front knee deep."""
    along = np.abs(body.relative("left_ankle", "right_ankle")[:, 2])
    knee = np.maximum(*(body.knee(side) for side in SIDES))
    return longest((along > 0.55) & (knee > 60) & (body.height < 0.88) & (body.lean < 50)) >= body.frames(0.3)


def bows(body: Body) -> bool:
    """Leans ahead from the waist on straight legs and comes up."""
    knees = np.maximum(*(body.knee(side) for side in SIDES))
    bent = (body.bow > 25) & (knees < 60)
    return longest(bent) >= body.frames(0.2) and body.bow[0] < 25 and body.bow[-1] < 35 and body.height.min() > 0.7


def bends(body: Body) -> bool:
    """Bends far ahead from the waist on its feet."""
    return longest(body.bow > 40) >= body.frames(0.2) and body.height.min() > 0.6


def leans_aside(body: Body) -> bool:
    """Tilts the trunk sideways on its feet."""
    return longest(np.abs(body.tilt) > 15) > body.frames(0.3) and body.height.min() > 0.7


def crawls(body: Body) -> bool:
    """Goes along on hands and knees, or hands and feet."""
    hands = np.maximum(*(body.palm(side)[:, 1] for side in SIDES))
    down = (body.height < 0.75) & (body.lean > 45) & (hands < 0.35)
    return bool(down.mean() > 0.5 and body.way_m > 0.3)


def upside_down(body: Body) -> np.ndarray:
    """Frames [frame] with the neck below the pelvis."""
    return body.trunk[:, 1] < -0.2


def cartwheels(body: Body) -> bool:
    """Over on its hands, the feet passing above the head, sideways."""
    feet = np.maximum(*(body.at(f"{side}_ankle")[:, 1] for side in SIDES))
    return bool((upside_down(body) & (feet > body.at("head")[:, 1] + 0.4)).sum() >= 2)


def flips(body: Body) -> bool:
    """The trunk goes over."""
    return bool(upside_down(body).sum() >= 2)


def push_ups(body: Body) -> bool:
    """Prone on hands and feet, the arms bend and straighten."""
    prone = (body.lean > 55) & (body.height < 0.6)
    arms = np.mean([body.elbow(side) for side in SIDES], axis=0)
    return bool(prone.mean() > 0.5 and len(turning_points(arms, 25.0)) >= 2)


def climbs(body: Body) -> bool:
    """From standing goes up, more than ahead."""
    height = smooth(body.at("pelvis")[:, 1], 0.3, body.fps)
    rises = height.max() - height[: body.frames(0.5)].mean() > 0.4
    return stands_at(body, True) and bool(rises and body.away_m < 1.3 and np.median(body.lean) < 45)


def stretches(body: Body) -> bool:
    """Holds both arms overhead for a while, in place."""
    high = np.minimum(*(body.palm(side)[:, 1] - body.skull[:, 1] for side in SIDES)) > 0.0
    return longest(high) >= body.frames(0.5) and body.away_m < 0.6


def treads_a_line(body: Body) -> bool:
    """Walks slowly with the arms out, as on a rope."""
    out = min(np.median(body.arm(side)) for side in SIDES)
    return bool(body.way_m > 0.6 and 0.1 < np.median(body.pace) < 0.8 and out > 45)


CHECKS = (
    Check(
        "sit down",
        sits_down,
        ("sit_down", "walk_forward > sit_down", "turn_right > sit_down", "turn_left > sit_down"),
        said=r"^(?!.*(high stool|stepstool))",
    ),
    Check(
        "stand up",
        stands_up,
        ("stand_up", "stand_up > turn_right", "stand_up > turn_left", "stand_up > walk_curve_left"),
    ),
    Check("sit", sits, ("sit_still",)),
    Check("sit on the floor", sits_on_floor, ("sit_floor",)),
    Check("lie down", lies_down, ("lie_down", "* > lie_down")),
    Check("get up", gets_up, ("get_up",)),
    Check("fall", falls, ("fall_down",)),
    Check("kneel", kneels, ("kneel",)),
    Check("squat", squats, ("squat",)),
    Check("crouch", crouches, ("crouch_still",)),
    Check("lunge", lunges, ("lunge",)),
    Check("bow", bows, ("bow",)),
    Check("bend over", bends, ("bend_forward",), said=r"^(?!.*table)"),
    Check("lean to the side", leans_aside, ("lean_side",)),
    Check("crawl", crawls, ("crawl",)),
    Check("cartwheel", cartwheels, ("cartwheel",)),
    Check("somersault", flips, ("flip",)),
    Check("push-ups", push_ups, ("push_ups",)),
    Check("climb", climbs, ("climb",)),
    Check(
        "stretch", stretches, ("stretch",), said=r"stretch[^/]*(raised arms|both arms|arms wide)|both arms[^/]*stretch"
    ),
    Check("walk a tightrope", treads_a_line, ("balance_walk",)),
)
