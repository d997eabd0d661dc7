"""Takes cut to measure."""

import numpy as np
import pytest

from backend.drafts import takes
from backend.motion.features import features_to_joints, joints_to_features
from tests.backend.drafts.figure import Figure


def features(figure):
    return joints_to_features(figure.joints())


@pytest.fixture(scope="module")
def walk():
    return features(Figure(3.0).going(3.0))


@pytest.mark.parametrize("frames", [10, 60, 61, 200])
@pytest.mark.parametrize("once", [True, False])
def test_a_take_fits_any_length(walk, frames, once):
    made = takes.fitted(walk, frames, once)
    assert made.shape == (frames, walk.shape[1])
    assert np.isfinite(made).all()
    np.testing.assert_array_equal(made[: min(frames, 20)], walk[: min(frames, 20)])


def test_what_goes_on_travels_on_and_what_is_done_once_rests(walk):
    on, once = (features_to_joints(takes.fitted(walk, 200, flag))[:, 0] for flag in (False, True))
    assert on[-1, 2] == pytest.approx(10.0, abs=1.0)
    assert once[-1, 2] == pytest.approx(3.0, abs=0.3)
    assert np.abs(np.diff(once[80:], axis=0)).max() < 1e-6


def test_the_cycle_of_a_repeated_gesture_is_one_of_its_periods():
    waving = Figure(6.0)
    waving.turned("right_shoulder", np.array([0.0, 0.0, 1.0]), -1.5 + 0.5 * np.sin(2 * np.pi * waving.share * 6))
    first, end = takes.cycle(features(waving))
    assert (end - first) % 20 in (0, 1, 2, 18, 19)


def test_one_take_after_another_has_no_jump(walk):
    raised = features(Figure(2.0).raised("left", 1.0))
    made = takes.chained([raised, walk])
    assert len(made) == len(raised) + len(walk)
    border = np.abs(made[len(raised), 4:] - made[len(raised) - 1, 4:]).max()
    assert border < 0.25 * np.abs(walk[0, 4:] - raised[-1, 4:]).max()


def test_arms_of_one_on_the_body_of_another(walk):
    raised = features(Figure(3.0).raised("right", 1.0))
    both = features_to_joints(takes.overlaid(walk, raised, "arms", 1))
    base = features_to_joints(walk)
    assert both[-1, 21, 1] > both[-1, 17, 1] + 0.4
    np.testing.assert_allclose(both[:, [0, 4, 7, 20]], base[:, [0, 4, 7, 20]], atol=1e-6)
