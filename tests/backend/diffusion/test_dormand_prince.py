import math

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp

from backend.diffusion import dormand_prince


def bend(state, time):
    """A field without a closed form whose pace changes with the time."""
    return torch.sin(3 * state) * (1 + 4 * time) - state * torch.cos(9 * time)


def counted(field):
    calls = []

    def slope(state, time):
        calls.append(float(time))
        return field(state, time)

    return slope, calls


@pytest.mark.parametrize(("rtol", "atol"), [(1e-3, 1e-6), (1e-6, 1e-9)])
def test_it_is_scipys_method_step_for_step(rtol, atol):
    start = torch.randn(5, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    slope, calls = counted(bend)
    made = dormand_prince.integrate(slope, start, lambda time: None, rtol, atol)

    def flat(time, state):
        return bend(torch.from_numpy(state), torch.tensor(time, dtype=torch.float64)).numpy()

    theirs = solve_ivp(flat, (0, 1), start.flatten().numpy(), method="RK45", rtol=rtol, atol=atol)
    assert len(calls) == theirs.nfev
    np.testing.assert_allclose(made.flatten().numpy(), theirs.y[:, -1], rtol=0, atol=1e-11)


def test_its_error_is_that_of_its_tolerance():
    start = torch.randn(40, generator=torch.Generator().manual_seed(1))
    exact = dormand_prince.integrate(bend, start.double(), lambda time: None, 1e-10, 1e-12).float()
    made = dormand_prince.integrate(bend, start, lambda time: None)
    assert (made - exact).abs().max() < 3e-3  # of numbers up to 3, at a relative tolerance of 1e-3


def test_steps_grow_tenfold_along_a_straight_line():
    slope, calls = counted(lambda state, time: torch.full_like(state, 2.0))
    made = dormand_prince.integrate(slope, torch.ones(4), lambda time: None)
    torch.testing.assert_close(made, torch.full((4,), 3.0))
    assert len(calls) <= 2 + 6 * 4


def test_it_tells_its_time_and_may_be_stopped():
    seen = []
    dormand_prince.integrate(bend, torch.ones(3), seen.append)
    assert seen == sorted(seen)
    assert 0.0 == seen[0] < seen[-1] < 1.0

    def stop(time):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        dormand_prince.integrate(bend, torch.ones(3), stop)


def test_what_is_no_number_ends_in_a_sentence():
    with pytest.raises(FloatingPointError, match="no step at time 0 is small enough"):
        dormand_prince.integrate(lambda state, time: state * math.nan, torch.ones(2), lambda time: None)
