"""Jumps, hops, kicks, balance."""

from __future__ import annotations

import numpy as np

from training.prompt_suite.body import SIDES, Body, Side, other
from training.prompt_suite.signals import longest, spans, turning_points

from .check import Check, both_sides


def flights(body: Body, least_m: float = 0.05) -> list[tuple[int, int]]:
    """(start, end) of the jumps: both feet off the ground while the pelvis rises by at least `least_m` and comes down."""
    found = []
    height = body.at("pelvis")[:, 1]
    for start, end in spans(body.airborne, body.frames(0.1)):
        low = min(height[max(0, start - 2)], height[min(len(body), end + 2) - 1])
        if height[start:end].max() - low > least_m:
            found.append((start, end))
    return found


def jumps(body: Body) -> bool:
    """Both feet leave the ground in a jump."""
    return len(flights(body)) >= 1


def carried_m(body: Body, start: int, end: int) -> float:
    """How far a flight carries the pelvis over the ground, take-off and landing included."""
    around = body.frames(0.25)
    before, after = max(0, start - around), min(len(body), end + around) - 1
    return float(np.linalg.norm(body.at("pelvis")[after, [0, 2]] - body.at("pelvis")[before, [0, 2]]))


def jumps_up(body: Body) -> bool:
    """A jump that comes down about where it began."""
    return any(carried_m(body, *flight) < 0.65 for flight in flights(body, 0.06))


def jumps_ahead(body: Body) -> bool:
    """A jump that comes down farther ahead."""
    return any(carried_m(body, *flight) > 0.25 for flight in flights(body))


def hops_on_one_leg(body: Body) -> bool:
    """Hops on the same foot again and again, the other one up."""
    return max(hops(body, side) for side in SIDES) >= 2


def hops(body: Body, side: Side) -> int:
    """Hops on a foot while the other one stays in the air."""
    return sum(
        1 for start, end in spans(body.lifted(side), 2) if body.lifted(other(side))[max(0, start - 3) : end + 3].all()
    )


def bounces(body: Body) -> bool:
    """Jumps on both feet again and again."""
    return len(flights(body, 0.03)) >= 3


def jumping_jacks(body: Body) -> bool:
    """The feet go apart and together while the arms go up and down."""
    arms = np.mean([body.arm(side) for side in SIDES], axis=0)
    apart = np.linalg.norm(body.at("left_ankle") - body.at("right_ankle"), axis=-1)
    return len(turning_points(arms, 50.0)) >= 3 and len(turning_points(apart, 0.2)) >= 3


def balances(body: Body) -> bool:
    """Stands on one foot."""
    return max(longest(stood_on(body, side)) for side in SIDES) > body.frames(1.2)


def stood_on(body: Body, side: Side) -> np.ndarray:
    """Frames [frame] in which the body stands on this foot, the other one up."""
    return body.lifted(other(side)) & ~body.lifted(side) & (body.planted_speed(side) < 0.4)


def kick_m(body: Body, side: Side) -> float:
    """How far a foot swings up, out or ahead of its hip, the leg nearly straight."""
    foot = body.relative(f"{side}_ankle", f"{side}_hip")
    out = np.linalg.norm(foot[:, [0, 2]], axis=-1)
    quick = body.speed(foot) > 1.5
    off = quick & body.lifted(side) & (body.knee(side) < 80)
    return float(out[off].max()) if off.any() else 0.0


def kicks(body: Body, side: Side) -> bool:
    """A foot swings out quickly, farther than the other one."""
    return kick_m(body, side) > 0.45 and kick_m(body, side) > kick_m(body, other(side)) + 0.05


def jumps_round(body: Body) -> bool:
    """A jump that comes down facing another way."""
    around = body.frames(0.3)
    for start, end in flights(body):
        if abs(body.yaw[min(len(body), end + around) - 1] - body.yaw[max(0, start - around)]) > 50:
            return True
    return False


def jumps_thrice(body: Body) -> bool:
    """Three jumps, no more and no fewer."""
    return len(flights(body, 0.03)) == 3


CHECKS = (
    Check("jump up", jumps_up, ("jump_up",)),
    Check("jump forward", jumps_ahead, ("jump_forward",)),
    Check("jump and turn", jumps_round, ("jump_turn",)),
    Check(
        "jump three times",
        jumps_thrice,
        ("jump_up", "jump_forward", "hop_both"),
        said=r"(three|3) (\w+ )?(jumps|hops|times)",
    ),
    Check("hop on one leg", hops_on_one_leg, ("hop_one_leg",)),
    Check("bounce on both feet", bounces, ("hop_both",)),
    Check("jumping jacks", jumping_jacks, ("jumping_jacks",)),
    Check("balance on one leg", balances, ("balance_one_leg",)),
    *both_sides("kick with the {} leg", kicks, ("kick_{}",)),
)
