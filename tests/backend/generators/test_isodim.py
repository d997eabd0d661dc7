import pytest
import torch

from backend.generators import presets
from backend.generators.sampling import Sampling
from backend.tokenizers.fsq import FSQ
from common.errors import InputError
from tests import tiny

LEVELS = (8, 5, 5)


@pytest.fixture(scope="module")
def model():
    return tiny.isodim(FSQ(LEVELS))


def prompt(batch, pieces=5):
    generator = torch.Generator().manual_seed(3)
    return torch.randn(batch, pieces, 12, generator=generator), torch.ones(batch, pieces, dtype=torch.bool)


def grid_points(fsq, count):
    return fsq.from_indices(torch.stack(torch.unravel_index(torch.arange(count), fsq.levels), dim=-1))


def run(model, keep, latents, on_step=lambda step, total: None, **settings):
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(4))
    sampling = Sampling(**({"steps": 3, "guidance": 2.0} | settings))
    return tiny.inpaint(model, prompt(len(latents)), latents, keep, noise, sampling, on_step)


@pytest.mark.parametrize("mar_steps", [1, 2, 4])
def test_kept_tokens_stay_and_the_rest_is_on_the_grid(model, mar_steps):
    latents = grid_points(model.bottleneck, 24).reshape(2, 12, -1)
    keep = torch.zeros(2, 12, dtype=torch.bool)
    keep[0, :4] = keep[1, 6:] = True
    made = run(model, keep, latents, mar_steps=mar_steps)
    assert torch.equal(made[keep], latents[keep])
    assert torch.equal(model.bottleneck.snap(made), made)
    assert not torch.equal(made[~keep], latents[~keep])


def test_masked_tokens_do_not_leak_into_the_result(model):
    keep = torch.zeros(1, 10, dtype=torch.bool)
    keep[0, :3] = True
    here = grid_points(model.bottleneck, 10)[None]
    there = here.clone()
    there[~keep] = -0.5
    torch.testing.assert_close(run(model, keep, here), run(model, keep, there), atol=0, rtol=0)


def test_steps_are_announced_before_they_are_taken_and_may_stop_the_run(model):
    seen = []
    latents, keep = torch.zeros(1, 6, 3), torch.zeros(1, 6, dtype=torch.bool)
    run(model, keep, latents, steps=3, mar_steps=2, on_step=lambda step, total: seen.append((step, total)))
    assert seen == [(step, 6) for step in range(6)]

    def stop(step, total):
        if step == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run(model, keep, latents, on_step=stop)


def test_padding_does_not_change_real_tokens(model):
    data = torch.randn(1, 8, 3)
    time = torch.full((1,), 0.4)

    def raw(padding):
        padded = torch.cat([data, torch.randn(1, padding, 3)], dim=1)
        mask = torch.arange(8 + padding)[None] < 8
        states, text_mask = prompt(1)
        states = torch.cat([states, torch.randn(1, padding, 12)], dim=1)
        text_mask = torch.cat([text_mask, torch.zeros(1, padding, dtype=torch.bool)], dim=1)
        text, text_mask = model.text_states(states, text_mask, torch.tensor([False]))
        context = model.context(padded, torch.zeros_like(mask), mask, text, text_mask)
        with torch.inference_mode():
            return model.denoise(padded, time, context)[:, :8]

    torch.testing.assert_close(raw(0), raw(3), atol=1e-4, rtol=1e-4)


def test_null_prompt_hides_the_text(model):
    states, mask = prompt(2)
    text, seen = model.text_states(states, mask, torch.tensor([True, False]))
    assert seen[0].tolist() == [True, False, False, False, False]
    assert seen[1].all()
    torch.testing.assert_close(text[0, 0], model.null_words[0])


def test_grid_head_stays_in_the_hull_of_the_grid(model):
    made = model.destandardize(model.expected(100 * torch.randn(1, 50, sum(LEVELS))))
    assert made.min() >= -1.0
    assert made.max() <= 1.0
    assert made[..., 0].max() <= 0.75 + 1e-6


@pytest.mark.parametrize("name, published", [("S", 32e6), ("B", 127e6), ("L", 453e6), ("XL", 669e6)])
def test_published_sizes_are_those_of_the_head(name, published):
    with torch.device("meta"):
        model = presets.build(f"IsoDiM-DiT-{name}", FSQ((8, 8, 8, 5, 5, 5)), 512)
    assert sum(p.numel() for p in model.head.parameters()) == pytest.approx(published, rel=0.02)


def test_unknown_names_and_options_are_refused():
    with pytest.raises(InputError, match=r"model is 'Tiny', expected one of .*IsoDiM-DiT-XL"):
        presets.build("Tiny", FSQ(LEVELS), 512)
    with pytest.raises(InputError, match="output is 'pixels', expected one of grid, x, categorical"):
        tiny.isodim(FSQ(LEVELS), output="pixels")
    with pytest.raises(TypeError):
        presets.build("IsoDiM-DiT-XS", FSQ(LEVELS), 512, colour="red")
