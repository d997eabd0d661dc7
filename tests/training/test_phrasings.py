import dataclasses
import json

import pytest

from common.errors import InputError
from tests.training.test_prepare import corpus  # noqa: F401
from training.data import phrasings
from training.data.captioned import CaptionedClip
from training.data.dataset import Span, load
from training.prepare import prepare
from training.train_length import wordings

LEXICON = [
    {"concept": "sit_down", "phrases": ["sits down", "take a seat", "Have a seat, please."]},
    {"concept": "turn_right", "phrases": ["turns right", "clockwise turn", "right now"]},
]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def words(tmp_path):
    def make(*shown, paraphrases=()):
        concepts = [{"concept": concept, "mirrored": flipped} for concept, flipped in shown]
        return phrasings.load(
            write(tmp_path / "lexicon.jsonl", LEXICON),
            write(tmp_path / "concepts.jsonl", [span(0, 2) | {"concepts": concepts}]),
            [write(tmp_path / "paraphrases.jsonl", paraphrases)],
        )

    return make


def span(start, end):
    return {"source": "own", "clip": "a", "start_s": start, "end_s": end}


def row_of(words, captions=("a person moves",), start=0.0, end=2.0):
    row = span(start, end) | {"captions": list(captions), "split": "train", "license": "x"}
    return words.enriched(CaptionedClip("own", "a", "train", "x", (row,))).rows[0]


def test_a_labelled_span_gets_the_phrases_of_its_concept_and_others_get_none(words):
    found = row_of(words(("sit_down", False)))
    assert (found["plain"], found["concepts"]) == (LEXICON[0]["phrases"], ["sit_down"])
    other = row_of(words(("sit_down", False)), start=0.5)
    assert (other["plain"], other["concepts"]) == ([], [])


def test_the_left_hand_image_gets_mirrored_phrases_and_none_that_name_no_side(words):
    found = row_of(words(("turn_right", True)))
    assert (found["plain"], found["concepts"]) == (["turns left", "counterclockwise turn"], ["turn_left"])
    assert row_of(words(("turn_right", False)))["plain"] == ["turns right", "clockwise turn"]


def test_two_concepts_are_told_in_their_order_by_short_phrases_alone(words):
    found = row_of(words(("turn_right", True), ("sit_down", False)))
    assert found["concepts"] == ["turn_left", "sit_down"]
    assert len(found["plain"]) == len(set(found["plain"]))
    for text in found["plain"]:
        assert text.removeprefix("first ").startswith(("turns left", "counterclockwise turn"))
        assert text.endswith(("sits down", "take a seat"))
    pairs = {(text.count("turns left"), text.count("sits down")) for text in found["plain"]}
    assert len(pairs) == 4


def test_paraphrases_of_a_caption_and_of_a_span_become_captions_without_repetition(words):
    more = [
        {"caption": "a person moves", "paraphrases": ["someone moves", "a person moves"]},
        span(0, 2) | {"paraphrases": ["moving about"]},
        {"caption": "another", "paraphrases": ["not this"]},
    ]
    found = row_of(words(paraphrases=more))
    assert found["captions"] == ["a person moves", "someone moves", "moving about"]
    assert row_of(words(paraphrases=more), end=3.0)["captions"] == ["a person moves", "someone moves"]


def test_an_unknown_concept_and_a_broken_line_are_named(words, tmp_path):
    with pytest.raises(InputError, match="concepts is 'fly', expected concepts of the lexicon"):
        words(("fly", False))
    broken = write(tmp_path / "broken.jsonl", [{"concept": "x"}])
    with pytest.raises(InputError, match=r"broken\.jsonl line 1 .* expected an object with concept, phrases"):
        phrasings.load(broken, None, [])
    with pytest.raises(InputError, match="a readable file of JSON lines"):
        phrasings.load(tmp_path / "absent.jsonl", None, [])


def test_prepare_writes_them_and_training_reads_them(corpus, tmp_path):  # noqa: F811
    named = {"source": "own", "clip": "walk_1", "start_s": 0.0, "end_s": 9.0}
    settings = dataclasses.replace(
        corpus,
        lexicon=write(tmp_path / "lexicon.jsonl", LEXICON),
        concepts=write(tmp_path / "concepts.jsonl", [named | {"concepts": [{"concept": "sit_down"}]}]),
        paraphrases=(write(tmp_path / "p.jsonl", [{"caption": "a person walks", "paraphrases": ["on foot"]}]),),
    )
    prepare(settings)
    found = {load(corpus.out, "train").names[one.clip]: one for one in load(corpus.out, "train").spans}
    assert found["own/walk_1"].captions == ("a person walks", "on foot")
    assert found["own/walk_1"].plain == tuple(LEXICON[0]["phrases"])
    assert found["own/walk_1"].concepts == ("sit_down",)
    assert found["sparse/walk_3"].plain == ()


def test_a_span_teaches_its_length_once_however_many_words_tell_it():
    one = Span(0, 0, 40, ("a person turns left", "turning"), "turn", False, ("left turn",), ("turn_left",))
    found = wordings(one, 10)
    assert sum(chance for _, _, chance in found) == pytest.approx(1)
    assert sum(chance for text, _, chance in found if text in ("left turn", "right turn")) == pytest.approx(0.5)
    assert {text for text, tokens, _ in found if tokens == 10} == {
        "a person turns left", "a person turns right", "turning", "left turn", "right turn",
    }  # fmt: skip
    assert sum(chance for _, _, chance in wordings(dataclasses.replace(one, plain=()), 10)) == pytest.approx(1)
