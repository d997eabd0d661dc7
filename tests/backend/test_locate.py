"""Checkpoints: found by name or folder, refused when anything about them is not as their config says."""

from __future__ import annotations

import hashlib
import json

import pytest

from backend.weights import locate
from common.errors import InputError

WEIGHTS = b"not real weights, but bytes with a hash" * 100


@pytest.fixture(autouse=True)
def nothing_bundled(tmp_path, monkeypatch):
    monkeypatch.setattr(locate, "BUNDLED", tmp_path / "bundled")
    monkeypatch.delenv(locate.VARIABLE, raising=False)


def make(place, name, /, **changes):
    folder = place / name
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(WEIGHTS)
    config = {
        "name": name,
        "title": name.title(),
        "licence": "CC0-1.0",
        "parameters": 1000,
        "max_seconds": 20.0,
        "files": {"model.safetensors": hashlib.sha256(WEIGHTS).hexdigest()},
        "sampling": {"steps": 8, "guidance": 3.0},
        "model": {"width": 8},
    }
    (folder / "config.json").write_text(json.dumps(config | changes))
    return folder


def test_default_is_open_then_whatever_there_is(tmp_path):
    plus = make(tmp_path / "bundled", "plus")
    assert locate.find().folder == plus
    opened = make(tmp_path / "bundled", "open")
    assert locate.find().folder == opened
    assert locate.find("plus").folder == plus
    found, wrong = locate.available()
    assert [one.info.name for one in found] == ["open", "plus"] and wrong == []
    assert found[0].info.sha256 == hashlib.sha256(WEIGHTS).hexdigest()


def test_given_folders_come_before_the_variable_and_that_before_the_bundled(tmp_path, monkeypatch):
    bundled = make(tmp_path / "bundled", "open")
    assert locate.find("open").folder == bundled
    from_variable = make(tmp_path / "variable", "open")
    monkeypatch.setenv(locate.VARIABLE, str(tmp_path / "variable"))
    assert locate.find("open").folder == from_variable
    given = make(tmp_path / "given", "open")
    assert locate.find("open", [tmp_path / "given"]).folder == given


def test_a_folder_is_a_checkpoint_too(tmp_path):
    folder = make(tmp_path / "elsewhere", "mine")
    assert locate.find(str(folder)).info.name == "mine"


def test_unknown_and_missing_checkpoints(tmp_path):
    with pytest.raises(InputError, match=r"^checkpoint is missing, expected weights in backend/weights"):
        locate.find()
    make(tmp_path / "bundled", "open")
    with pytest.raises(InputError, match=r"^checkpoint is 'closed', expected open, or a folder with config\.json\.$"):
        locate.find("closed")


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(WEIGHTS[:-1]),
        lambda path: path.write_bytes(bytes([WEIGHTS[0] ^ 1]) + WEIGHTS[1:]),
        lambda path: path.write_bytes(b""),
        lambda path: path.unlink(),
    ],
)
def test_damaged_weights_are_told_in_one_sentence(tmp_path, damage):
    folder = make(tmp_path / "bundled", "open")
    damage(folder / "model.safetensors")
    with pytest.raises(InputError, match=r"model\.safetensors.*install the checkpoint again\.$") as error:
        locate.find("open")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name", ["../model.safetensors", "/etc/passwd", "a/b", "a\\b", "C:x", "..", "", ".hidden", "a\n"]
)
def test_files_outside_the_folder_are_refused(tmp_path, name):
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    make(tmp_path / "bundled", "open", files={"model.safetensors": digest, name: digest})
    with pytest.raises(InputError, match="expected plain file names"):
        locate.find("open")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": None},
        {"title": 5},
        {"licence": ""},
        {"parameters": -1},
        {"max_seconds": float("nan")},
        {"files": []},
        {"files": {}},
        {"files": {"model.safetensors": "abc"}},
        {"files": {"model.safetensors": 5}},
        {"sampling": None},
    ],
)
def test_bad_configs_name_the_file_and_the_field(tmp_path, changes):
    folder = make(tmp_path / "bundled", "open", **changes)
    with pytest.raises(InputError) as error:
        locate.find("open")
    assert str(folder / "config.json") in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "[" * 100_000, "\x00"])
def test_configs_that_are_not_json_objects(tmp_path, text):
    folder = make(tmp_path / "bundled", "open")
    (folder / "config.json").write_text(text)
    with pytest.raises(InputError, match=r"config\.json"):
        locate.find(str(folder))


def test_one_broken_checkpoint_does_not_hide_the_others(tmp_path):
    make(tmp_path / "bundled", "open")
    make(tmp_path / "bundled", "broken", files={})
    found, wrong = locate.available()
    assert [one.info.name for one in found] == ["open"] and len(wrong) == 1
    assert locate.find().info.name == "open"


def test_a_link_out_of_the_folder_is_refused_even_with_the_right_hash(tmp_path):
    folder = make(tmp_path, "a")
    outside = tmp_path / "elsewhere"
    (folder / locate.MAIN_FILE).replace(outside)
    (folder / locate.MAIN_FILE).symlink_to(outside)
    with pytest.raises(InputError, match="a link to elsewhere"):
        locate.find(str(folder))
