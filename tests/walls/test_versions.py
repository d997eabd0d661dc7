"""One version and one licence, wherever they stand."""

import ast
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def contract_version():
    tree = ast.parse((ROOT / "common" / "__init__.py").read_text("utf-8"))
    values = {node.targets[0].id: node.value.value for node in tree.body if isinstance(node, ast.Assign)}
    return values["VERSION"]


def test_one_version():
    assert contract_version() == PROJECT["version"] == MANIFEST["version"]


def test_the_changelog_knows_this_version_or_what_is_coming():
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert f"## [{PROJECT['version']}]" in text


def test_one_licence():
    assert MANIFEST["license"] == ["SPDX:GPL-3.0-or-later"]
    assert PROJECT["license"] == "GPL-3.0-or-later"
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.split()[:6] == ["GNU", "GENERAL", "PUBLIC", "LICENSE", "Version", "3,"]
    assert "END OF TERMS AND CONDITIONS" in text


def test_the_name_leaves_the_trademark_alone():
    assert "blender" not in MANIFEST["name"].lower()
    assert MANIFEST["schema_version"] == "1.0.0"
