"""The published command lines parse as they stand, and what they say happens."""

import dataclasses
import json
import sys

import pytest

from common.errors import InputError
from tests.training import toy
from training.engine import config
from training.engine.command import run
from training.engine.isodim_settings import IsoDiMSettings
from training.train_evaluator import EvaluatorSettings
from training.train_length import LengthSettings
from training.train_tokenizer import TokenizerSettings

SHARED = """--name published --dataset_name t2m --dataset_dir data --checkpoints_dir runs --batch_size 256 --epoch 50 --lr 2e-4
 --weight_decay 1e-5 --warm_up_iter 2000 --milestones 50000 80000 --lr_decay 0.1 --need_evaluation --is_continue --seed 3407
 --num_workers 4 --log_every 10 --unit_length 4 --max_motion_length 196"""
OWN = {
    TokenizerSettings: "--model FSQ_AE_High --recons_loss l1_smooth --aux_loss_joints 1",
    IsoDiMSettings: "--model FSQ-MARDM-SiT-XL --tokenizer_name high --tokenizer_model FSQ_AE_High --cond_drop_prob 0.1",
    EvaluatorSettings: "",
    LengthSettings: "",
}


def parsed(monkeypatch, kind, line):
    found = []
    monkeypatch.setattr(sys, "argv", ["train", *line.split()])
    run(found.append, kind, None)
    return found[0]


@pytest.mark.parametrize("kind", OWN)
def test_published_line_parses(kind, monkeypatch):
    settings = parsed(monkeypatch, kind, f"{SHARED} {OWN[kind]}")
    config.check(settings)
    assert (settings.batch_size, settings.epoch, settings.milestones) == (256, 50, (50000, 80000))
    assert settings.is_continue and settings.need_evaluation
    assert str(settings.folder) == "runs/t2m/published"
    words = OWN[kind].split()
    for flag, value in zip(words[::2], words[1::2], strict=True):
        assert getattr(settings, flag.removeprefix("--")) == type(getattr(settings, flag.removeprefix("--")))(value)


def test_help_shows_the_published_spelling(monkeypatch, capsys):
    with pytest.raises(SystemExit):
        parsed(monkeypatch, TokenizerSettings, "--help")
    shown = capsys.readouterr().out
    assert "--batch_size" in shown
    assert "--batch-size" not in shown


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ("--steps 7 --epoch 2", "steps is 7, expected none beside epoch 2"),
        ("--batch_size 0", "batch_size is 0, expected 1 or more"),
        ("--epoch -1", "epoch is -1, expected 0 or more"),
        ("--unit_length 8", "unit_length is 8, expected 4"),
        ("--max_motion_length 400", "max_motion_length is 400, expected 4 to 196 frames"),
        ("--lr nan", "lr is nan, expected a number above 0"),
        ("--name ../elsewhere", "name is '../elsewhere', expected the name of a folder, not a path"),
        ("--dataset_name /tmp", "dataset_name is '/tmp', expected the name of a folder, not a path"),
        ("--ema 1", "ema is 1.0, expected 0 or more and below 1"),
    ],
)
def test_bad_value_is_one_sentence(wrong, sentence, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train", *f"--name x --dataset_dir data {wrong}".split()])
    with pytest.raises(SystemExit) as ending:
        run(config.check, TokenizerSettings, None)
    assert ending.value.code == 2
    assert capsys.readouterr().err.startswith(sentence)


def test_epochs_are_passes_over_the_data(tmp_path):
    made = toy.train(toy.settings(tmp_path, "epochs", steps=3000, epoch=2, batch_size=10, need_evaluation=False))
    assert made.step == 2 * 3  # 24 examples, three batches of ten
    saved = json.loads((made.settings.folder / "settings.json").read_text())
    assert (saved["steps"], saved["epoch"]) == (6, 2)


def test_milestones_come_back_from_settings_json(tmp_path):
    given = toy.settings(tmp_path, "stairs", milestones=(2, 4), lr_decay=0.1, need_evaluation=False)
    made = toy.train(given)
    assert config.load(config.RunSettings, made.settings.folder) == dataclasses.replace(given)
    rates = [json.loads(line)["lr"] for line in (made.settings.folder / "log.jsonl").read_text().splitlines()]
    assert rates == pytest.approx([1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4])


def test_another_tokenizer_model_than_the_runs_is_refused(tmp_path):
    from training.engine.runs import tokenizer_of

    theirs = TokenizerSettings(name="high", dataset_dir=tmp_path, checkpoints_dir=tmp_path)
    config.save(theirs, theirs.folder)
    ours = IsoDiMSettings(
        name="g", dataset_dir=tmp_path, checkpoints_dir=tmp_path, tokenizer_model="FSQ_AE_Small", tokenizer_name="high"
    )
    with pytest.raises(InputError, match=r"tokenizer_model is 'FSQ_AE_Small', expected IsoDiM_Tokenizer_High"):
        tokenizer_of(ours, ours.folder)
