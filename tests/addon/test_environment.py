import stat
import sys

import pytest
from isodim.common.errors import InputError
from isodim.isodim_blender.client import environment


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv(environment.VARIABLE, raising=False)


def test_the_variable_wins_over_the_preference(monkeypatch):
    assert environment.find(sys.executable) == sys.executable
    monkeypatch.setenv(environment.VARIABLE, sys.executable)
    assert environment.find("elsewhere") == sys.executable


def test_a_folder_means_the_python_inside(tmp_path):
    program = tmp_path / "bin" / "python"
    program.parent.mkdir()
    program.symlink_to(sys.executable)
    assert environment.find(str(tmp_path)) == str(program)


@pytest.mark.parametrize("path", ["", "  ", "no/such/python", __file__])
def test_what_is_no_program_is_refused_with_what_to_do(path):
    with pytest.raises(InputError, match="Preferences"):
        environment.find(path)


def test_a_check_names_what_is_missing(root, monkeypatch):
    monkeypatch.setattr(environment, "NEEDED", ("numpy", "no_such_package_for_sure"))
    report = environment.check(sys.executable, root)
    assert not report.ok
    assert "lacks no_such_package_for_sure" in report.sentence
    assert "numpy" not in report.sentence


def test_a_check_passes_where_everything_is(root, monkeypatch):
    monkeypatch.setattr(environment, "NEEDED", ("numpy",))
    assert environment.check(sys.executable, root).ok


def test_a_check_names_a_python_that_is_too_old(root, monkeypatch):
    monkeypatch.setattr(environment, "OLDEST", (99, 0))
    assert "too old, expected 99.0" in environment.check(sys.executable, root).sentence


def test_a_program_that_is_no_python_is_named(root, tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho hello\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    assert "does not run as a Python" in environment.check(str(program), root).sentence
    assert "does not run as a Python" in environment.check(str(tmp_path / "none"), root).sentence
