"""The training commands on procedural motion: they learn, resume exactly, and export what the backend loads."""

import json

import pytest
import torch

from backend.generate import Pipeline
from backend.weights.locate import find
from common.errors import InputError
from common.wire.messages import Generate
from tests import prepared
from tests.training.interrupted import interrupted
from training import evaluate_isodim, evaluate_tokenizer, export, train_isodim, train_length, train_tokenizer
from training.engine import config
from training.engine.state import read_state

COMMON = {"batch_size": 4, "threads": 1, "log_every": 2, "save_every": 2, "eval_every": 4, "warm_up_iter": 2}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared.make(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("checkpoints")


def tokenizer_settings(data, runs, name, **changes):
    given = COMMON | {"steps": 8, "model": "IsoDiM_Tokenizer_Small", "width": 16, "window_size": 32} | changes
    return train_tokenizer.TokenizerSettings(name=name, dataset_dir=data, checkpoints_dir=runs, **given)


def generator_settings(data, runs, name, **changes):
    given = COMMON | {"steps": 6, "model": "IsoDiM-DiT-XXS", "tokenizer_name": "tokenizer", "composed": 2} | changes
    return train_isodim.IsoDiMSettings(name=name, dataset_dir=data, checkpoints_dir=runs, **given)


@pytest.fixture(scope="module")
def trained(data, runs):
    train_tokenizer.main(tokenizer_settings(data, runs, "tokenizer"))
    train_isodim.main(generator_settings(data, runs, "generator"))
    length = train_length.LengthSettings(
        name="length", dataset_dir=data, checkpoints_dir=runs, **(COMMON | {"steps": 4}), width=16
    )
    train_length.main(length)
    return runs / "bvh"


def same(first, second):
    ours, theirs = read_state(first / "model" / "state.safetensors"), read_state(second / "model" / "state.safetensors")
    assert ours[1] == theirs[1]
    assert ours[0].keys() == theirs[0].keys()
    return all(torch.equal(ours[0][key], theirs[0][key]) for key in ours[0])


def test_settings_and_log_lie_beside_the_run(trained):
    settings = json.loads((trained / "tokenizer" / "settings.json").read_text())
    assert settings["model"] == "IsoDiM_Tokenizer_Small"
    rows = [json.loads(line) for line in (trained / "tokenizer" / "log.jsonl").read_text().splitlines()]
    assert [row["step"] for row in rows] == [2, 4, 6, 8]
    assert rows[-1]["val_mpjpe_mm"] > 0
    assert list((trained / "tokenizer" / "eval").glob("events*"))


@pytest.mark.parametrize(
    "make, train", [(tokenizer_settings, train_tokenizer.main), (generator_settings, train_isodim.main)]
)
def test_resumed_equals_uninterrupted_bit_for_bit(make, train, data, runs, trained):
    whole = "tokenizer" if make is tokenizer_settings else "generator"
    stopped = make(data, runs, f"{whole}_stopped")
    with interrupted(4):
        train(stopped)
    train(make(data, runs, f"{whole}_stopped", is_continue=True))
    assert same(trained / whole, trained / f"{whole}_stopped")


def test_another_seed_gives_another_run(data, runs, trained):
    train_tokenizer.main(tokenizer_settings(data, runs, "other", seed=1))
    assert not same(trained / "tokenizer", trained / "other")


def test_export_is_what_the_backend_loads_and_evaluates(trained, data, tmp_path, capsys):
    export.main(
        export.ExportSettings(
            name="own",
            title="Own",
            licence="CC0-1.0",
            tokenizer=str(trained / "tokenizer"),
            generator=str(trained / "generator"),
            length=str(trained / "length"),
            out=tmp_path / "own",
            steps=2,
        )
    )
    checkpoint = find(str(tmp_path / "own"))
    pipeline = Pipeline.load(checkpoint.folder, "cpu")
    (clip,) = pipeline.generate(Generate(prompt="a person walks", seconds=2.0), lambda step, total: None)
    assert clip.frames == 40
    assert clip.meta["sha256"] == checkpoint.info.sha256
    both = (str(trained / "generator"), str(tmp_path / "own"))
    evaluate_isodim.main(evaluate_isodim.IsoDiMEvaluation(both, data, mirror=False, steps=(1,), device="cpu"))
    rows = [line.split("|")[1].strip() for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    assert {"real, as captured", "generator, finished", "own, finished"} <= set(rows)
    both = (str(trained / "tokenizer"), str(tmp_path / "own"))
    evaluate_tokenizer.main(evaluate_tokenizer.TokenizerEvaluation(both, data, device="cpu"))
    cells = [line.split("|") for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
    error = {row[1].strip(): float(row[3]) for row in cells if ": all" in row[1]}
    assert error["own: all"] == pytest.approx(error["tokenizer: all"], rel=0.05)  # fp16


def test_unknown_setting_is_refused(trained, tmp_path):
    text = json.loads((trained / "tokenizer" / "settings.json").read_text()) | {"colour": "red"}
    (tmp_path / "settings.json").write_text(json.dumps(text))
    with pytest.raises(InputError, match=r"settings.json key is 'colour'"):
        config.load(train_tokenizer.TokenizerSettings, tmp_path)


def test_wrong_folder_is_one_sentence(tmp_path, runs):
    with pytest.raises(InputError, match=r"dataset_dir is .*, expected a folder with features.npy"):
        train_tokenizer.main(tokenizer_settings(tmp_path, runs, "none"))
    with pytest.raises(InputError, match=r"run folder is .*, expected a folder with settings.json"):
        config.load(train_tokenizer.TokenizerSettings, tmp_path)
