"""A newer zip over an older one: what a person has made stays."""

import shutil
import subprocess
import sys
import tomllib

import pytest

from .conftest import ROOT

pytest.importorskip("bpy")

FIRST_WITH_MANIFEST = ["git", "-C", str(ROOT), "log", "--reverse", "--format=%H", "--", "blender_manifest.toml"]
UPGRADE = """
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
preferences = bpy.context.preferences.addons[NAME].preferences
preferences.backend_python = "/somewhere/python"
for path in ("environments/cpu", "checkpoints/mine", "bone_maps", "logs"):
    folder = bpy.utils.extension_path_user(NAME, path=path, create=True)
    with open(os.path.join(folder, "kept.json"), "w") as file:
        file.write(path)
print("version", sys.modules[NAME + ".contract"].VERSION)  # the older version's name of `common`
old = set(dir(bpy.ops.isodim))
bpy.ops.extensions.package_install_files(filepath=sys.argv[2], repo="user_default", enable_on_install=True)
preferences = bpy.context.preferences.addons[NAME].preferences
assert preferences.backend_python == "/somewhere/python"
for path in ("environments/cpu", "checkpoints/mine", "bone_maps", "logs"):
    folder = bpy.utils.extension_path_user(NAME, path=path)
    with open(os.path.join(folder, "kept.json")) as file:
        assert file.read() == path
assert old <= set(dir(bpy.ops.isodim)) and len(dir(bpy.ops.isodim)) > len(old)
assert bpy.ops.isodim.add_figure() == {"FINISHED"}
print("version", sys.modules[NAME + ".common"].VERSION)
"""


@pytest.fixture(scope="module")
def older(builder, tmp_path_factory):
    """The extension as the project's first version with a manifest had it, as version 0.0.1."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    commits = subprocess.run(FIRST_WITH_MANIFEST, capture_output=True, text=True, check=True).stdout.split()
    folder = tmp_path_factory.mktemp("older")
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", commits[0]], capture_output=True, check=True).stdout
    (folder / "source").mkdir()
    subprocess.run(["tar", "-x", "-C", str(folder / "source")], input=archive, check=True)
    for name in ("blender_manifest.toml", "contract/__init__.py"):
        path = folder / "source" / name
        text = path.read_text("utf-8")
        assert tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))["version"] in text
        path.write_text(text.replace('"0.1.0"', '"0.0.1"'), "utf-8")
    out = folder / "isodim.zip"
    result = builder("build", "--source-dir", folder / "source", "--output-filepath", out)
    assert result.returncode == 0, result.stdout + result.stderr
    return out


def test_environments_checkpoints_corrections_and_preferences_stay(older, package, blender):
    told = [line for line in blender(UPGRADE, older, package).splitlines() if line.startswith("version")]
    assert told == ["version 0.0.1", "version 0.1.0"]


def test_the_extensions_own_folder_holds_nothing_that_a_person_made(package, blender, tmp_path):
    used = """
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
root = sys.modules[NAME].__path__[0]
files = lambda: {os.path.join(here, name) for here, _, names in os.walk(root) for name in names if not name.endswith(".pyc")}
before = files()
assert len(before) > 100
assert bpy.ops.isodim.add_figure() == {"FINISHED"}
bpy.context.scene.isodim.prompt = "a person walks"
os.environ["ISODIM_BACKEND_PYTHON"] = sys.argv[2]
assert bpy.ops.isodim.generate() == {"FINISHED"}
assert bpy.ops.isodim.set_bone(slot="left_elbow", bone="left_wrist") == {"FINISHED"}
assert files() == before, files() ^ before
"""
    program = tmp_path / "python-good"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/addon/stand_in.py" good\n')
    program.chmod(0o755)
    blender(used, package, program)
