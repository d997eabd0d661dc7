"""Who imports whom, seen by a fresh interpreter; and that this look finds a breach."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from walls import HERE, ROOT, WALLS

NAMES = {"ids": lambda wall: wall.folder}


def test_the_two_environments_do_not_hold_each_others_half():
    assert not (importlib.util.find_spec("torch") and importlib.util.find_spec("bpy"))
    assert len(HERE) >= 2


@pytest.mark.parametrize("wall", HERE, **NAMES)
def test_a_package_loads_nothing_from_behind_its_wall(wall):
    assert wall.breaches(ROOT) == set()


@pytest.mark.parametrize("wall", WALLS, **NAMES)
def test_a_breach_anywhere_in_the_package_is_found(wall, tmp_path):
    package = tmp_path / wall.folder
    (package / "room").mkdir(parents=True)
    (tmp_path / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "room" / "__init__.py").touch()
    assert wall.breaches(tmp_path) == set()

    forbidden = wall.forbidden[0]
    (tmp_path / f"{forbidden}.py").touch()
    (package / "room" / "deep.py").write_text(
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nimport {forbidden}\n"
    )
    assert wall.breaches(tmp_path) == {forbidden}


def test_the_contract_may_load_no_stranger(tmp_path):
    (tmp_path / "common").mkdir()
    (tmp_path / "stranger.py").touch()
    (tmp_path / "common" / "__init__.py").write_text("import stranger\n")
    assert WALLS[0].breaches(tmp_path) == {"stranger"}


def test_a_package_that_prints_when_imported_is_refused(tmp_path):
    (tmp_path / "common").mkdir()
    (tmp_path / "common" / "__init__.py").write_text("print('hello')\n")
    with pytest.raises(json.JSONDecodeError):
        WALLS[0].breaches(tmp_path)
