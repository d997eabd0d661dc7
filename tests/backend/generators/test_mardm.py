import pytest
import torch

from backend.generators import presets
from backend.generators.mardm import MARDM, MARDMConfig
from backend.generators.sampling import Sampling
from backend.tokenizers.continuous import Continuous
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.vq import VQ
from common.errors import InputError

BOTTLENECKS = {"continuous": lambda: Continuous(6), "fsq": lambda: FSQ((8, 5, 5)), "vq": lambda: VQ(6, 20)}


def make(process="sit", bottleneck="fsq"):
    torch.manual_seed(0)
    config = MARDMConfig(12, process, width=32, depth=2, heads=2, feed=64, head_width=24, head_depth=2, dropout=0.0)
    model = MARDM(config, BOTTLENECKS[bottleneck]()).eval()
    for parameter in model.parameters():  # away from the zero-initialised gates, so that every path counts
        parameter.data += 0.1 * torch.randn_like(parameter)
    model.std.fill_(0.5)
    return model


def prompt(batch, pieces=5):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(batch, pieces, 12, generator=generator), torch.ones(batch, pieces, dtype=torch.bool)


def grid_points(fsq, count):
    return fsq.from_indices(torch.stack(torch.unravel_index(torch.arange(count), fsq.levels), dim=-1))


def run(model, keep, latents, on_step=lambda step, total: None, **settings):
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(4))
    sampling = Sampling(**({"steps": 3, "guidance": 2.0, "mar_steps": 6} | settings))
    with torch.inference_mode():
        return model.inpaint(prompt(len(latents)), latents, keep, noise, sampling, on_step)


def empty(model, rows=2, tokens=11):
    return torch.zeros(rows, tokens, dtype=torch.bool), torch.zeros(rows, tokens, model.bottleneck.dims)


@pytest.mark.parametrize("process", ["sit", "ddpm"])
@pytest.mark.parametrize("bottleneck", list(BOTTLENECKS))
def test_both_samplers_give_the_same_clip_when_a_tokens_noise_is_the_same(process, bottleneck):
    model = make(process, bottleneck)
    keep, latents = empty(model)
    keep[1, :4] = True
    cheap, published = (run(model, keep, latents, only_unmasked=flag, mar_steps=18) for flag in (True, False))
    torch.testing.assert_close(cheap, published, atol=1e-5, rtol=1e-5)
    assert cheap.std() > 0.1


