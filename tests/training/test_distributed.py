"""Two real processes equal one with the same batches: replicated (DDP) and sharded (FSDP), on CPUs."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared
from tests.training import toy, two_processes
from training import train_tokenizer
from training.engine.state import read_state

ROOT = Path(__file__).parents[2]
WEIGHTS = 2e-6
"""Of float32 weights of size 1 after a few AdamW steps; the sums of the two gradients are taken in another order."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("distributed")
    prepared.make(folder / "prepared")
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--standalone"]
    found = subprocess.run(
        [*launch, "-m", "tests.training.two_processes", str(folder)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert found.returncode == 0, found.stdout[-2000:] + found.stderr[-4000:]
    return folder


def rows(run):
    return [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]


def assert_same_run(one, two):
    """Losses, gradients and figures of every step, and all tensors of the state but the toy's count of parts."""
    ours, theirs = rows(one), rows(two)
    assert [row["step"] for row in ours] == [row["step"] for row in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for name in mine.keys() - {"seconds", "busy"}:
            assert other[name] == pytest.approx(mine[name], rel=1e-5, abs=1e-6), (name, mine["step"])
    tensors, step, _ = read_state(one / "model" / "state.safetensors")
    others, other_step, _ = read_state(two / "model" / "state.safetensors")
    assert step == other_step
    assert tensors.keys() == others.keys()
    for name in tensors:
        if not name.endswith(".seen"):
            assert float((tensors[name] - others[name]).abs().max()) <= WEIGHTS, name


def test_two_processes_train_the_tokenizer_of_one(folder):
    train_tokenizer.main(two_processes.tokenizer(folder, "one", "tokenizer"))
    assert_same_run(folder / "one/bvh/tokenizer", folder / "two/bvh/tokenizer")
    train_tokenizer.main(two_processes.tokenizer(folder, "one", "other", seed=1))
    with pytest.raises(AssertionError):
        assert_same_run(folder / "one/bvh/other", folder / "two/bvh/tokenizer")


@pytest.mark.parametrize("name, accumulate", [("toy", 2), ("accumulated", 4), ("sharded", 2)])
def test_noise_and_dropout_are_those_of_one_process_that_accumulates(folder, name, accumulate):
    run = toy.train(toy.settings(folder / "one", name, accumulate=accumulate), noisy=True)
    assert_same_run(run.settings.folder, folder / "two/bvh" / name)


def test_sharded_run_is_resumed_exactly(folder):
    assert_same_run(folder / "two/bvh/sharded", folder / "two/bvh/resumed")


def test_one_process_writes(folder):
    assert len(list((folder / "two/bvh/toy/eval").glob("events*"))) == 1
    assert len(rows(folder / "two/bvh/toy")) == 6
