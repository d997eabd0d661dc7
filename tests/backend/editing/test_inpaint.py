"""A range filled anew on random weights: what must hold whatever the network has learned."""

import itertools

import numpy as np
import pytest

from backend.editing.inpaint import inpaint_range
from backend.generators.windows import MAX_TOKENS, windows
from common.motion.seam import seam_jump
from common.motion.skeleton import forward_kinematics

from .conftest import edit, silent


def fill(pipeline, clip, start, end, **options):
    return inpaint_range(pipeline, edit(clip, start, end, **options), silent)


RANGES = [(40, 80), (41, 79), (0, 50), (70, 121), (60, 62), (1, 120)]


@pytest.mark.parametrize(("start", "end"), RANGES)
def test_frames_outside_keep_their_bits(pipeline, clip, start, end):
    edited = fill(pipeline, clip, start, end)
    outside = np.r_[0:start, end : clip.frames]
    for name in ("rotations", "root", "positions", "contacts"):
        np.testing.assert_allclose(getattr(edited, name)[outside], getattr(clip, name)[outside], atol=1e-6)
    assert np.array_equal(edited.rotations[outside], clip.rotations[outside])
    assert np.array_equal(edited.root[outside], clip.root[outside])
    assert not np.array_equal(edited.rotations[start:end], clip.rotations[start:end])
    np.testing.assert_allclose(forward_kinematics(edited.rotations, edited.root), edited.positions, atol=1e-5)


def test_what_comes_after_may_follow_rigidly(pipeline, clip):
    edited = fill(pipeline, clip, 40, 80, arrive=False)
    assert np.array_equal(edited.rotations[:40], clip.rotations[:40])
    np.testing.assert_array_equal(edited.rotations[80:, 1:], clip.rotations[80:, 1:])
    spread = [np.linalg.norm(p[80:, 0] - p[80:81, 0], axis=-1) for p in (edited.positions, clip.positions)]
    np.testing.assert_allclose(*spread, atol=1e-4)


def test_the_same_seed_gives_the_same_bytes_and_words_matter(pipeline, clip):
    first, again = (fill(pipeline, clip, 40, 80) for _ in range(2))
    assert first.rotations.tobytes() == again.rotations.tobytes()
    assert not np.array_equal(first.rotations, fill(pipeline, clip, 40, 80, seed=2).rotations)
    assert not np.array_equal(first.rotations, fill(pipeline, clip, 40, 80, prompt="a person sits").rotations)


def test_borders_meet(pipeline, clip):
    edited = fill(pipeline, clip, 40, 80)
    assert (
        max(*seam_jump(edited.positions, 40), *seam_jump(edited.positions, 80)) < 2.5
    )  # random weights jerk everywhere


@pytest.mark.parametrize(
    ("known", "first", "last"),
    [("1" * 20 + "0" * 10 + "1" * 20, 1, 50), ("1" * 60 + "0" * 10 + "1" * 60, 41, 90), ("0" * 30, 0, 30)],
)
def test_one_window_holds_a_short_range_in_its_middle(known, first, last):
    (window,) = windows([flag == "1" for flag in known])
    assert (window.start, window.stop) == (first, min(last, len(known)))


def test_long_ranges_take_windows_that_overlap_and_reach_what_follows():
    known = [True] * 5 + [False] * 115 + [True] * 10
    found = windows(known)
    assert found[0].start == 0
    assert found[-1].stop >= 124
    for before, after in itertools.pairwise(found):
        assert after.start < before.stop
    assert all(window.stop - window.start <= MAX_TOKENS for window in found)
    assert windows([True] * 9) == []
