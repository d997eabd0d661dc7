"""MARDM as released, on small sizes: its sampling, its masks, and that the sampler's settings do not change it."""

import dataclasses

import pytest
import torch

from backend.diffusion import ddpm, dormand_prince
from backend.generators import mardm_published, presets
from backend.generators.mardm import MARDMConfig
from backend.generators.mardm_published import PublishedMARDM
from backend.generators.sampling import Sampling
from backend.tokenizers.continuous import Continuous
from backend.tokenizers.fsq import FSQ
from common.errors import InputError


def make(process="sit"):
    torch.manual_seed(0)
    config = MARDMConfig(12, process, width=32, depth=1, heads=4, feed=64, head_width=24, head_depth=2)
    model = PublishedMARDM(config, Continuous(6)).eval()
    for parameter in model.parameters():  # gates and the last layer begin at zero
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


def prompt(batch):
    states = torch.randn(batch, 1, 12, generator=torch.Generator().manual_seed(3))
    return states, torch.ones(batch, 1, dtype=torch.bool)


def run(model, keep, latents, on_step=lambda step, total: None, **settings):
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(4))
    sampling = Sampling(**({"guidance": 2.0, "mar_steps": 4} | settings))
    with torch.inference_mode():
        return model.inpaint(prompt(len(latents)), latents, keep, noise, sampling, on_step)


def empty(rows=2, tokens=9):
    return torch.zeros(rows, tokens, dtype=torch.bool), torch.zeros(rows, tokens, 6)


@pytest.mark.parametrize("process", ["sit", "ddpm"])
def test_only_the_unmasked_is_what_all_masked_give_up_to_the_solver(process):
    model = make(process)
    keep, latents = empty()
    keep[1, :4] = True
    cheap, published = (run(model, keep, latents, only_unmasked=flag) for flag in (True, False))
    torch.testing.assert_close(cheap, published, atol=2e-3 if process == "sit" else 1e-5, rtol=1e-3)
    assert cheap.std() > 0.1
    assert torch.equal(cheap[keep], latents[keep])


@pytest.mark.parametrize("process", ["sit", "ddpm"])
def test_steps_and_solver_are_its_own(process):
    model, seen = make(process), []
    keep, latents = empty(1)
    first = run(model, keep, latents, lambda step, total: seen.append((step, total)), steps=4)
    assert torch.equal(first, run(model, keep, latents, steps=9, solver="heun", snap="end"))
    assert {total for _, total in seen} == {4 * 50}
    assert [step for step, _ in seen] == sorted(step for step, _ in seen)
    if process == "ddpm":
        assert len(seen) == 4 * 50


def test_the_adaptive_solver_walks_the_guided_velocity():
    model = make()
    context, noise = torch.randn(2, 5, 32), torch.randn(5, 6)

    def slope(noisy, time):
        with_text, with_null = (model.head(noisy, time[None], one) for one in context)
        return with_null + 3.0 * (with_text - with_null)

    with torch.inference_mode():
        made = model._tokens(context, noise, None, Sampling(guidance=3.0), lambda step: None)
        exact = dormand_prince.integrate(slope, noise, lambda time: None, 1e-7, 1e-8)
    torch.testing.assert_close(made, exact, atol=5e-3, rtol=5e-3)


def test_the_chain_has_fifty_steps_told_by_their_numbers():
    model, told = make("ddpm"), []
    model.head.time_in.register_forward_hook(lambda module, given, made: told.append(float(given[0])))
    run(model, *empty(1), mar_steps=1)
    assert told == list(range(49, -1, -1))
    alpha_bar = ddpm.cosine_alpha_bar(50)
    assert len(alpha_bar) == 50
    # a fifth of the way the noise is that of our own chain there
    assert alpha_bar[9].item() == pytest.approx(ddpm.cosine_alpha_bar()[199].item(), rel=1e-3)


def test_the_family_is_sampled_as_published():
    for name in ("MARDM-SiT-XL", "MARDM-DDPM-XL"):
        sampling = presets.sampling_of(name)
        assert (sampling.mar_steps, sampling.steps, sampling.guidance) == (18, 50, 4.5)
    assert presets.sampling_of("IsoDiM-DiT-XS") == Sampling()


def test_time_is_not_stretched():
    head = make().head
    at = torch.tensor([0.25])
    rates = 10_000 ** (-torch.arange(128) / 128)
    waves = torch.cat([(0.25 * rates).cos(), (0.25 * rates).sin()])
    torch.testing.assert_close(head.time_in(at)[0], head.time_in.layers(waves))


def test_what_is_masked_is_not_read_and_dropout_is_for_training():
    model = make()
    data, keep = torch.randn(1, 7, 6), torch.arange(7)[None] < 3
    real, pooled = torch.ones_like(keep), torch.randn(1, 32)
    states = model.context(data, keep, real, pooled)
    torch.testing.assert_close(model.context(torch.where(keep[..., None], data, 9.0), keep, real, pooled), states)
    longer = torch.cat([data, torch.randn(1, 2, 6)], dim=1)
    more = torch.arange(9)[None]
    torch.testing.assert_close(model.context(longer, more < 3, more < 7, pooled)[:, :7], states, atol=1e-5, rtol=1e-5)
    model.train()
    assert not torch.equal(model.context(data, keep, real, pooled), model.context(data, keep, real, pooled))


def test_it_is_for_continuous_latents_and_begins_as_released(monkeypatch):
    with pytest.raises(InputError, match="model is 'MARDM-SiT-XL', expected one for this tokenizer's bottleneck, FSQ"):
        presets.build("MARDM-SiT-XL", FSQ((5, 5)), 12)
    small = dataclasses.asdict(make().config) | {"width": 128}
    del small["text_width"], small["dropout"]
    monkeypatch.setitem(mardm_published.SIZES, "MARDM-SiT-XL", small)
    torch.manual_seed(0)
    model = presets.build("MARDM-SiT-XL", Continuous(6), 12, dropout=0.0)
    assert model.known_in.weight.std().item() == pytest.approx(0.02, rel=0.15)
    assert model.head.context_in.weight.std().item() == pytest.approx((2 / (128 + 24)) ** 0.5, rel=0.15)
    assert not model.masked_latent.any()
    assert not model.head.out.weight.any()
