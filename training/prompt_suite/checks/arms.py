"""Waving, raising, pointing, striking: what the arms do in the air."""

from __future__ import annotations

import numpy as np

from training.prompt_suite.body import SIDES, Body, Side, other
from training.prompt_suite.signals import correlation, longest, smooth, turning_points

from .check import Check, both_sides


def swings(body: Body, side: Side, least_m: float) -> int:
    """Turning points of the palm's way from side to side, or up and down, or to and fro: the most of the three."""
    palm = body.seen(body.palm(side) - body.at("neck"))
    return max(len(turning_points(palm[:, axis], least_m)) for axis in range(3))


def waving(body: Body, side: Side) -> bool:
    """The hand is up at the shoulder or above, and swings."""
    up = body.reach(side)[:, 1] > -0.10
    if longest(up) < body.frames(0.4):
        return False
    start, end = np.flatnonzero(up)[[0, -1]]
    return swings(body.part(start, end + 1), side, 0.06) >= 2


def waves(body: Body, side: Side) -> bool:
    """Waves with the hand of a side, the other one lower."""
    higher = np.percentile(body.palm(side)[:, 1], 75) - np.percentile(body.palm(other(side))[:, 1], 75)
    return waving(body, side) and higher > 0.15


def waves_both(body: Body) -> bool:
    """Waves with both hands, up at the shoulders or above."""
    up = np.minimum(*(body.reach(side)[:, 1] for side in SIDES)) > -0.05
    return bool(up.mean() > 0.35) and min(swings(body, side, 0.08) for side in SIDES) >= 3


def raises(body: Body, side: Side) -> bool:
    """One arm goes up to the shoulder's height or above, the other one does not."""
    mine, theirs = (np.percentile(body.arm(which), 90) for which in (side, other(side)))
    return mine > 95 and theirs < 80


def raises_both(body: Body) -> bool:
    """Both arms go up."""
    up = np.minimum(*(body.reach(side)[:, 1] for side in SIDES))
    return longest(up > 0.15) >= body.frames(0.3)


def arms_out(body: Body) -> bool:
    """Both arms level, out to the sides."""
    out = [(body.reach(side)[:, 0] > 0.42) & (np.abs(body.arm(side) - 90) < 30) for side in SIDES]
    return longest(out[0] & out[1]) >= body.frames(0.4)


def circles_arms(body: Body) -> bool:
    """An arm goes round and round."""
    return max(rounds(body, side) for side in SIDES) > 1.4


def rounds(body: Body, side: Side) -> float:
    """How often the palm goes round its shoulder or a place at the side, seen from the side or from the front."""
    palm = smooth(body.reach(side), 0.15, body.fps)
    found = []
    for axis in (0, 2):
        flat = palm[:, [axis, 1]] - smooth(palm[:, [axis, 1]], 1.5, body.fps)
        angle = np.unwrap(np.arctan2(flat[:, 1], flat[:, 0]))
        wide = np.linalg.norm(flat, axis=-1) > 0.08
        found.append(abs(float(np.diff(angle)[wide[1:]].sum())) / (2 * np.pi))
    return max(found)


def flaps(body: Body) -> bool:
    """Both arms beat up and down at the sides, at the same time and alike."""
    left, right = (smooth(body.reach(side)[:, 1], 0.1, body.fps) for side in SIDES)
    out = np.minimum(*(body.reach(side)[:, 0] for side in SIDES))
    alike = correlation(left, right) > 0.5 and np.abs(left - right).mean() < 0.12
    beats = min(len(turning_points(one, 0.12)) for one in (left, right))
    return bool(alike and beats >= 2 and np.percentile(out, 75) > -0.1 and body.height.min() > 0.75)


def claps(body: Body) -> bool:
    """The palms meet again and again before the body."""
    near = body.palms_apart < 0.2
    return bool(near.any() and len(turning_points(body.palms_apart, 0.05)) >= 3 and body.palms_apart.max() > 0.1)


def cheers(body: Body) -> bool:
    """A hand is thrown up above the head, and beats there."""
    if body.height.min() < 0.75:
        return False
    for side in SIDES:
        up = body.palm(side)[:, 1] - body.skull[:, 1]
        quick = body.palm_speed(side)[up > -0.5]
        if longest(up > -0.05) >= body.frames(0.25) and quick.max() > 1.5 and len(turning_points(up, 0.12)) >= 2:
            return True
    return False


def pointing(body: Body, side: Side) -> np.ndarray:
    """Frames [frame] with an arm stretched out about level."""
    return (body.stretched(side) > 0.85) & (np.abs(body.arm(side) - 90) < 35)


def points(body: Body, side: Side) -> bool:
    """Stretches an arm out level and holds it, the other one down."""
    held = longest(pointing(body, side) & (body.palm_speed(side) < 0.6))
    return held >= body.frames(0.3) and np.median(body.arm(other(side))) < 60


def stop_sign(body: Body) -> bool:
    """Holds a hand up before the body, the other one down; or both."""
    out = {s: (body.reach(s)[:, 2] > 0.35) & (body.arm(s) > 60) & (body.palm_speed(s) < 0.8) for s in SIDES}
    least = body.frames(0.4)
    alone = any(longest(out[s]) >= least and np.median(body.arm(other(s))) < 45 for s in SIDES)
    return alone or longest(out["left"] & out["right"] & (body.palms_apart > 0.2)) >= least


def punch_speed(body: Body, side: Side) -> float:
    """The fastest that a fist goes away from its shoulder, at the height of chest or head, in m/s."""
    palm = body.reach(side)
    out = np.gradient(np.linalg.norm(palm, axis=-1)) * body.fps
    there = palm[:, 1] > -0.3
    return float(out[there].max()) if there.any() else 0.0


