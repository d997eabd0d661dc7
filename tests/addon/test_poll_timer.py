"""The poll timer on timers that behave as Blender's: it fires however often it is woken, and never twice."""

import pytest
from isodim.isodim_blender.client.poll_timer import PollTimer

from tests.addon.fake_timers import FakeTimers

FRAME_S = 0.01


@pytest.fixture
def timers():
    return FakeTimers()


def made(timers, poll):
    return PollTimer(poll, timers, timers.clock)


def test_waking_it_all_the_time_does_not_put_it_off(timers):
    timer = made(timers, lambda: 0.1)
    for _ in range(100):
        timer.wake(0.1)
        timers.advance(FRAME_S)
    assert 9 <= timers.calls <= 10


def test_registering_anew_at_each_waking_would_put_it_off_for_ever(timers):
    def poll():
        return 0.1

    for _ in range(100):
        if timers.is_registered(poll):
            timers.unregister(poll)
        timers.register(poll, first_interval=0.1)
        timers.advance(FRAME_S)
    assert timers.calls == 0


def test_one_at_rest_is_brought_forward_and_still_called_once(timers):
    timer = made(timers, lambda: 2.0)
    timer.wake(0.1)
    timers.advance(0.1)
    timer.wake(0.1)
    timers.advance(0.1)
    assert timers.calls == 2
    timers.advance(1.9)
    assert timers.calls == 2
    timers.advance(0.1)
    assert timers.calls == 3


def test_woken_by_its_own_poll_it_goes_on(timers):
    answers = [None, None]

    def poll():
        if len(answers) == 2:
            timer.wake(0.1)
        return answers.pop()

    timer = made(timers, poll)
    timer.wake(0.1)
    for _ in range(10):
        timers.advance(0.1)
    assert timers.calls == 2 and not timer.running


def test_it_ends_when_asked_and_can_be_woken_again(timers):
    timer = made(timers, lambda: 0.1)
    timer.stop()
    timer.wake(0.1)
    assert timer.running
    timer.stop()
    timers.advance(1.0)
    assert timers.calls == 0 and not timer.running
    timer.wake(0.1)
    timers.advance(0.1)
    assert timers.calls == 1


def test_stopped_by_its_own_poll_it_is_gone(timers):
    def poll():
        timer.stop()
        return 0.1

    timer = made(timers, poll)
    timer.wake(0.1)
    for _ in range(5):
        timers.advance(0.1)
    assert timers.calls == 1 and not timer.running


def test_a_poll_that_raises_is_dropped_and_can_be_woken_again(timers, capsys):
    def poll():
        raise ZeroDivisionError

    timer = made(timers, poll)
    for count in (1, 2):
        timer.wake(0.1)
        timers.advance(0.1)
        assert timers.calls == count and not timer.running


def books(timers):
    """What a register of timers says after each step."""

    def poll():
        return None

    said = [timers.is_registered(poll)]
    for step in (timers.register, timers.register, timers.unregister, timers.unregister):
        step(poll, first_interval=10.0, persistent=True) if step == timers.register else step(poll)
        said.append(timers.is_registered(poll))
    with pytest.raises(ValueError, match="not registered"):
        timers.unregister(poll)
    return said


def test_the_fake_keeps_its_books_as_blender_does(timers):
    bpy = pytest.importorskip("bpy")
    assert books(timers) == books(bpy.app.timers) == [False, True, True, True, False]