@pytest.mark.parametrize("process", ["sit", "ddpm"])
def test_the_head_samples_a_token_alike_whatever_is_sampled_beside_it(process):
    # what makes sampling only the unmasked ones exact: no token of the head sees another one
    model = make(process, "continuous")
    context, noisy, time = torch.randn(9, 32), torch.randn(9, 6), torch.rand(9)
    together = model.head(noisy, time, context)
    alone = torch.cat([model.head(noisy[i : i + 1], time[i : i + 1], context[i : i + 1]) for i in range(9)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("snap", ["step", "end", "never"])
@pytest.mark.parametrize("process", ["sit", "ddpm"])
def test_kept_tokens_stay_and_the_rest_is_on_the_grid_if_asked(process, snap):
    model = make(process)
    latents = grid_points(model.bottleneck, 24).reshape(2, 12, -1)
    keep = torch.zeros(2, 12, dtype=torch.bool)
    keep[0, :4] = keep[1, 6:] = True
    made = run(model, keep, latents, snap=snap)
    assert torch.equal(made[keep], latents[keep])
    assert torch.equal(model.bottleneck.snap(made), made) == (snap != "never")
    assert not torch.equal(made[~keep], latents[~keep])


@pytest.mark.parametrize("process", ["sit", "ddpm"])
def test_masked_tokens_do_not_leak_into_the_result_and_kept_ones_and_the_text_do(process):
    model = make(process, "continuous")
    keep, here = empty(model, 1, 10)
    keep[0, :3] = True
    hidden, seen_there = here.clone(), here.clone()
    hidden[~keep], seen_there[keep] = -0.5, 2.0
    first = run(model, keep, here)
    assert torch.equal(first[~keep], run(model, keep, hidden)[~keep])
    assert not torch.equal(first[~keep], run(model, keep, seen_there)[~keep])
    assert not torch.equal(first, run(model, keep, here, guidance=0.0))


def test_a_batch_holds_what_single_rows_would_give():
    model = make("ddpm", "continuous")
    noise = torch.randn(2, 9, 6)
    states, mask = prompt(2)
    keep, latents = empty(model, 2, 9)
    settings = Sampling(steps=3, mar_steps=4)
    rows = [slice(0, 2), slice(0, 1), slice(1, 2)]
    with torch.inference_mode():
        both, *single = (
            model.inpaint((states[r], mask[r]), latents[r], keep[r], noise[r], settings, lambda step, total: None)
            for r in rows
        )
    torch.testing.assert_close(both, torch.cat(single), atol=1e-5, rtol=1e-5)


def test_steps_are_announced_in_order_and_may_stop_the_run():
    model, seen = make(), []
    keep, latents = empty(model, 1, 49)
    run(model, keep, latents, mar_steps=18, on_step=lambda step, total: seen.append((step, total)))
    assert seen == [(step, 54) for step in range(3, 54)]  # the first round unmasks nothing

    def stop(step, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        run(model, keep, latents, on_step=stop)


def test_padding_and_masked_states_change_nothing():
    model = make()
    data = torch.randn(1, 8, 3)
    states, mask = prompt(1)
    pooled = model.pooled(states, mask, torch.tensor([False]))
    longer = torch.cat([states, torch.randn(1, 2, 12)], dim=1), torch.cat([mask, torch.zeros(1, 2, dtype=bool)], dim=1)
    torch.testing.assert_close(model.pooled(*longer, torch.tensor([False])), pooled)
    keep = torch.arange(8)[None] < 3
    short = model.context(data, keep, torch.ones_like(keep), pooled)
    padded = torch.cat([data, torch.randn(1, 3, 3)], dim=1)
    real = torch.arange(11)[None] < 8
    wide = model.context(padded, real & (torch.arange(11) < 3), real, pooled)
    torch.testing.assert_close(wide[:, :8], short, atol=1e-5, rtol=1e-5)


def test_the_null_prompt_hides_the_text():
    model = make()
    states, mask = prompt(2)
    null = model.pooled(states, mask, torch.tensor([True, True]))
    torch.testing.assert_close(null, model.prompt_in.bias.expand(2, -1))


def test_published_and_small_sizes():
    def count(name, bottleneck):
        with torch.device("meta"):
            model = presets.build(name, bottleneck, 512)
        return sum(p.numel() for p in model.head.parameters()) / 1e6, sum(p.numel() for p in model.parameters()) / 1e6

    head, whole = count("MARDM-SiT-XL-Fast", Continuous(512))
    assert head == pytest.approx(80 * 1.792**2 + 17, rel=0.02)  # 16 blocks of 5 squares of the width, and the ends
    assert whole == pytest.approx(head + 18 * 1.024**2 + 1, rel=0.02)
    for name in ("FSQ-MARDM-SiT-XS", "FSQ-MARDM-DDPM-XS"):
        assert 9 < count(name, FSQ((5,) * 8))[1] < 13


def test_a_name_wants_its_own_bottleneck():
    for name, bottleneck in {
        "MARDM-SiT-XS": FSQ((5, 5)),
        "FSQ-MARDM-SiT-XS": VQ(6, 20),
        "VQ-MARDM-SiT-XL": FSQ((5, 5)),
    }.items():
        with pytest.raises(InputError, match=f"model is '{name}', expected one for this tokenizer's bottleneck"):
            presets.build(name, bottleneck, 12)
