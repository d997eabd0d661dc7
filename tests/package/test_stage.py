"""The folder that a zip for one platform is built from, with stand-ins for the wheels."""

import tomllib
import zipfile

import pytest

from tests.package.conftest import ROOT
from tools.package.stage import manifest, shipped, stage
from tools.package.wheels import ASKED, PINS, PLATFORMS, PYTHONS, TARGETS, Target, pinned

TEXT = (ROOT / "blender_manifest.toml").read_text("utf-8")


def wheel(folder, name):
    path = folder / f"{name}-1.0-cp311-cp311-manylinux_2_28_x86_64.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}/__init__.py", "")
        archive.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        archive.writestr(f"{name}-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_28_x86_64\n")
        archive.writestr(f"{name}-1.0.dist-info/RECORD", "")
    return path


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_targets_manifest_names_its_blenders_platform_and_wheels(target):
    made = tomllib.loads(manifest(TEXT, target, ["b.whl", "a.whl"]))
    assert made["platforms"] == [target.platform]
    assert made["wheels"] == ["./wheels/a.whl", "./wheels/b.whl"]
    assert (made["blender_version_min"], made.get("blender_version_max", "")) == PYTHONS[target.python]
    assert "!/wheels" in made["build"]["paths_exclude_pattern"]
    rest = ("platforms", "wheels", "blender_version_min", "blender_version_max", "build")
    assert {key: value for key, value in made.items() if key not in rest} == {
        key: value for key, value in tomllib.loads(TEXT).items() if key not in rest
    }


def test_each_blender_has_one_python():
    ranges = list(PYTHONS.values())
    assert ranges[0][0] == tomllib.loads(TEXT)["blender_version_min"]
    assert [newer for _, newer in ranges[:-1]] == [oldest for oldest, _ in ranges[1:]]
    assert ranges[-1][1] == ""
    assert len({target.name for target in TARGETS}) == len(PYTHONS) * len(PLATFORMS)


def test_the_pins_are_those_that_are_asked_for(tmp_path):
    text = PINS.read_text("utf-8")
    assert [line.partition(" ")[0] for line in text.splitlines() if "==" in line] == list(ASKED)
    assert text.count("--hash=sha256:") >= len(PLATFORMS) * (len(ASKED) + 1)  # one of them is of each Python
    (tmp_path / "onnxruntime-1.32.0-cp311-cp311-win_amd64.whl").write_bytes(b"")
    made = pinned([tmp_path])
    assert made.startswith(text.splitlines()[0]) and made.count("--hash") == 1


def test_blenders_builder_takes_the_staged_folder(builder, tmp_path):
    target = Target("linux-x64", "3.11")
    folder = stage(target, [wheel(tmp_path, "onnxruntime"), wheel(tmp_path, "tokenizers")], tmp_path / "stage")
    for large in folder.rglob("*.safetensors"):
        large.write_bytes(b"")  # what they hold is no matter here, and packing them takes seconds
    assert {path.name for path in folder.iterdir()} == {*shipped(), "wheels", "blender_manifest.toml"}
    path = tmp_path / "isodim.zip"
    result = builder("build", "--source-dir", folder, "--output-filepath", path)
    assert result.returncode == 0, result.stdout + result.stderr
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
    assert {name for name in names if name.endswith(".whl")} == {
        f"wheels/{path.name}" for path in tmp_path.glob("*.whl")
    }
    assert "backend/text/all-minilm-l6-v2/encode.onnx" in names
    assert builder("validate", path).returncode == 0
