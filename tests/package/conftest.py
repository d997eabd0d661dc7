"""Blender's own builder, and Blenders of their own in which a script runs; these tests need the bpy module and no torch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAD = """
import os, sys, traceback
import bpy, addon_utils
NAME = "bl_ext.user_default.isodim"
addon_utils.enable("bl_pkg")
try:
"""
FOOT = """
    print("done")
except BaseException:
    traceback.print_exc()
sys.stdout.flush(); sys.stderr.flush()
os._exit(0)  # an ordinary exit with add-on classes registered crashes in 4.2 and hangs in 4.5
"""


@pytest.fixture(scope="session")
def builder():
    """builder(ARGUMENT...): the builder's result; it is a program that needs no Blender."""
    bpy = pytest.importorskip("bpy")
    program = Path(bpy.utils.system_resource("SCRIPTS")) / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"

    def run(*arguments):
        command = [sys.executable, "-B", str(program), *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)

    return run


@pytest.fixture(scope="session")
def package(builder, tmp_path_factory):
    """The extension's zip, of the checkout as it is."""
    path = tmp_path_factory.mktemp("dist") / "isodim.zip"
    result = builder("build", "--source-dir", ROOT, "--output-filepath", path)
    assert result.returncode == 0, result.stdout + result.stderr
    return path


@pytest.fixture
def blender(tmp_path):
    """blender(SCRIPT, ARGUMENT...): what the script prints in a Blender with a private profile, the same for all of a test."""
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(tmp_path / "profile"), "PYTHONPATH": str(ROOT)}
    environment.pop("ISODIM_BACKEND_PYTHON", None)
    (tmp_path / "profile").mkdir()

    def run(script, *arguments):
        indented = "".join(f"    {line}\n" for line in script.strip().splitlines())
        result = subprocess.run(
            [sys.executable, "-B", "-c", HEAD + indented + FOOT, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        told = result.stdout + result.stderr
        assert result.stdout.rstrip().endswith("done"), told
        assert "Traceback" not in told and "Warning" not in told, told
        return result.stdout

    return run
