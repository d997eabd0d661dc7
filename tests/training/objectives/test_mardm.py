import math

import numpy as np
import pytest
import torch

from backend.generators import presets
from backend.generators.mardm import MARDM, MARDMConfig
from backend.tokenizers.continuous import Continuous
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.vq import VQ
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings
from training.objectives import mardm, objective_of

SETTINGS = IsoDiMSettings(name="test", dataset_dir="none")
TINY = {"width": 32, "depth": 1, "heads": 2, "feed": 64, "head_width": 32, "head_depth": 2, "dropout": 0.0}


def make(bottleneck, process="sit"):
    torch.manual_seed(0)
    return MARDM(MARDMConfig(12, process, **TINY), bottleneck)


def batch_of(indices):
    rows, tokens = indices.shape[:2]
    mask = torch.arange(tokens)[None] < torch.tensor([tokens] + [tokens - 3] * (rows - 1))[:, None]
    return Batch(indices, mask, torch.randn(rows, 4, 12), torch.ones(rows, 4, dtype=torch.bool))


def losses(model, batch, seed=0):
    torch.manual_seed(seed)
    visible = mardm.visible_tokens(batch.mask, np.random.default_rng(seed))
    return mardm.losses(model, batch, visible, torch.zeros(len(visible), dtype=torch.bool), SETTINGS)


def test_visible_tokens_follow_the_cosine_of_an_even_number():
    mask = (torch.arange(40) < 30).expand(600, 40)
    visible = mardm.visible_tokens(mask, np.random.default_rng(0))
    hidden = (mask & ~visible).sum(1)
    assert not visible[:, 30:].any()
    assert hidden.min() >= 1
    assert hidden.float().mean().item() / 30 == pytest.approx(2 / math.pi, abs=0.04)


def test_masked_tokens_are_noise_mask_or_themselves_in_the_published_shares():
    model = make(FSQ((8, 5, 5)))
    data = torch.full((50, 40, 3), 9.0)  # no code, so that replaced tokens are told from kept ones
    loss_mask = torch.rand(50, 40, generator=torch.Generator().manual_seed(1)) < 0.5
    torch.manual_seed(0)
    read, not_masked = mardm.corrupted(model, data, loss_mask)
    noised = (read != data).any(-1)
    total = loss_mask.sum()
    assert not (noised & ~loss_mask).any()
    assert (not_masked | loss_mask).all()
    assert (noised & ~not_masked).sum() == 0
    assert (noised.sum() / total).item() == pytest.approx(0.1, abs=0.03)
    assert ((~not_masked).sum() / total).item() == pytest.approx(0.9 * 0.88, abs=0.04)
    latents = model.destandardize(read[noised])
    assert torch.equal(model.bottleneck.snap(latents), latents)
    assert len(model.bottleneck.to_indices(latents).unique(dim=0)) > 50


@pytest.mark.parametrize("process", ["sit", "ddpm"])
def test_the_untrained_loss_is_that_of_predicting_zero(process):
    # the last layer begins at zero: E|x - e|^2 = 2 for flow matching on standardised data, E|e|^2 = 1 for epsilon
    model = make(Continuous(6), process)
    value = losses(model, batch_of(torch.randn(30, 40, 6)))["loss"].item()
    assert value == pytest.approx(2.0 if process == "sit" else 1.0, rel=0.05)


@pytest.mark.parametrize("process", ["sit", "ddpm"])
def test_only_masked_tokens_are_learned(process):
    model = make(Continuous(6), process)
    batch = batch_of(torch.randn(3, 12, 6))
    before = losses(model, batch)["loss"]
    visible = mardm.visible_tokens(batch.mask, np.random.default_rng(0))
    changed = batch.indices.clone()
    changed[visible | ~batch.mask] = 5.0
    after = losses(model, Batch(changed, batch.mask, batch.text, batch.text_mask))["loss"]
    assert torch.equal(before, after)  # the untrained head reads no context yet


@pytest.mark.parametrize(
    ("process", "bottleneck"),
    [("sit", FSQ((5, 5, 5))), ("sit", VQ(6, 9)), ("ddpm", Continuous(6))],
    ids=["fsq", "vq", "continuous"],
)
def test_a_few_steps_learn(process, bottleneck):
    model = make(bottleneck, process)
    indices = bottleneck.to_indices(torch.zeros(8, 10, bottleneck.dims) + 0.5)
    model.mean.fill_(0.4)
    batch = batch_of(indices)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    values = []
    for step in range(20):
        value = losses(model, batch, step)["loss"]
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        values.append(value.item())
    assert np.mean(values[-5:]) < 0.85 * np.mean(values[:3])
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())


def test_the_registry_knows_the_family():
    assert objective_of(make(Continuous(6))).losses is mardm.losses
    assert isinstance(presets.build("FSQ-MARDM-SiT-XS", FSQ((5, 5)), 12), MARDM)
