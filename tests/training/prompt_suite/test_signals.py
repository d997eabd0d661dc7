"""Spans, holes, turning points, correlation."""

import numpy as np
import pytest

from training.prompt_suite.signals import bridged, correlation, longest, smooth, spans, turning_points


def test_spans_are_the_runs_of_true():
    mask = np.array([True, True, False, True, False, False, True, True, True])
    assert spans(mask) == [(0, 2), (3, 4), (6, 9)]
    assert spans(mask, 2) == [(0, 2), (6, 9)]
    assert longest(mask) == 3 and longest(np.zeros(3, bool)) == 0


def test_only_inner_holes_are_bridged():
    mask = np.array([False, True, False, True, False, False, True, False])
    assert spans(bridged(mask, 1)) == [(1, 4), (6, 7)]
    assert spans(bridged(mask, 2)) == [(1, 7)]


def test_turning_points_of_a_sine_and_not_of_its_noise():
    time = np.linspace(0.0, 3.0, 121)
    wave = np.sin(2 * np.pi * time) + 0.05 * np.sin(40 * time)
    points = turning_points(wave, 0.5)
    assert len(points) == 6
    assert np.allclose(np.sort(time[points]), np.arange(6) / 2 + 0.25, atol=0.06)
    assert turning_points(wave, 3.0) == []
    assert turning_points(np.arange(9.0), 0.5) == []


def test_smoothing_keeps_a_straight_line_and_its_length():
    line = np.arange(20.0)
    assert np.allclose(smooth(line, 0.2, 20.0)[2:-2], line[2:-2])
    assert smooth(np.ones((7, 3)), 1.0, 20.0) == pytest.approx(np.ones((7, 3)))


def test_correlation_is_that_of_numpy_and_zero_for_stillness():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 50))
    assert correlation(first, second) == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert correlation(first, np.ones(50)) == 0.0
