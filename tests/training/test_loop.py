"""The loop's laws on a toy network: resume, parts, workers, old states, what is logged and when it ends."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.optim.swa_utils import AveragedModel

from common.errors import InputError
from tests.training import toy
from tests.training.interrupted import interrupted
from training.data.batches import batches, part_of, to_device
from training.engine import loop
from training.engine.ema import Ema
from training.engine.schedule import rate_at
from training.engine.state import ema_weights, read_state


def state(run):
    return read_state(run.settings.folder / "model" / "state.safetensors").tensors


def rows(run):
    return [json.loads(line) for line in (run.settings.folder / "log.jsonl").read_text().splitlines()]


def same(first, second):
    assert first.keys() == second.keys()
    return all(torch.equal(first[key], second[key]) for key in first)


def distance(first, second):
    """The largest difference of a weight; `seen` counts parts, not updates."""
    assert first.keys() == second.keys()
    return max(float((first[key].double() - second[key].double()).abs().max()) for key in first if key != "seen")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoints")


@pytest.fixture(scope="module")
def whole(folder):
    return toy.train(toy.settings(folder, "whole"), noisy=True)


def test_resumed_equals_uninterrupted(folder, whole):
    settings = toy.settings(folder, "cut")
    with interrupted(4):
        toy.train(settings, noisy=True)
    with (settings.folder / "log.jsonl").open("a") as log:
        log.write('{"step": 1, "lo')  # the row that was being written
    resumed = toy.train(toy.settings(folder, "cut", is_continue=True), noisy=True)
    assert same(state(whole), state(resumed))
    assert [row["step"] for row in rows(resumed)] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("workers", [0, 3])
def test_workers_change_nothing(folder, whole, workers):
    run = toy.train(toy.settings(folder, f"workers{workers}", num_workers=workers), noisy=True)
    assert same(state(whole), state(run))


def test_accumulated_parts_equal_the_uncut_batch(folder):
    """Up to float32's order of sums; AdamW is steep where a gradient is near zero, so not to the last digit."""
    uncut = toy.train(toy.settings(folder, "uncut"))
    parts = toy.train(toy.settings(folder, "parts", accumulate=4))
    other = toy.train(toy.settings(folder, "other", seed=1))
    assert distance(ema_weights(uncut.settings.folder), ema_weights(parts.settings.folder)) < 1e-5
    assert distance(ema_weights(uncut.settings.folder), ema_weights(other.settings.folder)) > 1e-3
    assert [row["loss"] for row in rows(uncut)] == pytest.approx([row["loss"] for row in rows(parts)], abs=1e-6)


def test_parts_have_their_own_noise(folder, whole):
    run = toy.train(toy.settings(folder, "noise", accumulate=2), noisy=True)
    assert rows(run)[0]["loss"] != pytest.approx(rows(whole)[0]["loss"], rel=1e-3)


def test_log_tells_time_norm_and_busy_share(folder, whole):
    found = rows(whole)
    assert all(row["grad_norm"] > 0 and 0 <= row["busy"] <= 1 for row in found)
    seconds = [row["seconds"] for row in found]
    assert seconds == sorted(seconds)
    longer = toy.train(toy.settings(folder, "whole", steps=8, is_continue=True), noisy=True)
    assert rows(longer)[-1]["seconds"] > rows(longer)[5]["seconds"] == seconds[5]
    assert [("val_error" in row) for row in rows(longer)] == [False, False, True, False, False, True, False, True]


def test_evaluation_only_where_needed(folder):
    run = toy.train(toy.settings(folder, "blind", need_evaluation=False))
    assert not any("val_error" in row for row in rows(run))


def test_state_without_seconds_is_continued(folder, whole):
    """The layout of runs from before the seconds: `ema.n_averaged` and `ema.module.` of torch's AveragedModel."""
    old = folder / "bvh" / "old" / "model"
    old.mkdir(parents=True)
    first = toy.train(toy.settings(folder, "old_half", steps=3))
    tensors = load_file(first.settings.folder / "model" / "state.safetensors")
    theirs = AveragedModel(first.model).state_dict()
    assert {f"ema.{key}" for key in theirs} == {key for key in tensors if key.startswith("ema.")}
    save_file(tensors, old / "state.safetensors", metadata={"step": "3"})
    run = toy.train(toy.settings(folder, "old", is_continue=True))
    assert run.step == 6
    assert [row["step"] for row in rows(run)] == [4, 5, 6]


def test_no_state_is_one_sentence(folder):
    with pytest.raises(InputError, match=r"state.safetensors is 'missing', expected the state of a run"):
        toy.train(toy.settings(folder, "none", is_continue=True))


def test_damaged_state_is_one_sentence(folder):
    path = folder / "bvh" / "damaged" / "model" / "state.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not tensors")
    with pytest.raises(InputError, match=r"state.safetensors is 'damaged', expected the state of a run"):
        toy.train(toy.settings(folder, "damaged", is_continue=True))


def test_gradient_that_is_no_number_ends_the_run_before_it_is_saved(folder):
    with pytest.raises(FloatingPointError, match="the gradient is nan at step"):
        toy.train(toy.settings(folder, "burst", lr=1e30, log_every=50))
    with pytest.raises(InputError, match="the state of a run"):
        ema_weights(folder / "bvh" / "burst")


