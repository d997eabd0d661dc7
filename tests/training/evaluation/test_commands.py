"""evaluate_tokenizer and evaluate_isodim from end to end on random weights, with an evaluator that notes what it sees."""

import dataclasses
import json

import numpy as np
import pytest
import torch

from backend.generators.sampling import Sampling
from backend.tokenizers import presets
from common.errors import InputError
from tests import prepared, tiny
from tests.training.evaluation.judge import Hashing
from training import evaluate_isodim, evaluate_tokenizer, evaluators
from training.evaluate_isodim import IsoDiMEvaluation, variants
from training.evaluate_tokenizer import TokenizerEvaluation
from training.evaluation import plots, prompts, sides
from training.evaluation.sampling import Job, MotionSampler, load_tokenizer, seed_of


class Lettering:
    """A text encoder without weights: a word's state follows from its length."""

    width = 12

    def encode(self, captions):
        lengths = [[len(word) for word in caption.split()] for caption in captions]
        states = torch.zeros(len(captions), max(map(len, lengths)), self.width)
        for row, words in enumerate(lengths):
            states[row, : len(words), 0] = torch.tensor(words, dtype=torch.float32)
        return states, torch.arange(states.shape[1]) < torch.tensor([len(words) for words in lengths])[:, None]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return prepared.make(tmp_path_factory.mktemp("prepared"), frames=40)


@pytest.fixture(scope="module")
def sampler():
    torch.manual_seed(0)
    tokenizer = presets.build("IsoDiM_Tokenizer_Small", 16).eval()
    tokenizer.mean[3] = 0.95
    return MotionSampler("tiny", tiny.isodim(tokenizer.bottleneck), tokenizer, Lettering(), Sampling(steps=2))


@pytest.fixture
def small(sampler, monkeypatch):
    """Whatever the commands load is the small generator; pictures are tested elsewhere."""
    monkeypatch.setattr(MotionSampler, "load", lambda where, device: dataclasses.replace(sampler))
    monkeypatch.setattr(evaluate_tokenizer, "load_tokenizer", lambda where, device: sampler.tokenizer)
    monkeypatch.setattr(plots, "bars", lambda rows, names, out: None)


@pytest.fixture
def judge(monkeypatch):
    made = Hashing()
    monkeypatch.setattr(evaluators, "load", lambda folder: made)
    return made


def test_an_exported_checkpoint_samples(tmp_path):
    folder = tiny.make_checkpoint(tmp_path / "tiny")
    loaded = MotionSampler.load(str(folder), "cpu")
    assert loaded.sampling == Sampling(steps=4, guidance=2.0)
    (clip,) = loaded.sample([Job("a person walks", 5, 0)], loaded.sampling)
    assert clip.shape == (20, 67)
    same = load_tokenizer(str(folder), "cpu")
    assert torch.equal(same.encoder[0].weight, loaded.tokenizer.encoder[0].weight)
    with pytest.raises(InputError, match="nowhere"):
        MotionSampler.load("nowhere", "cpu")


def test_a_clip_is_the_same_alone_and_in_company(sampler):
    jobs = [Job("a person walks", 6, 1), Job("a person waves hello to a friend", 5, 2), Job("someone jumps", 6, 3)]
    together = sampler.sample(jobs, Sampling(steps=2))
    assert [len(clip) for clip in together] == [24, 20, 24]
    for job, clip in zip(jobs, together, strict=True):
        (alone,) = sampler.sample([job], Sampling(steps=2))
        assert np.median(np.abs(alone - clip)) < 1e-4  # in rounding, a code of random weights may flip
    (other,) = sampler.sample([Job("a person walks", 6, 9)], Sampling(steps=2))
    assert np.median(np.abs(other - together[0])) > 1e-3


def test_every_clip_of_every_repeat_has_its_own_seed():
    seeds = [seed_of(seed, repeat, index) for seed in (0, 1) for repeat in range(20) for index in range(600)]
    assert len(set(seeds)) == len(seeds)


def test_given_settings_are_crossed_and_the_rest_stays():
    settings = IsoDiMEvaluation(generator=("x",), dataset_dir=None, steps=(1, 2), snap=("step", "end"), guidance=(3.0,))
    tried = dict(variants(settings, Sampling(mar_steps=2)))
    assert list(tried) == [
        *("steps 1, snap step", "steps 1, snap end", "steps 2, snap step", "steps 2, snap end"),
    ]
    assert tried["steps 2, snap step"] == Sampling(steps=2, snap="step", guidance=3.0, mar_steps=2)
    assert [words for words, _ in variants(IsoDiMEvaluation(("x",), None), Sampling())] == [""]


def test_generators_stand_beside_real_motion(data, small, judge, tmp_path, capsys):
    settings = IsoDiMEvaluation(
        generator=("tiny",),
        dataset_dir=data,
        split="train",
        evaluator=data,
        repeats=2,
        steps=(1, 2),
        multimodal_texts=1,
        device="cpu",
        out=tmp_path,
    )
    evaluate_isodim.main(settings)
    kept = json.loads((tmp_path / "results.json").read_text())
    judged = {row["name"]: row for row in kept["tables"]["Texts and motions"]["rows"]}
    assert list(judged) == ["real", "tiny, real motion reconstructed", "tiny, steps 1", "tiny, steps 2"]
    assert [row["real"] for row in judged.values()] == [True, False, False, False]
    assert judged["real"]["figures"]["FID"]["repeats"] == 2
    assert judged["tiny, steps 2"]["figures"]["multimodality"]["mean"] > 0
    physics = [row["name"] for row in kept["tables"]["Physics"]["rows"]]
    assert physics[:3] == ["real, as captured", "real, finished", "tiny, steps 1, as decoded"]
    shown = [[len(clip) for clip in clips] for clips in judge.seen]
    assert [40] * 6 in shown  # generated clips are as long as the spans, mirror images among them
    assert [40] * 30 in shown
    assert kept["settings"]["steps"] == [1, 2]
    assert "6 train spans, half of them mirrored" in capsys.readouterr().out


