"""A run's folder belongs to one run, and what can be foreseen is told before anything is spent or written."""

import json
import os
import shutil
import stat
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file, save_file

from common.errors import InputError
from tests import prepared
from tests.training import toy
from training import train_isodim, train_tokenizer
from training.engine import command, config, run_folder
from training.engine.isodim_settings import IsoDiMSettings
from training.engine.state import ema_weights, read_state, save_tensors
from training.engine.tokenizer_settings import TokenizerSettings


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def state_of(settings):
    return settings.folder / run_folder.STATE


def test_a_second_start_under_a_name_changes_nothing(folder):
    settings = toy.settings(folder, "t", steps=2)
    toy.train(settings)
    before = {path: path.read_bytes() for path in settings.folder.rglob("*") if path.is_file()}
    with pytest.raises(
        InputError, match=r"name is 't', expected another name: .*--is_continue resumes and --overwrite"
    ):
        toy.train(settings)
    assert before == {path: path.read_bytes() for path in settings.folder.rglob("*") if path.is_file()}


def test_overwriting_leaves_nothing_of_the_run_before(folder):
    toy.train(toy.settings(folder, "t", steps=4))
    (folder / "bvh" / "t" / "notes.txt").write_text("mine")
    run = toy.train(toy.settings(folder, "t", steps=2, seed=1, overwrite=True))
    assert read_state(state_of(run.settings)).step == 2
    assert len((run.settings.folder / "log.jsonl").read_text().splitlines()) == 2
    assert len(list((run.settings.folder / "eval").glob("events*"))) == 1
    assert (run.settings.folder / "notes.txt").read_text() == "mine"
    with pytest.raises(InputError, match="one of --overwrite and --is_continue"):
        toy.train(toy.settings(folder, "t", overwrite=True, is_continue=True))


HOLD = "import fcntl, sys; file = open(sys.argv[1], 'ab'); fcntl.flock(file, fcntl.LOCK_EX); print(flush=True); sys.stdin.read()"


@pytest.mark.skipif(sys.platform == "win32", reason="the other process locks as POSIX does")
def test_two_processes_never_train_one_run(folder):
    settings = toy.settings(folder, "t", steps=1)
    settings.folder.mkdir(parents=True)
    command = [sys.executable, "-c", HOLD, str(settings.folder / "run.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        for changes in ({}, {"overwrite": True}):
            with pytest.raises(InputError, match="a run that no other process is training"):
                toy.train(toy.settings(folder, "t", **changes))
        with pytest.raises(InputError, match="a run that no other"), run_folder.held(settings):
            pass
        other.stdin.close()
        other.wait(60)
    toy.train(settings)


def test_a_run_that_never_saved_may_begin_anew(folder):
    settings = toy.settings(folder, "t", steps=1)
    with run_folder.held(settings):
        config.save(settings, settings.folder)
    assert toy.train(settings).step == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"width": 24}, "width is 24, expected 16, which the run that is continued has"),
        ({"model": "VQ_AE_Model"}, "model is 'VQ_AE_Model', expected 'IsoDiM_Tokenizer_Small', which the run"),
        ({"steps": 1}, "steps is 1, expected 2 or more, which the run that is continued has done"),
        ({"window_size": 30}, "window_size is 30, expected a multiple of 4"),
        ({"width": 0}, "width is 0, expected 1 to 8192"),
        ({"lr": 1e-3, "steps": 3}, None),
    ],
)  # fmt: skip
def test_a_run_is_continued_with_its_own_network(folder, changes, sentence):
    given = {
        "model": "IsoDiM_Tokenizer_Small",
        "width": 16,
        "window_size": 32,
        "steps": 2,
        "batch_size": 4,
        "threads": 1,
    }
    given |= {"dataset_dir": prepared.make(folder / "data"), "checkpoints_dir": folder, "need_evaluation": False}
    train_tokenizer.main(TokenizerSettings(name="t", **given))
    again = TokenizerSettings(name="t", **(given | changes), is_continue=True)
    if sentence is None:
        train_tokenizer.main(again)
        assert read_state(state_of(again)).step == 3
        return
    before = state_of(again).read_bytes()
    with pytest.raises(InputError, match=sentence):
        train_tokenizer.main(again)
    assert state_of(again).read_bytes() == before


