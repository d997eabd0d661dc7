"""The command from prompts to tables, on a tiny checkpoint and a made folder of takes."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from backend.generate import Pipeline
from common.errors import InputError
from tests.tiny import make_checkpoint
from tests.training.prompt_suite import made
from training import evaluate_prompts
from training.evaluate_prompts import PromptEvaluation
from training.prompt_suite import checks, making, novelty, prompts, real, scores

ROOT = Path(__file__).resolve().parents[3]
CONCEPTS = [
    {"concept": "walk forward", "plain": "a figure goes ahead", "other": ["off he goes", "gone"]},
    {"concept": "wave with the left hand", "plain": "a figure waves its left", "other": ["left hand, hi"]},
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    return str(make_checkpoint(tmp_path_factory.mktemp("weights") / "tiny"))


@pytest.fixture
def asked(tmp_path):
    path = tmp_path / "prompts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in CONCEPTS))
    return path


@pytest.fixture(scope="module")
def takes_folder(tmp_path_factory):
    return made.takes(tmp_path_factory.mktemp("prepared"))


def test_from_prompts_to_tables_and_a_second_run_makes_nothing(checkpoint, asked, tmp_path, capsys, monkeypatch):
    settings = PromptEvaluation(
        checkpoint=(checkpoint,), prompts=asked, seeds=2, seconds=1.0, out=tmp_path / "out", device="cpu"
    )
    evaluate_prompts.main(settings)
    printed = capsys.readouterr().out
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert (tmp_path / "out" / "results.md").read_text() == printed.removesuffix("\n")
    assert "| walk forward |" in printed and "seeds 0 to 1" in printed
    figures = results["totals"][0]["figures"]
    assert {"plain", "other words", "all wordings", "named side", "slide_cm_s", "jerk_m_s3", "seeds apart cm"} <= set(
        figures
    )
    assert "met is true" not in figures
    (made_of,) = results["prompts"].values()
    assert [len(one["wordings"]) for one in made_of] == [3, 2]
    assert all(len(wording["obeyed"]) == 2 for one in made_of for wording in one["wordings"])
    assert len(list((tmp_path / "out" / "clips").iterdir())) == 5

    def refuse(*_):
        raise AssertionError("made again")

    monkeypatch.setattr(Pipeline, "generate", refuse)
    evaluate_prompts.main(settings)
    assert capsys.readouterr().out == printed
    with pytest.raises(AssertionError, match="made again"):
        evaluate_prompts.main(dataclasses.replace(settings, seed=7))


def test_kept_clips_are_those_that_were_made(checkpoint, tmp_path):
    maker = making.Maker(evaluate_prompts.runs.load_pipeline(checkpoint, "cpu"), making.Asking(2, 3, 1.0, 1), tmp_path)
    fresh, kept = maker.clips("a figure goes ahead"), maker.clips("a figure goes ahead")
    assert maker.made == 2
    assert [clip.seed for clip in fresh] == [clip.seed for clip in kept] == [3, 4]
    for one, other in zip(fresh, kept, strict=True):
        assert np.array_equal(one.joints, other.joints) and one.joints.shape == (20, 22, 3)


def test_real_takes_go_through_the_same_checks(takes_folder, asked, capsys):
    labels = takes_folder / "labels.jsonl"
    evaluate_prompts.main(PromptEvaluation(checkpoint=(), prompts=asked, real=takes_folder, labels=labels))
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| w")]
    assert lines == [
        "| walk forward | 0.500 | 2 | 0.00 | - |",
        "| wave with the left hand | 1.00 | 1.00 | 0.00 | 0.00 |",
    ]
    takes = real.read(takes_folder, labels, ("val",))
    assert {take.label for take in takes} == {"walk_forward", "wave_right", "walk_forward > wave_left"}
    assert takes[-1].mirrored.label == "walk_forward > wave_right"


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"seeds": 0}, "seeds"),
        ({"effort": (0,)}, "effort"),
        ({"only": ("juggle",)}, "walk forward"),
        ({"real": "."}, "--labels"),
        ({"checkpoint": ("nothing",)}, "checkpoint"),
    ],
)
def test_what_is_wrong_is_one_sentence(change, part, checkpoint, asked):
    settings = PromptEvaluation(**({"checkpoint": (checkpoint,), "prompts": asked, "device": "cpu"} | change))
    with pytest.raises(InputError, match=part):
        evaluate_prompts.main(settings)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("{", "line 1"),
        ('{"concept": "walk forward", "plain": "a"}', "line 1"),
        ('{"concept": "walk forward", "plain": "", "other": []}', "line 1"),
        ('{"concept": "fly", "plain": "a man flies", "other": []}', "with a check"),
        ("", "at least one concept"),
    ],
)
def test_a_wrong_prompt_is_named(line, part, tmp_path):
    (tmp_path / "prompts.jsonl").write_text(line + "\n")
    with pytest.raises(InputError, match=part):
        evaluate_prompts.main(PromptEvaluation(checkpoint=(), prompts=tmp_path / "prompts.jsonl"))


def test_unreadable_takes_and_labels_are_named(takes_folder, tmp_path):
    with pytest.raises(InputError, match="prepare"):
        real.read(tmp_path, takes_folder / "labels.jsonl", ("val",))
    (tmp_path / "labels.jsonl").write_text('{"clip": 1}\n')
    with pytest.raises(InputError, match="labels"):
        real.read(takes_folder, tmp_path / "labels.jsonl", ("val",))
    with pytest.raises(InputError, match="test"):
        real.read(takes_folder, takes_folder / "labels.jsonl", ("test",))


def outcome(name, *wordings, verdicts=None):
    concept = prompts.Concept(name, "plain", tuple("other" for _ in wordings[1:]))
    said = verdicts or [(None,) * len(obeyed) for obeyed in wordings]
    physics = {"slide_cm_s": 1.0, "jerk_m_s3": 2.0}
    made_of = [
        scores.Wording("", tuple(obeyed), tuple(verdict), (physics,) * len(obeyed), 3.0)
        for obeyed, verdict in zip(wordings, said, strict=True)
    ]
    return scores.Outcome(concept, checks.ALL[name].sided, tuple(made_of))


def test_headline_figures():
    found = scores.headline(
        [
            outcome("walk forward", (True, True, False), (True, False, True), (True, True, True)),
            outcome("turn left", (True, True, True), (True, False, False), (False, False, False)),
        ]
    )
    assert found["plain"] == pytest.approx(5 / 6)
    assert found["other words"] == pytest.approx((5 / 6 + 1 / 6) / 2)
    assert found["all wordings"] == 0.5
    assert found["named side"] == pytest.approx(4 / 9)
    assert (found["slide_cm_s"], found["jerk_m_s3"], found["seeds apart cm"]) == (1.0, 2.0, 3.0)


def test_the_products_verdict_is_held_against_the_check():
    met, missing = {"met": True, "missing": []}, {"met": False, "missing": ["no turn to the left"]}
    unsure = {"met": None, "missing": []}
    obeyed, verdicts = (True, True, False, False, False), (met, met, met, missing, unsure)
    found = scores.agreement([outcome("turn left", obeyed, verdicts=[verdicts])])
    shares = {"said met": 0.6, "said missing": 0.2, "met is true": pytest.approx(2 / 3), "missing is true": 1.0}
    assert found == shares
    assert scores.agreement([outcome("turn left", (True,))]) == {}


def test_seeds_that_move_alike_are_not_apart():
    walk, elsewhere = made.body(made.walking()), made.body(made.walking() + np.array([4.0, 0.0, 1.0]))
    assert scores.spread_cm([walk, elsewhere]) == pytest.approx(0.0, abs=1e-6)
    assert scores.spread_cm([walk, made.body(made.waving("left"))]) > 1.0


def test_the_prompts_are_new_to_this_repository(tmp_path):
    wordings = [words for concept in prompts.read(prompts.BUNDLED) for words in concept.wordings]
    places = [ROOT / name for name in ("tests", "docs", "README.md", "backend", "isodim_blender", "training", "tools")]
    assert novelty.found_in(places, wordings) == {}
    (tmp_path / "corpus.jsonl").write_text(json.dumps({"captions": ["x", wordings[3].upper() + "!"]}) + "\n")
    assert novelty.found_in([tmp_path], wordings) == {wordings[3]: [tmp_path / "corpus.jsonl"]}


def test_named_sides_are_asked_plainly_and_a_concepts_own_name_is_it_alone():
    found = evaluate_prompts.chosen(PromptEvaluation(named_sides=True))
    assert [one.name for one in found if one.name not in prompts.NAMED_SIDES] == []
    assert len(found) == len(prompts.NAMED_SIDES) == 10
    assert all(len(one.wordings) == 1 for one in found)
    assert [one.name for one in evaluate_prompts.chosen(PromptEvaluation(only=("turn left",)))] == ["turn left"]
    assert len(evaluate_prompts.chosen(PromptEvaluation(only=("turn",)))) > 2
