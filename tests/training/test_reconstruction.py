import numpy as np
import pytest
import torch

from backend.motion.features import features_to_joints
from backend.tokenizers import presets
from tests import prepared
from training.data import dataset
from training.evaluation import reconstruction


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return dataset.load(prepared.make(tmp_path_factory.mktemp("prepared"), frames=70), "train")


@pytest.fixture(scope="module")
def model(data):
    torch.manual_seed(0)
    made = presets.build("IsoDiM_Tokenizer_Small", width=8).eval()
    made.mean.copy_(torch.from_numpy(data.mean))
    made.std.copy_(torch.from_numpy(data.std))
    return made


def test_every_clip_comes_back_whole_tokens_long(model, data):
    rows = list(reconstruction.reconstructions(model, data))
    assert [row.clip for row in rows] == [0, 1, 2]
    for row in rows:
        assert row.made.shape == row.target.shape == (68, 67)
        assert row.indices.shape == (17, 5)
        assert (row.mpjpe_mm, row.world_mm) == reconstruction.mpjpe_mm(row.made, row.target)


def test_long_clips_are_cut_and_short_ones_left_out(model, data):
    assert {len(row.made) for row in reconstruction.reconstructions(model, data, max_frames=30)} == {28}
    assert not list(reconstruction.reconstructions(model, data, max_frames=15))


def test_errors_in_mm():
    clip = prepared.swinging(40, seed=0)
    assert reconstruction.mpjpe_mm(clip, clip) == (0, 0)
    higher = clip.copy()
    higher[:, 3] += 0.05  # the root alone: every other joint is given from the floor
    aligned, world = reconstruction.mpjpe_mm(higher, clip)
    moved = np.linalg.norm(features_to_joints(higher) - features_to_joints(clip), axis=-1)
    assert world == pytest.approx(1000 * moved.mean(), rel=1e-4)
    assert aligned == pytest.approx(50 * 21 / 22, rel=1e-3)
    assert world == pytest.approx(50 / 22, rel=1e-3)


def test_summary_counts_sources_and_codes(model, data):
    found = reconstruction.summary(model, data)
    assert found["mpjpe_mm"] == pytest.approx(found["mpjpe_mm_procedural"])
    assert 0.2 <= found["use"] <= 1
    assert 1 <= found["perplexity"] <= 5
    assert found["joint_perplexity"] <= 51
    continuous = presets.build("AE_Model", width=8, latent=4).eval()
    assert "use" not in reconstruction.summary(continuous, data)
