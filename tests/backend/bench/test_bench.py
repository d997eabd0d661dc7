"""The figures of `bench` on random weights: complete, consistent, and left out with a sentence where they cannot be had."""

import argparse
import functools
import json

import numpy as np
import pytest
import torch

from backend.bench import bars, baseline, cuda, flops
from backend.bench.times import Row, table, timed
from backend.commands import bench
from backend.generate import Pipeline
from common.errors import InputError
from common.wire.messages import Generate
from tests.tiny import make_checkpoint

BASELINE = "FSQ-MARDM-SiT-XS"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny")


@pytest.fixture(scope="module")
def pipeline(weights):
    return Pipeline.load(weights, "cpu")


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(baseline, "STEPS", 3)
    monkeypatch.setattr(baseline, "ROUNDS", 3)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_stages_of_the_bundled_checkpoint_and_a_sentence_without_a_cuda_device(weights, capsys):
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    given = ("--seconds", "1", "--repeat", "2", "--checkpoint", str(weights), "--json", "--only", "bundled")
    assert bench.run(parser.parse_args([*given, "--only", "cuda"])) == 0
    figures = json.loads(capsys.readouterr().out)
    assert len(figures["warm_s"]) == 2
    assert 0 < figures["warm_min_s"] <= figures["warm_median_s"] <= figures["warm_max_s"]
    assert figures["flop"] > 1e8
    assert {"text_s", "generator_s", "decoder_s", "solve_s", "start_to_first_s", "peak_memory_mib"} <= figures.keys()
    assert figures["cuda"] == f"CUDA: left out, torch {torch.__version__} finds no CUDA device on this machine."
    assert "comparison" not in figures


def test_the_bars_are_each_measured(pipeline, monkeypatch):
    started = []
    monkeypatch.setattr(bars.subprocess, "run", lambda command, **options: started.append((command, options["env"])))
    found = bars.measure(pipeline, 1, ["--engine", "torch"])
    assert found.keys() == {"engine", "clip_s", "minute_s", "eight_seeds_s", "range_s", "first_clip_s", "memory_mb"}
    assert all(found[name] > 0 for name in ("clip_s", "range_s", "memory_mb")) and found["minute_s"] > found["clip_s"]
    (first, variables), (second, _) = started
    assert first == second and first[-2:] == ["--engine", "torch"], "the first one only compiles"
    assert not [name for name in variables if name.startswith("PYTHON")]


def test_bars_are_one_object_of_json(weights, capsys, monkeypatch):
    monkeypatch.setattr(bars.subprocess, "run", lambda command, **options: None)
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    given = ("--repeat", "1", "--checkpoint", str(weights), "--engine", "torch", "--json", "--only", "bars")
    assert bench.run(parser.parse_args(given)) == 0
    figures = json.loads(capsys.readouterr().out)
    assert {"clip_s", "first_clip_s", "minute_s", "eight_seeds_s", "range_s", "memory_mb"} <= figures.keys()
    assert figures["engine"].startswith("torch") and "warm_s" not in figures


def test_the_published_sampler_costs_more_for_the_same_clip(pipeline, short):
    request = Generate(prompt="a person walks", seconds=1.0)
    cheap, published = baseline.rows(BASELINE, pipeline, request, 1, 1)
    assert (cheap.name, published.name) == (f"{BASELINE}, unmasked tokens only", f"{BASELINE}, as published")
    assert published.flop > 1.1 * cheap.flop


def test_only_a_mardm_is_a_baseline(pipeline):
    with pytest.raises(InputError, match="--baseline is 'IsoDiM-DiT-XS', expected one of MARDM-SiT-XL-Fast"):
        baseline.pipeline_of("IsoDiM-DiT-XS", pipeline)


def test_operations_carried_on_from_two_steps_are_those_counted_at_all(pipeline, short):
    small = baseline.pipeline_of(BASELINE, pipeline)
    assert baseline._flop(small, 1.0) == flops.counted(small, 1.0)


def test_operations_grow_with_the_clip(pipeline):
    assert 1e8 < flops.counted(pipeline, 2.0) < flops.counted(pipeline, 8.0)


def test_networks_are_timed_on_the_cpu_as_they_are_on_a_device(pipeline, monkeypatch):
    replaced = []

    def compile(function, **options):
        replaced.append((function.__name__, options))
        return functools.partial(function)

    monkeypatch.setattr(torch, "compile", compile)
    generator = cuda.networks_of(pipeline)
    fast = cuda.compiled(generator, mode="reduce-overhead")
    assert replaced == [(name, {"mode": "reduce-overhead"}) for name in ("context", "denoise")]
    np.testing.assert_allclose(*(cuda._work(pipeline, model, 1.0, 2, False)(0) for model in (generator, fast)))
    assert len(cuda.clip_seconds(pipeline, generator, 1.0, 1, 2, True)) == 2


def test_rates_stop_where_the_memory_ends(pipeline, monkeypatch):
    def clip_seconds(pipeline, generator, seconds, batch, repeat, half):
        if batch > 16:
            raise torch.cuda.OutOfMemoryError
        return [0.5] * repeat

    monkeypatch.setattr(cuda, "clip_seconds", clip_seconds)
    assert cuda.clips_per_second(pipeline, 9.8, 3) == {1: 2.0, 4: 8.0, 16: 32.0}


def test_the_table_compares_with_its_first_row():
    lines = table([Row("own", [0.1, 0.3, 0.2], 2e9), Row("other", [2.0], 1e10)]).splitlines()
    assert lines[1].split() == ["own", "0.200", "0.100", "0.300", "3", "2.0", "1.0", "1.0"]
    assert lines[2].split()[-2:] == ["10.0", "5.0"]


def test_every_repeat_is_timed():
    seen = []
    assert len(timed(seen.append, 3)) == 3
    assert seen == [0, 1, 2]
