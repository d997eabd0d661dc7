"""`python -m backend` from outside: what people get wrong is one sentence and status 2, without loading torch."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from backend.__main__ import main
from common import VERSION
from tests.process.client import ROOT

BLOCK_TORCH = "import sys; sys.modules['torch'] = None; import runpy; runpy.run_module('backend', run_name='__main__')"


def run(cwd, *arguments: str, python: tuple[str, ...] = ("-m", "backend"), **environment: str):
    return subprocess.run(
        [sys.executable, "-P", "-B", *python, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT), "ISODIM_WEIGHTS": ""} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_and_version_need_no_torch(tmp_path):
    for arguments in (["--help"], ["serve", "--help"]):
        done = run(tmp_path, *arguments, python=("-c", BLOCK_TORCH))
        assert (done.returncode, done.stderr) == (0, "") and done.stdout.startswith("usage: python -m backend")
    assert run(tmp_path, "--version", python=("-c", BLOCK_TORCH)).stdout == f"{VERSION}\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "The following arguments are required: COMMAND; see python -m backend --help."),
        (["paint"], "Argument COMMAND: invalid choice: 'paint'"),
        (["generate", "walk"], "The following arguments are required: --out; see python -m backend generate --help."),
        (["generate", "walk", "--out", "a.npz", "--speed", "1"], "Unrecognized arguments: --speed 1"),
        (["generate", "", "--out", "a.npz"], "prompt is '', expected text of 1 to 500 characters."),
        (["generate", "x" * 10_000, "--out", "a.npz"], "prompt is 'xxx"),
        (["generate", "walk", "--out", "a.npz", "--seconds", "0"], "seconds is 0, expected auto or a number"),
        (["generate", "walk", "--out", "a.npz", "--seconds", "-1"], "seconds is -1, expected auto or a number"),
        (["generate", "walk", "--out", "a.npz", "--seconds", "1e9"], "seconds is 1000000000.0, expected auto"),
        (["generate", "walk", "--out", "a.npz", "--seconds", "nan"], "seconds is nan, expected auto or a number"),
        (["generate", "walk", "--out", "a.npz", "--seconds", "two"], "seconds is 'two', expected auto or a number"),
        (["generate", "walk", "--out", "a.npz", "--seed", "1.5"], "seed is 1.5, expected a whole number"),
        (["generate", "walk", "--out", "a.npz", "--count", "0"], "count is 0, expected a whole number from 1 to 16."),
        (["generate", "walk", "--out", "a.npz", "--mar-steps", "0"], "mar_steps is 0, expected the default or a whole"),
        (
            ["generate", "walk", "--out", "a.npz", "--solver", "rk4"],
            "solver is 'rk4', expected the default or one of euler",
        ),
        (
            ["generate", "walk", "--out", "a.npz", "--snap", "no"],
            "snap is 'no', expected the default or one of step, end",
        ),
        (["generate", "walk", "--out", "a.fbx"], "--out is 'a.fbx', expected a name that ends in .npz or .bvh."),
        (["generate", "walk", "--out", "none/a.npz"], "--out is 'none/a.npz', expected a file in a folder that exists"),
        (["generate", "walk", "--out", "a.npz", "--device", "tpu"], "Argument --device: invalid choice: 'tpu'"),
        (["generate", "walk", "--out", "a.npz", "--checkpoint", "none"], "checkpoint is 'none', expected"),
        (["bench", "--repeat", "0"], "--repeat is 0, expected a whole number from 1 to 1000."),
    ],
)
def test_bad_input_is_one_sentence(tmp_path, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    try:
        status = main(arguments)
    except SystemExit as left:
        status = left.code
    out, error = capsys.readouterr()
    assert (status, out) == (2, "")
    assert error.startswith(sentence) and error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_refusals_need_no_torch(tmp_path):
    done = run(tmp_path, "generate", "walk", "--seconds", "nan", "--out", "a.npz", python=("-c", BLOCK_TORCH))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "seconds is nan, expected auto or a number from 1 to 20.\n"
    done = run(tmp_path, "generate", "walk", "--out", "a.npz", "--device", "cuda", python=("-c", BLOCK_TORCH))
    assert done.stderr.startswith(
        "torch is 'not installed', expected the packages that pyproject.toml lists, or the device"
    )


def test_the_trace_is_shown_on_request(tmp_path):
    done = run(tmp_path, "generate", "", "--out", "a.npz", "--debug")
    assert done.returncode == 2 and "Traceback" in done.stderr and done.stderr.splitlines()[-1].startswith("prompt is")
