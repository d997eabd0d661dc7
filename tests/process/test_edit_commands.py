"""The commands that edit clips, on the tiny checkpoint: files in, a file out, one sentence for what is wrong."""

import json

import numpy as np
import pytest

from backend.__main__ import main
from common.motion import clip_file
from tests.tiny import make_checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a checkpoint `tiny` and the clip a.npz, 3 s."""
    made = tmp_path_factory.mktemp("clips")
    make_checkpoint(made / "weights" / "tiny")
    assert run(made, "generate", "a person walks", "--seconds", "3", "--out", str(made / "a.npz")) == 0
    return made


def run(folder, *arguments):
    return main([*arguments, "--weights", str(folder / "weights"), "--checkpoint", "tiny", "--device", "cpu"])


@pytest.mark.parametrize(
    ("arguments", "frames"),
    [
        (["edit", "a.npz", "wave", "--start", "1", "--end", "2"], 60),
        (["edit", "a.npz", "wave", "--start", "1", "--end", "2", "--part", "upper"], 60),
        (["inbetween", "a.npz", "a.npz", "turn", "--seconds", "1"], 140),
        (["extend", "a.npz", "stop", "--seconds", "1", "--before"], 80),
        (["sequence", "walk forward:2", "sit: down:2"], 80),
        (["loop", "run", "--seconds", "2"], 40),
        (["path", "walk", "--points", "0,0", "0,1", "1,2", "--seconds", "3"], 60),
        (["path", "walk", "--points", "-1,0", "-.5,1", "-2e0,-2", "--seconds", "3"], 60),
        (["path", "walk", "--points", "0,0", "0,1", "--clip", "a.npz", "--seconds", "3"], 60),
        (["blend", "a.npz", "a.npz", "--amount", "0.5"], 60),
        (["nudge", "a.npz", "--amount", "-.5", "--towards", "a.npz"], 60),
        (["edit", "a.npz", "wave", "--start", "1", "--end", "2", "--key-poses", "1.5=a.npz@2", "1.2=a.npz"], 60),
        (["edit", "a.npz", "wave", "--start", "1", "--end", "2", "--no-arrive"], 60),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_command_writes_a_clip(folder, monkeypatch, capsys, arguments, frames):
    monkeypatch.chdir(folder)
    assert run(folder, *arguments, "--out", "out.npz", "--seed", "3") == 0
    assert clip_file.load(folder / "out.npz").frames == frames
    assert f"out.npz: {frames / 20:.1f} s, {frames} frames" in capsys.readouterr().out


def test_an_edit_leaves_the_rest_alone(folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert run(folder, "edit", "a.npz", "wave", "--start", "1", "--end", "2", "--out", "e.npz") == 0
    before, after = clip_file.load(folder / "a.npz"), clip_file.load(folder / "e.npz")
    outside = np.r_[0:20, 40:60]
    assert np.array_equal(before.rotations[outside], after.rotations[outside])
    assert np.array_equal(before.root[outside], after.root[outside])
    assert not np.array_equal(before.rotations[20:40], after.rotations[20:40])


def test_rank_lists_the_files_with_their_scores(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert run(folder, "rank", "a person walks", "a.npz", "a.npz", "--seed", "4", "--out", "scores.json") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.endswith("a.npz") for line in lines)
    ranking = json.loads((folder / "scores.json").read_text("utf-8"))["ranking"]
    assert [f"{row['score']:+.4f}  {row['clip']}" for row in ranking] == lines
    assert run(folder, "rank", "a person walks", "a.npz", "--seed", "5") == 0
    assert not capsys.readouterr().out.startswith(lines[0].split()[0])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["edit", "none.npz", "wave", "--start", "1", "--end", "2"], "clip"),
        (["edit", "a.npz", "wave", "--start", "2", "--end", "1"], "range is (40, 20), expected"),
        (["edit", "a.npz", "wave", "--start", "-1", "--end", "1"], "start is -1, expected a number from 0 to 3."),
        (["edit", "a.npz", "wave", "--start", "x", "--end", "1"], "start is 'x', expected a number"),
        (
            ["edit", "a.npz", "wave", "--start", "1", "--end", "2", "--part", "tail"],
            "part is 'tail', expected one of",
        ),
        (
            ["edit", "a.npz", "wave", "--start", "1", "--end", "2", "--key-poses", "1.5"],
            "key_poses[0] is '1.5', expected SECONDS=FILE@SECONDS",
        ),
        (
            ["edit", "a.npz", "wave", "--start", "1", "--end", "2", "--key-poses", "1.5=a.npz@9"],
            "key_poses[0] is 9, expected a number from 0 to 3.",
        ),
        (["loop", "run", "--seconds", "15"], "seconds is 15, expected auto or a number from 0.8 to 9."),
        (["nudge", "a.npz", "--amount", "2"], "amount is 2, expected a number from -1 to 1."),
        (["extend", "a.npz", "wave", "--seconds", "0"], "seconds is 0, expected a number from 0.05"),
        (["path", "walk", "--points", "0,0", "1"], "points[1] is '1', expected a pair of numbers x,z"),
        (["blend", "a.npz", "a.npz", "--amount", "2"], "amount is 2, expected a number from 0 to 1."),
        (["rank", "wave", "a.npz"], "--out is 'bad.npz', expected a name that ends in .json"),
        (["sequence", " :3"], "prompt is ' ', expected"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_bad_input_is_one_sentence_and_writes_nothing(folder, monkeypatch, capsys, arguments, sentence):
    monkeypatch.chdir(folder)
    assert run(folder, *arguments, "--out", "bad.npz") == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert error.count("\n") == 1
    assert not (folder / "bad.npz").exists()
