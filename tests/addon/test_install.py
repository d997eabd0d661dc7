"""The GPU backend's environment: how its installation ends, what it says, what it leaves, with a fake Python in venv's, pip's and uv's place."""

import shutil
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from isodim.isodim_blender.client import child, gpu
from isodim.isodim_blender.install import making

from tests.addon.installing import Installing, ended, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Python is a shell script")


@pytest.fixture
def installing(tmp_path, root):
    return Installing(tmp_path, root)


def left(installing):
    return {path.name for path in installing.place.folder.iterdir()}


@pytest.mark.parametrize("uv", [False, True])
def test_an_installation_ends_with_an_environment_that_was_tried_out(installing, uv):
    ending = installing.install(uv)
    assert ending.finished and ending.sentence == "The GPU backend works on CUDA: 4 s of motion in 0.1 s."
    assert installing.steps == ["venv", "install", "backend"]
    assert left(installing) == {"gpu", "install.log"}
    assert gpu.read(installing.place.environment) == {"device": "cuda", "packages": installing.packages.digest}


@pytest.mark.parametrize("uv", [False, True])
def test_all_packages_are_installed_by_one_command_with_their_hashes_and_nothing_is_built(installing, uv):
    installing.install(uv)
    (call,) = [call for call in installing.calls if call["step"] == "install"]
    words = call["arguments"]
    assert "--require-hashes" in words and "--no-deps" in words
    assert words[-2:] == ["-r", str(installing.packages.file)]
    assert "--no-build" in words if uv else words[words.index("--only-binary") + 1] == ":all:"


def test_nothing_goes_outside_the_extensions_folder_and_the_persons_network_counts(installing, monkeypatch):
    for name in ("PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_INDEX_URL", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "value")
    installing.install()
    variables = installing.calls[1]["environment"]
    assert not {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET"} & set(variables)
    assert variables["PIP_INDEX_URL"] == variables["HTTPS_PROXY"] == "value"
    for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR", "TMPDIR", "TEMP", "TMP"):
        assert installing.place.cache in (Path(variables[name]), *Path(variables[name]).parents)


def test_a_child_of_the_environment_computes_on_its_device_and_no_other_does(installing):
    installing.install()
    python = str(gpu.python_of(installing.place.environment))
    bytecode = installing.place.environment.parent / "compiled"
    assert child.command(python, "", bytecode)[-2:] == ["--device", "cuda"]
    assert "--device" not in child.command(sys.executable, "", bytecode)


def test_progress_is_the_last_line_and_the_share_of_named_packages(installing):
    work = making.Work(lambda work: "")
    heard = making._Progress(work, installing.packages)
    seen = []
    for line in ("Collecting numpy==1.0", "  Downloading numpy-1.0.whl", "Collecting torch==1.0"):
        heard(line)
        seen.append((work.line, work.done))
    assert [done for _, done in seen] == [0.5, 0.5, 1.0]
    assert seen[1][0] == "  Downloading numpy-1.0.whl"


@pytest.mark.parametrize(
    ("step", "how", "sentence", "advice"),
    [
        ("install", "hash", "Installing the packages failed: a downloaded file is not the one", "ask who runs"),
        ("install", "uv hash", "Installing the packages failed: a downloaded file is not the one", "ask who runs"),
        ("install", "space", "Installing the packages failed: the disk is full.", "Make room"),
        ("install", "network", "Installing the packages failed: the package index could not be reached.", "stays"),
        ("install", "uv network", "Installing the packages failed: the package index could not be reached.", "stays"),
        ("install", "missing", "Installing the packages failed: a package was not found", "Open the log"),
        ("install", "certificate", "Installing the packages failed: the package index could not prove", "certificate"),
        ("install", "odd", "Installing the packages failed: ERROR: the moon is full.", "Open the log"),
        ("venv", "odd", "Making the environment failed: ERROR: the moon is full.", "Open the log"),
        ("backend", "no driver", "The self-test failed: no driver.", "Open the log"),
        ("backend", "odd", "The self-test failed: ERROR: the moon is full.", "Open the log"),
    ],
)
def test_a_failure_says_what_failed_and_the_next_click_succeeds(installing, step, how, sentence, advice):
    installing.behave(**{step: how})
    ending = installing.install()
    assert not ending.finished and not ending.cancelled
    assert ending.sentence.startswith(sentence) and advice in ending.advice
    assert left(installing) == {"gpu.cache", "install.log"}
    installing.behave()
    assert installing.install().finished


def test_what_works_stays_until_a_new_one_works(installing):
    installing.install()
    before = gpu.read(installing.place.environment)
    for step in ("venv", "install", "backend"):
        installing.behave(**{step: "odd"})
        installing.install()
        assert gpu.read(installing.place.environment) == before
    installing.behave()
    (installing.home / "requirements.txt").write_text(installing.packages.text.replace("1.0", "2.0"))
    assert installing.install().finished
    assert gpu.read(installing.place.environment)["packages"] == installing.packages.digest != before["packages"]


def test_cancel_ends_the_program_within_seconds_and_keeps_what_was_downloaded(installing):
    installing.behave(install="slow")
    work = installing.begin()
    until(lambda: work.line == "Collecting numpy==1.0")
    began = time.monotonic()
    work.cancelled.set()
    assert ended(work).cancelled
    assert time.monotonic() - began < 5.0
    assert left(installing) == {"gpu.cache", "install.log"}


def test_what_a_killed_blender_left_does_no_harm(installing):
    for name in ("gpu.half/bin", "gpu.cache/tmp"):
        (installing.place.folder / name).mkdir(parents=True)
    assert gpu.read(installing.place.half) == {}
    assert installing.install().finished
    assert left(installing) == {"gpu", "install.log"}


@pytest.mark.parametrize("text", ["", "{", "[]", '{"device": 3}', '{"device": "cuda"}', "[" * 100_000, "\0"])
def test_damaged_facts_are_no_environment(installing, text):
    installing.install()
    (installing.place.environment / gpu.FILE).write_text(text)
    assert gpu.read(installing.place.environment) == {}


def test_a_disk_without_room_is_said_before_anything_is_made(installing, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=10))
    assert installing.install().sentence == "The GPU backend needs 0.3 GB of disk space, 0.0 GB are free."
    assert installing.steps == []


def test_a_folder_that_cannot_be_written_and_a_python_that_does_not_start_are_said(installing):
    installing.python.chmod(0o644)
    assert "does not start (Permission denied)" in installing.install().sentence
    shutil.rmtree(installing.place.folder)
    installing.place.folder.write_text("a file stands there")
    assert "cannot be written" in installing.install().sentence


def test_removal_takes_all_and_what_earlier_versions_left(installing):
    installing.install()
    for name in ("environment/bin", "environment.old-1", "gpu.old-2", "gpu.cache", "environments/mine", "checkpoints"):
        (installing.place.folder / name).mkdir(parents=True)
    (installing.place.folder / "environment.lock").touch()
    assert len(installing.place.old()) == 4
    assert installing.remove().sentence == "The GPU backend was removed."
    assert left(installing) == {"install.log", "environments", "checkpoints"}
    assert installing.place.old() == []


def test_a_folder_in_use_is_waited_for_and_then_said(installing, monkeypatch):
    installing.install()
    monkeypatch.setattr(making, "_IN_USE_S", 0.3)
    rename = Path.rename
    monkeypatch.setattr(Path, "rename", lambda self, target: (_ for _ in ()).throw(PermissionError(13, "in use")))
    assert "cannot be removed: in use" in installing.remove().sentence
    monkeypatch.setattr(Path, "rename", rename)
    assert installing.remove().finished
