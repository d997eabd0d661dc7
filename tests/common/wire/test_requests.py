"""Edits on the wire: their clips come whole, and one sentence for everything that is wrong."""

import dataclasses
import json

import numpy as np
import pytest

from common.errors import InputError
from common.motion import skeleton
from common.motion.motion import Motion
from common.wire import requests
from common.wire.jsonrpc import BadMessage, dump, parse


def clip(frames: int = 3, **meta: object) -> Motion:
    rotations = np.random.default_rng(0).normal(size=(frames, 22, 4))
    rotations = (rotations / np.linalg.norm(rotations, axis=-1, keepdims=True)).astype(np.float32)
    root = np.linspace(0, 1, frames * 3, dtype=np.float32).reshape(frames, 3)
    positions = skeleton.forward_kinematics(rotations, root).astype(np.float32)
    return Motion(positions, rotations, root, np.ones((frames, 4), np.float32), 20.0, meta)


EDITS = [
    requests.Edit(clip(40), "wave", 10, 30, key_poses=(requests.KeyPose(20, clip(1)),), part="upper", seed=4),
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
        names = ("positions", "rotations", "root", "contacts")
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
        (lambda: requests.Edit(clip(9), "wave", -1, 3), "start is -1, expected"),
        (lambda: requests.Edit(clip(9), "wave", 1, 3, part="tail"), "part is 'tail', expected one of all, upper"),
        (lambda: requests.Edit("clip", "wave", 1, 3), "clip is 'clip', expected a Motion."),
        (lambda: requests.Extend(clip(9), "wave", 99.0), "seconds is 99.0, expected a number from 0.05 to 20"),
        (lambda: requests.Path("walk", ((0.0, float("nan")),)), "points[0][1] is nan"),
        (lambda: requests.Sequence((requests.Strip("walk"),) * 61), "strips is"),
        (lambda: requests.Loop("walk", travel=1), "travel is 1, expected a bool."),
        (lambda: requests.Blend(clip(9), clip(9), 1.5), "amount is 1.5, expected a number from 0 to 1."),
    ],
)
def test_edits_refuse(build, sentence):
    with pytest.raises(InputError) as error:
        build()
    assert str(error.value).startswith(sentence)


def test_a_bad_part_is_named_by_its_place():
    broken = json.loads(dump(requests.Sequence((requests.Strip("walk"),)), 5))
    broken["params"]["strips"][0]["seconds"] = -1
    with pytest.raises(BadMessage, match=r"strips\[0\].seconds is -1"):
        parse(json.dumps(broken).encode())
