import math
from pathlib import Path

import pytest
import torch

from backend.generators.moe import Experts, MoE, MoEConfig, Routed
from backend.tokenizers.fsq import FSQ
from training.data.tokens import Batch
from training.engine.isodim_settings import IsoDiMSettings
from training.objectives import isodim, moe, objective_of

LEVELS = (8, 5, 5)
NULL = torch.tensor([False, True, False, False])
VISIBLE = torch.arange(10).expand(4, -1) < torch.tensor([0, 2, 5, 3])[:, None]


def settings(**changes):
    return IsoDiMSettings(name="x", dataset_dir=Path("x"), **changes)


def make(**options):
    torch.manual_seed(0)
    config = MoEConfig(width=32, heads=2, depth=2, mar_depth=1, text_width=12, dropout=0.0, **options)
    model = MoE(config, FSQ(LEVELS)).train()
    for parameter in model.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return model


def batch():
    generator = torch.Generator().manual_seed(1)
    indices = torch.stack([torch.randint(level, (4, 10), generator=generator) for level in LEVELS], dim=-1)
    mask = torch.arange(10) < torch.tensor([10, 7, 10, 5])[:, None]
    words = torch.randn(4, 6, 12, generator=generator)
    return Batch(indices, mask, words, torch.ones(4, 6, dtype=torch.bool))


def run(model, **changes):
    torch.manual_seed(0)
    return objective_of(model).losses(model, batch(), VISIBLE, NULL, settings(**changes))


def routed(chosen, gate, x=None):
    one = Experts(4, chosen.shape[-1], 1, 0, "tokens")
    mask = torch.ones(chosen.shape[:2], dtype=torch.bool)
    return Routed(one, torch.zeros(*mask.shape, 4) if x is None else x, gate, chosen, mask)


def test_even_use_is_one_and_a_single_expert_of_four_is_four():
    even = torch.eye(4).bool().repeat(1, 2, 1)
    assert moe.balance(routed(even, torch.full((1, 8, 4), 0.25))).item() == pytest.approx(1)
    assert moe.use_entropy(routed(even, torch.full((1, 8, 4), 0.25))).item() == pytest.approx(1)
    lone = torch.tensor([True, False, False, False]).expand(1, 8, 4)
    assert moe.balance(routed(lone, lone.float())).item() == pytest.approx(4)
    assert moe.use_entropy(routed(lone, lone.float())).item() == pytest.approx(0)


def test_padding_does_not_count_as_use():
    even = torch.eye(4).bool()[None]
    padded = routed(torch.cat([even, torch.zeros(1, 4, 4).bool()], 1), torch.full((1, 8, 4), 0.25))
    padded.mask[:, 4:] = False
    assert moe.balance(padded).item() == pytest.approx(1)


def test_orthogonal_experts_cost_nothing_and_equal_ones_one():
    apart = torch.eye(4)[:, None].repeat(1, 3, 1)
    assert moe.experts_alike(apart).item() == pytest.approx(0)
    assert moe.experts_alike(torch.ones(4, 3, 4)).item() == pytest.approx(1)
    assert moe.experts_alike(-apart[:1]).item() == 0
    one = routed(torch.ones(1, 6, 2).bool(), torch.full((1, 6, 2), 0.5), torch.randn(1, 6, 4))
    one.experts.experts[1].load_state_dict(one.experts.experts[0].state_dict())
    assert moe.diversity(one).item() == pytest.approx(1, abs=1e-5)


def test_without_weights_the_loss_is_isodims():
    model = make()
    found = run(model, balance_loss=0.0)
    torch.manual_seed(0)
    plain = isodim.losses(model, batch(), VISIBLE, NULL, settings())
    assert {name: found[name] for name in plain} == plain
    assert 0 <= found["use"].item() <= 1 + 1e-6


@pytest.mark.parametrize("name", ["balance", "diversity", "consistency", "progressive", "align"])
def test_each_weight_adds_its_own_loss_and_reaches_the_weights(name):
    model = make()
    base = run(model, balance_loss=0.0)["loss"].item()
    found = run(model, **({"balance_loss": 0.0} | {f"{name}_loss": 0.5}))
    assert found[name].item() > 0
    assert found["loss"].item() == pytest.approx(base + found[name].item(), rel=1e-5)
    found[name].backward()
    assert any(parameter.grad is not None and parameter.grad.abs().sum() > 0 for parameter in model.parameters())
    double = run(model, **({"balance_loss": 0.0} | {f"{name}_loss": 1.0}))
    assert double[name].item() == pytest.approx(2 * found[name].item(), rel=1e-4)


def test_equal_experts_agree_when_one_is_swapped():
    model = make(num_experts=4, shared_experts=0)
    for block in model.head:
        block.feed.gate.weight.data.zero_()
        for expert in block.feed.experts:
            expert.load_state_dict(block.feed.experts[0].state_dict())
    assert run(model, consistency_loss=1.0)["consistency"].item() == pytest.approx(0, abs=1e-10)


def test_clips_that_their_texts_tell_apart_cost_less_than_those_that_they_do_not():
    model = make()
    given = batch()
    same = Batch(given.indices, given.mask, given.text[:1].expand(4, -1, -1), given.text_mask)
    assert moe.align(model, same, torch.zeros(4).bool()).item() >= math.log(4) - 1e-4
    assert moe.align(model, same, torch.ones(4).bool()).item() == 0


@pytest.mark.parametrize("output", ["grid", "x", "categorical"])
def test_a_step_lowers_the_loss_with_every_output(output):
    model = make(output=output)
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    first = run(model)["loss"]
    for _ in range(15):
        optimizer.zero_grad()
        run(model)["loss"].backward()
        optimizer.step()
    assert run(model)["loss"] < 0.9 * first


def test_no_experts_are_counted_where_nothing_is_trained():
    model = make().eval()
    assert "use" not in run(model)
