"""Edits on the wire: their clips come whole, and one sentence for everything that is wrong."""

import dataclasses
import json

import numpy as np
import pytest

from common import checks
from common.errors import InputError
from common.motion.motion import Motion
from common.wire import fields, requests
from common.wire.jsonrpc import BadMessage, dump, parse


def clip(frames: int = 3, **meta: object) -> Motion:
    rotations = np.random.default_rng(0).normal(size=(frames, 22, 4))
    rotations = (rotations / np.linalg.norm(rotations, axis=-1, keepdims=True)).astype(np.float32)
    root = np.linspace(0, 1, frames * 3, dtype=np.float32).reshape(frames, 3)
    return Motion(rotations, root, np.ones((frames, 4), np.float32), 20.0, meta)


def at(fps: float) -> Motion:
    return dataclasses.replace(clip(9), fps=fps)


def keyed(*frames: int, **options: object) -> requests.Edit:
    keys = tuple(requests.KeyPose(frame, clip(1)) for frame in frames)
    return requests.Edit(clip(9), "wave", 3, 7, key_poses=keys, **options)


EDITS = [
    requests.Edit(clip(40), "wave", 10, 30, key_poses=(requests.KeyPose(20, clip(1)),), seed=4),
    requests.InBetween(clip(1), clip(5), "turn", 1.5, arrive=False),
    requests.Extend(clip(9), "stop", 2.0, before=True),
    requests.Path("run", ((0.0, 0.0), (1.0, 2.5)), clip=clip(30)),
    requests.Blend(clip(9), clip(9), 0.5),
    requests.Nudge(clip(9), 0.2, clip(9)),
    requests.Rank("walk", (clip(9), clip(5))),
]


def same(a: object, b: object) -> bool:
    """Whether two messages are equal, clips by their arrays and facts."""
    if isinstance(a, Motion) and isinstance(b, Motion):
        names = ("rotations", "root", "contacts")
        arrays_equal = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)
        return arrays_equal and (a.fps, a.meta) == (b.fps, b.meta)
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if dataclasses.is_dataclass(a):
        fields = [field.name for field in dataclasses.fields(a)]
        return type(a) is type(b) and all(same(getattr(a, name), getattr(b, name)) for name in fields)
    return a == b


