"""The history of prompts: newest first, each once, at most twenty, and a damaged file costs nothing else."""

import json

import pytest
from isodim.isodim_blender.ui.prompts import MOST, PRESETS, History


@pytest.fixture
def history(tmp_path):
    return History(tmp_path / "history.json")


def test_the_newest_stands_on_top_once(history):
    for prompt in ("walk", "run", " walk ", "", "   ", "walk"):
        history.add(prompt)
    assert history.prompts == ("walk", "run")


def test_another_blender_finds_them(history):
    for index in range(MOST + 5):
        history.add(f"prompt {index} äöü 走る")
    other = History(history.path)
    other.load()
    assert other.prompts == history.prompts
    assert len(other.prompts) == MOST
    assert other.prompts[0].startswith(f"prompt {MOST + 4} ")


@pytest.mark.parametrize("text", ["", "{", '{"a": 1}', "3", "null", '"walk"'])
def test_a_damaged_file_counts_as_empty(history, text):
    history.path.write_text(text, encoding="utf-8")
    history.load()
    assert history.prompts == ()
    history.add("walk")
    assert json.loads(history.path.read_text(encoding="utf-8")) == ["walk"]


def test_what_is_no_text_in_it_is_left_out(history):
    history.path.write_text('["walk", 3, null, "run"]', encoding="utf-8")
    history.load()
    assert history.prompts == ("walk", "run")


def test_clearing_outlives_the_session(history):
    history.add("walk")
    history.clear()
    history.load()
    assert history.prompts == ()


def test_the_history_is_reported_if_it_cannot_be_written(tmp_path):
    with pytest.raises(OSError, match="there"):
        History(tmp_path / "not there" / "history.json").add("walk")


def test_presets_are_prompts_that_may_be_sent():
    prompts = [prompt for listed in PRESETS.values() for prompt in listed]
    assert len(prompts) == len(set(prompts)) >= 10
    assert all(prompt == prompt.strip() and len(prompt) <= 500 for prompt in prompts)
