"""A decoder that learns on from a checkpoint: its codes stay, it may be deeper, and what it gives may be other motion."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.motion.jitter import smoothed
from backend.tokenizers import presets
from backend.weights.load import load
from common.errors import InputError
from tests import prepared, tiny
from training import export, train_tokenizer
from training.data import dataset
from training.engine import config, runs
from training.evaluation.sampling import load_tokenizer

BLOCKS = {"token_blocks": 2, "frame_blocks": 1}
MOVED = {"direction_loss": 1.0, "step_loss": 0.3, "speed_loss": 0.5}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared.make(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return str(tiny.make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"))


def settings(data, folder, **changes):
    given = {"batch_size": 4, "threads": 1, "log_every": 2, "save_every": 2, "eval_every": 4, "warm_up_iter": 1}
    given |= {"name": "decoder", "steps": 4, "window_size": 32, "precision": "fp32", "num_workers": 0} | changes
    return train_tokenizer.TokenizerSettings(dataset_dir=data, checkpoints_dir=folder, **given)


def indices(tokenizer, data):
    start, count = dataset.load(data, "train").clips[0]
    features = torch.from_numpy(dataset.load(data, "train").window(start, count // 4 * 4, mirrored=False))[None]
    return tokenizer.quantize(tokenizer.normalize(features)).indices


def test_codes_stay_through_training_and_export(data, checkpoint, tmp_path):
    train_tokenizer.main(
        settings(data, tmp_path, init=checkpoint, freeze_encoder=True, smoothing=0.0, **BLOCKS, **MOVED)
    )
    run, out = tmp_path / "bvh" / "decoder", tmp_path / "out"
    export.main(
        export.ExportSettings(
            "better", "Better", "CC0-1.0", tokenizer=str(run), generator=checkpoint, length=checkpoint, out=out
        )
    )
    before, after, bundled = (load_tokenizer(str(where), "cpu") for where in (checkpoint, run, out))
    for tokenizer in (after, bundled):
        assert torch.equal(indices(tokenizer, data), indices(before, data))
        assert torch.equal(tokenizer.mean, before.mean)
        assert torch.equal(tokenizer.std, before.std)
    latents = before.bottleneck.from_indices(indices(before, data))
    assert (after.decode(latents) - before.decode(latents)).abs().max() > 1e-4
    torch.testing.assert_close(bundled.decode(latents), after.decode(latents), atol=0.02, rtol=0.02)
    described = json.loads((out / "config.json").read_text())["tokenizer"]
    assert described == {
        **json.loads((Path(checkpoint) / "config.json").read_text())["tokenizer"],
        **BLOCKS,
        "smoothing": 0.0,
    }
    assert load(out, "cpu").tokenizer.smoothing == 0.0 != before.smoothing


def test_a_codebook_does_not_learn_while_codes_shall_stay(data, tmp_path):
    train_tokenizer.main(settings(data, tmp_path, name="vq", steps=2, model="VQ_AE_Model", width=8, latent=12))
    vq = str(tmp_path / "bvh" / "vq")
    train_tokenizer.main(settings(data, tmp_path, steps=2, init=vq, freeze_encoder=True))
    before, after = (load_tokenizer(str(where), "cpu") for where in (vq, tmp_path / "bvh" / "decoder"))
    assert torch.equal(before.bottleneck.codebook.vectors, after.bottleneck.codebook.vectors)
    assert torch.equal(indices(before, data), indices(after, data))
    assert not torch.equal(before.decoder[0].weight, after.decoder[0].weight)


def test_more_blocks_change_nothing_at_first(checkpoint):
    network, before = runs.load_start_tokenizer(checkpoint)
    torch.manual_seed(0)
    deeper = presets.build(**network, **BLOCKS)
    runs.deepened(deeper, checkpoint)
    latents = before.bottleneck.snap(torch.randn(2, 5, before.bottleneck.dims))
    assert torch.equal(deeper.decode(latents), before.decode(latents))
    assert sum(p.numel() for p in deeper.parameters()) > sum(p.numel() for p in before.parameters())


def test_a_run_starts_from_a_run_and_keeps_its_blocks(data, checkpoint, tmp_path):
    train_tokenizer.main(settings(data, tmp_path, name="first", steps=2, init=checkpoint, **BLOCKS))
    first = str(tmp_path / "bvh" / "first")
    train_tokenizer.main(settings(data, tmp_path, name="second", steps=2, init=first, frame_blocks=2))
    found = config.load(train_tokenizer.TokenizerSettings, tmp_path / "bvh" / "second")
    assert (found.token_blocks, found.frame_blocks) == (2, 2)
    assert len(load_tokenizer(str(tmp_path / "bvh" / "second"), "cpu").decoder[7]) == 3  # two blocks and the ReLU


def test_targets_are_the_same_moments_of_other_motion(data, checkpoint, tmp_path, monkeypatch):
    other = prepared.make(tmp_path / "other")
    features = np.load(other / "features.npy")
    features[:, 3] += 0.1
    np.save(other / "features.npy", features)
    seen = []

    def losses(model, given, chosen, target=None, start=None):
        seen.append((model.denormalize(given), model.denormalize(target)))
        return {"loss": model.decode(model.encode(given)).square().mean()}

    monkeypatch.setattr(train_tokenizer, "losses", losses)
    train_tokenizer.main(settings(data, tmp_path, init=checkpoint, target_dir=other, steps=1, stretch=0.3))
    ((given, target),) = seen
    assert given.shape == target.shape == (4, 32, 67)
    torch.testing.assert_close(target[..., 3] - given[..., 3], torch.full((4, 32), 0.1), atol=1e-4, rtol=0)
    torch.testing.assert_close(target[..., 4:], given[..., 4:], atol=1e-5, rtol=0)


def test_what_cannot_be_is_one_sentence(data, checkpoint, tmp_path):
    with pytest.raises(InputError, match="freeze_encoder is True, expected --init"):
        train_tokenizer.main(settings(data, tmp_path, freeze_encoder=True))
    with pytest.raises(InputError, match="frame_blocks is 4, expected 0 to 3"):
        train_tokenizer.main(settings(data, tmp_path, init=checkpoint, frame_blocks=4))
    with pytest.raises(InputError, match=r"smoothing is 0\.3, expected 0 to 0\.25"):
        train_tokenizer.main(settings(data, tmp_path, init=checkpoint, smoothing=0.3))
    longer = prepared.make(tmp_path / "longer", frames=80)
    with pytest.raises(InputError, match="target_dir"):
        train_tokenizer.main(settings(data, tmp_path, init=checkpoint, target_dir=longer))
    assert not (tmp_path / "bvh").exists()


def test_smoothing_takes_the_highest_frequency_and_zero_takes_nothing():
    trembling = np.tile([1.0, -1.0], 8)[:, None].astype(np.float32)
    assert np.array_equal(smoothed(trembling, 0.0), trembling)
    np.testing.assert_allclose(smoothed(trembling, 0.25)[1:-1], 0, atol=1e-7)
    np.testing.assert_allclose(np.abs(smoothed(trembling, 0.12)[1:-1]), 1 - 4 * 0.12, atol=1e-6)