def test_a_state_that_broke_down_or_is_another_networks_is_told(folder):
    settings = toy.settings(folder, "t", steps=2)
    toy.train(settings)
    tensors = load_file(state_of(settings))
    spoilt = {**tensors, "model.first.weight": torch.full_like(tensors["model.first.weight"], float("nan"))}
    save_file(spoilt, state_of(settings), metadata={"step": "2"})
    again = toy.settings(folder, "t", is_continue=True)
    with pytest.raises(InputError, match=r"not finite in model.first.weight.*begin anew"):
        toy.train(again)
    save_file({**tensors, "model.first.weight": torch.zeros(3, 6)}, state_of(settings), metadata={"step": "2"})
    with pytest.raises(InputError, match="of another network"):
        toy.train(again)
    save_file(tensors, state_of(settings))
    with pytest.raises(InputError, match="damaged"):
        toy.train(again)


def test_data_that_cannot_be_trained_on_is_told_first(folder):
    data = prepared.make(folder / "data")
    given = {
        "dataset_dir": data,
        "checkpoints_dir": folder,
        "model": "IsoDiM_Tokenizer_Small",
        "width": 16,
        "threads": 1,
    }
    given |= {"steps": 1, "batch_size": 4, "window_size": 32}
    clips, statistics = (data / "clips.jsonl").read_text(), (data / "statistics.json").read_text()
    spoils = {
        "clips in its val split, or --no_need_evaluation": ("clips.jsonl", clips.replace('"val"', '"train"')),
        "clips in its train split": ("clips.jsonl", clips.replace('"train"', '"val"')),
        "files of one run of prepare": ("clips.jsonl", clips.partition("\n")[0]),
        "undamaged folder": ("clips.jsonl", clips[:-40]),
        "statistics.json is 'not finite": ("statistics.json", statistics.replace("0.2", "NaN", 1)),
        "an undamaged folder": ("features.npy", "no array"),
    }  # fmt: skip
    for sentence, (name, text) in spoils.items():
        whole = (data / name).read_bytes()
        (data / name).write_text(text)
        with pytest.raises(InputError, match=sentence):
            train_tokenizer.main(TokenizerSettings(name="t", **given))
        assert not (folder / "bvh").exists()
        (data / name).write_bytes(whole)
    (data / "clips.jsonl").write_text(clips.replace('"val"', '"train"'))
    train_tokenizer.main(TokenizerSettings(name="t", **given, need_evaluation=False))


def test_states_are_for_whom_the_umask_lets_read_them(folder):
    for mask, mode in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        before = os.umask(mask)
        try:
            save_tensors(folder / "a.safetensors", {"x": torch.zeros(2)})
        finally:
            os.umask(before)
        assert stat.S_IMODE((folder / "a.safetensors").stat().st_mode) == mode
        (folder / "a.safetensors").unlink()


def test_a_full_disk_is_told_and_the_state_before_stays(folder, monkeypatch):
    settings = toy.settings(folder, "t", steps=2)
    toy.train(settings)
    before = state_of(settings).read_bytes()
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=100))
    with pytest.raises(InputError, match="checkpoints_dir is '0 MB free', expected a disk with"):
        toy.train(toy.settings(folder, "t", steps=4, is_continue=True))
    monkeypatch.undo()

    def full(tensors, path, metadata):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("training.engine.state.save_file", full)
    with pytest.raises(InputError, match=r"not written.*No space left"):
        toy.train(toy.settings(folder, "t", steps=4, is_continue=True))
    assert state_of(settings).read_bytes() == before
    assert sorted(path.name for path in state_of(settings).parent.iterdir()) == ["state.safetensors"]


