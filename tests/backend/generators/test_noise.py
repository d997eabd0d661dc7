"""Noise without torch is torch's own."""

import numpy as np
import pytest
import torch

from backend.generators import noise


@pytest.mark.parametrize("seed", [0, 7, 2**31 - 1])
def test_the_stream_is_that_of_torch(seed):
    ours = noise.normal(seed, 48, 24)
    theirs = torch.randn(48, 24, generator=torch.Generator().manual_seed(seed)).numpy()
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=2e-6)
    theirs = torch.rand(100, generator=torch.Generator().manual_seed(seed)).numpy()
    np.testing.assert_array_equal(noise.uniform(seed, 100), theirs)


def test_longer_noise_begins_as_shorter_one_and_is_normal():
    long = noise.normal(3, 400, 24)
    for tokens in (1, 13, 49):
        np.testing.assert_array_equal(noise.normal(3, tokens, 24), long[:tokens])
    assert abs(long.mean()) < 0.03
    assert abs(long.std() - 1.0) < 0.03


def test_each_use_of_a_row_has_a_seed_of_its_own():
    row = noise.normal(1, 4, 3)
    assert noise.seed_of(row, "order") == noise.seed_of(row.copy(), "order")
    assert len({noise.seed_of(one, use) for one in (row, row + 1) for use in ("order", "steps")}) == 4
