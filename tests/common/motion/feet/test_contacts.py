"""Contacts begin surely, last until clearly over, and do not flicker."""

import numpy as np

from common.motion.feet.contacts import LEAVE_M, LEAVE_SPEED, TOUCH_M, TOUCH_SPEED, detect, runs, steady, velocity

FPS = 20.0


def flags(text):
    return np.array([[letter == "x"] for letter in text])


def words(found):
    return "".join("x" if flag else "." for flag in found[:, 0])


def test_a_run_needs_one_sure_frame_and_lasts_while_it_stays():
    found = steady(flags("...x......"), flags(".xxxx..xx."), flags(".........."), 2)
    assert words(found) == ".xxxx....."


def test_short_gaps_close_only_where_they_may():
    said = flags("xxx.xxx.xxx")
    assert words(steady(said, said, flags("xxxxxxx.xxx"), 3)) == "xxxxxxx.xxx"


def test_short_runs_are_dropped():
    said = flags("x....xxx...")
    assert words(steady(said, said, said, 3)) == ".....xxx..."


def test_between_the_thresholds_it_depends_on_what_was_before():
    height, speed = (TOUCH_M + LEAVE_M) / 2, (TOUCH_SPEED + LEAVE_SPEED) / 2
    for middling in ((height, 0.0), (0.0, speed)):
        values = np.tile(middling, (10, 1))
        assert not detect(values[:, :1], values[:, 1:], FPS).any()
        values[4] = 0.0
        assert detect(values[:, :1], values[:, 1:], FPS).all()


def test_runs_are_where_the_flags_are():
    text = "xx..x.xxx"
    assert runs(flags(text)[:, 0]) == [(0, 2), (4, 5), (6, 9)]


def test_velocity_is_metres_a_second():
    points = np.arange(5)[:, None] * np.array([0.1, 0.0, -0.2])
    np.testing.assert_allclose(velocity(points, 20.0), np.tile((2.0, 0.0, -4.0), (5, 1)))
    assert not velocity(points[:1], 20.0).any()
