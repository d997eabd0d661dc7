"""Takes mixed and moved on the grid; scores that follow the words."""

import dataclasses

import numpy as np
import pytest

from backend.editing import rank as ranking
from backend.editing.blend import blend, interpolated, nudge
from backend.editing.inpaint import encoded
from backend.editing.pose import piece
from common.wire.requests import Blend, Generate, Nudge, Rank

from .conftest import silent


def rank(pipeline, prompt, *clips):
    return ranking.rank(pipeline, Rank(prompt, clips), silent)


@pytest.fixture(scope="module")
def other(pipeline):
    return pipeline.generate(Generate(prompt="a person jumps", seconds=5.0, seed=8), silent)[0]


def test_the_ends_of_a_blend_are_the_takes_own_codes(pipeline, clip, other):
    alone = nudge(pipeline, Nudge(piece(clip, 0, other.frames), 0.0), silent)
    np.testing.assert_allclose(
        blend(pipeline, Blend(clip, other, 0.0), silent).positions[:40], alone.positions[:40], atol=0.2
    )
    ends = [blend(pipeline, Blend(clip, other, amount), silent).positions for amount in (0.0, 0.5, 1.0)]
    assert len({len(end) for end in ends}) == 1
    assert not np.allclose(ends[0], ends[1])
    assert not np.allclose(ends[1], ends[2])


def test_nudging_all_the_way_is_the_other_take_and_none_is_the_take(pipeline, clip, other):
    there = nudge(pipeline, Nudge(clip, 1.0, other), silent)
    latents = [encoded(pipeline, piece(item, 0, 96)) for item in (clip, other)]
    bottleneck = pipeline.networks.tokenizer.bottleneck
    assert np.allclose(bottleneck.snap(latents[0] + (latents[1] - latents[0])), latents[1])
    np.testing.assert_allclose(
        there.positions, blend(pipeline, Blend(clip, other, 1.0), silent).positions + 0 * there.positions, atol=2.0
    )
    assert there.frames == other.frames
    assert not np.allclose(
        nudge(pipeline, Nudge(clip, 1.0), silent).positions, nudge(pipeline, Nudge(clip, 0.0), silent).positions
    )


def test_takes_at_another_rate_come_back_at_it(pipeline, clip, other):
    mixed = blend(pipeline, Blend(clip.resampled(30.0), other, 0.5), silent)
    assert mixed.fps == 30.0
    assert mixed.frames == 150


def test_joint_space_ends_are_the_takes(clip, other):
    same = interpolated(clip, other, 0.0)
    np.testing.assert_allclose(same.positions, clip.positions[: other.frames], atol=1e-4)


def test_scores_follow_from_the_clip_and_the_words_alone(pipeline, clip, other):
    both = rank(pipeline, "a person walks", clip, other)
    assert both == pytest.approx(rank(pipeline, "a person walks", other, clip)[::-1], abs=1e-5)
    assert both != rank(pipeline, "a person sits on the floor", clip, other)
    prompts = pipeline.encoder.encode(["a person walks", "a person sits on the floor"])
    two = ranking.scores(pipeline, ranking.tokens_of(pipeline, clip), prompts)
    assert float(two[0]) == pytest.approx(both[0], abs=1e-4)


def test_long_clips_are_read(pipeline, clip):
    long = dataclasses.replace(
        clip,
        **{name: np.repeat(getattr(clip, name), 3, axis=0) for name in ("rotations", "root", "contacts")},
    )
    assert np.isfinite(rank(pipeline, "a person walks", long)).all()
