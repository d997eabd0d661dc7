"""Blender's own Python as the backend's: only where the extension's wheels are, and never by importing them."""

import os
import subprocess
import sys

import pytest
from isodim.isodim_blender.client import environment, own_python
from isodim.isodim_blender.client.child import clean_environment


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder of unpacked wheels on the import path, whose engine may not be imported."""
    package = tmp_path / "site-packages" / "onnxruntime"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('loaded in the wrong process')\n")
    for name in ("safetensors", "tokenizers"):
        (package.parent / name).mkdir()
        (package.parent / name / "__init__.py").touch()
    for name in ("onnxruntime", "safetensors", "tokenizers"):  # another test's import would be found instead
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.syspath_prepend(str(package.parent))
    own_python.site_packages.cache_clear()
    yield package.parent
    own_python.site_packages.cache_clear()


def test_with_wheels_it_is_this_python_and_nothing_is_imported(wheels, tmp_path):
    before = set(sys.modules)
    assert own_python.path() == sys.executable
    assert own_python.site_packages() == str(wheels)
    variables = clean_environment(tmp_path, sys.executable)
    assert variables["PYTHONPATH"].split(os.pathsep) == [str(tmp_path), str(wheels)]
    assert not {name for name in set(sys.modules) - before if name.startswith("onnxruntime")}


def test_another_python_does_not_get_the_wheels(wheels, tmp_path):
    assert clean_environment(tmp_path, "/usr/bin/python3")["PYTHONPATH"] == str(tmp_path)


def test_the_check_finds_them_in_the_child(wheels, tmp_path):
    assert environment.check(sys.executable, tmp_path).ok
    done = subprocess.run(
        [sys.executable, "-P", "-c", "import onnxruntime"], env=clean_environment(tmp_path, sys.executable),
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "loaded in the wrong process" in done.stderr


def test_without_wheels_there_is_none(monkeypatch, tmp_path):
    own_python.site_packages.cache_clear()
    monkeypatch.setattr(own_python.importlib.util, "find_spec", lambda name: None)
    assert own_python.path() == own_python.site_packages() == ""
    assert clean_environment(tmp_path, sys.executable)["PYTHONPATH"] == str(tmp_path)
    own_python.site_packages.cache_clear()


def test_a_blender_that_is_no_python_is_not_started_as_one(wheels, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/opt/blender/blender")
    assert own_python.path() == ""
