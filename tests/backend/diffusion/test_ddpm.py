import math

import pytest
import torch

from backend.diffusion import ddpm


def never(step):
    pass


def test_schedule_falls_from_almost_one_to_almost_zero_along_the_cosine():
    alpha_bar = ddpm.cosine_alpha_bar()
    assert len(alpha_bar) == ddpm.STEPS
    assert (alpha_bar.diff() < 0).all()
    assert alpha_bar[0] > 0.9999
    assert 0 < alpha_bar[-1] < 1e-4
    middle = math.cos((0.5 + 0.008) / 1.008 * math.pi / 2) ** 2 / math.cos(0.008 / 1.008 * math.pi / 2) ** 2
    assert alpha_bar[499].item() == pytest.approx(middle, rel=1e-4)


def test_respaced_steps_are_distinct_and_hold_both_ends():
    for steps in (2, 8, 50, ddpm.STEPS):
        chain = ddpm.respaced(steps)
        assert len(chain.unique()) == steps
        assert (chain[0], chain[-1]) == (0, ddpm.STEPS - 1)
    assert ddpm.respaced(1).tolist() == [ddpm.STEPS - 1]


def test_noised_data_keeps_unit_variance():
    data, noise = torch.randn(2, 20_000, generator=torch.Generator().manual_seed(0))
    for number in (0, 300, 700, 999):
        made = ddpm.noised(data, noise, ddpm.cosine_alpha_bar()[number])
        assert made.std().item() == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("steps", [1, 2, 50])
def test_an_oracle_is_reached_in_any_number_of_steps(steps):
    data = torch.randn(5, 3)
    alpha_bar = ddpm.cosine_alpha_bar()

    def oracle(noisy, number):
        here = alpha_bar[number]
        return (noisy - here.sqrt() * data) / (1 - here).sqrt()

    made = ddpm.sample(oracle, torch.randn(5, 3), torch.randn(steps - 1, 5, 3), never)
    # at a single step the data is divided by sqrt(alpha_bar), which is tiny
    torch.testing.assert_close(made, data, atol=1e-2 if steps == 1 else 1e-4, rtol=0)


def test_a_gaussian_is_sampled_with_its_mean_and_deviation():
    # data ~ N(1, .5^2): the best noise prediction is known
    alpha_bar = ddpm.cosine_alpha_bar()

    def best(noisy, number):
        here = alpha_bar[number]
        variance = here * 0.25 + 1 - here
        return (noisy - here.sqrt()) * (1 - here).sqrt() / variance

    generator = torch.Generator().manual_seed(0)
    noise, between = torch.randn(4000, 1, generator=generator), torch.randn(99, 4000, 1, generator=generator)
    made = ddpm.sample(best, noise, between, never)
    assert made.mean().item() == pytest.approx(1.0, abs=0.05)
    assert made.std().item() == pytest.approx(0.5, abs=0.05)


def test_projected_data_is_what_comes_out():
    predict = lambda noisy, number: torch.zeros_like(noisy)  # noqa: E731
    made = ddpm.sample(predict, torch.randn(9, 2), torch.randn(4, 9, 2), never, project=torch.sign)
    assert set(made.flatten().tolist()) <= {-1.0, 1.0}


def test_steps_are_announced():
    seen = []
    ddpm.sample(lambda noisy, number: noisy, torch.randn(1, 2), torch.randn(3, 1, 2), seen.append)
    assert seen == [0, 1, 2, 3]
