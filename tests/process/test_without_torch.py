"""The bundled weights through the commands, in an interpreter where importing torch fails."""

import json
import subprocess
import sys

import pytest

from common.motion import clip_file
from tests.process.client import ROOT
from tests.process.test_commands import BLOCK_TORCH, run
from tests.tiny import make_checkpoint

SEVERAL = """
import sys
sys.modules["torch"] = None
from backend.__main__ import main
generate = ["generate", "a person walks forward", "--seconds", "2", "--effort", "2", "--seed", "3", "--out"]
for name in ("a.npz", "b.npz"):
    assert main([*generate, name]) == 0
assert main(["edit", "a.npz", "a person jumps", "--start", "0.6", "--end", "1.4", "--effort", "1", "--out", "c.npz"]) == 0
assert main(["blend", "a.npz", "c.npz", "--amount", "0.5", "--out", "d.npz"]) == 0
assert main(["rank", "a person walks", "a.npz", "c.npz"]) == 0
print(sorted(name for name in sys.modules if name.partition(".")[0] in ("torch", "scipy", "training", "onnx")))
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    done = subprocess.run(
        [sys.executable, "-P", "-B", "-c", SEVERAL],
        cwd=folder, env={"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder, done.stdout.splitlines()


def test_clips_edits_and_scores_need_no_torch(made):
    folder, said = made
    assert said[-1] == "['torch']"  # which is None there
    for name in ("a", "c", "d"):
        clip = clip_file.load(folder / f"{name}.npz").check()
        assert clip.frames == 40
    assert clip_file.load(folder / "a.npz").meta["engine"].startswith("onnxruntime ")


def test_the_same_seed_gives_the_same_bytes(made):
    assert (made[0] / "a.npz").read_bytes() == (made[0] / "b.npz").read_bytes()


def test_a_checkpoint_without_graphs_says_what_it_needs(tmp_path):
    folder = make_checkpoint(tmp_path / "tiny")
    arguments = ("generate", "walk", "--checkpoint", str(folder), "--out", "a.npz")
    done = run(tmp_path, *arguments, python=("-c", BLOCK_TORCH))
    sentence = (
        "checkpoint is 'tiny', expected one with graphs where torch is not installed: `training.export` writes them.\n"
    )
    assert (done.returncode, done.stderr) == (2, sentence)
    done = run(tmp_path, *arguments, "--engine", "onnx", python=("-c", BLOCK_TORCH))
    assert done.returncode == 2 and done.stderr.startswith(
        "engine is 'onnx', expected torch: the checkpoint tiny has no"
    )


def test_doctor_tells_the_engine_and_that_torch_is_not_there(tmp_path):
    report = json.loads(run(tmp_path, "doctor", python=("-c", BLOCK_TORCH)).stdout)
    assert report["generation"]["engine"].startswith("onnxruntime ") and report["device"] == "cpu"
    assert report["text_encoder"]["name"] == "minilm"
