"""The real server and the real commands with the real networks, small and untrained."""

from __future__ import annotations

import json

import numpy as np
import pytest

from common import VERSION
from common.motion import clip_file
from common.wire.messages import Cancel, Cancelled, Failed, Finished, Generate, GetUsage, Progress, Usage
from tests.process.client import Client, endings
from tests.process.test_commands import run
from tests.process.test_discretion import sockets
from tests.tiny import make_checkpoint
from training.graphs import write


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    place = tmp_path_factory.mktemp("weights")
    write.write(make_checkpoint(place / "open", "open"))
    return place


def test_a_session_with_the_server(weights):
    with Client("-m", "backend", "serve", "--device", "cpu", "--weights", str(weights)) as client:
        answer = client.start()
        assert answer.device == "cpu" and answer.checkpoints[0].name == "open"
        client.send(Generate("a person walks", seconds=2.0, seed=1), 1)
        got = client.until(Finished)
        (first,) = got[-1].body.motions
        assert first.frames == 40 and first.meta["sha256"] == answer.checkpoints[0].sha256
        client.send(Generate("a person walks", seconds=2.0, seed=1), 2)
        got += client.until(Finished)
        (again,) = got[-1].body.motions
        assert again.positions.tobytes() == first.positions.tobytes()
        assert again.rotations.tobytes() == first.rotations.tobytes()
        client.send(Generate("a person walks", seconds=20.0, steps=64), 3)
        client.until(Progress)
        client.send(Cancel(3))
        got += client.until(Cancelled)
        client.send(Generate("🕺", checkpoint="none"), 4)
        got += client.until(Failed)
        client.send(Generate("人が歩く", count=2), 5)
        got += client.until(Finished)
        assert len(got[-1].body.motions) == 2
        assert sockets(client.process.pid) == []
        client.send(GetUsage(), 6)
        usage = client.until(Usage)[-1].body
        assert usage.loaded == ("open",) and usage.device_bytes is None and usage.memory_bytes > 5 * 10**7
        assert endings(got + client.rest()) == [1, 2, 3, 4, 5]
        assert client.wait() == 0


def test_generate_writes_the_same_bytes_twice(weights, tmp_path):
    options = ("--seed", "4", "--seconds", "1.5", "--weights", str(weights))
    for name in ("a", "b"):
        done = run(tmp_path, "generate", "a person waves", *options, "--count", "2", "--out", f"{name}.npz")
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a_1.npz", "a_2.npz", "b_1.npz", "b_2.npz"]
    assert (tmp_path / "a_2.npz").read_bytes() == (tmp_path / "b_2.npz").read_bytes()
    motion = clip_file.load(tmp_path / "a_2.npz")
    assert motion.frames == 30 and motion.positions.dtype == np.float32
    assert {name: motion.meta[name] for name in ("prompt", "seed", "checkpoint")} == {
        "prompt": "a person waves",
        "seed": 5,
        "checkpoint": "open",
    }
    assert {"sha256", "version", "settings"} <= set(motion.meta)


def test_bit_flip_and_too_many_seconds_are_refused(weights, tmp_path):
    folder = make_checkpoint(tmp_path / "short")
    config = json.loads((folder / "config.json").read_text()) | {"max_seconds": 5.0}
    (folder / "config.json").write_text(json.dumps(config))
    arguments = ("generate", "walk", "--checkpoint", str(folder), "--out", "a.npz", "--seconds", "6")
    done = run(tmp_path, *arguments)
    assert (done.returncode, done.stderr) == (2, "seconds is 6.0, expected auto or a number from 1 to 5.\n")
    path = folder / "model.safetensors"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    done = run(tmp_path, *arguments)
    assert done.returncode == 2 and "install the checkpoint again." in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "a.npz").exists()


def test_doctor_tells_what_works_and_what_does_not(weights, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "config.json").write_text("{}")
    done = run(tmp_path, "doctor", "--weights", str(weights), "--weights", str(tmp_path))
    report = json.loads(done.stdout)
    assert done.returncode == 1 and report["isodim"] == VERSION and report["packages"]["torch"]
    assert report["checkpoints"][0]["name"] == "open" and report["checkpoints"][0]["verified"] is True
    assert "config.json" in report["checkpoints"][-1]["error"]
    assert report["generation"]["frames"] == 80


def test_bench_measures(weights, tmp_path):
    done = run(
        tmp_path,
        "bench",
        "--engine",
        "torch",
        "--only",
        "bundled",
        "--seconds",
        "2",
        "--repeat",
        "2",
        "--json",
        "--weights",
        str(weights),
    )
    figures = json.loads(done.stdout)
    assert done.returncode == 0 and len(figures["warm_s"]) == 2
    assert figures["parameters"] > 0 and figures["flop"] > 0 and figures["load_s"] > 0
