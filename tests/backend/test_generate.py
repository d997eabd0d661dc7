"""The whole path on random weights: what must hold whatever the network has learned."""

import numpy as np
import pytest

from backend.engines.engine import median_tokens
from backend.generate import Pipeline
from backend.generators.sampling import Sampling
from backend.generators.windows import sample
from backend.serve import Cancelled
from common.motion.skeleton import PARENTS, forward_kinematics
from common.wire.messages import Generate
from tests.tiny import make_checkpoint


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    return Pipeline.load(make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"), "cpu")


def run(pipeline, **request):
    given = {"prompt": "a person walks", "seconds": 2.0, "seed": 3} | request
    return pipeline.generate(Generate(**given), lambda step, total: None)


@pytest.mark.parametrize("seconds", [1.0, 1.05, 9.8, 9.85, 20.0])
def test_any_length_is_given_to_the_frame(pipeline, seconds):
    (clip,) = run(pipeline, seconds=seconds)
    assert clip.frames == round(seconds * 20)
    assert clip.fps == 20.0
    assert clip.check() is clip


def test_positions_are_the_rotations_with_constant_bones(pipeline):
    (clip,) = run(pipeline, seconds=4.0)
    np.testing.assert_allclose(forward_kinematics(clip.rotations, clip.root), clip.positions, atol=1e-4)
    bones = np.linalg.norm(clip.positions[:, 1:] - clip.positions[:, PARENTS[1:]], axis=-1)
    assert np.ptp(bones, axis=0).max() < 1e-4
    assert (np.sum(clip.rotations[1:] * clip.rotations[:-1], axis=-1) >= 0).all()


def test_same_request_same_bytes_and_other_seed_other_clip(pipeline):
    first, again, other = (run(pipeline, seed=seed)[0] for seed in (3, 3, 4))
    assert first.rotations.tobytes() == again.rotations.tobytes()
    assert first.root.tobytes() == again.root.tobytes()
    assert not np.array_equal(first.rotations, other.rotations)


def test_a_batch_holds_the_takes_of_single_requests(pipeline):
    takes = run(pipeline, count=3)
    assert [take.meta["seed"] for take in takes] == [3, 4, 5]
    for take in takes:
        np.testing.assert_allclose(take.positions, run(pipeline, seed=take.meta["seed"])[0].positions, atol=1e-3)


def test_prompt_steps_and_guidance_reach_the_model(pipeline):
    base = run(pipeline)[0].rotations
    changes = ({"steps": 2}, {"guidance": 6.0}, {"mar_steps": 2}, {"solver": "heun"}, {"snap": "never"})
    for change in ({"prompt": "a person sits down"}, *changes):
        assert not np.array_equal(base, run(pipeline, **change)[0].rotations), change


def test_auto_length_is_the_estimators_median(pipeline):
    (clip,) = run(pipeline, seconds=None)
    tokens = int(median_tokens(pipeline.networks.length(pipeline.text_states("a person walks")))[0])
    assert clip.frames == max(20, 4 * tokens)
    assert clip.meta["settings"]["seconds"] is None


def test_long_clips_count_their_steps_through_and_stop_at_once(pipeline):
    seen = []
    pipeline.generate(
        Generate(prompt="a person walks", seconds=20.0, steps=2), lambda step, total: seen.append((step, total))
    )
    assert seen == [(step, 6) for step in range(6)]

    def cancel(step, total):
        if step == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        pipeline.generate(Generate(prompt="a person walks", seconds=20.0, steps=2), cancel)
    assert run(pipeline)[0].frames == 40


def test_windows_of_a_long_clip_share_their_tokens(pipeline):
    text = pipeline.text_states("a person walks")
    short, long = (
        sample(
            pipeline.networks.generator,
            text,
            pipeline.noise(seed=5, count=1, tokens=tokens),
            Sampling(steps=2, guidance=1.0),
            lambda step, total: None,
        )
        for tokens in (49, 100)
    )
    assert long.shape[1] == 100
    assert np.array_equal(long[:, :49], short)
