"""One thing, then another."""

from __future__ import annotations

from training.prompt_suite.body import SIDES, Body

from .arms import punch_speed, waves
from .check import Check, both_sides, in_order
from .hands import picks_up
from .legs import jumps, kick_m
from .posture import sits_down, stands_up
from .travel import runs, turned, walks


def strolls(body: Body) -> bool:
    """Goes a little way ahead."""
    return walks(body) or body.went_ahead_m > 0.25


def waves_either(body: Body) -> bool:
    """Waves with one hand."""
    return any(waves(body, side) for side in SIDES)


def kicks_either(body: Body) -> bool:
    """Kicks with one leg."""
    return max(kick_m(body, side) for side in SIDES) > 0.45


def punches_either(body: Body) -> bool:
    """Punches with one fist."""
    return max(punch_speed(body, side) for side in SIDES) > 1.2


CHECKS = (
    Check(
        "walk, then sit down",
        in_order(strolls, sits_down),
        ("walk_forward > sit_down",),
        said=r"^(?!.*(high stool|stepstool))",
    ),
    Check("wave, then sit down", in_order(waves_either, sits_down), ("wave_left > sit_down", "wave_right > sit_down")),
    Check("sit down, then stand up", in_order(sits_down, stands_up), ("sit_down > stand_up",)),
    *both_sides(
        "walk, then turn {}",
        lambda body, side: in_order(strolls, lambda end: 35 < turned(end, side) < 300)(body),
        ("walk_forward > turn_{}", "walk_slowly > turn_{}", "walk_quickly > turn_{}", "walk_happy > turn_{}"),
    ),
    *both_sides(
        "turn {}, then walk",
        lambda body, side: in_order(lambda begin: 35 < turned(begin, side) < 300, strolls)(body),
        ("turn_{} > walk_forward", "turn_{} > start_walking"),
    ),
    Check("walk, then run", in_order(strolls, runs), ("walk_forward > run_forward",)),
    Check(
        "run, then stop",
        in_order(runs, lambda end: end.pace[-6:].mean() < 0.4),
        ("run_forward > stand_still",),
    ),
    Check("walk, then pick up", in_order(strolls, picks_up), ("walk_forward > pick_up",)),
    Check("jump, then wave", in_order(jumps, waves_either), ("jump_up > wave_right", "jump_up > wave_left")),
    Check("punch, then kick", in_order(punches_either, kicks_either), ("punch > kick",)),
)
