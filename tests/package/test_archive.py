"""Which files are in the zip: all that git tracks in the shipped folders, and no others."""

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from .conftest import ROOT

DOOR = {"__init__.py", "README.md", "LICENSE", "blender_manifest.toml"}
ROOMS = ("isodim_blender", "backend", "common")


def names(package):
    with zipfile.ZipFile(package) as archive:
        return {name for name in archive.namelist() if not name.endswith("/")}


def known_to_git(*arguments):
    command = ["git", "-C", str(ROOT), "ls-files", *arguments]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())


def expected():
    """Files of the allow-list that git tracks, or would if they were added; without the lint rules of a folder."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    files = known_to_git() | known_to_git("--others", "--exclude-standard")
    rooms = {name for name in files if name.partition("/")[0] in ROOMS}
    return {name for name in DOOR | rooms if Path(name).name != "ruff.toml" and (ROOT / name).is_file()}


def test_the_zip_holds_what_git_knows_and_nothing_else(package):
    found, wanted = names(package), expected()
    assert len(found) > 100
    assert found - wanted == set()
    assert wanted - found == set()


def test_every_preset_and_weight_is_in_it(package):
    found = names(package)
    for pattern in ("*.json", "*.safetensors", "MODEL_CARD.md", "requirements-*.txt"):
        on_disk = {path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob(pattern)}
        assert on_disk, pattern
        assert on_disk <= found
    with zipfile.ZipFile(package) as archive:
        for name in found:
            if name.endswith(".json"):
                json.loads(archive.read(name))


def test_no_tests_no_caches_no_hidden_files(package):
    found = names(package)
    assert {name.partition("/")[0] for name in found - DOOR} == set(ROOMS)
    assert not [name for name in found if "__pycache__" in name or name.endswith((".pyc", "ruff.toml"))]
    assert not [name for name in found if any(part.startswith(".") for part in Path(name).parts)]


def test_what_lies_about_in_a_checkout_does_not_ship(builder, tmp_path):
    source = tmp_path / "isodim"
    for name in expected():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(b"" if name.endswith(".safetensors") else (ROOT / name).read_bytes())
    clean = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    litter = ("tests/a.py", "training/engine/loop.py", "docs/page.md", "runs/x.pt", ".ci/run", "noxfile.py")
    caches = ("common/__pycache__/a.pyc", "isodim_blender/rig/__pycache__/a.pyc", "backend/.ruff_cache/x", ".env")
    for name in litter + caches:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("not for users")
    out = tmp_path / "isodim.zip"
    result = builder("build", "--source-dir", source, "--output-filepath", out)
    assert result.returncode == 0, result.stdout + result.stderr
    assert names(out) == clean
