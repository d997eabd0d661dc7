"""Every family and head trains by the same command on every tokenizer it is for, and its run folder can be drawn from."""

import json

import pytest
import torch

from backend import text
from backend.generators import presets
from backend.generators.sampling import Sampling
from backend.tokenizers import presets as tokenizer_presets
from common.errors import InputError
from tests import prepared, tiny
from training import train_isodim, train_tokenizer
from training.data import dataset
from training.engine import runs

COMMON = {"batch_size": 2, "threads": 1, "log_every": 1, "save_every": 2, "eval_every": 2, "num_workers": 0}
TOKENIZERS = {"fsq": "IsoDiM_Tokenizer_Small", "vq": "VQ_AE_Model", "ae": "AE_Model", "rvq": "RVQ_AE_Model"}


class Encoder:
    """Captions as three constant words, so that no language model is loaded."""

    width = 8

    def encode(self, prompts):
        states = torch.stack([torch.full((3, 8), (hash_of(prompt) % 7) / 7) for prompt in prompts])
        return states, torch.ones(len(prompts), 3, dtype=torch.bool)


def hash_of(prompt):
    return sum(prompt.encode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("checkpoints")
    data = prepared.make(root / "data", frames=48)
    for name, model in TOKENIZERS.items():
        given = {"model": model, "width": 8, "latent": 6, "window_size": 32, "steps": 1}
        settings = train_tokenizer.TokenizerSettings(
            name=name, dataset_dir=data, checkpoints_dir=root, **COMMON, **given
        )
        train_tokenizer.main(settings)
    return root


@pytest.mark.parametrize(
    "tokenizer, model, options",
    [
        ("fsq", "IsoDiM-DiT-XXS", {"output": "grid"}),
        ("fsq", "IsoDiM-DiT-XXS", {"output": "categorical", "text": "pooled"}),
        ("fsq", "FSQ-MARDM-SiT-XXS", {}),
        ("vq", "VQ-MARDM-SiT-XXS", {}),
        ("ae", "MARDM-DDPM-XXS", {}),
        ("ae", "IsoDiM-DiT-XXS", {"output": "x", "loss": "x"}),
        ("vq", "IsoDiM-DiT-XXS", {"output": "categorical"}),
        ("rvq", "T2M-HiFiGPT-XXS", {}),
        ("fsq", "MoE-XXS", {"num_experts": 3, "prompt_tokens": 2, "align_loss": 0.1}),
    ],
)
def test_any_model_trains_and_is_drawn_from(folder, monkeypatch, tokenizer, model, options):
    monkeypatch.setattr(text, "load", lambda name, device="cpu": Encoder())
    name = f"{tokenizer}_{model}_{options.get('output')}"
    settings = train_isodim.IsoDiMSettings(
        name=name,
        model=model,
        tokenizer_name=tokenizer,
        dataset_dir=folder / "data",
        checkpoints_dir=folder,
        steps=2,
        **COMMON,
        **options,
    )
    train_isodim.main(settings)
    rows = [json.loads(line) for line in (folder / "bvh" / name / "log.jsonl").read_text().splitlines()]
    assert rows[-1]["step"] == 2
    assert rows[-1]["val_loss"] > 0
    generator, decoder, encoder = runs.load_generator(folder / "bvh" / name)
    assert encoder == "minilm"
    assert not generator.training
    assert generator.std.min() > 0
    noise = torch.randn(2, 6, decoder.bottleneck.dims)
    with torch.inference_mode():
        made = tiny.sample(
            generator, Encoder().encode(["walk", "run"]), noise, Sampling(steps=2), lambda step, total: None
        )
        assert decoder.decode(made).shape == (2, 24, 67)
    if tokenizer != "rvq":  # a sum of vectors may be written in several ways
        torch.testing.assert_close(decoder.bottleneck.snap(made), made)


def test_model_and_tokenizer_that_do_not_belong_together_are_one_sentence(folder, monkeypatch):
    monkeypatch.setattr(text, "load", lambda name, device="cpu": Encoder())
    settings = train_isodim.IsoDiMSettings(
        name="none",
        model="MARDM-SiT-XXS",
        tokenizer_name="fsq",
        dataset_dir=folder / "data",
        checkpoints_dir=folder,
        **COMMON,
    )
    with pytest.raises(InputError, match="model is 'MARDM-SiT-XXS', expected one for this tokenizer's bottleneck"):
        train_isodim.main(settings)
    with pytest.raises(InputError, match=r"run folder is .*, expected a folder with settings.json"):
        runs.load_generator(folder / "bvh" / "none")


def test_a_trunk_lends_the_layers_away_from_the_codes(folder, monkeypatch):
    monkeypatch.setattr(text, "load", lambda name, device="cpu": Encoder())
    tokenizer = tokenizer_presets.build("IsoDiM_Tokenizer_High", width=8)
    data = dataset.load(folder / "data", "train")
    own = presets.build("IsoDiM-DiT-XXS", tokenizer.bottleneck, 8)
    before = {name: value.clone() for name, value in own.state_dict().items()}
    lender = folder / "bvh" / "fsq_IsoDiM-DiT-XXS_grid"
    theirs = runs.load_start(str(lender))[0].state_dict()
    assert 0.9 < runs.copy_trunk(own, str(lender), tokenizer, data) < 1
    after = own.state_dict()
    assert torch.equal(after["mar.0.feed.down.weight"], theirs["mar.0.feed.down.weight"])
    assert torch.equal(after["out.weight"], before["out.weight"])
    with pytest.raises(InputError, match="same model"):
        runs.copy_trunk(own, str(folder / "bvh" / "fsq_FSQ-MARDM-SiT-XXS_None"), tokenizer, data)