def test_the_best_average_is_kept_beside_the_newest_and_survives_a_resumption(folder):
    settings = toy.settings(folder, "t", steps=6, eval_every=1, lr=0.5)  # so steep that it gets worse again
    run = toy.train(settings)
    log = settings.folder / "log.jsonl"
    errors = [json.loads(line)["val_error"] for line in log.read_text().splitlines()]
    best = settings.folder / run_folder.BEST
    state = read_state(best / run_folder.STATE)
    assert state.step == 1 + errors.index(min(errors))
    assert ema_weights(best).keys() == run.ema.module.state_dict().keys()
    assert not any(key.startswith(("model.", "optimizer.")) for key in state.tensors)
    log.write_text(log.read_text().replace(f'"val_error": {errors[0]}', '"val_error": -1.0', 1))
    before = (best / run_folder.STATE).read_bytes()
    toy.train(toy.settings(folder, "t", steps=9, eval_every=1, is_continue=True))
    assert (best / run_folder.STATE).read_bytes() == before
    toy.train(toy.settings(folder, "t", steps=1, eval_every=1, overwrite=True))
    assert read_state(best / run_folder.STATE).step == 1


def test_a_run_tells_its_size_first_and_then_its_time(folder, capsys):
    toy.train(toy.settings(folder, "t", steps=7, batch_size=10))
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert f"{folder / 'bvh' / 't'}: 24 examples of {folder}, 0.00 M parameters" in first
    assert "7 updates of 10 rows, 3 an epoch, on cpu" in first
    assert second.startswith("step 1/7")
    toy.train(toy.settings(folder, "u", steps=4, log_every=4))
    assert capsys.readouterr().out.splitlines()[1].startswith("about 0.0 min, 0.0")


def test_gradients_are_scaled_down_only_if_asked(folder):
    weights = [
        toy.train(toy.settings(folder, name, steps=1, need_evaluation=False, max_norm=norm)).model.first.weight
        for name, norm in (("any", 0.0), ("long", 1e9), ("short", 1e-9))
    ]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_wrong_mix_or_model_is_told_before_data_are_read(folder):
    given = {"name": "t", "dataset_dir": folder / "none", "checkpoints_dir": folder}
    with pytest.raises(InputError, match="mix"):
        train_isodim.main(IsoDiMSettings(mix=folder / "none.json", **given))
    with pytest.raises(InputError, match="model is 'IsoDiM-XXXL'"):
        train_isodim.main(IsoDiMSettings(model="IsoDiM-XXXL", **given))


@pytest.mark.parametrize(
    ("error", "status", "sentence"),
    [
        (
            OSError(28, "No space left on device", "x.npy"),
            2,
            "x.npy cannot be read or written: No space left on device.",
        ),
        (FloatingPointError("the gradient is nan at step 3"), 2, "the gradient is nan at step 3"),
        (torch.OutOfMemoryError("CUDA out of memory"), 2, "smaller --batch_size"),
        (KeyboardInterrupt(), 130, "goes on from its newest state with --is_continue"),
    ],
)
def test_commands_end_in_a_sentence(monkeypatch, capsys, error, status, sentence):
    def fails(settings):
        raise error

    monkeypatch.setattr("sys.argv", ["x", "--name", "n", "--dataset_dir", "d"])
    with pytest.raises(SystemExit) as ended:
        command.run(fails, TokenizerSettings, None)
    assert ended.value.code == status
    assert sentence in capsys.readouterr().err


def test_a_folder_that_is_a_file_is_told_before_anything_is_read(folder):
    (folder / "file").write_text("x")
    with pytest.raises(InputError, match=r"checkpoints_dir is .*file is not"):
        toy.train(toy.settings(folder / "file", "t"))
