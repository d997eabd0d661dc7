import numpy as np
import pytest
from scipy.stats import entropy

from training.metrics import codebook

RNG = np.random.default_rng(0)


def test_even_use_has_the_perplexity_of_the_codebook():
    indices = np.stack(np.meshgrid(np.arange(8), np.arange(5)), axis=-1).reshape(-1, 2)
    assert codebook.perplexities(indices) == pytest.approx([8, 5])
    assert codebook.perplexity(indices) == pytest.approx(40)
    assert codebook.used(indices, (8, 5)) == pytest.approx([1, 1])


def test_agrees_with_scipy_on_skewed_use():
    indices = RNG.geometric(0.3, (1000, 1))
    _, count = np.unique(indices, return_counts=True)
    assert codebook.perplexity(indices) == pytest.approx(np.exp(entropy(count / count.sum())))


def test_one_code_alone_is_perplexity_one():
    figures = codebook.metrics(np.full((50, 3), 2), (5, 5, 5))
    assert figures == pytest.approx({"use": 0.2, "perplexity": 1, "joint_perplexity": 1})


def test_whole_codes_are_never_more_even_than_their_numbers_allow():
    indices = RNG.integers(0, 5, (400, 4))
    found = codebook.metrics(indices, (5,) * 4)
    assert found["joint_perplexity"] <= np.prod(codebook.perplexities(indices)) + 1e-9
    assert found["joint_perplexity"] <= 400


def test_coordinates_have_no_use():
    assert codebook.metrics(RNG.normal(size=(10, 4)), ()) == {}
