"""Fine-tuning moves the generator and nothing else; the new checkpoint works at once and keeps its terms."""

import json

import pytest
import torch

from backend.generate import Pipeline
from backend.weights.load import load
from backend.weights.locate import find
from common.errors import InputError
from common.wire.messages import Generate
from tests import prepared
from tests.tiny import make_checkpoint
from training import finetune, sample
from training.engine import runs
from training.finetune import FinetuneSettings


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """A tiny checkpoint for non-commercial use, with sampling settings of its own."""
    folder = make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny")
    config = json.loads((folder / "config.json").read_text())
    config |= {"licence": "CC-BY-NC-4.0", "sampling": {"steps": 2, "guidance": 3.5, "mar_steps": 2}}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def made(base, tmp_path_factory):
    """The folder in which `mine` was fine-tuned from `base` by three steps: `mine` and its run."""
    folder = tmp_path_factory.mktemp("finetuned")
    finetune.main(
        FinetuneSettings(
            name="mine",
            dataset_dir=prepared.make(folder / "data"),
            out=folder / "mine",
            checkpoint=str(base),
            steps=3,
            batch_size=4,
            warm_up_iter=1,
            lr=1e-2,
            threads=1,
            eval_every=3,
            checkpoints_dir=folder / "checkpoints",
        )
    )
    return folder


def test_only_the_generator_moves(base, made):
    before, after = load(base, "cpu"), load(made / "mine", "cpu")
    for part in ("tokenizer", "length"):
        ours, theirs = getattr(after, part).state_dict(), getattr(before, part).state_dict()
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[key], theirs[key]) for key in ours)
    ours, theirs = after.generator.state_dict(), before.generator.state_dict()
    assert torch.equal(ours["mean"], theirs["mean"])
    assert torch.equal(ours["std"], theirs["std"])
    moved = [key for key in ours if not torch.equal(ours[key], theirs[key])]
    assert len(moved) > len(ours) / 2
    assert after.sampling == before.sampling


def test_it_works_at_once_and_keeps_its_terms(base, made):
    checkpoint = find(str(made / "mine"))
    assert (checkpoint.info.name, checkpoint.info.licence) == ("mine", "CC-BY-NC-4.0")
    config = json.loads((made / "mine" / "config.json").read_text())
    sentence = "Fine-tuned from `tiny` (CC-BY-NC-4.0), whose terms hold for these weights too"
    assert config["terms"].startswith(sentence)
    assert config["origin"]["sha256"] == find(str(base)).info.sha256
    card = (made / "mine" / "MODEL_CARD.md").read_text()
    assert sentence in card
    assert "3 training clips" in card
    pipeline = Pipeline.load(checkpoint.folder, "cpu")
    (clip,) = pipeline.generate(Generate(prompt="a person walks", seconds=1.0), lambda step, total: None)
    assert clip.meta["licence"] == "CC-BY-NC-4.0"


def test_the_run_can_be_loaded_sampled_and_started_from(made, tmp_path):
    run = made / "checkpoints" / "bvh" / "mine"
    generator, tokenizer, encoder = runs.load_generator(run)
    assert encoder == "minilm"
    assert not any(parameter.requires_grad for parameter in tokenizer.parameters())
    exported = load(made / "mine", "cpu").generator.state_dict()
    for key, value in generator.state_dict().items():
        torch.testing.assert_close(exported[key], value, rtol=1e-3, atol=1e-3)
    settings = sample.SampleSettings(out=tmp_path, checkpoint=str(run), prompt="a person walks#20", formats=("npy",))
    sample.main(settings)
    assert [path.name for path in tmp_path.iterdir()] == ["001_a_person_walks_seed0.npy"]


@pytest.mark.parametrize(
    ("base_licence", "clips", "expected"),
    [
        ("CC-BY-4.0", ["my own"], "CC-BY-4.0"),
        ("CC-BY-NC-4.0", ["CC0-1.0", "CC-BY-NC-4.0"], "CC-BY-NC-4.0"),
        ("CC-BY-4.0", ["CC0-1.0", "CC-BY-NC-4.0"], "CC-BY-4.0 AND CC-BY-NC-4.0"),
        ("CC-BY-4.0", ["Non-commercial use only"], "CC-BY-4.0 AND Non-commercial use only"),
    ],
)
def test_non_commercial_stays_so(base_licence, clips, expected):
    assert finetune.inherited(base_licence, clips) == expected


def test_a_missing_checkpoint_and_a_missing_folder_are_one_sentence(base, tmp_path):
    settings = FinetuneSettings(name="x", dataset_dir=tmp_path, out=tmp_path / "x", checkpoint="nowhere")
    with pytest.raises(InputError, match=r"checkpoint is 'nowhere', expected"):
        finetune.main(settings)
    settings = FinetuneSettings(
        name="x", dataset_dir=tmp_path, out=tmp_path / "x", checkpoint=str(base), checkpoints_dir=tmp_path
    )
    with pytest.raises(InputError, match=r"dataset_dir is .*made by the prepare command"):
        finetune.main(settings)


def settings_of(made, base, **changes):
    given = {"steps": 3, "batch_size": 4, "warm_up_iter": 1, "lr": 1e-2, "threads": 1, "eval_every": 3}
    given |= {"dataset_dir": made / "data", "out": made / "mine", "checkpoints_dir": made / "checkpoints"}
    return FinetuneSettings(name="mine", checkpoint=str(base), **(given | changes))


def test_nothing_of_an_earlier_fine_tuning_is_lost(base, made, capsys):
    card, weights = made / "mine" / "MODEL_CARD.md", made / "mine" / "model.safetensors"
    before = weights.read_bytes()
    for changes, sentence in (
        ({}, "out is .*, expected a folder without a checkpoint; --overwrite"),
        ({"out": made / "other"}, "name is 'mine', expected another name"),
        ({"out": base}, "another folder than that of the checkpoint to start from"),
        ({"out": card}, "out is .*, expected a folder, which MODEL_CARD.md is not"),
    ):
        with pytest.raises(InputError, match=sentence):
            finetune.main(settings_of(made, base, **changes))
    assert weights.read_bytes() == before
    assert not (made / "other").exists()
    stub = card.read_text()
    finetune.main(settings_of(made, base, is_continue=True, steps=4))
    assert "--steps 4" in card.read_text()
    assert stub != card.read_text()
    card.write_text("# Mine, and what it learnt")
    finetune.main(settings_of(made, base, is_continue=True, steps=5))
    assert card.read_text() == "# Mine, and what it learnt"
    assert weights.read_bytes() != before
    assert "stays as it was written by hand" in capsys.readouterr().out