def punches(body: Body, side: Side) -> bool:
    """The fist of a side shoots out, the other one does not as much."""
    return punch_speed(body, side) > 1.2 and punch_speed(body, side) > 1.2 * punch_speed(body, other(side))


def boxes(body: Body) -> bool:
    """Fists shoot out again and again."""
    return max(punch_speed(body, side) for side in SIDES) > 1.5


def throws(body: Body, side: Side) -> bool:
    """An arm swings ahead fast, the other one does not as much."""
    mine, theirs = (body.palm_speed(which).max() for which in (side, other(side)))
    return mine > 2.5 and mine > 1.15 * theirs


def before(body: Body, side: Side) -> np.ndarray:
    """How far the palm is ahead of the pelvis [frame]."""
    return smooth(body.seen(body.palm(side) - body.at("pelvis"))[:, 2], 0.15, body.fps)


def pushes(body: Body) -> bool:
    """Both palms go out ahead of the body, or lean on what moves along."""
    ahead = np.minimum(*(before(body, side) for side in SIDES))
    out = longest((ahead > 0.36) & (body.palms_apart < 0.7)) >= body.frames(0.4)
    return out and bool(np.ptp(ahead) > 0.15 or body.went_ahead_m > 0.4)


def pulls(body: Body) -> bool:
    """Both hands ahead, drawn in together, or held out while the body goes back."""
    ahead = np.minimum(*(before(body, side) for side in SIDES))
    falls = [ahead[start] - ahead[start : start + body.frames(1.5)].min() for start in range(len(body))]
    drawn = bool(max(falls) > 0.17 and ahead.max() > 0.25 and np.median(body.palms_apart) < 0.5)
    return drawn or bool((ahead > 0.3).mean() > 0.4 and body.went_ahead_m < -0.15)


def reaches_up(body: Body) -> bool:
    """One hand goes well above the head and stays there for a moment."""
    high = [longest(body.palm(side)[:, 1] > body.skull[:, 1] + 0.15) for side in SIDES]
    return max(high) >= body.frames(0.4)


def catches(body: Body) -> bool:
    """Both hands go out ahead and come together there, quickly, the body in place."""
    ahead = np.minimum(*(body.reach(side)[:, 2] for side in SIDES))
    met = np.flatnonzero((body.palms_apart < 0.3) & (ahead > 0.25))
    before_s = body.frames(0.5)
    quick = any(np.ptp(body.palms_apart[max(0, frame - before_s) : frame + 1]) > 0.12 for frame in met)
    return quick and body.away_m < 0.8 and bool(np.median(body.stir) < 0.35)


def lifts(body: Body) -> bool:
    """Both hands go from below the knees to the waist or higher, together."""
    hands = np.maximum(*(body.palm(side)[:, 1] for side in SIDES))
    low = np.flatnonzero(hands < 0.55)
    return len(low) > 0 and bool(hands[low[0] :].max() > 0.85 and np.median(body.palms_apart[low]) < 0.7)


def dribbles(body: Body) -> bool:
    """A hand beats down again and again at the height of the waist."""
    for side in SIDES:
        beats = turning_points(body.reach(side)[:, 1], 0.1)
        low = body.palm(side)[:, 1] < body.at("neck")[:, 1]
        if len(beats) > max(4, 1.5 * body.seconds) and low.mean() > 0.8 and np.median(body.elbow(side)) > 30:
            return True
    return False


def swims(body: Body) -> bool:
    """The arms make strokes again and again."""
    return min(rounds(body, side) for side in SIDES) > 0.9


def zombie(body: Body) -> bool:
    """Walks with both arms held out ahead."""
    ahead = np.minimum(*(body.reach(side)[:, 2] for side in SIDES))
    return bool((ahead > 0.25).mean() > 0.5 and body.way_m > 0.5)


def waves_underway(body: Body) -> bool:
    """Walks and waves."""
    return body.way_m > 0.7 and any(waves(body, side) for side in SIDES)


CHECKS = (
    *both_sides("wave with the {} hand", waves, ("wave_{}",)),
    Check("wave both arms", waves_both, ("wave_both",)),
    *both_sides("raise the {} arm", raises, ("raise_{}",)),
    Check("raise both arms", raises_both, ("raise_both",)),
    Check("hold the arms out", arms_out, ("arms_out",)),
    Check("circle the arms", circles_arms, ("arm_circles",)),
    Check("flap", flaps, ("flap",)),
    Check("clap", claps, ("clap",)),
    Check("cheer", cheers, ("cheer",), said=r"(both|raised|raises) (the )?arms|arms (up|in the air|high)"),
    *both_sides("point with the {} hand", points, ("point_{}",), said=r"\bpoint"),
    Check("stop gesture", stop_sign, ("stop_sign",), ("point_left", "point_right", "reach_out")),
    *both_sides("punch with the {} fist", punches, ("punch_{}",)),
    Check("box", boxes, ("punch",)),
    *both_sides("throw with the {} hand", throws, ("throw_{}",)),
    Check("push", pushes, ("push",)),
    Check("pull", pulls, ("pull",), said=r"^(?!.*(pull (someone|a person|a resisting)|grab))"),
    Check("reach up", reaches_up, ("reach_up",), ("raise_left", "raise_right", "raise_both", "wave_both")),
    Check("catch", catches, ("catch",)),
    Check("lift something heavy", lifts, ("lift_heavy",), said=r"object|box|grip|barbell"),
    Check("dribble", dribbles, ("dribble",)),
    Check("swim", swims, ("swim",)),
    Check("walk like a zombie", zombie, ("walk_zombie",)),
    Check("wave while walking", waves_underway, ("wave_left", "wave_right"), said=r"walk"),
)
