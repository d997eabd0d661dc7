"""Everyday actions, one row each: how one is called, which part of the body does it, and what must be true of a clip of it.

A row speaks of the right side; its mirror image is the same row read with the sides swapped. A requirement is met half-way
between `bad` and `good`. The figures come from motion capture: at least nine of ten labelled takes of an action meet
its row, and `good` lies where most of them are, so that of two drafts the clearer one wins.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np

from .facts import Facts

Of = Literal["side", "other", "both", "either"]
LEFT, RIGHT = 0, 1


@dataclasses.dataclass(frozen=True)
class Test:
    """A fact against a ramp: 0 at `bad`, 1 at `good`, which may be the smaller one. of: whose, for a fact of each side."""

    fact: str
    bad: float
    good: float
    of: Of = "side"

    def value(self, facts: Facts, side: int) -> float:
        """0..1."""
        found = np.asarray(facts.fact(self.fact), float)
        ramp = ((found - self.bad) / (self.good - self.bad)).clip(0.0, 1.0)
        if ramp.ndim == 0:
            return float(ramp)
        match self.of:
            case "both":
                return float(ramp.min())
            case "either":
                return float(ramp.max())
            case "other":
                return float(ramp[1 - side])
        return float(ramp[side])


@dataclasses.dataclass(frozen=True)
class Requirement:
    """Something that must be true; the best of `tests` counts. what: its name after "no", with {side} for the side's name."""

    what: str
    tests: tuple[Test, ...]

    def value(self, facts: Facts, side: int = RIGHT) -> float:
        """0..1, met from a half on."""
        return max(test.value(facts, side) for test in self.tests)


Carried = Literal["all", "arms", "way", "head"]
"""What of the body an action needs: all of it, the arms alone, legs and the way over the ground, or the head."""


@dataclasses.dataclass(frozen=True)
class Concept:
    """An action. name: as people say it, with {side}; sided: its mirror image is another action, or it has a better side.

    once: after it has been done the body stays as it is; all others go on for as long as the clip lasts.
    """

    id: str
    name: str
    carried: Carried
    requirements: tuple[Requirement, ...]
    sided: bool = False
    once: bool = False

    def value(self, facts: Facts, side: int = RIGHT) -> float:
        """0..1: the weakest requirement counts most, the others decide between drafts that share it."""
        values = [one.value(facts, side) for one in self.requirements]
        return 0.6 * min(values) + 0.4 * float(np.prod(values)) ** (1.0 / len(values)) if values else 0.5


def need(what: str, *tests: tuple) -> Requirement:
    """A requirement from rows of `Test`."""
    return Requirement(what, tuple(Test(*test) for test in tests))


# Requirements that many rows share.
WALKS = need("walking", ("path_m", 0.3, 1.1))
AHEAD = need("way to the front", ("ahead_share", 0.45, 0.85))
NO_RUN = need("walking pace", ("speed_ms", 2.3, 1.6))
STRAIGHT = need("straight way", ("any_turn_deg", 90, 20))
STAYS = need("staying in place", ("reach_m", 1.4, 0.5))
STAYS_ABOUT = need("staying in place", ("reach_m", 1.6, 0.4))
UP = need("standing", ("height", 0.92, 1.12))
STOOPS = need("bending down", ("bow_deg", 25, 50), ("lowest", 0.85, 0.65))
FREE_ARMS = need("moving hands", ("hand_busy_ms", 0.08, 0.3, "either"))
SEATED = need("sitting", ("seated", 0.15, 0.6), ("share_squatting", 0.4, 0.9))


def _walk(*more: Requirement) -> tuple[Requirement, ...]:
    return WALKS, AHEAD, NO_RUN, *more


