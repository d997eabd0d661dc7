"""The checkout as a package called `isodim`, as Blender would have it; this works because its door imports nothing."""

import importlib.util
import stat
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = Path(__file__).with_name("stand_in.py")

if "isodim" not in sys.modules:
    spec = importlib.util.spec_from_file_location(
        "isodim", ROOT / "__init__.py", submodule_search_locations=[str(ROOT)]
    )
    sys.modules["isodim"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["isodim"])


@pytest.fixture
def root():
    return ROOT


@pytest.fixture
def stand_in(tmp_path):
    """stand_in(behaviour) -> a program that takes the backend Python's place and behaves so."""

    def make(behaviour):
        program = tmp_path / f"python-{behaviour}"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" {behaviour}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return str(program)

    return make