@pytest.mark.parametrize("body", EDITS, ids=lambda body: type(body).__name__)
def test_edits_carry_their_clips(body):
    found = parse(dump(body, 9))
    assert found.id == 9
    assert same(found.body, body)
    assert not same(found.body, requests.Rank("walk", ()))


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: requests.Edit(clip(3), "wave", 1, 2), "clip is '3 frames', expected 4 to 10000 frames."),
        (lambda: requests.Edit(clip(9), "wave", -1, 3), "start is -1, expected"),
        (lambda: requests.Edit(clip(9), "wave", 1, 3, part="tail"), "part is 'tail', expected one of all, upper"),
        (lambda: requests.Edit("clip", "wave", 1, 3), "clip is 'clip', expected a Motion."),
        (lambda: requests.Extend(clip(9), "wave", 99.0), "seconds is 99.0, expected a number from 0.05 to 20"),
        (lambda: requests.Path("walk", ((0.0, float("nan")), (1.0, 1.0))), "points[0][1] is nan"),
        (lambda: requests.Path("walk", ((0.0, 0.0),)), "points is ((0.0, 0.0),), expected a list of 2 to 2000 items."),
        (lambda: requests.Path("walk", ((0.0, 0.0), (0.0, 0.0))), "points is '0.00 m long', expected 0.2 to 1000 m."),
        (lambda: requests.Path("walk", ((0.0, 0.0), (0.0, 2e3))), "points is '2000.00 m long', expected 0.2 to 1000"),
        (lambda: requests.Path("walk", ((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))), "points[0] is (0.0, 0.0, 0.0), expected"),
        (lambda: requests.Path("walk", "way"), "points is 'way', expected"),
        (lambda: requests.Sequence((requests.Strip("walk"),) * 61), "strips is"),
        (lambda: requests.Sequence(()), "strips is (), expected a list of 1 to 60 items."),
        (lambda: requests.Sequence((requests.Strip("walk", 20.0),) * 4), "seconds of all strips is 80.0, expected at"),
        (lambda: requests.Strip("walk", 0.5), "seconds is 0.5, expected"),
        (lambda: requests.Loop("walk", 15.0), "seconds is 15.0, expected auto or a number from 0.8 to 9."),
        (lambda: requests.Loop("walk", 0.7), "seconds is 0.7, expected auto or a number from 0.8 to 9."),
        (lambda: requests.Loop("walk", travel=1), "travel is 1, expected a bool."),
        (lambda: requests.Blend(clip(9), clip(9), 1.5), "amount is 1.5, expected a number from 0 to 1."),
        (lambda: requests.Nudge(clip(9), 1.5), "amount is 1.5, expected a number from -1 to 1."),
        (lambda: requests.Rank("walk", (clip(9), clip(2))), "clips[1] is '2 frames', expected 4 to"),
        (lambda: requests.InBetween(clip(2), clip(9), "turn", 1.0), "first is '2 frames', expected 1 frame or 4 to"),
        (lambda: requests.InBetween(clip(9), at(30.0), "turn", 1.0), "second.fps is 30.0, expected 20, as the first"),
        (lambda: requests.KeyPose(5, clip(3)), "pose is '3 frames', expected 1 frame."),
        (lambda: keyed(1), "key_poses is 'one at frame 1', expected one a frame, from 3 to 6."),
        (lambda: keyed(4, 4), "key_poses is 'one at frame 4', expected one a frame"),
        (lambda: keyed(4, part="head"), "part is 'head', expected all, where key poses have to be met."),
    ],
)
def test_edits_refuse(build, sentence):
    with pytest.raises(InputError) as error:
        build()
    assert str(error.value).startswith(sentence)


@pytest.mark.parametrize(("start", "end"), [(10, 10), (20, 10), (1, 41), (0, 40), (50, 60)], ids=str)
def test_a_range_that_cannot_be_is_refused_in_one_sentence(start, end):
    with pytest.raises(InputError, match=r"^range is \(.*\), expected .*\.$"):
        requests.Edit(clip(40), "wave", start, end)
    with pytest.raises(InputError, match="range is '1202 frames', expected at most 60 s"):
        requests.Edit(clip(1204), "wave", 1, 1203)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 20.5, float("nan"), "long", True])
def test_a_length_that_cannot_be_is_refused(seconds):
    for build in (
        lambda: requests.Extend(clip(9), "wave", seconds),
        lambda: requests.InBetween(clip(9), clip(9), "wave", seconds),
        lambda: requests.Loop("wave", seconds),
        lambda: requests.Generate("wave", seconds),
    ):
        with pytest.raises(InputError, match=r"^seconds is .*, expected (auto or )?a number from"):
            build()


def test_panels_read_their_limits_from_the_fields():
    assert fields.bounds(requests.Loop, "seconds") == (0.8, 9.0)
    assert fields.bounds(requests.Nudge, "amount") == (-1.0, 1.0)
    with pytest.raises(TypeError, match=r"Loop\.prompt is no number"):
        fields.bounds(requests.Loop, "prompt")


def test_a_text_field_may_have_any_name():
    @dataclasses.dataclass(frozen=True)
    class Called(requests.Request, method="called"):
        first: str = fields.field(checks.text(1, 9))
        motions: str = fields.field(checks.text(1, 9), "x")

    try:
        assert parse(dump(Called("a", "b"), 1)).body == Called("a", "b")
    finally:
        del requests.CALLS["called"]


def test_a_bad_part_is_named_by_its_place():
    broken = json.loads(dump(requests.Sequence((requests.Strip("walk"),)), 5))
    broken["params"]["strips"][0]["seconds"] = -1
    with pytest.raises(BadMessage, match=r"strips\[0\].seconds is -1"):
        parse(json.dumps(broken).encode())
