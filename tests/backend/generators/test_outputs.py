"""The heads and text modes of IsoDiM, over every kind of bottleneck."""

import pytest
import torch

from backend.generators.sampler import sampled_indices
from backend.generators.sampling import Sampling
from backend.tokenizers.continuous import Continuous
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.rvq import RVQ
from backend.tokenizers.vq import VQ
from common.errors import InputError
from tests import tiny

MAKERS = {
    "fsq": lambda: FSQ((8, 5, 5)),
    "vq": lambda: VQ(6, 16),
    "rvq": lambda: RVQ(6, 16, 3),
    "ae": lambda: Continuous(6),
}


def build(bottleneck, **options):
    return tiny.isodim(MAKERS[bottleneck](), **options)


def prompts(batch, pieces=5, seed=3):
    states = torch.randn(batch, pieces, 12, generator=torch.Generator().manual_seed(seed))
    return states, torch.ones(batch, pieces, dtype=torch.bool)


def inpaint(model, keep=None, start=None, seed=4, **settings):
    noise = torch.randn(2, 12, model.bottleneck.dims, generator=torch.Generator().manual_seed(seed))
    keep = torch.zeros(2, 12, dtype=torch.bool) if keep is None else keep
    start = torch.zeros_like(noise) if start is None else start
    sampling = Sampling(**({"steps": 2} | settings))
    return tiny.inpaint(model, prompts(2), start, keep, noise, sampling, lambda step, total: None)


@pytest.mark.parametrize("mar_steps", [1, 3, 18])
@pytest.mark.parametrize(
    "bottleneck, output",
    [
        ("fsq", "grid"),
        ("fsq", "x"),
        ("fsq", "categorical"),
        ("vq", "x"),
        ("vq", "categorical"),
        ("rvq", "x"),
        ("ae", "x"),
    ],
)
def test_every_head_gives_codes_and_keeps_what_it_shall(bottleneck, output, mar_steps):
    model = build(bottleneck, output=output)
    keep = torch.zeros(2, 12, dtype=torch.bool)
    keep[0, :4] = keep[1, 6:] = True
    start = model.bottleneck.snap(torch.randn(2, 12, model.bottleneck.dims))
    made = inpaint(model, keep, start, mar_steps=mar_steps)
    assert torch.equal(made[keep], start[keep])
    if bottleneck != "rvq":  # sums of vectors are not unique
        torch.testing.assert_close(model.bottleneck.snap(made), made)
    assert not torch.equal(made, inpaint(model, keep, start, seed=5, mar_steps=mar_steps))


@pytest.mark.parametrize(
    "bottleneck, output, allowed", [("vq", "grid", "x or categorical"), ("ae", "categorical", "x,")]
)
def test_heads_that_need_a_grid_or_codes_say_so(bottleneck, output, allowed):
    with pytest.raises(InputError, match=f"output is '{output}', expected {allowed}"):
        build(bottleneck, output=output)


def test_levels_are_sampled_with_the_chance_that_guidance_gives_them():
    with_text, with_null = torch.tensor([0.0, 1.0, -1.0, 0.5]), torch.tensor([0.3, 0.0, 0.2, -0.4])
    expected = (with_null + 2.0 * (with_text - with_null)).softmax(0)
    noise = torch.randn(1, 40_000, 1, generator=torch.Generator().manual_seed(0))
    logits = torch.stack([with_text, with_null])[:, None].expand(2, 40_000, 4)
    indices = sampled_indices(logits.numpy(), (4,), noise.numpy(), guidance=2.0)
    share = torch.bincount(torch.from_numpy(indices).flatten(), minlength=4) / 40_000
    torch.testing.assert_close(share, expected, atol=0.01, rtol=0)


def test_the_categorical_head_has_the_size_of_the_grid_head_and_no_diffusion_steps():
    grid, categorical = build("fsq", output="grid"), build("fsq", output="categorical")
    assert {name: p.shape for name, p in grid.named_parameters()} == {
        name: p.shape for name, p in categorical.named_parameters()
    }
    seen = []
    noise = torch.randn(1, 8, 3)
    tiny.sample(categorical, prompts(1), noise, Sampling(steps=4, mar_steps=3), lambda *step: seen.append(step))
    assert seen == [(0, 3), (1, 3), (2, 3)]


def test_pooled_text_is_one_word_that_is_the_mean_of_all():
    pooled, words = build("fsq", text="pooled"), build("fsq", text="words")
    states, mask = prompts(2)
    mask[1, 3:] = False
    null = torch.tensor([False, False])
    mean = torch.stack([states[0].mean(0), states[1, :3].mean(0)])[:, None]
    ours, theirs = (
        pooled.text_states(states, mask, null),
        words.text_states(mean, torch.ones(2, 1, dtype=torch.bool), null),
    )
    torch.testing.assert_close(ours[0], theirs[0])
    assert torch.equal(ours[1], theirs[1])


def test_snapping_at_each_step_at_the_end_and_never_differ():
    model = build("fsq", output="x")
    made = {snap: inpaint(model, snap=snap, steps=4) for snap in ("step", "end", "never")}
    assert torch.equal(model.bottleneck.snap(made["never"]), made["end"])
    assert torch.equal(model.bottleneck.snap(made["step"]), made["step"])
    assert not torch.equal(made["step"], made["end"])
    assert not torch.equal(made["never"], made["end"])


def test_heun_and_rounds_reach_the_sampler():
    model = build("fsq", output="x")
    base = inpaint(model, steps=4, snap="never")
    for change in ({"solver": "heun"}, {"mar_steps": 2}):
        assert not torch.equal(base, inpaint(model, snap="never", **({"steps": 4} | change)))


@pytest.mark.parametrize("output", ["grid", "categorical"])
def test_a_batch_of_prompts_holds_the_clips_of_single_prompts(output):
    model = build("fsq", output=output)
    states, mask = prompts(3, pieces=6)
    mask[0, 4:] = mask[2, 2:] = False
    noise = torch.randn(3, 60, 3, generator=torch.Generator().manual_seed(1))
    sampling = Sampling(steps=2, mar_steps=2, snap="never")
    together = tiny.sample(model, (states, mask), noise, sampling, lambda step, total: None)
    for row in range(3):
        pieces = int(mask[row].sum())
        alone = (states[row : row + 1, :pieces], mask[row : row + 1, :pieces])
        made = tiny.sample(model, alone, noise[row : row + 1], sampling, lambda step, total: None)
        torch.testing.assert_close(together[row : row + 1], made, atol=1e-4, rtol=1e-4)
