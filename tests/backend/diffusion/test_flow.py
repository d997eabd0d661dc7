import numpy as np
import pytest
import torch

from backend.diffusion import flow


def test_path_ends_are_noise_and_data():
    data, noise = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    assert torch.equal(flow.interpolate(data, noise, torch.tensor(0.0)), noise)
    assert torch.equal(flow.interpolate(data, noise, torch.tensor(1.0)), data)


def test_velocity_of_the_true_data_is_data_minus_noise():
    data, noise, time = torch.randn(5, 4), torch.randn(5, 4), torch.tensor(0.3)
    noisy = flow.interpolate(data, noise, time)
    torch.testing.assert_close(flow.velocity(data, noisy, time), data - noise)


def test_arrays_and_tensors_go_the_same_way():
    data, noise, begin = (torch.randn(2, 3, 4), torch.randn(2, 3, 4), torch.tensor([0.3, 0.7])[:, None, None])

    def made(data, noise, begin):
        predict = lambda noisy, time: (data + 0.1 * noisy, time * data)  # noqa: E731
        return flow.sample(predict, noise, 5, 2.0, lambda step: None, heun=True, begin=begin)

    ours = made(*(part.numpy() for part in (data, noise, begin)))
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, made(data, noise, begin).numpy(), atol=1e-5)


@pytest.mark.parametrize("heun", [False, True])
@pytest.mark.parametrize("steps", [1, 4, 9])
def test_an_oracle_is_reached_in_any_number_of_steps(steps, heun):
    data, noise = torch.randn(2, 3, 4), torch.randn(2, 3, 4)
    made = flow.sample(lambda noisy, time: (data, data), noise, steps, 3.0, lambda step: None, heun=heun)
    torch.testing.assert_close(made, data, atol=1e-5, rtol=0)


def test_heun_is_closer_than_euler_to_the_exact_flow_of_a_gaussian():
    # data ~ N(0, 2^2): E[x | z] is linear, and the flow scales the noise by exactly the data's deviation
    def predict(noisy, time):
        mean = noisy * (4 * time) / (4 * time**2 + (1 - time) ** 2)
        return mean, mean

    noise = torch.randn(1, 200, 1, generator=torch.Generator().manual_seed(0))
    errors = [
        (flow.sample(predict, noise, 12, 1.0, lambda step: None, heun=heun) - 2 * noise).abs().mean()
        for heun in (False, True)
    ]
    assert errors[1] < 0.5 * errors[0]
    assert errors[1] < 0.05


def test_guidance_acts_only_after_its_start():
    noisy = torch.zeros(1, 1, 1)
    predict = lambda noisy, time: (torch.ones(1, 1, 1), torch.zeros(1, 1, 1))  # noqa: E731
    early, late = (flow.guided_velocity(predict, noisy, t, 3.0).item() for t in (0.05, 0.5))
    assert early == pytest.approx(1 / 0.95)
    assert late == pytest.approx(3 / 0.5)
