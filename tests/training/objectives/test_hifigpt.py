import dataclasses
import math

import numpy as np
import pytest
import torch

from backend.generators import presets
from backend.generators.hifigpt import HiFiGPT, HiFiGPTConfig
from backend.generators.sampling import Sampling
from backend.tokenizers.rvq import RVQ
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings
from training.objectives import hifigpt, objective_of

SETTINGS = IsoDiMSettings(name="test", dataset_dir="none", corruption="none")
DEPTH, CODES = 3, 10


def make():
    torch.manual_seed(0)
    return HiFiGPT(HiFiGPTConfig(12, width=32, heads=2, temporal=2, residual=1, dropout=0.0), RVQ(6, CODES, DEPTH))


def batch_of(rows=4, tokens=8, short=3):
    torch.manual_seed(1)
    mask = torch.arange(tokens)[None] < torch.tensor([tokens] + [tokens - short] * (rows - 1))[:, None]
    indices = torch.randint(CODES, (rows, tokens, DEPTH))
    return Batch(indices, mask, torch.randn(rows, 4, 12), torch.ones(rows, 4, dtype=torch.bool))


def losses(model, batch, settings=SETTINGS, seed=0, null=False):
    torch.manual_seed(seed)
    visible = hifigpt.visible_tokens(batch.mask, np.random.default_rng(0))
    return hifigpt.losses(model, batch, visible, torch.full((len(visible),), null), settings)


def test_untrained_entropy_is_that_of_even_codes():
    found = losses(make(), batch_of())
    even = (math.log(CODES + 1) + (DEPTH - 1) * math.log(CODES)) / DEPTH
    assert found["entropy"].item() == pytest.approx(even, abs=1e-5)
    assert found["end"].item() == pytest.approx(math.log(CODES + 1), abs=1e-5)


def test_corruption_takes_whole_time_steps_or_single_codes_and_leaves_the_rest():
    indices = torch.full((200, 20, DEPTH), CODES)  # no code, so that what was replaced can be told
    torch.manual_seed(0)
    time = hifigpt.corrupted(indices, CODES, "time", 0.5) != CODES
    assert torch.equal(time.any(-1), time.all(-1))
    assert time[..., 0].float().mean().item() == pytest.approx(0.5, abs=0.03)
    code = hifigpt.corrupted(indices, CODES, "code", 0.3) != CODES
    assert code.float().mean().item() == pytest.approx(0.3, abs=0.03)
    assert not torch.equal(code.any(-1), code.all(-1))
    assert hifigpt.corrupted(indices, CODES, "none", 0.5) is indices
    assert torch.equal(hifigpt.corrupted(indices, CODES, "time", 0.0), indices)
    assert len(hifigpt.corrupted(indices, CODES, "time", 1.0).unique()) == CODES


def test_corruption_changes_what_is_read_and_never_what_is_wanted():
    model, batch = make(), batch_of()
    torch.nn.init.normal_(model.out.weight)
    plain = losses(model, batch)["entropy"]
    random = dataclasses.replace(SETTINGS, corruption="time", corrupt_rate=1.0)
    assert losses(model, batch, random)["entropy"] != plain
    model.latent_in.weight.data.zero_()  # a temporal GPT that reads no motion cannot tell
    torch.testing.assert_close(losses(model, batch, random)["entropy"], losses(model, batch)["entropy"])


def test_padding_is_not_learned():
    model, batch = make(), batch_of()
    torch.nn.init.normal_(model.out.weight)
    changed = batch.indices.clone()
    changed[~batch.mask] = 0
    again = losses(model, dataclasses.replace(batch, indices=changed))
    for name, value in losses(model, batch).items():
        torch.testing.assert_close(again[name], value)


def test_a_small_set_is_learned_by_heart_and_sampled_again():
    model, batch = make(), batch_of(rows=3, short=0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for step in range(150):
        value = losses(model, batch, seed=step)["loss"]
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
    assert value.item() < 0.1
    model.eval()
    nothing = torch.zeros(3, 8, dtype=torch.bool)
    wanted = model.bottleneck.from_indices(batch.indices)
    text, noise = (batch.text, batch.text_mask), torch.randn(3, 8, 6)
    settings = Sampling(guidance=1.0, top_k=1)
    with torch.inference_mode():
        made = model.inpaint(text, torch.zeros(3, 8, 6), nothing, noise, settings, lambda step, total: None)
        longer = model.lengths(text, torch.randn(3, 12, 6), settings)
    torch.testing.assert_close(made, wanted, atol=1e-5, rtol=1e-5)
    assert longer.tolist() == [8, 8, 8]


def test_the_registry_knows_the_family():
    assert objective_of(make()).losses is hifigpt.losses
    assert isinstance(presets.build("T2M-HiFiGPT-XXS", RVQ(), 12), HiFiGPT)
