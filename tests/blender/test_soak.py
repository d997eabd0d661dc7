"""A short soak: what `nox -s soak` does ten thousand times, and proof that it would notice."""

import random
import sys

import pytest

pytest.importorskip("bpy")

from tools.soak import process
from tools.soak.soak import DISTURBANCES, WEIGHTS, Soak, growth, settled

CHILD = "tools/soak/child.py"


@pytest.fixture
def mark(tmp_path):
    """The whole path: the folder's name alone is the same in other Blenders' tests, which run beside these."""
    return f"mark-{tmp_path}-"


@pytest.fixture
def soak(extension, root, tmp_path, mark):
    """soak() -> a soak over the stand-in, whose children bear `mark`."""
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -B "{root / CHILD}" {mark}\n')
    program.chmod(0o755)

    def reload():
        extension.disable()
        extension.enable()

    return lambda: Soak(extension.room, reload, str(program))


@pytest.fixture
def root():
    from tests.blender.conftest import ROOT

    return ROOT


def test_disturbed_requests_end_once_and_leave_nothing(soak, mark):
    one = soak()
    one.run(3, random.Random(0), {"good": 1}, {"none": 1})
    one.session.stop()
    before = settled(0.3)
    one.run(100, random.Random(3), WEIGHTS, DISTURBANCES)
    one.finish(mark)
    after = settled()
    assert one.figures.wrong == []
    assert sum(one.figures.endings.values()) == 103
    assert one.figures.delivered == one.figures.endings["Delivered"] > 50
    assert after[0] <= before[0] and after[1] <= before[1]


@pytest.mark.parametrize("behaviour", [name for name in WEIGHTS if name not in ("hangs", "ignores")])
def test_each_behaviour_undisturbed(soak, behaviour, mark):
    one = soak()
    one.run(2, random.Random(0), {behaviour: 1}, {"none": 1})
    one.finish(mark)
    assert one.figures.wrong == []


def test_a_task_that_is_given_its_answer_twice_is_noticed(soak, monkeypatch, extension, mark):
    run = extension.room("isodim_blender.work.run")
    once = run._delivering

    def twice(*arguments):
        yield from once(*arguments)
        return (yield from once(*arguments))

    monkeypatch.setattr(run, "_delivering", twice)
    one = soak()
    one.run(1, random.Random(0), {"good": 1}, {"none": 1})
    one.finish(mark)
    assert "delivered 2 times" in one.figures.wrong[0]


def test_a_process_that_is_left_is_noticed(soak, monkeypatch, mark):
    one = soak()
    one.run(1, random.Random(0), {"good": 1}, {"none": 1})
    monkeypatch.setattr("tools.soak.soak.PATIENCE_S", 0.5)
    child, one.session.child = one.session.child, None
    assert child.pid in process.marked(mark)
    one.finish(mark)
    child.end()
    assert one.figures.wrong == ["1 processes are left"]


def test_growth_is_measured_after_the_warm_up():
    flat = [(number, 300.0 if number > 150 else 100.0) for number in range(1001)]
    assert growth(flat) == (300.0, 300.0, 0.0)
    assert growth([(number, 100.0 + number / 10) for number in range(1001)])[2] == pytest.approx(0.56, abs=0.02)
