"""Partial clips: they grow, they change nothing, they come at most every quarter second, and nobody who did not ask gets one."""

from __future__ import annotations

import numpy as np
import pytest

from backend.generate import Pipeline
from backend.operations import EVERY_S, answer, with_partials
from common.wire import requests
from tests.tiny import make_checkpoint

LONG = requests.Generate("a person walks", 20.0, seed=2)
CHAIN = requests.Sequence((requests.Strip("walk", 3.0), requests.Strip("sit", 4.0), requests.Strip("wave", 12.0)))


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    return Pipeline.load(make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"), "cpu")


class Heard:
    """A server's report: steps and partial clips."""

    def __init__(self):
        self.steps, self.partials = [], []

    def __call__(self, step, total, partial=None):
        self.steps.append((step, total))
        self.partials.append(partial)


class Clock:
    """Time that goes on by `step` at each look."""

    def __init__(self, step):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


def drawn(pipeline, request, step):
    heard = Heard()
    made = with_partials(pipeline, heard, lambda on_step: answer(pipeline, request, on_step), Clock(step))
    return made.motions, heard


@pytest.mark.parametrize("request_", [LONG, CHAIN, requests.Generate("walk", 2.0, 3)])
def test_a_watched_clip_is_the_same_clip(pipeline, request_):
    plain = answer(pipeline, request_, Heard()).motions
    watched, heard = drawn(pipeline, request_, EVERY_S)
    for one, other in zip(plain, watched, strict=True):
        np.testing.assert_array_equal(one.positions, other.positions)
    assert sum(partial is not None for partial in heard.partials) == len(heard.steps) - 1


@pytest.mark.parametrize("request_", [LONG, CHAIN])
def test_partials_grow_from_the_beginning_to_the_whole(pipeline, request_):
    (whole,), heard = drawn(pipeline, request_, EVERY_S)
    frames = [partial.frames for partial in heard.partials if partial is not None]
    assert frames[0] < whole.frames / 2 and len(set(frames)) > 1
    assert max(frames) == whole.frames
    for partial in heard.partials:
        assert partial is None or partial.check() is partial


def test_not_more_than_one_in_a_quarter_second(pipeline):
    _, heard = drawn(pipeline, LONG, EVERY_S / 4)
    shown = [index for index, partial in enumerate(heard.partials) if partial is not None]
    assert len(shown) >= 2 and np.diff(shown).min() >= 4


@pytest.mark.parametrize(("preview", "some"), [(True, True), (False, False)])
def test_only_who_asks_is_shown_any(pipeline, preview, some):
    heard = Heard()
    answer(pipeline, requests.Generate("walk", 1.0, preview=preview), heard)
    assert any(partial is not None for partial in heard.partials) == some
    heard = Heard()
    answer(pipeline, requests.Loop("walk", 1.0, preview=preview), heard)
    assert not any(partial is not None for partial in heard.partials)


def test_an_unwatched_step_makes_nothing():
    from backend.generators.watching import show, watched_by

    show(lambda: pytest.fail("nobody looks"))
    seen = []
    with watched_by(lambda make: seen.append(make())):
        show(lambda: 1)
    show(lambda: pytest.fail("nobody looks any more"))
    assert seen == [1]
