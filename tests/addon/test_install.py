"""Installations: how they end, what they say, what they leave, with a fake Python in venv's and pip's place."""

import os
import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from isodim.isodim_blender.install import errors, one_at_a_time, pythons, removal, sentinel, worker

from tests.addon.installing import NAMES, Place, ended, package_set, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Python is a shell script")


@pytest.fixture
def place(tmp_path, root, monkeypatch):
    made = Place(tmp_path, root)
    made.only_this_python(monkeypatch)
    return made


def state(place, packages=None):
    return sentinel.look(place.folder, {"cpu 3.11": (packages or package_set()).of((3, 11))})


def test_a_whole_installation_ends_ready(place):
    assert state(place).state is sentinel.State.NONE
    status = place.install()
    assert (status.state, status.factor) == (worker.State.FINISHED, 1.0)
    assert "4 s of motion" in status.text
    assert place.packages == list(NAMES)
    found = state(place)
    assert found.state is sentinel.State.READY
    assert found.python == str(place.folder / "bin" / "python")


def test_progress_names_packages_and_only_grows(place, monkeypatch):
    seen = []
    kept = property(lambda self: seen[-1], lambda self, new: seen.append(new))
    monkeypatch.setattr(worker.Worker, "status", kept, raising=False)
    place.install()
    texts = [status.text for status in seen]
    assert any("torch (3 of 3): 0 MB of 0 MB" in text for text in texts)
    factors = [status.factor for status in seen]
    assert factors == sorted(factors)
    assert factors[-1] == 1.0


@pytest.mark.parametrize(
    ("how", "sentence", "advice"),
    [
        ("hash", "torch is not the one that this add-on was tested with", "ask who runs your package index"),
        ("space", "The disk is full.", "Make room"),
        ("network", "The package index could not be reached.", "goes on where it stopped"),
        ("proxy", "The proxy refused", "Check Proxy"),
        ("missing", "torch 1.0 was not found", "Choose another set"),
        ("refused", "refused the download", "pip's configuration"),
        ("permission", "cannot be written", "permissions"),
        ("certificate", "certificate", "pip config set"),
        ("odd", "torch could not be installed: the moon is full", "Open the log"),
        ("die", "torch could not be installed", "press the button again"),
    ],
)
def test_a_failure_is_a_sentence_and_the_next_click_goes_on(place, how, sentence, advice):
    place.behave(torch=how)
    status = place.install()
    assert status.state is worker.State.FAILED
    assert sentence in status.text
    assert advice in status.advice
    assert state(place).state is sentinel.State.HALF
    place.behave()
    assert place.install().state is worker.State.FINISHED
    assert place.packages == ["torch"]
    assert state(place).state is sentinel.State.READY


def test_cancel_ends_the_program_within_seconds(place):
    place.behave(torch="slow")
    made = place.begin()
    until(lambda: place.packages == list(NAMES))
    began = time.monotonic()
    made.cancel()
    assert ended(made).state is worker.State.CANCELLED
    assert time.monotonic() - began < 5.0
    assert state(place).state is sentinel.State.HALF


def test_a_failed_self_test_makes_the_next_click_begin_anew(place):
    place.behave(backend="libgomp is missing")
    status = place.install()
    assert status.text == "The self-test failed: libgomp is missing"
    assert state(place).state is sentinel.State.HALF
    place.behave()
    assert place.install().state is worker.State.FINISHED
    assert place.packages == list(NAMES)


def test_other_pins_are_said_and_make_a_new_environment(place):
    place.install()
    newer = package_set("2.0")
    found = state(place, newer)
    assert found.state is sentinel.State.STALE
    assert "needs numpy 2.0, there is 1.0" in found.sentence
    place.behave()
    place.install(newer)
    assert place.packages == list(NAMES)
    assert state(place, newer).state is sentinel.State.READY


def test_a_python_that_went_away_is_said(place):
    place.install()
    (place.home).rename(place.home.with_name("gone"))
    assert state(place).state is sentinel.State.BROKEN
    (place.folder / "bin" / "python").unlink()
    assert "press Repair" in state(place).sentence


def test_damaged_files_count_as_half_made(place):
    place.install()
    for name in (sentinel.SENTINEL, sentinel.JOURNAL):
        (place.folder / name).write_bytes(b"\xff{")
    assert state(place).state is sentinel.State.HALF
    (place.folder / sentinel.JOURNAL).write_text('{"python": 5, "done": 3}')
    assert place.install().state is worker.State.FINISHED