def test_the_published_protocol(data, small, judge, tmp_path):
    common = {"split": "train", "evaluator": data, "repeats": 3, "steps": (1,), "multimodal_texts": 0, "device": "cpu"}
    rows = {}
    for name, published in (("ours", False), ("published", True)):
        evaluate_isodim.main(IsoDiMEvaluation(("tiny",), data, published=published, out=tmp_path / name, **common))
        tables = json.loads((tmp_path / name / "results.json").read_text())["tables"]
        rows[name] = {row["name"]: row["figures"] for row in tables["Texts and motions"]["rows"]}["tiny"]
    ours, published = rows["ours"], rows["published"]
    assert "R@3 own" in ours
    assert [key for key in published if key.startswith("R@")] == ["R@1", "R@2", "R@3"]
    assert published["R@3"]["mean"] == ours["R@3 own"]["mean"]
    # 1.96 s / sqrt(3) of the biased s beside t(.975, 2) of the unbiased
    assert published["FID"]["margin95"] == pytest.approx(
        ours["FID"]["margin95"] * 1.96 * (2 / 3) ** 0.5 / 4.3027, rel=1e-3
    )
    with pytest.raises(InputError, match="a split without a span of 40 frames"):  # there is no test split here
        evaluate_isodim.main(IsoDiMEvaluation(("tiny",), data, published=True))


def test_the_same_seed_gives_the_same_table(data, small, judge, tmp_path):
    tables = []
    for part in ("a", "b"):
        evaluate_isodim.main(
            IsoDiMEvaluation(
                ("tiny",), data, "train", data, 1, (1,), multimodal_texts=0, device="cpu", out=tmp_path / part
            )
        )
        rows = json.loads((tmp_path / part / "results.json").read_text())["tables"]["Texts and motions"]["rows"]
        for row in rows:
            row["figures"].pop("seconds per clip", None)
        tables.append(rows)
    assert tables[0] == tables[1]


def test_without_an_evaluator_there_are_physics_and_sides(data, small, tmp_path, monkeypatch):
    for room in (sides, prompts):
        monkeypatch.setattr(room, "SEEDS", range(2))
        monkeypatch.setattr(room, "TOKENS", 5)
    monkeypatch.setattr(prompts, "PROMPTS", {"a person walks": "somebody strolls"})
    evaluate_isodim.main(
        IsoDiMEvaluation(("tiny",), data, steps=(1,), mirror=False, sides=True, device="cpu", out=tmp_path)
    )
    tables = json.loads((tmp_path / "results.json").read_text())["tables"]
    assert list(tables) == ["Texts and motions", "Physics", "Sides", "Ten prompts", "Ten prompts in other words"]
    assert [row["name"] for row in tables["Ten prompts in other words"]["rows"]] == ["somebody strolls: tiny"]
    turns = [row["name"] for row in tables["Sides"]["rows"]]
    assert turns[:2] == ["a person turns left: real", "a person turns left: tiny"]


def test_tokenizers_stand_beside_real_motion(data, small, judge, tmp_path, capsys):
    evaluate_tokenizer.main(TokenizerEvaluation(("tiny",), data, "train", evaluator=data, device="cpu", out=tmp_path))
    tables = json.loads((tmp_path / "results.json").read_text())["tables"]
    assert list(tables) == ["Joint errors", "Codes", "Physics", "Features"]
    (row,) = tables["Joint errors"]["rows"]
    assert row["name"] == "tiny: all"
    assert row["figures"]["clips"]["mean"] == 3
    assert row["figures"]["MPJPE mm"]["mean"] > 0
    assert [row["name"] for row in tables["Physics"]["rows"]] == ["real", "tiny"]
    assert tables["Features"]["rows"][1]["figures"]["FID"]["mean"] > 0
    assert "- tiny: procedural/clip" in capsys.readouterr().out


def test_what_is_missing_is_named(data, small):
    with pytest.raises(InputError, match="generator is '', expected at least one"):
        evaluate_isodim.main(IsoDiMEvaluation((), data))
    with pytest.raises(InputError, match="repeats is 0"):
        evaluate_isodim.main(IsoDiMEvaluation(("tiny",), data, repeats=0))
    with pytest.raises(InputError, match="limit is 0, expected 1 or more"):
        evaluate_isodim.main(IsoDiMEvaluation(("tiny",), data, limit=0))
    with pytest.raises(InputError, match="expected a folder with one of"):
        evaluate_isodim.main(IsoDiMEvaluation(("tiny",), data, evaluator=data))
    with pytest.raises(InputError, match="tokenizer is '', expected at least one"):
        evaluate_tokenizer.main(TokenizerEvaluation((), data))
    with pytest.raises(InputError, match="split"):
        evaluate_tokenizer.main(TokenizerEvaluation(("tiny",), data, "test"))
