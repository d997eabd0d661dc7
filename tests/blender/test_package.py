"""The zip, made and judged by Blender's own builder, installed in a fresh profile."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

ROOT = Path(__file__).resolve().parents[2]
BUILDER = Path(bpy.utils.system_resource("SCRIPTS")) / "addons_core" / "bl_pkg" / "cli" / "blender_ext.py"
SHIPPED = ("__init__.py", "README.md", "LICENSE", "blender_manifest.toml")
INSTALL = """
import os, sys, traceback
import bpy, addon_utils
try:
    addon_utils.enable("bl_pkg")
    bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
    name = "bl_ext.user_default.isodim"
    for _ in range(3):
        assert bpy.ops.isodim.generate.poll() is False and bpy.context.scene.isodim.seed == 0
        addon_utils.disable(name)
        assert not hasattr(bpy.types.Scene, "isodim"), "left behind"
        assert addon_utils.enable(name) is not None
    module = sys.modules[name]
    session = sys.modules[name + ".isodim_blender.session"].session
    print("installed", [one.name for one in session.checkpoints])
    assert bpy.ops.isodim.add_figure() == {"FINISHED"}
    assert bpy.ops.isodim.map_bones() == {"FINISHED"}
    loaded = {one.partition(".")[0] for one in sys.modules}
    assert not loaded & {"torch", "scipy", "backend", "training"}, "a wall is broken"
    assert not [one for one in sys.modules if one.startswith(name + ".backend")], "a wall is broken"
    print("done")
except BaseException:
    traceback.print_exc()
sys.stdout.flush()
os._exit(0)
"""


def builder(*arguments):
    return subprocess.run([sys.executable, str(BUILDER), *arguments], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The checkout's tracked and new files with a checkpoint and things that must not ship; never the checkout itself."""
    folder = tmp_path_factory.mktemp("source") / "isodim"
    folder.mkdir()
    for name in ("__init__.py", "blender_manifest.toml", "README.md", "LICENSE", "pyproject.toml"):
        if (ROOT / name).is_file():
            shutil.copy(ROOT / name, folder)
        else:
            (folder / name).write_text("stands in")
    for name in ("isodim_blender", "contract", "backend"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("*.safetensors", "config.json"))
    weights = folder / "backend" / "weights" / "sample"
    weights.mkdir(parents=True)
    (weights / "config.json").write_text('{"title": "Sample", "licence": "CC0-1.0"}')
    (weights / "model.safetensors").write_bytes(b"weights")
    for name in ("tests/test_a.py", "training/loop.py", "docs/page.md", "runs/x.pt", ".ci/run", "noxfile.py"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("not for users")
    for package in ("contract", "isodim_blender/rig"):
        (folder / package / "__pycache__").mkdir(exist_ok=True)
        (folder / package / "__pycache__" / "a.cpython-311.pyc").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def package(source, tmp_path_factory):
    path = tmp_path_factory.mktemp("dist") / "isodim.zip"
    result = builder("build", "--source-dir", str(source), "--output-filepath", str(path))
    assert result.returncode == 0, result.stdout + result.stderr
    return path


def test_the_manifest_is_valid_and_agrees_with_the_contract(extension):
    result = builder("validate", str(ROOT))
    assert result.returncode == 0, result.stdout + result.stderr
    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))
    assert manifest["version"] == extension.room("contract").VERSION
    assert manifest["license"] == ["SPDX:GPL-3.0-or-later"]
    assert (manifest["id"], manifest["name"], manifest["blender_version_min"]) == ("isodim", "IsoDiM", "4.2.0")
    assert len(manifest["tagline"]) <= 64
    assert manifest["tagline"][-1].isalnum()
    assert all(reason and reason[-1].isalnum() and len(reason) <= 64 for reason in manifest["permissions"].values())


def test_tags_are_those_that_blender_knows():
    from _bpy_internal.extensions import tags

    manifest = tomllib.loads((ROOT / "blender_manifest.toml").read_text("utf-8"))
    assert manifest["tags"]
    assert set(manifest["tags"]) <= tags.addons


def test_the_zip_ships_what_users_need_and_nothing_else(package):
    with zipfile.ZipFile(package) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
    assert set(SHIPPED) <= set(names)
    assert "backend/weights/sample/model.safetensors" in names
    assert "backend/weights/sample/config.json" in names
    assert "isodim_blender/operators/generate.py" in names
    assert "contract/skeleton.py" in names
    others = [name for name in names if name not in SHIPPED]
    assert {name.partition("/")[0] for name in others} == {"isodim_blender", "backend", "contract"}
    assert not [name for name in names if "__pycache__" in name or name.endswith((".pyc", "ruff.toml"))]
    assert not [name for name in names if any(part.startswith(".") for part in Path(name).parts)]


def test_it_installs_from_the_zip_and_switches_three_times(package, tmp_path):
    environment = os.environ | {"BLENDER_USER_RESOURCES": str(tmp_path)}
    environment.pop("ISODIM_BACKEND_PYTHON", None)
    result = subprocess.run(
        [sys.executable, "-c", INSTALL, str(package)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "installed ['sample']" in result.stdout, result.stdout + result.stderr
    assert "done" in result.stdout, result.stdout + result.stderr
    assert "Warning" not in result.stdout + result.stderr