@pytest.mark.parametrize(
    "facts", ['{"python": 5}', '{"python": null, "set": "cpu"}', "[" * 100_000, "\0", "[" + "1," * 600_000]
)
def test_a_damaged_sentinel_raises_nothing(place, facts):
    """It is read when the add-on is enabled."""
    place.install()
    (place.folder / sentinel.SENTINEL).write_text(facts)
    assert state(place).state is sentinel.State.HALF


def test_a_disk_without_room_is_said_before_anything_is_made(place, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    status = place.install()
    assert "need 0 MB of disk space, 0 MB are free" in status.text
    assert not place.folder.exists()


def test_one_at_a_time(place):
    with one_at_a_time.lock(place.folder.with_name("environment.lock")):
        status = place.install()
    assert status.text == "Another Blender is installing or removing the backend."
    assert place.install().state is worker.State.FINISHED


def test_a_folder_that_cannot_be_written_is_said(place):
    place.folder.parent.write_text("a file stands there")
    status = place.install()
    assert status.state is worker.State.FAILED
    assert "cannot be written" in status.text


def test_removal_takes_all_and_what_an_earlier_one_left(place):
    place.install()
    left = place.folder.with_name("environment.old-1")
    left.mkdir()
    assert removal.disk_use(place.folder) > 500
    work = worker.Removal(place.folder)
    work.start()
    assert ended(work).text == "The backend was removed."
    assert not place.folder.exists()
    assert not left.exists()
    assert state(place).state is sentinel.State.NONE


def test_a_folder_in_use_is_waited_for_and_then_said(place, monkeypatch):
    place.install()
    rename, calls = Path.rename, []

    def busy(self, target):
        calls.append(target)
        if len(calls) < 3:
            raise PermissionError(13, "in use")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", busy)
    removal.discard(place.folder)
    assert not place.folder.exists()
    place.install()
    monkeypatch.setattr(removal, "_LEAVING_S", 0.3)
    monkeypatch.setattr(Path, "rename", lambda self, target: (_ for _ in ()).throw(PermissionError(13, "in use")))
    with pytest.raises(errors.InstallError, match="cannot be removed: in use"):
        removal.discard(place.folder)


def test_pip_hears_its_own_settings_but_none_that_mislead(place, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_INDEX_URL", "NO_PROXY"):
        monkeypatch.setenv(name, "value")
    place.install(proxy="http://me:secret@proxy:8080", extra_index="http://more")
    call = next(call for call in place.calls if call.get("package") == "torch")
    variables = call["environment"]
    assert not {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET"} & set(variables)
    assert variables["PIP_INDEX_URL"] == variables["NO_PROXY"] == "value"
    assert variables["HTTPS_PROXY"] == "http://me:secret@proxy:8080"
    assert not any("secret" in word for word in call["arguments"])
    assert {"--require-hashes", "--no-deps", "--extra-index-url"} <= set(call["arguments"])
    assert "secret" not in place.folder.with_name("install.log").read_text()


def test_a_folder_of_wheels_leaves_no_way_to_the_network(place, monkeypatch):
    monkeypatch.setenv("PIP_FIND_LINKS", "http://somewhere")
    place.install(wheels="/a folder/of wheels", extra_index="http://more")
    call = next(call for call in place.calls if call.get("package") == "torch")
    words = call["arguments"]
    assert "--no-index" in words
    assert words[words.index("--find-links") + 1] == "/a folder/of wheels"
    assert "--extra-index-url" not in words
    assert {name for name in call["environment"] if name.startswith("PIP_")} == {"PIP_CONFIG_FILE"}
    assert call["environment"]["PIP_CONFIG_FILE"] == os.devnull


def test_a_python_without_venv_or_of_another_version_is_said(place, monkeypatch):
    monkeypatch.setattr(pythons.shutil, "which", lambda name: None)
    place.behave(venv=False)
    assert "lacks venv" in place.install().text
    place.behave(version=[3, 6])
    assert place.install().text == "No Python 3.11, 3.12, 3.13 was found on this computer."


def test_uv_takes_venvs_place_but_not_offline(place, monkeypatch):
    place.behave(venv=False)
    monkeypatch.setattr(pythons.shutil, "which", lambda name: "/bin/uv" if name == "uv" else None)
    wanted = ((3, 11),)
    assert pythons.choose(wanted, str(place.python), offline=False).uv == "/bin/uv"
    with pytest.raises(pythons.InstallError, match="lacks venv"):
        pythons.choose(wanted, str(place.python), offline=True)
