"""Both environments at once: this Python has bpy and no torch, the child has torch and no bpy."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def weights(real_python, tmp_path_factory):
    """A folder with one checkpoint of random weights, made by the other environment."""
    folder = tmp_path_factory.mktemp("weights")
    script = (
        f"from pathlib import Path; from tests.tiny import make_checkpoint; make_checkpoint(Path(r'{folder}') / 'tiny')"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONPATH"] = str(ROOT)
    subprocess.run([real_python, "-P", "-B", "-c", script], check=True, env=environment)
    return folder


@pytest.fixture
def tiny(real_python, weights, extension, tmp_path, monkeypatch):
    """That checkpoint, chosen in the panel; every test has its own copy."""
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", real_python)
    monkeypatch.setenv("ISODIM_WEIGHTS", str(shutil.copytree(weights, tmp_path / "weights")))
    checkpoint = extension.room("isodim_blender.client.checkpoints").Checkpoint
    extension.session.checkpoints = (checkpoint("tiny", "Tiny", "GPL-3.0-or-later"),)
    settings = bpy.context.scene.isodim
    settings.prompt, settings.use_seconds, settings.seconds = "a person walks forward", True, 2.0
    settings.checkpoint = "tiny"
    return settings


def keys(armature):
    """[frame, joint, 3] joint positions of the first frames."""
    positions = []
    for frame in (1, 10, 20, 40):
        bpy.context.scene.frame_set(frame)
        positions.append([bone.head.copy() for bone in armature.pose.bones])
    bpy.context.scene.frame_set(1)
    return np.array(positions)


def test_a_prompt_becomes_the_same_keys_twice(tiny, extension):
    played, actions = [], []
    bpy.context.scene.isodim.lock_seed = True
    for _ in range(2):  # the second goes to the figure that the first has made
        assert bpy.ops.isodim.generate() == {"FINISHED"}
        (figure,) = (item for item in bpy.data.objects if item.type == "ARMATURE")
        played.append(keys(figure))
        actions.append(figure.animation_data.action)
    np.testing.assert_array_equal(*played)
    action = actions[1]
    assert action != actions[0]
    assert tuple(action.frame_range) == (1.0, 48.0)
    assert len(action["isodim_sha256"]) == 64
    assert action["isodim_checkpoint"] == "tiny"
    assert "torch" not in sys.modules
    assert "tiny" in [one.name for one in extension.session.checkpoints]


def test_the_real_backend_refuses_in_one_sentence_and_goes_on(tiny, extension):
    (weights := Path(os.environ["ISODIM_WEIGHTS"]) / "tiny" / "model.safetensors").write_bytes(b"not weights")
    assert weights.stat().st_size == 11
    with pytest.raises(RuntimeError) as error:
        bpy.ops.isodim.generate()
    assert len(str(error.value).strip().splitlines()) == 1
    assert list(bpy.data.objects) == []
    assert extension.session.child.usable


def test_the_check_finds_everything(real_python, extension):
    environment = extension.room("isodim_blender.client.environment")
    report = environment.check(environment.find(real_python), ROOT)
    assert report.ok, report.sentence
