"""A few hundred inputs for each target, and proof that the search finds what there is to find."""

import logging
import random
import signal
import time

import pytest

from common.errors import InputError
from tools.fuzz import __main__ as run
from tools.fuzz.targets import Target, every

NAMES = ("frames", "messages", "server", "config", "safetensors", "npz", "bvh", "corrections", "checkpoints")


@pytest.fixture(scope="module")
def targets(tmp_path_factory):
    return every(tmp_path_factory.mktemp("fuzz"))


@pytest.fixture(autouse=True)
def alarm(monkeypatch):
    logging.disable(logging.CRITICAL)
    before = signal.signal(signal.SIGALRM, run._hang)
    yield
    signal.signal(signal.SIGALRM, before)
    logging.disable(logging.NOTSET)


def test_all_targets_have_a_name(targets):
    assert tuple(targets) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_damage_is_refused_with_a_sentence(targets, name):
    tally = run.fuzz(targets[name], random.Random(1), seconds=1.0, most=200)
    assert tally.findings == [] and tally.inputs > 10
    assert tally.refused > 0 or name in ("corrections", "checkpoints")  # these leave out what they cannot read


def test_an_exception_and_slowness_and_a_hang_are_findings(tmp_path, monkeypatch):
    def breaks(data):
        if data != b"{}":
            raise KeyError(data)

    def dawdles(data):
        until = time.process_time() + (0.0 if data == b"{}" else 0.2)
        while time.process_time() < until:
            pass

    def refuses(data):
        if data != b"{}":
            raise InputError("x", data, "y")

    monkeypatch.setattr(run, "SLOW_S", 0.1)
    monkeypatch.setattr(run, "HANG_S", 1)
    found = run.fuzz(Target((b"{}",), breaks), random.Random(0), 5.0, most=5, keep=tmp_path)
    assert len(found.findings) == len([f for f in found.findings if "KeyError" in f]) > 0
    assert len(list(tmp_path.iterdir())) > 0
    assert run.fuzz(Target((b"{}",), dawdles), random.Random(0), 5.0, most=3).findings
    assert run.fuzz(Target((b"{}",), refuses), random.Random(0), 5.0, most=5).findings == []
    monkeypatch.setattr(run, "SLOW_S", 9.0)
    hangs = Target((b"{}",), lambda data: None if data == b"{}" else time.sleep(5))
    assert any("hung" in one for one in run.fuzz(hangs, random.Random(0), 1.0, most=2).findings)
