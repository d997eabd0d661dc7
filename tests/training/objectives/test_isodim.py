import dataclasses
import math
from pathlib import Path

import pytest
import torch

from backend.tokenizers.continuous import Continuous
from backend.tokenizers.fsq import FSQ
from tests import tiny
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings
from training.objectives import objective_of
from training.objectives.isodim import losses, training_times

LEVELS = (8, 5, 5)


def settings(**changes):
    return IsoDiMSettings(name="x", dataset_dir=Path("x"), **changes)


def batch(levels=LEVELS):
    generator = torch.Generator().manual_seed(1)
    indices = torch.stack([torch.randint(level, (4, 10), generator=generator) for level in levels], dim=-1)
    mask = torch.arange(10) < torch.tensor([10, 7, 10, 5])[:, None]
    words = torch.randn(4, 6, 12, generator=generator)
    return Batch(indices, mask, words, torch.ones(4, 6, dtype=torch.bool))


KNOWN = torch.arange(10).expand(4, -1) < torch.tensor([0, 2, 5, 3])[:, None]
NULL = torch.tensor([False, True, False, False])


def run(model, given, **changes):
    torch.manual_seed(0)
    return losses(model, given, KNOWN, NULL, settings(**changes))


@pytest.mark.parametrize("output", ["grid", "x", "categorical"])
def test_padding_is_neither_seen_nor_asked_for(output):
    model, given = tiny.isodim(FSQ(LEVELS), output=output), batch()
    indices = given.indices.clone()
    indices[~given.mask] = 0
    for name, value in run(model, given).items():
        torch.testing.assert_close(run(model, dataclasses.replace(given, indices=indices))[name], value)


@pytest.mark.parametrize("output", ["grid", "categorical"])
def test_an_untrained_head_knows_nothing_of_the_levels(output):
    model = tiny.isodim(FSQ(LEVELS), output=output)
    model.out.weight.data.zero_()
    model.out.bias.data.zero_()
    assert run(model, batch())["entropy"].item() == pytest.approx(sum(map(math.log, LEVELS)) / 3, rel=1e-5)


def test_the_categorical_loss_is_the_entropy_alone_and_needs_no_noise():
    model, given = tiny.isodim(FSQ(LEVELS), output="categorical"), batch()
    first = losses(model, given, KNOWN, NULL, settings())
    assert first.keys() == {"loss", "entropy"}
    assert torch.equal(first["loss"], losses(model, given, KNOWN, NULL, settings())["loss"])


def test_the_v_loss_weighs_the_x_loss_by_the_time_left():
    model, given = tiny.isodim(FSQ(LEVELS), output="x"), batch()
    plain, weighted = run(model, given, loss="x"), run(model, given, loss="v")
    assert plain.keys() == {"loss", "x"}
    assert weighted.keys() == {"loss", "v"}
    # 1 / (1 - t)^2 lies between 1 and 1 / .05^2
    assert plain["x"] < weighted["v"] < plain["x"] / 0.05**2


def test_continuous_coordinates_are_learned_as_numbers():
    model = tiny.isodim(Continuous(3), output="x")
    given = dataclasses.replace(batch(), indices=torch.randn(4, 10, 3))
    value = run(model, given)["loss"]
    value.backward()
    assert torch.isfinite(value)
    assert model.out.weight.grad.abs().sum() > 0


@pytest.mark.parametrize("output", ["grid", "x", "categorical"])
def test_a_few_steps_learn_one_batch(output):
    model, given = tiny.isodim(FSQ(LEVELS), output=output), batch()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    seen = []
    for _ in range(15):
        value = run(model, given)["loss"]
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        seen.append(value.item())
    assert seen[-1] < 0.85 * seen[0]


def test_each_family_has_its_objective():
    assert objective_of(tiny.isodim(FSQ(LEVELS))).losses is losses


def test_training_times_follow_the_logit_normal():
    torch.manual_seed(0)
    logits = torch.logit(training_times(20_000, torch.device("cpu")))
    assert logits.mean().item() == pytest.approx(-0.8, abs=0.03)
    assert logits.std().item() == pytest.approx(0.8, abs=0.03)
