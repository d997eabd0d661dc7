"""Every kind of bottleneck through training: it resumes exactly, and its indices make the tokens of generators."""

import dataclasses

import pytest
import torch

from backend.tokenizers import presets
from common.errors import InputError
from common.motion.skeleton import JOINTS
from tests import prepared
from training import train_tokenizer
from training.data import dataset, tokens
from training.engine import config, runs
from training.engine.state import read_state

KINDS = ("AE_Model", "VQ_AE_Model", "RVQ_AE_Model")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared.make(tmp_path_factory.mktemp("prepared"))


def settings(data, folder, name, **changes):
    given = {"batch_size": 4, "threads": 1, "log_every": 2, "save_every": 2, "eval_every": 4, "warm_up_iter": 1}
    given |= {"steps": 4, "width": 8, "latent": 12, "window_size": 32, "precision": "fp32", "num_workers": 0} | changes
    return train_tokenizer.TokenizerSettings(name=name, dataset_dir=data, checkpoints_dir=folder, **given)


@pytest.mark.parametrize("model", KINDS)
def test_resumed_equals_uninterrupted(model, data, tmp_path):
    fixed = {"model": model, "milestones": (100,)}  # a rate that does not depend on the length of the run
    train_tokenizer.main(settings(data, tmp_path, "whole", **fixed))
    train_tokenizer.main(settings(data, tmp_path, "parts", steps=2, **fixed))
    train_tokenizer.main(settings(data, tmp_path, "parts", is_continue=True, **fixed))
    ours, theirs = (read_state(tmp_path / "bvh" / name / "model" / "state.safetensors") for name in ("whole", "parts"))
    assert ours[1] == theirs[1] == 4
    assert ours[0].keys() == theirs[0].keys()
    assert all(torch.equal(ours[0][key], theirs[0][key]) for key in ours[0])
    averaged = runs.load_tokenizer(tmp_path / "bvh" / "whole")
    shares = [value for key, value in averaged.state_dict().items() if key.endswith("codebook.share")]
    assert len(shares) == (model != "AE_Model")
    assert all(float(share.sum()) == pytest.approx(1, abs=1e-3) for share in shares)


@pytest.mark.parametrize(
    "model, kind",
    [("IsoDiM_Tokenizer_High", torch.uint8), ("AE_Model", torch.float16), *((k, torch.int16) for k in KINDS[1:])],
)
def test_codes_are_stored_small_and_decode_the_same(model, kind, data):
    torch.manual_seed(0)
    tokenizer = presets.build(model, width=8, latent=12).eval()
    split = dataset.load(data, "train")
    found = tokens.examples(tokenizer, split)
    assert len(found) == 2 * len(split.spans)
    indices = found[0].indices[0]
    assert indices.dtype == kind
    span = split.spans[0]
    features = torch.from_numpy(split.window(span.start, span.frames, False))[None]
    expected = tokenizer.encode(tokenizer.normalize(features))
    torch.testing.assert_close(tokenizer.bottleneck.from_indices(indices[None]), expected, atol=2e-3, rtol=1e-3)


@pytest.mark.parametrize("distance", ["l1_smooth", "l1", "l2"])
def test_published_losses(distance, data):
    torch.manual_seed(0)
    chosen = settings(data, data, "x", model="VQ_AE_Model", recons_loss=distance, aux_loss_joints=2.0)
    model = train_tokenizer.untrained(chosen)
    target = torch.randn(2, 16, 67)
    losses = train_tokenizer.losses(model.eval(), target, chosen)
    made = model(target)[0]
    functions = {"l1_smooth": torch.nn.SmoothL1Loss(), "l1": torch.nn.L1Loss(), "l2": torch.nn.MSELoss()}
    torch.testing.assert_close(losses["all"], functions[distance](made, target))
    parts = losses["all"] + 2 * losses["joints"] + 0.5 * losses["velocity"] + 0.25 * losses["root"]
    torch.testing.assert_close(losses["loss"], parts + 0.2 * losses["path"] + 0.25 * losses["commitment"])


def test_weight_of_the_commitment(data):
    torch.manual_seed(0)
    target = torch.randn(2, 16, 67)
    plain, doubled = (settings(data, data, "x", model="RVQ_AE_Model", commitment=weight) for weight in (None, 1.02))
    model = train_tokenizer.untrained(plain).eval()
    ours, theirs = train_tokenizer.losses(model, target, plain), train_tokenizer.losses(model, target, doubled)
    torch.testing.assert_close(theirs["loss"] - ours["loss"], ours["commitment"])
    fsq = settings(data, data, "x", model="IsoDiM_Tokenizer_Small")
    assert "commitment" not in train_tokenizer.losses(train_tokenizer.untrained(fsq), target, fsq)


def test_bones_that_keep_their_lengths_cost_nothing_and_longer_ones_their_centimetres(data):
    features = torch.tensor(dataset.load(data, "train").features[:40][None])
    lengths = train_tokenizer.bone_lengths(features)
    torch.testing.assert_close(lengths, lengths[:, :1].expand_as(lengths), atol=1e-4, rtol=0)
    longer = features.clone()
    wrist = 4 + 3 * (JOINTS.index("left_wrist") - 1)
    elbow = 4 + 3 * (JOINTS.index("left_elbow") - 1)
    forearm = features[..., wrist : wrist + 3] - features[..., elbow : elbow + 3]
    longer[..., wrist : wrist + 3] += 0.03 * forearm / forearm.norm(dim=-1, keepdim=True)
    change = train_tokenizer.bone_lengths(longer) - lengths
    torch.testing.assert_close(
        change[..., JOINTS.index("left_wrist") - 1], torch.full((1, 40), 0.03), atol=1e-5, rtol=0
    )
    assert (change.abs() > 1e-6).any(dim=1).sum() == 1
    chosen = settings(data, data, "x", model="RVQ_AE_Model", bone_loss=0.5)
    model = train_tokenizer.untrained(chosen).eval()
    found = train_tokenizer.losses(model, model.normalize(features), chosen)
    plain = train_tokenizer.losses(model, model.normalize(features), dataclasses.replace(chosen, bone_loss=0.0))
    torch.testing.assert_close(found["loss"] - plain["loss"], 0.5 * found["bones"])
    assert "bones" not in plain


def test_another_unit_length_is_refused(data, tmp_path):
    with pytest.raises(InputError, match="unit_length is 8, expected 4"):
        train_tokenizer.main(settings(data, tmp_path, "x", unit_length=8))


def test_the_network_of_a_run_is_what_presets_build(data):
    codes = {"codebook_size": 30, "depth": 3}
    others = {"width": 8, "latent": 12, "size": 30, "depth": 3}
    for model, sizes in (("FSQ_AE_High", {"width": 8}), ("AE_Model", others), ("RVQ_AE_Model", others)):
        chosen = settings(data, data, "x", model=model, **codes)
        assert chosen.network == {"name": model} | sizes
        ours = presets.build(**chosen.network).state_dict()
        assert {key: value.shape for key, value in ours.items()} == {
            key: value.shape for key, value in train_tokenizer.untrained(chosen).state_dict().items()
        }
    config.check(chosen)
