import math

import pytest
import torch
from torch import nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from backend.dicode.densities import Levels, Mixture, Regression
from backend.tokenizers.fsq import FSQ


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def reference(density, output):
    shares, means, log_std = density.parts(output)
    return MixtureSameFamily(Categorical(logits=shares), Independent(Normal(means, log_std.exp()), 1))


def test_a_mixture_has_the_density_of_torchs():
    density = Mixture(3, 4)
    output, x = torch.randn(5, density.outputs, generator=generator()), torch.randn(5, 3, generator=generator(1))
    wanted = reference(density, output).log_prob(x)
    torch.testing.assert_close(density.log_density(output, x), wanted, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(density.loss(output, x), -wanted / 3, atol=1e-6, rtol=1e-6)


def test_a_mixture_has_mass_one():
    density = Mixture(1, 3)
    output = 0.5 * torch.randn(1, density.outputs, generator=generator(2))
    grid = torch.linspace(-30, 30, 60_001)[:, None]
    mass = density.log_density(output.expand(len(grid), -1), grid).exp().sum() * 1e-3
    assert abs(float(mass) - 1) < 1e-3


def test_samples_have_the_mixtures_mean_and_spread():
    density = Mixture(2, 3)
    output = torch.randn(1, density.outputs, generator=generator(3))
    found = density.draw(output, 40_000, 1.0, generator(4))[:, 0]
    right = reference(density, output[0])
    torch.testing.assert_close(found.mean(0), right.mean, atol=0.05, rtol=0)
    torch.testing.assert_close(found.var(0), right.variance, atol=0.05, rtol=0.05)


def test_guidance_moves_a_gaussian_by_the_ratio_of_likelihoods():
    """N(1, 1) against N(0, 1) to the power g: N(g, 1) (Ho & Salimans, 2022, eq. 3), but for the number of candidates."""
    density = Mixture(1, 1)
    with_text, null = torch.tensor([[0.0, 1.0, 0.0]]), torch.tensor([[0.0, 0.0, 0.0]])
    rows = 4_000
    args = (with_text.expand(rows, -1), null.expand(rows, -1))
    for guidance in (1.0, 1.5, 2.0):
        assert abs(float(density.sample(*args, guidance, 1.0, generator(5)).mean()) - guidance) < 0.12


def test_guidance_stays_at_a_component_and_never_lands_between_two():
    density = Mixture(1, 2)
    with_text = torch.tensor([[0.0, 0.0, -3.0, 3.0, -3.0, -3.0]])
    null = torch.tensor([[0.0, 2.0, -3.0, 3.0, -3.0, -3.0]])  # it prefers the second
    found = density.sample(with_text.expand(400, -1), null.expand(400, -1), 3.0, 1.0, generator())
    assert (found.abs() - 3).abs().max() < 0.5
    assert (found < 0).float().mean() > 0.9


def test_components_begin_apart():
    density = Mixture(4, 3)
    layer = nn.Linear(7, density.outputs)
    density.begin(layer)
    _, means, log_std = density.parts(layer(torch.randn(2, 7)))
    assert (means[:, 0] - means[:, 1]).abs().min() > 0
    assert (log_std == 0).all()


def levels():
    grid = FSQ((5, 3, 4))
    return grid, Levels(grid, torch.tensor([0.1, -0.1, 0.2]), torch.tensor([0.6, 0.8, 0.7]))


def test_levels_are_a_softmax_of_each_number():
    grid, density = levels()
    output = torch.randn(2, 6, density.outputs, generator=generator())
    indices = torch.stack([torch.randint(level, (2, 6), generator=generator()) for level in grid.levels], -1)
    x = (grid.from_indices(indices) - density.mean) / density.std
    parts = [Categorical(logits=part) for part in output.split(grid.levels, -1)]
    wanted = -torch.stack([part.log_prob(index) for part, index in zip(parts, indices.unbind(-1), strict=True)]).mean(0)
    torch.testing.assert_close(density.loss(output, x), wanted)


def test_levels_are_sampled_on_the_grid_as_often_as_they_say():
    grid, density = levels()
    output = torch.randn(1, density.outputs, generator=generator(1)).expand(20_000, -1)
    found = density.sample(output, None, 1.0, 1.0, generator(2)) * density.std + density.mean
    torch.testing.assert_close(grid.snap(found), found)
    share = torch.bincount(grid.to_indices(found)[:, 0], minlength=5) / len(found)
    torch.testing.assert_close(share, output[0, :5].softmax(-1), atol=0.02, rtol=0)


def test_a_guidance_of_one_leaves_levels_as_the_prompt_has_them():
    _, density = levels()
    output, null = (torch.randn(50, density.outputs, generator=generator(seed)) for seed in (1, 2))
    alone = density.sample(output, None, 1.0, 1.0, generator(3))
    torch.testing.assert_close(density.sample(output, null, 1.0, 1.0, generator(3)), alone)
    assert not torch.equal(density.sample(output, null, 4.0, 1.0, generator(3)), alone)


def test_cold_samples_are_the_likeliest():
    grid, density = levels()
    output = torch.randn(30, density.outputs, generator=generator(1))
    found = grid.to_indices(density.sample(output, None, 1.0, 0.01, generator(2)) * density.std + density.mean)
    likeliest = torch.stack([part.argmax(-1) for part in output.split(grid.levels, -1)], -1)
    assert (found == likeliest).float().mean() > 0.95
    mixture = Mixture(2, 3)
    output = torch.randn(1, mixture.outputs, generator=generator(1))
    assert mixture.draw(output, 100, 0.01, generator()).std(0).max() < 0.1


@pytest.mark.parametrize("x", [0.0, 2.0])
def test_a_regression_is_the_mean_and_knows_no_chance(x):
    density = Regression(2)
    output = torch.full((3, 2), 1.5)
    torch.testing.assert_close(density.loss(output, torch.full((3, 2), x)), torch.full((3,), (1.5 - x) ** 2))
    assert torch.equal(density.sample(output, None, 1.0, 9.0, generator()), output)
    assert density.sample(output, torch.ones(3, 2), 3.0, 1.0, generator()).eq(2.5).all()


def test_of_two_answers_a_likelihood_keeps_both_and_a_squared_error_the_middle():
    """The paper's reason for a distribution."""
    torch.manual_seed(0)
    data = torch.where(torch.rand(512, 1) < 0.5, -1.0, 1.0) + 0.05 * torch.randn(512, 1)
    found = {}
    for name, density in (("gmm", Mixture(1, 4)), ("regression", Regression(1))):
        layer = nn.Linear(1, density.outputs)
        density.begin(layer)
        optimizer = torch.optim.Adam(layer.parameters(), lr=0.05)
        for _ in range(300):
            loss = density.loss(layer(torch.zeros(512, 1)), data).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            found[name] = density.sample(layer(torch.zeros(512, 1)), None, 1.0, 1.0, generator())
    assert found["regression"].abs().max() < 0.1
    assert ((found["gmm"].abs() - 1).abs() < 0.3).float().mean() > 0.95
    assert 0.4 < float((found["gmm"] > 0).float().mean()) < 0.6
    assert math.isfinite(float(found["gmm"].sum()))
