"""An onnxruntime that another add-on brought: one sentence where it cannot be used."""

import os
import subprocess
import sys

import pytest

from tests.tiny import make_checkpoint
from tools.checkout import ROOT
from tools.package.beside import wheel
from training.graphs import write


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    place = tmp_path_factory.mktemp("weights")
    write.write(make_checkpoint(place / "open", "open"))
    return place


def generate(weights, folder, *path):
    """The command's exit status and what it says, with `path` before everything else that can be imported."""
    command = [sys.executable, "-P", "-B", "-m", "backend", "generate", "a person walks", "--seconds", "1", "--engine"]
    return subprocess.run(
        [*command, "onnx", "--weights", str(weights), "--out", str(folder / "clip.npz")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (ROOT, *path)))},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("version", "code", "sentence"),
    [
        ("99.0", "", "onnxruntime is '99.0', expected a whole one, 1.23 or later"),
        ("1.20.1", "class InferenceSession: pass", "onnxruntime is '1.20.1', expected a whole one, 1.23 or later"),
        ("of nobody", "class InferenceSession: pass", "onnxruntime is 'of nobody', expected a whole one"),
        (
            "1.32",
            "raise OSError('no libgomp')",
            "onnxruntime is 'damaged', expected one that can be loaded (no libgomp)",
        ),
    ],
)
def test_one_that_cannot_be_used_is_one_sentence(weights, tmp_path, version, code, sentence):
    place = (
        tmp_path / wheel(tmp_path, "onnxruntime", version, code).name
    )  # a wheel without libraries is imported as it is
    done = generate(weights, tmp_path, place)
    assert done.returncode == 2 and done.stderr.startswith(sentence), done.stderr
    assert "switch that off" in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "clip.npz").exists()


def test_the_one_that_is_there_makes_a_clip(weights, tmp_path):
    done = generate(weights, tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "clip.npz").exists()
