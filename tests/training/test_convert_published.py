"""Released weights, by name and size as the release has them, compute here what they compute there."""

import collections
import dataclasses

import numpy as np
import pytest
import torch

from backend.generators import mardm_published
from backend.tokenizers import conv
from common.errors import InputError
from tests import published
from tests.training import released
from training import convert_published
from training.convert_published import ConvertSettings
from training.engine import config, runs
from training.engine.isodim_settings import IsoDiMSettings
from training.engine.state import ema_weights

ONES = np.ones(released.FEATURES, np.float32)


@pytest.fixture(autouse=True)
def small(monkeypatch):
    for name, process in (("MARDM-SiT-XL", "sit"), ("MARDM-DDPM-XL", "ddpm")):
        monkeypatch.setitem(mardm_published.SIZES, name, released.SIZE | {"process": process})


def test_the_autoencoder_encodes_and_decodes_as_released():
    weights = released.ae()
    model = convert_published.autoencoder(weights, 0 * ONES, ONES).eval()
    theirs, features = released.Computed(weights), torch.randn(2, 32, released.FEATURES)
    torch.testing.assert_close(model.encode(features), theirs.encoded(features), atol=1e-5, rtol=1e-5)
    latents = torch.randn(2, 8, released.DIMS)
    torch.testing.assert_close(model.decode(latents), theirs.decoded(latents), atol=1e-4, rtol=1e-4)
    model.train()
    assert not torch.equal(model.encode(features), model.encode(features))  # dropout
    assert isinstance(model, conv.ConvTokenizer)


@pytest.mark.parametrize("name", ["MARDM-SiT-XL", "MARDM-DDPM-XL"])
@torch.inference_mode()
def test_the_generator_computes_as_released(name):
    weights = released.mardm()
    model = convert_published.generator(weights, name).eval()
    theirs = released.Computed(weights)
    latents, text = torch.randn(3, 7, released.DIMS), torch.randn(3, 1, released.TEXT)
    masked = torch.rand(3, 7, generator=torch.Generator().manual_seed(1)) < 0.5
    padding = torch.arange(7) >= torch.tensor([7, 5, 4])[:, None]
    null = torch.tensor([False, True, False])
    pooled = model.pooled(text, torch.ones(3, 1, dtype=torch.bool), null)
    seen_text = torch.where(null[:, None], 0.0, text[:, 0])  # the release hides a prompt by zeros
    states = model.context(latents, ~masked, ~padding, pooled)
    wanted = theirs.states(latents, masked, padding, seen_text)
    torch.testing.assert_close(states[~padding], wanted[~padding], atol=1e-5, rtol=1e-4)
    noisy, number = torch.randn(9, released.DIMS), torch.arange(9) * 5
    time = model.time_of(number) if "DDPM" in name else number / 50
    context = torch.randn(9, released.WIDTH)
    released_time = number.float() if "DDPM" in name else number / 50
    torch.testing.assert_close(
        model.head(noisy, time, context), theirs.head(noisy, released_time, context), atol=1e-5, rtol=1e-4
    )


def file_of(folder, name, parts):
    """A file as the release saves it, optimizer, scheduler and counters included."""
    path = folder / "t2m" / name / "model" / "latest.tar"
    path.parent.mkdir(parents=True)
    scheduler = {"milestones": collections.Counter({50_000: 1}), "gamma": 0.1}
    torch.save({**parts, "opt": {"state": {}}, "scheduler": scheduler, "ep": 3, "total_it": 700}, path)
    return path


def test_the_files_of_the_release_become_runs(tmp_path, capsys):
    data = published.make(tmp_path / "datasets" / "HumanML3D", "t2m")
    np.save(data / "Std.npy", np.full(263, 0.5, np.float32))
    runs_at = tmp_path / "checkpoints"
    given = {"dataset_dir": data.parent, "checkpoints_dir": runs_at}
    file_of(runs_at, "AE", {"ae": released.ae()})
    ema = released.mardm()
    newest = {name: value + 1 for name, value in ema.items()}
    file_of(runs_at, "MARDM_SiT_XL", {"mardm": newest, "ema_mardm": ema})
    ae, sit = ConvertSettings("AE", "AE_Model", **given), ConvertSettings("MARDM_SiT_XL", "MARDM-SiT-XL", **given)
    for settings in (ae, sit):
        convert_published.main(settings)
    assert "MARDM-SiT-XL, " in capsys.readouterr().out
    with pytest.raises(InputError, match=r"name is 'AE', expected another name, or --overwrite"):
        convert_published.main(ae)
    convert_published.main(dataclasses.replace(ae, overwrite=True))
    tokenizer = runs.load_tokenizer(runs_at / "t2m" / "AE")
    assert (tokenizer.std == 0.5).all()
    assert torch.equal(tokenizer.encoder[0].weight, released.ae()["encoder.model.0.weight"])
    folder = runs_at / "t2m" / "MARDM_SiT_XL"
    generator = runs.new_generator(config.load(IsoDiMSettings, folder), tokenizer, released.TEXT)
    generator.load_state_dict(ema_weights(folder))
    assert torch.equal(generator.prompt_in.weight, ema["cond_emb.weight"])


def test_what_is_not_of_the_release_is_told(tmp_path):
    weights = released.ae()
    with pytest.raises(
        InputError, match=r"released weights is 'quantizer.codebook', expected names of MARDM's release"
    ):
        convert_published.autoencoder(weights | {"quantizer.codebook": torch.zeros(2)}, ONES, ONES)
    del weights["decoder.model.4.bias"]
    with pytest.raises(InputError, match=r"decoder.8.bias"):
        convert_published.autoencoder(weights, ONES, ONES)
    with pytest.raises(InputError, match=r"Mean.npy is 'of 64 numbers'"):
        convert_published.autoencoder(released.ae(), ONES[:64], ONES[:64])
    with pytest.raises(InputError, match=r"released weights is .*expected a file of weights that torch can read"):
        convert_published.main(ConvertSettings("AE", "AE_Model", checkpoints_dir=tmp_path))
    with pytest.raises(InputError, match=r"model is 'MARDM-SiT-S', expected one of AE_Model, MARDM-SiT-XL"):
        convert_published.main(ConvertSettings("AE", "MARDM-SiT-S", checkpoints_dir=tmp_path))
