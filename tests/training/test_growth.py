"""A tokenizer of more dims keeps what its first ones say, and a generator goes on from the weights it had."""

import numpy as np
import pytest
import torch

from backend.generators import presets
from backend.weights.load import load
from tests import prepared, tiny
from training import train_tokenizer
from training.data import dataset
from training.engine import growth, runs
from training.evaluation.sampling import load_tokenizer


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared.make(tmp_path_factory.mktemp("prepared"), frames=80)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return str(tiny.make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"))


@pytest.fixture(scope="module")
def grown(data, checkpoint, tmp_path_factory):
    """A run of eight dims that began with the checkpoint's five."""
    root = tmp_path_factory.mktemp("runs")
    train_tokenizer.main(settings(data, root, checkpoint, keep_loss=100.0))
    return load_tokenizer(str(root / "bvh" / "grown"), "cpu")


def settings(data, folder, checkpoint, **changes):
    given = {"batch_size": 4, "threads": 1, "log_every": 2, "save_every": 2, "eval_every": 4, "warm_up_iter": 1}
    given |= {"name": "grown", "steps": 8, "window_size": 32, "precision": "fp32", "num_workers": 0, "lr": 1e-3}
    given |= {"model": "IsoDiM_Tokenizer_HighDim8", "init": checkpoint} | changes
    return train_tokenizer.TokenizerSettings(dataset_dir=data, checkpoints_dir=folder, **given)


def test_only_a_preset_with_the_same_first_dims_is_grown_into():
    assert growth.grows("IsoDiM_Tokenizer_HighDim8", "IsoDiM_Tokenizer_Small")
    assert growth.grows("FSQ_AE_HighDim32", "IsoDiM_Tokenizer_HighDim24")
    assert not growth.grows("IsoDiM_Tokenizer_Small", "IsoDiM_Tokenizer_HighDim8")
    assert not growth.grows("IsoDiM_Tokenizer_High", "IsoDiM_Tokenizer_Small")
    assert not growth.grows("VQ_AE_Model", "IsoDiM_Tokenizer_Small")


def test_the_first_dims_stay_where_they_are_held(data, checkpoint, grown, tmp_path):
    before, train = load_tokenizer(checkpoint, "cpu"), dataset.load(data, "train")
    assert grown.bottleneck.levels == (5,) * 8
    held = growth.shared_codes(before, grown, train)
    train_tokenizer.main(settings(data, tmp_path, checkpoint, keep_loss=0.0, lr=3e-2))
    loose = growth.shared_codes(before, load_tokenizer(str(tmp_path / "bvh" / "grown"), "cpu"), train)
    assert held > 0.9
    assert loose < held
    assert growth.shared_codes(grown, before, train) == 0.0


def test_a_generator_of_the_grown_tokenizer_begins_as_it_was(data, checkpoint, grown):
    theirs = load(runs.find(checkpoint).folder, "cpu").generator
    own = presets.build("IsoDiM-DiT-XXS", grown.bottleneck, 384)
    assert runs.copy_trunk(own, checkpoint, grown, dataset.load(data, "train")) > 0.99
    own.eval(), theirs.eval()
    latents = torch.from_numpy(np.random.default_rng(0).normal(size=(2, 6, 8)).astype(np.float32))
    mask, hidden = torch.ones(2, 6, dtype=torch.bool), torch.zeros(2, 6, dtype=torch.bool)
    text = torch.randn(2, 3, 384), torch.ones(2, 3, dtype=torch.bool), torch.zeros(2, dtype=torch.bool)
    time = torch.full((2,), 0.4)

    def predicted(model, noisy):
        return model.denoise(noisy, time, model.context(noisy, hidden, mask, *model.text_states(*text)))

    with torch.inference_mode():
        large, small = predicted(own, latents), predicted(theirs, latents[..., :5])
    torch.testing.assert_close(large[..., :25], small)
    assert not large[..., 25:].any()
