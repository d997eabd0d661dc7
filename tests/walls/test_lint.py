"""The lint rule of each folder bans the other world's imports; tried on lines that break it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from walls import ROOT, WALLS


def complaints(folder, source):
    """Codes that ruff gives for `source` as if it were a file of `folder`."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "json", "--stdin-filename"]
    command += [str(ROOT / folder / "example.py"), "-"]
    result = subprocess.run(command, input=source, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)
    return {row["code"] for row in json.loads(result.stdout)}


CASES = [(wall.folder, name) for wall in WALLS for name in wall.forbidden if name != "isodim"]


@pytest.mark.parametrize(("folder", "name"), CASES)
def test_a_forbidden_import_is_a_lint_error(folder, name):
    assert "TID251" in complaints(folder, f"import {name}\n")
    assert "TID251" in complaints(folder, f"def f():\n    from {name} import x\n")


@pytest.mark.parametrize("folder", [wall.folder for wall in WALLS])
def test_numpy_is_free_for_all(folder):
    assert "TID251" not in complaints(folder, "import numpy\n")
