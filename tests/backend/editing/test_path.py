"""The root goes where the curve goes; curves are read by their length."""

import numpy as np
import pytest

from backend.drafts.drafting import BLIND_EFFORT
from backend.editing.curve import curve, smoothed
from backend.editing.path import _walk, along, path
from backend.editing.pose import pose_of, with_pose
from common.errors import InputError
from common.wire.requests import Path

from .conftest import silent

CIRCLE = [(2 - 2 * np.cos(a), 2 * np.sin(a)) for a in np.linspace(0, np.pi, 60)]


def walking(clip, speed=0.06):
    """The clip on a straight way along x with a sway of two centimetres."""
    rotations, root = pose_of(clip)
    frames = np.arange(clip.frames)
    root = np.stack([speed * frames, root[:, 1], 0.02 * np.sin(frames)], axis=-1)
    return with_pose(clip, (rotations, root), clip.contacts)


def test_a_curve_is_as_long_as_it_is_and_goes_straight_on():
    half = curve(CIRCLE)
    assert half.length == pytest.approx(2 * np.pi, rel=5e-3)
    np.testing.assert_allclose(half.at([0.0, half.length]), [CIRCLE[0], CIRCLE[-1]], atol=1e-3)
    np.testing.assert_allclose(
        np.linalg.norm(half.at(np.linspace(0, half.length, 30)) - (2, 0), axis=-1), 2.0, atol=0.01
    )
    np.testing.assert_allclose(half.at(-1.0), (0.0, -1.0), atol=0.05)
    assert half.distance(np.array([[2.0, 2.5]]))[0] == pytest.approx(0.5, abs=0.01)


def test_corners_are_cut_by_less_than_the_allowance():
    corner = curve([(0, 0), (0, 3), (3, 3)])
    assert corner.distance(corner.points).max() < 0.035


def test_smoothing_keeps_straight_lines_and_ends():
    line = np.stack([np.arange(50.0), 3 * np.arange(50.0)], axis=-1)
    np.testing.assert_allclose(smoothed(line, 8.0), line, atol=1e-9)
    rough = np.random.default_rng(0).normal(size=(50, 2))
    np.testing.assert_allclose(smoothed(rough, 5.0)[[0, -1]], rough[[0, -1]])


def test_a_clip_is_bent_on_to_the_curve_and_cut_where_it_ends(clip):
    bent = along(walking(clip), CIRCLE)
    facts = bent.meta["settings"]["edits"][-1]
    assert bent.frames == pytest.approx(2 * np.pi / 0.06, abs=8)
    assert facts["covered_m"] == pytest.approx(facts["curve_m"], abs=0.1)
    assert facts["deviation_cm"] == pytest.approx(100 * curve(CIRCLE).distance(bent.root[:, ::2]).max(), rel=1e-4)
    slow = along(walking(clip, 0.03), CIRCLE)
    assert slow.frames == clip.frames
    assert slow.meta["settings"]["edits"][-1]["covered_m"] == pytest.approx(0.03 * (clip.frames - 1), rel=0.05)


@pytest.mark.parametrize(
    "points",
    [
        [(0, 0), (0, 1.5), (1.5, 1.5)],
        [(0, 0), (1, 1), (0, 2), (1, 3)],
        [(0, 0), (2, 0.3), (0, 0.6), (2, 0.9)],
        [(0, 0), (0, 1.5), (0.05, 0)],
        [(0, 0), (0, 0), (0, 2), (0, 2)],
    ],
)
def test_corners_keep_to_the_curve_as_drawn(clip, points):
    for speed in (0.02, 0.06, 0.12):
        bent = along(walking(clip, speed), points)
        assert 100 * curve(points).distance(bent.root[:, ::2]).max() <= 5.0


def test_a_path_takes_the_seconds_asked_for(pipeline, clip):
    made = path(pipeline, Path("a person walks", ((0, 0), (0, 3)), 3.0, walking(clip)), silent)
    assert made.seconds == pytest.approx(3.0, abs=0.06)


def test_a_body_that_stays_follows_no_curve(clip):
    with pytest.raises(InputError, match="stays where it is"):
        along(walking(clip, 0.0), CIRCLE)


@pytest.mark.parametrize(("seconds", "drafts"), [(2.0, BLIND_EFFORT), (11.0, 1)])
def test_a_path_from_words_is_the_best_of_drafts_where_one_window_holds_it(pipeline, seconds, drafts):
    made = _walk(pipeline, Path("a person walks", ((0, 0), (0, 3))), seconds, silent)
    assert made.seconds == pytest.approx(seconds)
    assert len(made.meta["verdict"]["drafts"]) == drafts