def test_given_weights_are_the_start(folder, whole):
    """A run that hardly learns ends where it began."""
    given = ema_weights(whole.settings.folder)
    tuned = toy.train(toy.settings(folder, "tuned", steps=1, lr=1e-9), start=given)
    scratch = toy.train(toy.settings(folder, "scratch", steps=1, lr=1e-9))
    assert distance(ema_weights(tuned.settings.folder), given) < 1e-6
    assert distance(ema_weights(scratch.settings.folder), given) > 1e-3


def test_batch_that_cannot_be_cut_is_refused(folder):
    with pytest.raises(InputError, match="batch_size is 8, expected a multiple of 3: 1 processes times accumulate 3"):
        toy.train(toy.settings(folder, "odd", accumulate=3))
    with pytest.raises(InputError, match="fsdp is True, expected False in one process"):
        toy.train(toy.settings(folder, "alone", fsdp=True))


class Counting(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(3))
        self.register_buffer("codebook", torch.zeros(3))
        self.register_buffer("count", torch.zeros((), dtype=torch.long))
        self.register_buffer("table", torch.full((2,), float("-inf")), persistent=False)


def test_average_is_torchs_and_covers_what_a_checkpoint_holds():
    model, rng = Counting(), np.random.default_rng(0)
    ours = Ema(model, 0.9)
    theirs = AveragedModel(
        model,
        multi_avg_fn=lambda mine, new, seen: torch._foreach_lerp_(
            mine, new, 1 - min(0.9, (1 + float(seen)) / (10 + float(seen)))
        ),
    )
    for step in range(30):
        values = torch.from_numpy(rng.normal(size=3).astype(np.float32))
        model.weight.data.copy_(values)
        model.codebook.copy_(values)
        model.count.fill_(step)
        ours.update(model)
        theirs.update_parameters(model)
    assert torch.equal(ours.module.weight, theirs.module.weight)
    assert torch.equal(ours.module.codebook, ours.module.weight.data)
    assert int(ours.module.count) == 29
    assert int(ours.n_averaged) == int(theirs.n_averaged) == 30
    assert torch.isinf(ours.module.table).all()
    assert ours.state_dict().keys() == theirs.state_dict().keys()


def test_rate_warms_up_and_falls_over_the_last_fifth_or_at_milestones(folder):
    given = toy.settings(folder, "rate", steps=100, warm_up_iter=10, lr=1.0)
    rates = [rate_at(step, given) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * (step + 1) for step in range(10)])
    assert set(rates[10:80]) == {1.0}
    assert rates[90] == pytest.approx(0.5)
    assert rates[99] == pytest.approx(0.05)
    stairs = dataclasses.replace(given, milestones=(50, 80), lr_decay=0.1)
    assert [rate_at(step, stairs) for step in (49, 50, 79, 80, 99)] == pytest.approx([1, 0.1, 0.1, 0.01, 0.01])


@dataclasses.dataclass(frozen=True)
class Rows:
    numbers: torch.Tensor
    words: list[str]
    more: dict[str, np.ndarray]


def test_parts_of_a_batch_are_its_rows_in_order():
    batch = (Rows(torch.arange(6), list("abcdef"), {"x": np.arange(12).reshape(6, 2)}), torch.arange(6))
    parts = [part_of(batch, index, 3) for index in range(3)]
    assert torch.equal(torch.cat([part[0].numbers for part in parts]), batch[0].numbers)
    assert [word for part in parts for word in part[0].words] == batch[0].words
    assert parts[1][0].more["x"].tolist() == [[4, 5], [6, 7]]
    moved = to_device(batch, torch.device("cpu"))
    assert isinstance(moved[0].more["x"], torch.Tensor)
    assert moved[0].words == batch[0].words
    with pytest.raises(TypeError, match="a batch holds str"):
        part_of(("abc",), 0, 1)


@pytest.mark.parametrize("workers", [0, 1, 4])
def test_batches_are_those_of_seed_and_step(workers):
    taken = list(batches(lambda rng: rng.random(), 5, range(3, 9), workers))
    assert taken == [np.random.default_rng((5, step)).random() for step in range(3, 9)]


def test_error_in_a_worker_reaches_the_loop():
    def broken(rng):
        raise ValueError("no rows")

    with pytest.raises(ValueError, match="no rows"):
        next(batches(broken, 0, range(5), 2))


@pytest.mark.parametrize("precision, units, expected", [
    ("auto", True, torch.bfloat16), ("auto", False, torch.float32), ("bf16", False, torch.bfloat16),
    ("fp32", True, torch.float32),
])  # fmt: skip
def test_bf16_is_taken_where_it_is_asked_for_or_has_units(monkeypatch, precision, units, expected):
    monkeypatch.setattr(loop, "multiplies_in_bf16", lambda kind: units)
    step = loop._Step(torch.nn.Linear(2, 2), lambda model, batch: {"loss": model(batch)}, "cpu", precision)
    assert step(torch.ones(1, 2))["loss"].dtype == expected
