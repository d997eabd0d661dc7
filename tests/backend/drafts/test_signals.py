"""Swings, peaks and stretches of signals whose answer is known."""

import numpy as np
import pytest

from backend.drafts.signals import longest, peaks, stretches, swings


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_a_sine_swings_twice_a_turn(turns):
    time = np.linspace(0, turns * 2 * np.pi, 60 * turns)
    assert swings(np.sin(time), 0.5) in (2 * turns, 2 * turns + 1)


def test_small_swings_do_not_count():
    assert swings(0.1 * np.sin(np.linspace(0, 60, 400)), 0.5) == 0
    assert swings(np.linspace(0, 1, 50), 0.5) == 1
    assert swings(np.zeros(5), 0.1) == 0


def test_stretches_and_the_longest():
    mask = np.array([1, 1, 0, 1, 1, 1, 0, 0, 1], bool)
    assert stretches(mask) == [(0, 2), (3, 6), (8, 9)]
    assert longest(mask) == 3
    assert longest(np.zeros(4, bool)) == 0


def test_peaks_need_height_distance_and_a_valley():
    bumps = np.concatenate([[0, 1, 0], [0] * 5, [0, 0.9, 0], [0] * 5, [0, 0.2, 0]])
    assert peaks(bumps, 0.5, 3) == [1, 9]
    assert peaks(bumps, 0.5, 20) == [1]
    assert peaks(np.array([1, 0.8, 1.0]), 0.5, 1) == [0]
