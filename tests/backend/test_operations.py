"""Every request of the wire has an operation, and each gives what its class says."""

import dataclasses

import numpy as np
import pytest

from backend.editing.parts import PARTS
from backend.editing.pose import piece
from backend.generate import Pipeline
from backend.operations import OPERATIONS, answer
from common.errors import InputError
from common.wire import requests
from common.wire.messages import Finished, Ranked
from tests.tiny import make_checkpoint

WAY = ((0.0, 0.0), (0.0, 1.0), (1.0, 2.0))


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    return Pipeline.load(make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"), "cpu")


@pytest.fixture(scope="module")
def ask(pipeline):
    return lambda request: answer(pipeline, request, lambda step, total: None)


@pytest.fixture(scope="module")
def clip(ask):
    return ask(requests.Generate("a person walks", 3.0, seed=1)).motions[0]


def pose(clip):
    return piece(clip, 5, 6)


def test_parts_of_the_wire_are_those_of_the_operation():
    assert set(requests.PARTS) == {"all", *PARTS}


def test_generate_gives_a_clip_for_each_seed(ask):
    assert [len(clip.root) for clip in ask(requests.Generate("walk", 1.0, 2)).motions] == [20, 20]


@pytest.mark.parametrize(
    ("build", "frames"),
    [
        (lambda clip: requests.Edit(clip, "wave", 20, 40), 60),
        (lambda clip: requests.Edit(clip, "wave", 20, 40, part="arms"), 60),
        (lambda clip: requests.Edit(clip, "wave", 20, 40, key_poses=(requests.KeyPose(30, pose(clip)),)), 60),
        (lambda clip: requests.InBetween(clip, clip, "turn", 1.0), 140),
        (lambda clip: requests.Extend(clip, "stop", 1.0, before=True), 80),
        (lambda clip: requests.Sequence((requests.Strip("walk", 2.0), requests.Strip("sit", 2.0))), 80),
        (lambda clip: requests.Loop("run", 2.0), 40),
        (lambda clip: requests.Path("walk", WAY, seconds=3.0), 60),
        (lambda clip: requests.Blend(clip, clip, 0.5), 60),
        (lambda clip: requests.Nudge(clip, 0.5), 60),
    ],
)
def test_an_edit_gives_one_sound_clip(ask, clip, build, frames):
    request = build(clip)
    ending = ask(request)
    assert isinstance(ending, Finished)
    (made,) = ending.motions
    assert made.frames == frames
    if isinstance(request, requests.Edit):
        assert np.array_equal(made.rotations[:20], clip.rotations[:20])
        assert not np.array_equal(made.rotations[20:40], clip.rotations[20:40])


def test_rank_gives_a_score_for_each_clip(ask, clip):
    ending = ask(requests.Rank("a person walks", (clip, clip)))
    assert isinstance(ending, Ranked)
    assert ending.scores[0] == ending.scores[1]


def test_what_cannot_be_is_said_in_one_sentence(ask, clip):
    still = dataclasses.replace(clip, root=0 * clip.root)
    with pytest.raises(InputError, match="leads somewhere"):
        ask(requests.Path("wave", WAY, clip=still))


def test_every_request_has_its_operation():
    assert set(OPERATIONS) == set(requests.motion_requests().values())
