"""The checkout as a package called `isodim`, as Blender would have it; this works because its door imports nothing."""

import stat
import sys
from pathlib import Path

import pytest

from tools.checkout import ROOT

STAND_IN = Path(__file__).with_name("stand_in.py")


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