_ROWS: tuple[Concept, ...] = (
    # ------------------------------------------------------------ ways over the ground
    Concept("walk_forward", "walking forward", "way", _walk(STRAIGHT, UP)),
    Concept("walk_slowly", "walking slowly", "way", (need("walking", ("path_m", 0.2, 0.7)), AHEAD, need("slow pace", ("speed_ms", 1.25, 0.6)))),
    Concept("walk_quickly", "walking quickly", "way", (WALKS, AHEAD, need("quick pace", ("speed_ms", 1.12, 1.53)), need("walking pace", ("speed_ms", 2.19, 1.53)))),
    Concept("walk_backward", "walking backwards", "way", (need("way backwards", ("back_m", 0.2, 0.7)), need("way backwards", ("back_share", 0.51, 0.84)))),
    Concept("walk_on_the_spot", "walking on the spot", "way", (need("steps", ("cadence_hz", 0.4, 1.2), ("high_knees", 0, 2, "both")), STAYS)),
    Concept("march", "marching", "way", (need("steps", ("cadence_hz", 0.1, 2.1)), need("lifted knees", ("knee_up", -1.3, -0.03, "both")))),
    Concept("run_forward", "running", "way", (need("running pace", ("top_ms", 1.69, 3.41)), need("running most of the time", ("mean_ms", 0.9, 2.4)), need("running", ("path_m", 0.8, 2.0)), AHEAD, need("running step", ("flight", 0.0, 0.08), ("top_ms", 2.2, 3.2)))),
    Concept("run_on_the_spot", "running on the spot", "way", (need("running steps", ("cadence_hz", 1.2, 2.6)), STAYS, need("running step", ("flight", 0.0, 0.1), ("lift_m", 0.08, 0.2, "both")))),
    Concept("sneak", "sneaking", "way", (need("walking", ("path_m", 0.2, 0.8)), need("slow pace", ("speed_ms", 1.17, 0.69)), need("stooping or tiptoe", ("height", 1.02, 0.93), ("tiptoe", 0.1, 0.4), ("bow_deg", 12, 25), ("knee_up", -0.85, -0.6, "both")), need("walking height", ("height", 0.85, 1.0)))),
    Concept("limp", "limping", "way", (need("walking", ("path_m", 0.2, 0.8)), need("slow pace", ("speed_ms", 1.18, 0.56)), need("limp", ("stance_uneven", 0.02, 0.1), ("lift_uneven_m", 0.02, 0.06)))),
    Concept("stagger", "staggering", "way", (need("walking", ("path_m", 0.3, 0.9)), need("staggering", ("sway_deg", 2.0, 4.5), ("straightness", 0.9, 0.65), ("lean_swings", 1, 4)))),
    Concept("walk_old", "walking like an old person", "way", (need("walking", ("path_m", 0.2, 0.7)), need("slow pace", ("speed_ms", 0.85, 0.36)), need("stooping", ("pitch_deg", 2, 15), ("speed_ms", 0.8, 0.5)))),
    Concept("walk_happy", "walking happily", "way", (WALKS, need("way to the front", ("ahead_share", 0.54, 0.82)), need("bouncing", ("bounce_hz", 0.2, 1.4), ("arm_swing_m", 0.15, 0.45)))),
    Concept("walk_sad", "walking sadly", "way", (need("walking", ("path_m", 0.2, 0.8)), need("slow pace", ("speed_ms", 1.05, 0.67)), need("hanging head", ("head_down_deg", 29.0, 43.0)))),
    Concept("walk_angry", "stomping", "way", (WALKS, need("steps", ("cadence_hz", 0.6, 1.3)))),
    Concept("walk_zombie", "walking like a zombie", "way", (need("walking", ("path_m", 0.2, 0.7)), need("slow pace", ("speed_ms", 1.1, 0.68)), need("arms stretched to the front", ("hand_ahead", 0.2, 0.7, "either")))),
    Concept("walk_swinging_arms", "walking with swinging arms", "way", (WALKS, need("arm swing", ("arm_swing_m", 0.3, 0.6)))),
    Concept("walk_carrying", "walking with a load", "way", (need("walking", ("path_m", 0.3, 0.9)), need("slow pace", ("speed_ms", 1.63, 0.75)), need("carrying arms", ("elbow_deg", 30, 60, "both"), ("hand_mid", -0.85, -0.6, "both"), ("hand_ahead", 0.3, 0.8, "both")))),
    Concept("side_step_right", "stepping to the {side}", "way", (need("way to the {side}", ("aside_m", 0.12, 0.5)), need("way to the {side}", ("aside_share", 0.2, 0.64)), need("keeping the direction", ("any_turn_deg", 80.0, 21.0))), sided=True),
    Concept("walk_curve_right", "walking in a curve to the {side}", "way", (WALKS, need("curve to the {side}", ("turn_deg", 0.04, 100.0)), need("curve to the {side}", ("turn_surplus_deg", -19.0, 96.0)), need("a curve, not a circle", ("any_turn_deg", 320, 200))), sided=True),
    Concept("walk_circle", "walking in a circle", "way", (WALKS, need("circle", ("any_turn_deg", 190.0, 300.0))), sided=True),
    Concept("walk_zigzag", "walking in a zigzag", "way", (WALKS, need("zigzag", ("heading_swings", 0.8, 2.5), ("both_turns_deg", 20, 50)))),
    Concept("walk_and_back", "walking there and back", "way", (WALKS, need("way back", ("return_share", -0.16, 0.81)), need("turn", ("any_turn_deg", 70, 140), ("back_m", 0.2, 0.6))), once=True),
    Concept("turn_right", "turning to the {side}", "way", (need("turn to the {side}", ("turn_deg", -7.46, 120.0)), need("turn to the {side}", ("turn_surplus_deg", -5.48, 120.0)), STAYS_ABOUT, need("a turn, not a spin", ("turn_deg", 320, 200))), sided=True, once=True),
    Concept("turn_around", "turning round", "way", (need("turn", ("any_turn_deg", 80, 150)), STAYS_ABOUT, need("a turn, not a spin", ("any_turn_deg", 340, 240))), sided=True, once=True),
    Concept("spin", "spinning", "way", (need("whole turn", ("any_turn_deg", 250.0, 380.0)), need("staying in place", ("reach_m", 3.19, 0.68))), sided=True, once=True),
    Concept("start_walking", "starting to walk", "way", (need("standing first", ("first_ms", 0.35, 0.03)), WALKS, need("walking at the end", ("last_ms", 0.3, 0.7), ("top_ms", 0.6, 1.0))), once=True),
    Concept("stop_walking", "stopping", "way", (need("walking first", ("top_ms", 0.34, 1.18)), need("stop", ("last_ms", 0.31, 0.04)), need("walking", ("path_m", 0.2, 0.8))), once=True),
    Concept("step_over", "stepping over something", "way", (need("high step", ("lift_m", 0.12, 0.28, "either"), ("knee_up", -0.7, -0.3, "either")), need("walking", ("path_m", 0.3, 0.9))), once=True),
    Concept("upstairs", "going upstairs", "way", (need("way up", ("climb_m", 0.03, 0.25), ("ground_up_m", 0.04, 0.18)), need("steps", ("path_m", 0.2, 0.6))), once=True),
    Concept("downstairs", "going downstairs", "way", (need("way down", ("climb_m", -0.03, -0.25), ("ground_down_m", 0.04, 0.18)), need("steps", ("path_m", 0.2, 0.6))), once=True),
    Concept("climb", "climbing", "all", (need("climbing hands", ("hand_top", -0.45, 0.2, "either")), need("climbing legs", ("knee_up", -0.7, -0.3, "either"), ("climb_m", 0.1, 0.4)), need("way up", ("climb_m", 0.1, 0.45), ("ground_up_m", 0.12, 0.4))), once=True),
    Concept("balance_walk", "balancing along a line", "way", (need("slow steps", ("path_m", 0.2, 0.7)), need("slow pace", ("speed_ms", 0.8, 0.5)), need("balancing arms", ("hand_aside", 0.1, 0.5, "both"), ("gap_m", 0.7, 1.2)))),
    Concept("skip", "skipping", "way", (need("skips", ("flight", -0.04, 0.54)), WALKS, need("bounces", ("bounce_hz", 0.25, 2.95)), need("lifted feet", ("lift_m", 0.1, 0.3, "both")))),
    Concept("animal", "imitating an animal", "all", (need("movement", ("activity_ms", -0.02, 0.19)),)),
    # ------------------------------------------------------------ jumps
    Concept("hop_one_leg", "hopping on one leg", "way", (need("hops", ("jumps_a_second", 0.33, 0.66)), need("hops on one leg", ("hops", 0.5, 4)), need("other foot held up", ("foot_held_s", 0.6, 2.2, "other"))), sided=True),
    Concept("hop_both", "hopping on both feet", "way", (need("hops", ("jumps_a_second", 0.2, 0.7)), need("hops", ("jump_m", 0.04, 0.12)))),
    Concept("jump_up", "a jump", "all", (need("jump", ("jump_m", 0.01, 0.58)), need("staying in place", ("reach_m", 1.09, 0.26))), once=True),
    Concept("jump_forward", "a jump forward", "way", (need("jump", ("jump_m", 0.08, 0.47)), need("way to the front", ("jump_ahead_m", -0.2, 0.6))), once=True),
    Concept("jump_turn", "a jump with a turn", "all", (need("jump", ("jump_m", 0.2, 0.54)), need("turn in the air", ("jump_turn_deg", -63.0, 200.0))), once=True),
    Concept("jump_down", "a jump down", "all", (need("way down", ("ground_down_m", 0.05, 0.16), ("climb_m", -0.05, -0.2), ("sinks", 0.12, 0.35)), need("jump", ("jump_m", 0.02, 0.1), ("sinks_per_s", 0.5, 1.2))), once=True),
    Concept("run_and_jump", "running and jumping", "way", (need("running", ("top_ms", 1.63, 2.64)), need("jump", ("jump_m", 0.19, 0.39))), once=True),
    Concept("jumping_jacks", "jumping jacks", "all", (need("raised arms", ("hands_up", 0.28, 0.71)), need("straddled legs", ("straddle", 0.65, 0.84)), need("repetitions", ("flaps", 3.2, 6.0)), need("staying in place", ("reach_m", 0.86, 0.1)))),
    # ------------------------------------------------------------ standing, sitting, lying
    Concept("stand_still", "standing still", "all", (need("standing still", ("activity_ms", 0.19, 0.02)), need("staying in place", ("reach_m", 0.47, 0.05)), UP, need("quiet hands", ("hand_busy_ms", 0.35, 0.1, "both")))),
    Concept("stand_idle", "standing around", "all", (STAYS, UP, need("calm", ("activity_ms", 0.38, 0.12)))),
    Concept("balance_one_leg", "standing on one leg", "all", (need("raised foot", ("foot_held_s", 0.6, 1.6, "either")), need("staying in place", ("reach_m", 0.86, 0.11))), sided=True),
    Concept("sit_down", "sitting down", "all", (need("sitting", ("last_height", 1.0, 0.86)), need("way down", ("sinks", 0.1, 0.28)), need("seat", ("seated", 0.04, 0.2), ("ends_squatting", 0.2, 0.8))), once=True),
    Concept("stand_up", "standing up", "all", (need("standing at the end", ("last_height", 0.9, 1.02)), need("way up", ("rises", 0.12, 0.32))), once=True),
    Concept("sit_still", "sitting", "all", (SEATED, need("sitting", ("height", 1.05, 0.81)), need("calm", ("activity_ms", 0.41, 0.04)))),
    Concept("sit_floor", "sitting down on the ground", "all", (need("sitting on the ground", ("last_height", 0.6, 0.35)), need("upright trunk", ("tilt_deg", 65, 45)), need("way down", ("sinks", 0.3, 0.6), ("height", 0.5, 0.3))), once=True),
    Concept("get_up", "getting up from the ground", "all", (need("standing at the end", ("last_height", 0.89, 1.14)), need("way up from the ground", ("rises", 0.06, 0.79))), once=True),
    Concept("lie_down", "lying down", "all", (need("lying", ("ends_lying", 0.2, 0.8), ("share_lying", 0.15, 0.5)), need("way down", ("last_height", 0.75, 0.45))), once=True),
    Concept("lie_still", "lying", "all", (need("lying", ("share_lying", 0.2, 0.7), ("height", 0.4, 0.2)), need("low body", ("height", 0.5, 0.3)))),
    Concept("roll_floor", "rolling on the ground", "all", (need("lying", ("share_lying", 0.1, 0.4), ("lowest", 0.4, 0.2)), need("rolling", ("activity_ms", 0.3, 0.7)))),
    Concept("fall_down", "falling", "all", (need("fall", ("lowest", 0.7, 0.4)), need("way down", ("sinks", 0.25, 0.55))), once=True),
    Concept("trip", "stumbling", "way", (need("stumbling", ("bow_deg", 12, 30), ("dips", 2, 5), ("sway_deg", 3, 6)), need("walking", ("path_m", 0.3, 0.9))), once=True),
    Concept("kneel", "kneeling", "all", (need("kneeling", ("share_kneeling", 0.03, 0.25), ("share_fours", 0.05, 0.3)), need("low body", ("lowest", 0.85, 0.65))), once=True),
    Concept("squat", "squatting", "all", (need("squat", ("lowest", 1.08, 0.52)), need("way up and down", ("sinks", 0.05, 0.65)), need("upright trunk", ("tilt_deg", 49.0, 19.0)))),
    Concept("crouch_still", "crouching", "all", (need("crouching", ("height", 1.0, 0.8)), need("bent knees", ("share_squatting", 0.1, 0.6), ("share_kneeling", 0.1, 0.5), ("height", 0.8, 0.6)))),
    Concept("lunge", "a lunge", "all", (need("wide step", ("stride", 0.5, 0.85), ("straddle", 0.6, 0.9)), need("low body", ("lowest", 0.85, 0.66)))),
    Concept("push_ups", "push-ups", "all", (need("lying on the hands", ("share_plank", 0.1, 0.5), ("share_fours", 0.15, 0.6), ("share_lying", 0.2, 0.6)), need("low body", ("height", 0.75, 0.5)))),
    Concept("sit_ups", "sit-ups", "all", (need("sitting up and lying back", ("pitch_swings", 1, 3)), need("low body", ("height", 0.6, 0.35)))),
    Concept("stretch", "stretching", "all", (need("stretching", ("hand_top", -0.3, 0.35, "either"), ("bow_deg", 25, 50), ("lean_deg", 8, 18, "either"), ("arms_aside", 0.05, 0.25), ("knee_up", -0.6, -0.2, "either"), ("stride", 0.5, 0.8)), STAYS_ABOUT)),
    Concept("bow", "a bow", "all", (need("bow", ("bow_deg", 15, 35)), need("standing legs", ("lowest", 0.78, 0.95)), STAYS_ABOUT), once=True),
    Concept("bend_forward", "bending forward", "all", (need("bending forward", ("bow_deg", -19.0, 89.0)), STAYS_ABOUT), once=True),
    Concept("lean_side", "leaning to the side", "all", (need("lean", ("lean_deg", 12.0, 34.0, "either")), STAYS_ABOUT), sided=True),
    Concept("handstand", "a handstand", "all", (need("handstand", ("share_upside_down", 0.01, 0.15), ("headlong", 0.0, 0.4)),), once=True),
    Concept("cartwheel", "a cartwheel", "all", (need("cartwheel", ("headlong", -0.3, 0.2), ("share_upside_down", 0.0, 0.05)),), once=True),
    Concept("flip", "a somersault", "all", (need("somersault", ("headlong", -0.45, 0.0), ("share_upside_down", 0.0, 0.04)),), once=True),
    Concept("crawl", "crawling", "all", (need("hands and knees", ("share_fours", 0.1, 0.5), ("share_plank", 0.15, 0.6), ("share_lying", 0.3, 0.8)), need("low body", ("height", 0.85, 0.6)))),
    # ------------------------------------------------------------ arms
    Concept("wave_right", "waving the {side} hand", "arms", (need("waving {side} hand", ("waves", -2.0, 6)), need("raised {side} hand", ("hand_top", -0.44, 0.42)), need("quiet other hand", ("hand_above", 0.35, 1.36))), sided=True),
    Concept("wave_both", "waving both arms", "arms", (need("waving hands", ("waves", 2.72, 6, "both")), need("raised hands", ("hands_up", -0.08, 0.71)))),
    Concept("wave", "waving", "arms", (need("waving hand", ("waves", -2.0, 6)), need("raised hand", ("hand_top", -0.36, 0.34)), need("one hand above the other", ("hand_above", 0.2, 1.0))), sided=True),
    Concept("raise_right", "raising the {side} arm", "arms", (need("raised {side} arm", ("hand_top", -0.1, 0.95)), need("raised {side} arm", ("hand_above", 0.58, 1.89))), sided=True, once=True),
    Concept("raise_both", "raising both arms", "arms", (need("raised arms", ("hands_up", 0.16, 0.89)),), once=True),
    Concept("lower_arms", "lowering the arms", "arms", (need("lowering arms", ("hand_fall", 0.58, 1.1, "either")), need("lowered arms", ("last_hand", -0.55, -0.96, "either"))), once=True),
    Concept("arms_out", "arms stretched sideways", "arms", (need("arms stretched sideways", ("arms_aside", 0.25, 0.61)),)),
    Concept("arm_circles", "circling arms", "arms", (need("circling arms", ("arm_turns", 0.5, 3, "either")), need("raised arms", ("hand_top", -0.53, 0.71, "either")))),
    Concept("flap", "flapping arms", "arms", (need("flapping arms", ("flaps", 0, 6)), need("raised arms", ("elbow_top", -0.65, -0.3, "both"), ("hands_up", -0.7, -0.2)))),
    Concept("clap", "clapping", "arms", (need("clapping", ("claps", -3.0, 5.0)), need("hands meeting", ("gap_min_m", 0.2, 0.1)))),
    Concept("cheer", "cheering", "arms", (need("raised arms", ("hand_top", -0.62, 0.72, "either")), need("moving hands", ("hand_busy_ms", 0.04, 0.85, "either")))),
    Concept("point_right", "pointing with the {side} hand", "arms", (need("stretched {side} arm", ("pointing", 0.05, 0.5), ("stretched", 0.05, 0.3)), need("raised {side} hand", ("hand_top", -1.03, 0.03)), need("raised {side} hand", ("hand_above", -0.18, 0.99))), sided=True),
    Concept("point", "pointing", "arms", (need("stretched arm", ("pointing", 0.05, 0.5), ("stretched", 0.05, 0.3)), need("raised hand", ("hand_top", -1.03, 0.03))), sided=True),
    Concept("beckon", "beckoning", "arms", (need("raised hand", ("hand_top", -0.36, 0.2)), need("beckoning hand", ("hand_swings", 4, 6))), sided=True),
    Concept("stop_sign", "a hand held out to stop", "arms", (need("hand held out", ("hand_ahead", 0.03, 0.25), ("hand_aside", 0.05, 0.3)), need("raised hand", ("hand_top", -0.34, 0.11)), need("hand held still", ("pointing", 0.3, 1.2))), sided=True),
    Concept("salute", "saluting", "arms", (need("hand at the forehead", ("to_head_m", 0.40, 0.27)), need("raised elbow", ("elbow_top", -0.42, 0.2)), need("quiet other hand", ("hand_above", 0.55, 1.37))), sided=True, once=True),
    Concept("shrug", "shrugging", "arms", (need("shrugging arms", ("elbow_deg", 20, 50, "both"), ("hand_lift", 0.1, 0.3, "both"), ("elbow_top", -0.85, -0.65, "both")), STAYS_ABOUT, need("low hands", ("hand_top", -0.1, -0.45, "both")), need("both arms alike", ("hand_above", 0.6, 0.2, "both"))), once=True),
    Concept("cross_arms", "folded arms", "arms", (need("folded arms", ("crossed", 0.1, 0.5), ("to_elbow_m", 0.25, 0.16, "both")),)),
    Concept("hands_on_hips", "hands on hips", "arms", (need("hands on hips", ("at_hip", 0.25, 0.75, "both")),)),
    Concept("hands_behind", "hands behind the back", "arms", (need("hands behind the back", ("behind_back", 0.3, 0.7)),)),
    Concept("hands_behind_head", "hands behind the head", "arms", (need("hands behind the head", ("behind_head", 0.03, 0.35)),)),
    Concept("cover_face", "covering the face", "arms", (need("hands at the face", ("to_mouth_m", 0.29, 0.1, "both")),)),
    Concept("scratch_head", "scratching", "arms", (need("hand at the head", ("to_head_m", 0.45, 0.29), ("to_shoulder_m", 0.4, 0.25), ("to_chest_m", 0.3, 0.2)), need("moving hand", ("hand_busy_ms", 0.23, 0.67))), sided=True),
    Concept("think", "a hand at the chin", "arms", (need("hand at the chin", ("to_mouth_m", 0.3, 0.1)),), sided=True),
    Concept("pray", "hands folded in prayer", "arms", (need("folded hands", ("together", 0.33, 0.7)), need("quiet hands", ("hand_busy_ms", 0.6, 0.2, "both")))),
    Concept("nod", "nodding", "head", (need("nodding", ("nods", 0.0, 3.5)), STAYS_ABOUT)),
    Concept("shake_head", "shaking the head", "head", (need("shaking head", ("head_shakes", 0, 5)), STAYS_ABOUT)),
    Concept("look_around", "looking around", "head", (need("looking around", ("look_range_deg", 23.0, 100.0)), need("turning the head, not the body", ("any_turn_deg", 200, 60)))),
    Concept("look_right", "looking to the {side}", "head", (need("look to the {side}", ("look_deg", 28.0, 63.0)), need("turning the head, not the body", ("any_turn_deg", 120, 40))), sided=True),
    Concept("look_up", "looking up", "head", (need("look up", ("head_back_deg", 17.0, 43.0)),)),
    Concept("look_behind", "looking back", "head", (need("look back", ("look_range_deg", 30.0, 110.0)), need("turning the head, not the body", ("any_turn_deg", 150, 60))), once=True),
    Concept("look_far", "shading the eyes", "arms", (need("hand at the forehead", ("to_head_m", 0.31, 0.14, "either"),),)),
    Concept("talk_gestures", "talking with gestures", "arms", (need("gestures", ("hand_top", -0.75, 0.34, "either")), FREE_ARMS)),
    Concept("argue", "arguing", "arms", (need("gestures", ("hand_top", -0.54, 0.11, "either")), need("lively hands", ("hand_busy_ms", 0.3, 0.8, "either")))),
    Concept("phone", "phoning", "arms", (need("hand at the ear", ("to_head_m", 0.3, 0.12)), need("hand at the ear", ("at_head_s", 0.2, 1.0), ("at_head", 0.05, 0.3)), need("bent elbow", ("elbow_deg", 60, 120))), sided=True),
    Concept("use_phone", "looking at a phone", "arms", (need("phone before the body", ("elbow_deg", 66.0, 98.0, "either")), need("raised hand", ("hand_top", -0.68, -0.29, "either")))),
    Concept("take_photo", "taking a photo", "arms", (need("camera before the face", ("hands_up", -0.27, 0.25)), need("hands together", ("gap_min_m", 0.4, 0.15)))),
    Concept("check_watch", "looking at a watch", "arms", (need("raised wrist", ("hand_top", -0.53, -0.07, "either")), need("bent elbow", ("elbow_deg", 30, 80, "either"), ("to_chest_m", 0.35, 0.2, "either"))), once=True),
    Concept("cough", "coughing", "arms", (need("hand at the mouth", ("to_mouth_m", 0.36, 0.2, "either"), ("bow_deg", 15, 30)),), once=True),
    Concept("yawn", "yawning", "arms", (need("hand at the mouth or stretching", ("to_mouth_m", 0.36, 0.2, "either"), ("hands_up", -0.2, 0.3)),), once=True),
    Concept("laugh", "laughing", "all", (need("shaking with laughter", ("activity_ms", -0.08, 0.36)), STAYS_ABOUT)),
    Concept("afraid", "being afraid", "all", (need("guarding arms or recoiling", ("hand_top", -0.7, -0.2, "either"), ("back_m", 0.1, 0.4), ("lowest", 0.95, 0.8)),)),
    Concept("shiver", "shivering", "arms", (need("arms at the body", ("to_shoulder_m", 0.45, 0.3, "either"), ("to_elbow_m", 0.3, 0.2, "either"), ("elbow_deg", 40, 80, "both")), STAYS_ABOUT)),
    Concept("drink", "drinking", "arms", (need("hand at the mouth", ("to_mouth_m", 0.3, 0.14)), need("raised hand", ("hand_top", -0.26, 0.28))), sided=True),
    Concept("eat", "eating", "arms", (need("hand at the mouth", ("to_mouth_m", 0.29, 0.08, "either")),)),
    Concept("wash", "wiping", "arms", (need("wiping hand", ("hand_swings", 4, 6, "either")), need("raised hand", ("hand_top", -0.9, -0.5, "either"), ("bow_deg", 20, 40)))),
    Concept("sweep", "sweeping", "arms", (need("sweeping hands", ("hand_swings", 4, 6, "both")), need("hands before the body", ("gap_m", 0.75, 0.45), ("bow_deg", 10, 30)))),
    Concept("stir", "stirring", "arms", (need("stirring hand", ("hand_swings", 2, 6, "either")), need("hand before the body", ("elbow_deg", 51.0, 74.0, "either")))),
    Concept("paint", "painting on a wall", "arms", (need("raised hand", ("hand_top", -0.23, 0.25, "either")), need("painting hand", ("hand_swings", 3, 5, "either")))),
    Concept("write", "writing", "arms", (need("hands before the body", ("elbow_deg", 35, 65, "either")), need("raised hand", ("hand_top", -0.95, -0.65, "either")))),
    Concept("open_door", "opening a door", "arms", (need("hand to the door", ("hand_top", -0.85, -0.45, "either")), need("hand to the door", ("hand_ahead", 0.02, 0.2, "either"))), once=True),
    Concept("knock", "knocking", "arms", (need("raised fist", ("hand_top", -0.28, 0.11, "either")), need("knocks", ("hand_swings", 0.4, 2.5, "either"), ("hand_busy_ms", 0.08, 0.25, "either")))),
    Concept("pick_up", "picking something up", "all", (need("hand to the ground", ("hand_low_m", 0.7, 0.26, "either")), STOOPS, need("way up", ("rises", 0.02, 0.15), ("pitch_swings", 0.5, 1.5))), once=True),
    Concept("pick_up_table", "taking something from a table", "arms", (need("reaching hand", ("hand_top", -0.95, -0.65, "either")), need("reaching hand", ("hand_ahead", 0.01, 0.15, "either"), ("bow_deg", 12, 30))), once=True),
    Concept("put_down", "putting something down", "all", (need("hand down", ("hand_low_m", 0.65, 0.4, "either"), ("bow_deg", 18, 40)), STOOPS), once=True),
    Concept("lift_heavy", "lifting something heavy", "all", (STOOPS, need("both hands", ("gap_min_m", 0.75, 0.5)), need("way up", ("rises", 0.03, 0.2), ("hand_lift", 0.3, 0.8, "both")), need("hands to the ground", ("hand_low_m", 0.8, 0.4, "both"))), once=True),
    Concept("reach_up", "reaching up", "arms", (need("hand up high", ("hand_top", 0.46, 0.91, "either")),), once=True),
    Concept("reach_out", "reaching forward", "arms", (need("hand to the front", ("hand_ahead", 0.17, 0.59, "either")),), once=True),
    Concept("push", "pushing", "arms", (need("pushing hands", ("arms_ahead", 0.03, 0.3), ("hand_ahead", 0.1, 0.5, "either")),)),
    Concept("pull", "pulling", "arms", (need("pulling hands", ("hand_busy_ms", 0.07, 0.53, "either")), need("raised hands", ("hand_top", -0.83, -0.16, "either")), need("arms before the body", ("hand_ahead", 0.02, 0.2, "either"), ("elbow_deg", 40, 70, "either")))),
    Concept("throw_right", "throwing with the {side} hand", "arms", (need("throw with the {side} hand", ("hand_top_ms", 1.2, 3.0)), need("raised {side} hand", ("hand_top", -0.32, 0.41)), need("{side} hand ahead of the other", ("hand_above", 0.26, 0.82)), need("swing of the {side} arm", ("hand_fall", 0.7, 1.4))), sided=True, once=True),
    Concept("throw", "throwing", "arms", (need("throw", ("hand_top_ms", 1.2, 3.0)), need("raised hand", ("hand_top", -0.32, 0.41)), need("swing of the arm", ("hand_fall", 0.7, 1.4))), sided=True, once=True),
    Concept("catch", "catching", "arms", (need("catching hands", ("hand_lift", 0.5, 0.88, "both")), need("hands before the body", ("gap_min_m", 0.35, 0.14))), once=True),
    Concept("punch_right", "punching with the {side} fist", "arms", (need("punch with the {side} fist", ("punches", 0.1, 1), ("hand_top_ms", 1.8, 3.4)), need("{side} fist to the front", ("hand_ahead", 0.09, 0.36))), sided=True),
    Concept("punch", "punching", "arms", (need("punch", ("punches", 0.1, 1), ("hand_top_ms", 1.8, 3.4)), need("fist to the front", ("hand_ahead", -0.3, 0.41))), sided=True),
    Concept("block", "blocking", "arms", (need("guarding arms", ("to_mouth_m", 0.5, 0.25, "both"), ("arms_ahead", 0.1, 0.5)),)),
    Concept("elbow_knee", "an elbow or knee strike", "all", (need("strike", ("knee_up", -0.5, -0.1, "either"), ("hand_top_ms", 1.5, 3.0, "either")),)),
    Concept("kick_right", "kicking with the {side} leg", "all", (need("kick with the {side} leg", ("kick_ms", 2.02, 4.08)), need("raised {side} foot", ("foot_above_m", -0.05, 1.05))), sided=True, once=True),
    Concept("kick", "kicking", "all", (need("kick", ("kick_ms", 2.18, 4.9)), need("raised foot", ("foot_above_m", -0.15, 1.08))), sided=True, once=True),
    Concept("kick_ball", "kicking a ball", "all", (need("kick", ("kick_ms", 2.01, 6.04, "either")), need("raised foot", ("foot_above_m", 0.21, 0.35, "either"))), once=True),
    Concept("karate", "martial arts", "all", (need("strikes", ("hand_top_ms", 1.3, 2.6, "either"), ("kick_ms", 1.0, 2.0, "either")), need("movement", ("activity_ms", 0.2, 0.35)))),
    Concept("sword", "swinging a sword", "arms", (need("swinging hand", ("hand_top_ms", 1.2, 2.6, "either")), need("raised hand", ("hand_top", -0.75, -0.2, "either")))),
    Concept("shoot", "aiming", "arms", (need("aiming arms", ("hands_up", -0.62, 0.0)), need("aiming arms", ("hand_ahead", 0.05, 0.3, "either"), ("hand_aside", 0.05, 0.3, "either")))),
    Concept("golf", "a golf swing", "arms", (need("hands together", ("gap_m", 0.31, 0.14)), need("swing", ("hand_top_ms", 1.0, 3.2, "either")), STAYS_ABOUT), once=True),
    Concept("bat", "a swing with a bat", "arms", (need("swing", ("hand_top_ms", 1.3, 3.0, "either")), need("twist", ("twist_range_deg", 12, 35), ("any_turn_deg", 20, 50))), once=True),
    Concept("dribble", "dribbling a ball", "arms", (need("dribbling hand", ("hand_swings", 4, 6, "either")), need("hand before the body", ("elbow_deg", 41.0, 68.0, "either")), need("low hands", ("hand_top", 0.25, -0.15, "both")))),
    Concept("shoot_ball", "a shot over the head", "arms", (need("hands over the head", ("hands_up", -0.2, 0.4), ("hand_top", 0.2, 0.7, "either")),), once=True),
    Concept("swim", "swimming", "all", (need("swimming arms", ("hand_swings", 4.0, 6, "both")), need("stretched arms", ("hand_top", -0.62, 0.33, "either")))),
    Concept("row", "rowing", "arms", (need("rowing arms", ("hand_swings", 4.0, 6.0, "both")), need("arms before the body", ("hand_top", -0.61, -0.26, "both")))),
    Concept("ride", "riding", "all", (need("seat or held reins", ("height", 0.95, 0.75), ("arms_ahead", 0.1, 0.5), ("straddle", 0.4, 0.7), ("elbow_deg", 40, 70, "both")),)),
    Concept("skate", "skating", "way", (need("gliding", ("path_m", 0.3, 1.0), ("straddle", 0.35, 0.6)), need("low body or swinging arms", ("height", 1.03, 0.95), ("hand_busy_ms", 0.25, 0.6, "either")))),
    Concept("guitar", "playing the guitar", "arms", (need("guitar arms", ("elbow_deg", 58.0, 70.0, "both")), need("moving hand", ("hand_busy_ms", 0.15, 0.36, "either")))),
    Concept("drum", "drumming", "arms", (need("drumming hands", ("hand_swings", 2, 6, "either")), need("hands before the body", ("elbow_deg", 35, 65, "both")))),
    Concept("dance", "dancing", "all", (need("movement", ("activity_ms", 0.08, 0.45)), need("moving hands", ("hand_busy_ms", -0.1, 0.89, "either")))),
    Concept("ballet", "ballet", "all", (need("ballet arms or leg", ("hand_top", -0.6, 0.0, "either"), ("foot_above_m", 0.2, 0.5, "either"), ("any_turn_deg", 150, 300)), need("movement", ("activity_ms", -0.04, 0.42)))),
    Concept("salsa", "dance steps", "all", (need("dance steps", ("cadence_hz", 0.5, 1.4), ("any_turn_deg", 90, 200)), need("movement", ("activity_ms", 0.18, 0.35)))),
    Concept("hiphop", "hip hop", "all", (need("movement", ("activity_ms", -0.09, 0.8)),)),
    Concept("twist", "twisting", "all", (need("twisting", ("twists", 1.5, 5), ("lean_swings", 1.5, 4), ("hand_swings", 2, 5, "both")), STAYS_ABOUT)),
    Concept("hug", "hugging", "arms", (need("embracing arms", ("arms_ahead", 0.05, 0.3), ("crossed", 0.05, 0.3)),), once=True),
    Concept("shake_hands", "shaking hands", "arms", (need("hand held out", ("hand_top", -0.95, -0.6)), need("hand held out", ("hand_ahead", 0.02, 0.2), ("elbow_deg", 40, 65))), sided=True, once=True),
    Concept("tie_shoe", "tying a shoe", "all", (need("hands at a foot", ("to_foot_m", 0.5, 0.3, "either")), STOOPS)),
    Concept("dress", "dressing", "arms", (need("hands at the body", ("to_head_m", 0.4, 0.28, "either"), ("to_chest_m", 0.35, 0.25, "either"), ("hand_busy_ms", 0.15, 0.4, "both")), STAYS_ABOUT)),
)  # fmt: skip

CONCEPTS: dict[str, Concept] = {row.id: row for row in _ROWS}
"""By id, as the lexicon spells it."""
