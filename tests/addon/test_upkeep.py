import os
import signal
import time

import pytest
from isodim.common.wire import messages
from isodim.isodim_blender.client import log
from isodim.isodim_blender.client.child import Child
from isodim.isodim_blender.client.job import Job, State
from isodim.isodim_blender.client.upkeep import Upkeep, told

REQUEST = messages.Generate("a person walks", seconds=1.0)


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def rested(root, tmp_path, stand_in):
    """rested() -> a child that has answered once."""
    children = []

    def make(name="backend.log"):
        child = Child(stand_in("good"), root, tmp_path / name)
        children.append(child)
        finish(child)
        return child

    yield make
    for one in children:
        one.end()


def finish(child):
    job = Job(child, REQUEST)
    until(lambda: job.poll() and job.ended)
    assert job.state is State.FINISHED


def until(true):
    deadline = time.monotonic() + 20.0
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_is_ended_after_its_rest_and_not_before(rested):
    child, clock = rested(), Clock()
    upkeep = Upkeep(child, clock)
    clock.now = 599.0
    assert upkeep.look(600.0) and child.usable
    clock.now = 600.0
    assert not upkeep.look(600.0) and not child.usable
    until(lambda: not alive(child.pid))


def test_zero_lets_it_stay(rested):
    clock = Clock()
    upkeep = Upkeep(rested(), clock)
    clock.now = 1e9
    assert upkeep.look(0.0)


def test_its_memory_is_asked_for_and_told(rested):
    upkeep = Upkeep(rested(), Clock())
    until(lambda: upkeep.look(600.0) and upkeep.usage is not None)
    assert upkeep.usage.loaded == ("tiny",)
    line = told(messages.Usage("cuda", 812_000_000, 2_345_600_000, ("open",)))
    assert line == "Backend on cuda: 812 MB of memory, 2,346 MB of the GPU's"
    assert told(messages.Usage("cpu", 812_000_000, None, ())) == "Backend on cpu: 812 MB of memory"


def test_a_child_that_dies_at_rest_is_noticed(rested):
    child = rested()
    upkeep = Upkeep(child, Clock())
    os.kill(child.pid, signal.SIGKILL)
    until(lambda: not upkeep.look(600.0))


def test_what_came_at_rest_does_not_disturb_the_next_request(rested):
    child = rested()
    Upkeep(child, Clock())
    finish(child)


@pytest.fixture
def early(root, tmp_path, stand_in):
    """early(behaviour) -> a child that has been introduced before anybody asked anything of it."""
    children = []

    def make(behaviour):
        child = Child(stand_in(behaviour), root, tmp_path / "early.log")
        children.append(child)
        child.introduce()
        return child

    yield make
    for one in children:
        one.end()


def test_a_child_that_was_started_early_is_ready_for_the_first_request(early):
    child = early("good")
    upkeep = Upkeep(child, Clock())
    until(lambda: upkeep.look(600.0) and child.initialized is not None)
    finish(child)


def test_a_request_may_come_before_an_early_child_has_answered(early):
    finish(early("good"))


def test_an_early_child_that_is_never_asked_is_ended_too(early):
    child, clock = early("good"), Clock()
    upkeep = Upkeep(child, clock)
    clock.now = 600.0
    assert not upkeep.look(600.0)
    until(lambda: not alive(child.pid))


def test_an_early_child_of_another_protocol_is_left_to_the_next_request(early):
    child = early("wrong_protocol")
    upkeep = Upkeep(child, Clock())
    until(lambda: not upkeep.look(600.0))
    assert child.initialized is None and not child.usable


def test_two_at_once_do_not_disturb_each_other(rested, tmp_path):
    first, second = rested("backend-1.log"), rested("backend-2.log")
    assert first.pid != second.pid
    first.end()
    finish(second)
    assert {path.name for path in tmp_path.glob("backend-*.log")} == {"backend-1.log", "backend-2.log"}


def test_only_the_newest_logs_are_kept(tmp_path):
    for number in range(9):
        path = tmp_path / f"backend-{number}.log"
        path.write_text("x")
        os.utime(path, (number, number))
    (tmp_path / "mine.txt").write_text("x")
    log.tidy(tmp_path, keep=3)
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"backend-{n}.log" for n in (6, 7, 8)] + ["mine.txt"]
    log.tidy(tmp_path / "none")
