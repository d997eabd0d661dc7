"""Blender's own Python as the backend's: only where the extension's wheels are, and never by importing them."""

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest
from isodim.isodim_blender.client import child, environment, own_python
from isodim.isodim_blender.client.child import clean_environment

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


def unpacked(folder):
    """A folder of unpacked wheels, whose engine may not be imported."""
    for name in ("onnxruntime", "safetensors", "tokenizers"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").touch()
    (folder / "onnxruntime" / "__init__.py").write_text("raise ImportError('loaded in the wrong process')\n")
    return folder


@pytest.fixture
def no_wheels(monkeypatch):
    """An import path on which there is no engine."""
    kept = [entry for entry in sys.path if not (Path(entry) / "onnxruntime").is_dir()]
    monkeypatch.setattr(sys, "path", kept)


@pytest.fixture
def wheels(no_wheels, tmp_path, monkeypatch):
    folder = unpacked(tmp_path / "site-packages")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return folder


def test_with_wheels_it_is_this_python_and_nothing_is_imported(wheels, tmp_path):
    before = set(sys.modules)
    assert own_python.path() == sys.executable
    assert own_python.site_packages() == str(wheels)
    assert own_python.hindrance(tmp_path) == ""
    variables = clean_environment(tmp_path, sys.executable)
    assert variables["PYTHONPATH"].split(os.pathsep) == [str(tmp_path), str(wheels)]
    assert not {name for name in set(sys.modules) - before if name.startswith("onnxruntime")}


def test_the_folder_of_extensions_counts_before_what_other_add_ons_put_on_the_path(wheels, tmp_path, monkeypatch):
    ours = unpacked(tmp_path / "extensions" / ".local" / "lib" / VERSION / "site-packages")
    monkeypatch.setattr(sys, "path", [*sys.path, str(ours)])
    assert own_python.site_packages() == str(ours)


def test_the_person_s_own_packages_are_not_those_of_extensions(wheels, tmp_path, monkeypatch):
    users = unpacked(tmp_path / "home" / ".local" / "lib" / VERSION / "site-packages")
    monkeypatch.setattr(site, "getusersitepackages", lambda: str(users))
    monkeypatch.setattr(sys, "path", [*sys.path, str(users)])
    assert own_python.site_packages() == str(wheels)


def test_another_python_does_not_get_the_wheels(wheels, tmp_path):
    assert clean_environment(tmp_path, "/usr/bin/python3")["PYTHONPATH"] == str(tmp_path)


def test_only_blenders_own_python_leaves_out_what_somebody_installed_for_themselves(wheels):
    assert "-s" in child.command(sys.executable, "", Path("compiled"))
    assert "-s" not in child.command("/usr/bin/python3", "", Path("compiled"))


def test_the_check_finds_them_in_the_child(wheels, tmp_path):
    assert environment.check(sys.executable, tmp_path).ok
    done = subprocess.run(
        [sys.executable, "-P", "-c", "import onnxruntime"], env=clean_environment(tmp_path, sys.executable),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "loaded in the wrong process" in done.stderr


def test_without_wheels_there_is_none(no_wheels, tmp_path):
    assert own_python.path() == own_python.site_packages() == ""
    assert clean_environment(tmp_path, sys.executable)["PYTHONPATH"] == str(tmp_path)
    assert "brings no backend for this system" in own_python.hindrance(tmp_path)


def test_wheels_that_were_taken_away_are_told_and_found_when_they_are_back(no_wheels, tmp_path, monkeypatch):
    (tmp_path / "wheels").mkdir()
    (tmp_path / "wheels" / "onnxruntime-1.32.0-cp311-cp311-win_amd64.whl").touch()
    folder = tmp_path / "site-packages"
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    assert "switch IsoDiM off and on again" in own_python.hindrance(tmp_path)
    unpacked(folder)
    assert own_python.hindrance(tmp_path) == ""


def test_a_blender_that_is_no_python_is_not_started_as_one(wheels, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/opt/blender/blender")
    assert own_python.path() == ""
    assert "name a Python" in own_python.hindrance(tmp_path)
