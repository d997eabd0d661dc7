"""Each check passes motion that does what it says and fails motion that does not; sides are sides."""

import numpy as np
import pytest

from tests.training.prompt_suite import made
from training.prompt_suite import checks, prompts
from training.prompt_suite.body import SIDES, Body
from training.prompt_suite.checks.check import Check, both_sides, in_order

MADE = {
    "walk": made.walking(),
    "slow walk": made.walking(0.6),
    "walk back": made.walking(-0.8),
    "stand": made.standing(),
    "left turn": made.turning(90.0),
    "right turn": made.turning(-90.0),
    "half turn": made.turning(180.0),
    "whole turn": made.turning(360.0, 4.0),
    "jump": made.jumping(),
    "leap": made.jumping(ahead_m=0.8),
    "three jumps": made.jumping(times=3),
    "left wave": made.waving("left"),
    "right wave": made.waving("right"),
    "left raised": made.raising("left"),
    "right raised": made.raising("right"),
    "both raised": made.raising("left", "right"),
    "left kick": made.kicking("left"),
    "right kick": made.kicking("right"),
    "sit": made.sitting_down(),
}
EXPECTED = {
    "walk forward": {"walk", "slow walk"},
    "walk slowly": {"slow walk"},
    "walk backward": {"walk back"},
    "turn left": {"left turn", "half turn"},
    "turn right": {"right turn"},
    "turn around": {"half turn"},
    "spin": {"whole turn"},
    "jump up": {"jump", "three jumps"},
    "jump forward": {"leap"},
    "jump three times": {"three jumps"},
    "wave with the left hand": {"left wave"},
    "wave with the right hand": {"right wave"},
    "raise the left arm": {"left raised", "left wave"},
    "raise the right arm": {"right raised", "right wave"},
    "raise both arms": {"both raised"},
    "kick with the left leg": {"left kick"},
    "kick with the right leg": {"right kick"},
    "sit down": {"sit"},
    "stand still": {"stand"},
}


@pytest.mark.parametrize("concept", EXPECTED)
def test_a_check_passes_its_own_motion_and_no_other(concept):
    check = checks.ALL[concept]
    assert {name for name, joints in MADE.items() if check.passes(made.body(joints))} == EXPECTED[concept]


def test_the_mirror_image_passes_the_other_sides_check():
    sided = [name for name in checks.ALL if " left" in name]
    assert len(sided) >= 10
    for name in sided:
        left, right = checks.ALL[name], checks.ALL[name.replace("left", "right")]
        for motion in ("left wave", "left turn", "left kick", "left raised", "walk"):
            body = made.body(MADE[motion])
            assert left.passes(body) == right.passes(body.mirrored())


@pytest.mark.parametrize("name", ["stand", "whole turn", "three jumps", "sit"])
def test_all_checks_answer_any_motion(name):
    body = made.body(MADE[name])
    for check in checks.ALL.values():
        assert check.passes(body) in (True, False)
        check.passes(body.part(0, 4))


def test_where_a_motion_stands_and_faces_does_not_matter():
    angles = np.full(len(MADE["left wave"]), 2.0)
    for name in ("left wave", "walk", "sit", "three jumps"):
        joints = MADE[name]
        elsewhere = made.turned(joints, angles[:1].repeat(len(joints))) + np.array([3.0, 0.0, -5.0])
        for concept, expected in EXPECTED.items():
            assert bool(checks.ALL[concept].passes(made.body(elsewhere))) == (name in expected)


def test_one_after_the_other_in_that_order():
    wave_then_walk = np.concatenate([made.waving("left", 2.0), made.walking(1.2, 2.0)])
    passes = in_order(checks.ALL["wave with the left hand"].passes, checks.ALL["walk forward"].passes)
    assert passes(made.body(wave_then_walk))
    walk_then_wave = np.concatenate([made.walking(1.2, 2.0), made.waving("left", 2.0) + np.array([0.0, 0.0, 2.4])])
    assert not passes(made.body(walk_then_wave))


def test_a_concept_of_both_sides_is_two_checks():
    left, right = both_sides("lift the {} knee", lambda body, side: side == "left", ("knee_{}",))
    body = made.body(MADE["stand"])
    assert (left.concept, right.concept) == ("lift the left knee", "lift the right knee")
    assert (left.labels, right.labels) == (("knee_left",), ("knee_right",))
    assert left.passes(body) and not right.passes(body)
    assert left.sided and right.sided and not Check("walk", lambda body: True).sided


def test_a_check_may_ask_for_words_in_the_captions():
    check = Check("hop thrice", lambda body: True, ("hop",), said=r"three times")
    assert check.fits(["hops", "a man hops Three times"]) and not check.fits(["hops"])
    assert not Check("golf", lambda body: True, ("golf",), said=r"^(?!.*putt)").fits(["plays golf", "a putt"])


def test_every_prompt_has_a_check_and_four_wordings():
    found = prompts.read(prompts.BUNDLED)
    assert len(found) >= 72
    assert {concept.name for concept in found} == set(checks.ALL)
    wordings = [words for concept in found for words in concept.wordings]
    assert len(set(wordings)) == len(wordings) == 4 * len(found)


def test_a_named_side_is_asked_for_in_mirrored_words():
    found = {concept.name: concept for concept in prompts.read(prompts.BUNDLED)}
    for name, concept in found.items():
        if " left" not in name:
            continue
        twin = found[name.replace("left", "right")]
        for words in concept.wordings:
            assert "left" in words.lower() or "southpaw" in words.lower(), words
        for words in twin.wordings:
            assert "right" in words.lower(), words


def test_feet_that_stand_at_different_heights_are_on_the_ground():
    joints = made.standing()
    joints[:, [8, 11], 1] += 0.06
    body = made.body(joints)
    assert not any(body.lifted(side).any() for side in SIDES)
    joints[:, [8, 11], 1] += 0.3
    lifted = made.body(joints)
    assert lifted.lifted("right").all() and not lifted.lifted("left").any()


def test_a_body_says_where_it_went():
    body = Body(made.walking(1.0, 3.0))
    assert body.went_ahead_m == pytest.approx(2.95, abs=0.2)
    assert abs(body.went_left_m) < 0.02
    assert Body(made.turning(90.0)).yaw[-1] == pytest.approx(90.0, abs=4.0)
