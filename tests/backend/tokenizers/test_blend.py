import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.tokenizers import presets
from backend.tokenizers.blend import blend

LATENT = 6


def random_indices(bottleneck, seed):
    generator = torch.Generator().manual_seed(seed)
    if not bottleneck.levels:
        return torch.randn(2, 7, LATENT, generator=generator)
    return torch.stack([torch.randint(level, (2, 7), generator=generator) for level in bottleneck.levels], dim=-1)


@pytest.mark.parametrize("name", ["IsoDiM_Tokenizer_High", *presets.OTHERS])
def test_the_ends_are_the_takes_themselves(name):
    torch.manual_seed(0)
    bottleneck = presets.bottleneck(name, LATENT)
    a, b = random_indices(bottleneck, 1), random_indices(bottleneck, 2)
    assert torch.equal(blend(bottleneck, a, b, 0.0), a)
    assert torch.equal(blend(bottleneck, a, b, 1.0), b)
    between = blend(bottleneck, a, b, 0.5)
    assert between.shape == a.shape
    assert between.dtype == a.dtype
    torch.testing.assert_close(between, blend(bottleneck, b, a, 0.5))


@given(st.floats(0, 1, width=32), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_fsq_stays_on_the_grid_between_the_ends(amount, seed):
    fsq = presets.bottleneck("IsoDiM_Tokenizer_High")
    a, b = random_indices(fsq, seed), random_indices(fsq, seed + 10)
    made = blend(fsq, a, b, amount)
    assert (made >= torch.minimum(a, b)).all()
    assert (made <= torch.maximum(a, b)).all()
    exact = a + amount * (b - a)
    assert ((made - exact).abs() <= 0.5 + 1e-4).all()


def test_fsq_moves_one_way_as_the_amount_grows():
    fsq = presets.bottleneck("IsoDiM_Tokenizer_HighDim8")
    a, b = random_indices(fsq, 3), random_indices(fsq, 4)
    steps = torch.stack([blend(fsq, a, b, amount) for amount in torch.linspace(0, 1, 21)])
    assert ((steps.diff(dim=0) * (b - a).sign()) >= 0).all()


def test_takes_may_cross_fade_token_by_token():
    fsq = presets.bottleneck("IsoDiM_Tokenizer_Small")
    a, b = random_indices(fsq, 5), random_indices(fsq, 6)
    made = blend(fsq, a, b, torch.linspace(0, 1, 7)[:, None])
    assert torch.equal(made[:, 0], a[:, 0])
    assert torch.equal(made[:, -1], b[:, -1])
