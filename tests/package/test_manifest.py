"""The manifest is complete, by Blender's validator and by what that misses."""

import copy
import re
import tomllib

import pytest

from .conftest import ROOT
from .manifest import complaints

pytest.importorskip("bpy")

MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))


@pytest.fixture
def tags():
    from _bpy_internal.extensions import tags

    return tags.addons


def test_blenders_validator_accepts_it(builder, package):
    for what in (ROOT, package):
        result = builder("validate", what)
        assert result.returncode == 0, result.stdout + result.stderr


def test_so_do_our_own_checks(tags):
    assert complaints(MANIFEST, tags) == []


def test_it_says_who_what_and_for_which_blender():
    assert (MANIFEST["id"], MANIFEST["name"], MANIFEST["type"]) == ("isodim", "IsoDiM", "add-on")
    assert MANIFEST["blender_version_min"] == "4.2.0"
    assert re.fullmatch(r"\d+\.\d+\.\d+", MANIFEST["version"])
    # Nothing is compiled: one zip for all platforms.
    assert "platforms" not in MANIFEST
    assert "wheels" not in MANIFEST


def test_what_the_code_uses_is_permitted_and_nothing_else():
    text = "".join(path.read_text("utf-8") for path in (ROOT / "isodim_blender").rglob("*.py"))
    uses = {
        "files": "write_" in text,
        "network": "online_access" in text,
        "clipboard": "clipboard" in text,
        "camera": "import cv2" in text,
        "microphone": "import aud" in text,
    }
    assert {name for name, used in uses.items() if used} == set(MANIFEST["permissions"])


WRONG = {
    "tag Magic": {"tags": ["Magic"]},
    "no tags": {"tags": []},
    "the name uses a trademark": {"name": "IsoDiM for Blender"},
    "the licence": {"license": ["SPDX:MIT"]},
    "tagline: ends with punctuation": {"tagline": "Text to motion."},
    "tagline: 65 characters": {"tagline": "T" * 65},
    "tagline: empty": {"tagline": ""},
    "permission files: ends with punctuation": {"permissions": {"files": "Read clips!"}},
    "permission stars": {"permissions": {"stars": "Reach for them"}},
    "platform amiga": {"platforms": ["amiga"]},
    "copyright IsoDiM": {"copyright": ["IsoDiM"]},
    "no copyright": {"copyright": []},
}


@pytest.mark.parametrize("complaint", WRONG)
def test_a_wrong_manifest_is_found(complaint, tags):
    assert complaints(copy.deepcopy(MANIFEST) | WRONG[complaint], tags) == [complaint]
