import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.engines.torch import codes
from backend.tokenizers import presets
from backend.tokenizers.blend import blend

LATENT = 6


def random_indices(bottleneck, seed):
    rng = np.random.default_rng(seed)
    if not bottleneck.levels:
        return rng.normal(size=(2, 7, LATENT)).astype(np.float32)
    return np.stack([rng.integers(level, size=(2, 7)) for level in bottleneck.levels], axis=-1)


@pytest.mark.parametrize("name", ["IsoDiM_Tokenizer_High", *presets.OTHERS])
def test_the_ends_are_the_takes_themselves(name):
    torch.manual_seed(0)
    bottleneck = codes(presets.bottleneck(name, LATENT))
    a, b = random_indices(bottleneck, 1), random_indices(bottleneck, 2)
    assert np.array_equal(blend(bottleneck, a, b, 0.0), a)
    assert np.array_equal(blend(bottleneck, a, b, 1.0), b)
    between = blend(bottleneck, a, b, 0.5)
    assert between.shape == a.shape
    assert between.dtype == a.dtype
    np.testing.assert_allclose(between, blend(bottleneck, b, a, 0.5), atol=1e-6)


@given(st.floats(0, 1, width=32), st.integers(0, 9))
@settings(max_examples=50, deadline=None)
def test_fsq_stays_on_the_grid_between_the_ends(amount, seed):
    fsq = codes(presets.bottleneck("IsoDiM_Tokenizer_High"))
    a, b = random_indices(fsq, seed), random_indices(fsq, seed + 10)
    made = blend(fsq, a, b, amount)
    assert (made >= np.minimum(a, b)).all()
    assert (made <= np.maximum(a, b)).all()
    exact = a + amount * (b - a)
    assert (np.abs(made - exact) <= 0.5 + 1e-4).all()


def test_fsq_moves_one_way_as_the_amount_grows():
    fsq = codes(presets.bottleneck("IsoDiM_Tokenizer_HighDim8"))
    a, b = random_indices(fsq, 3), random_indices(fsq, 4)
    steps = np.stack([blend(fsq, a, b, float(amount)) for amount in np.linspace(0, 1, 21)])
    assert ((np.diff(steps, axis=0) * np.sign(b - a)) >= 0).all()


def test_takes_may_cross_fade_token_by_token():
    fsq = codes(presets.bottleneck("IsoDiM_Tokenizer_Small"))
    a, b = random_indices(fsq, 5), random_indices(fsq, 6)
    made = blend(fsq, a, b, np.linspace(0, 1, 7)[:, None])
    assert np.array_equal(made[:, 0], a[:, 0])
    assert np.array_equal(made[:, -1], b[:, -1])
