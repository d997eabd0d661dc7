"""From Actions to what training reads: the features of an exported clip are those of the clip that was applied."""

import json
import subprocess

import numpy as np
import pytest

from tools.checkout import ROOT
from tools.demo import walk

bpy = pytest.importorskip("bpy")

COMPARE = """
import json, sys
from pathlib import Path
import numpy as np
from backend.motion.features import features_to_joints, joints_to_features
out, wanted = Path(sys.argv[1]), np.load(sys.argv[2])
features = np.load(out / "features.npy")
worst = 0.0
rows = [json.loads(line) for line in (out / "clips.jsonl").read_text().splitlines()]
for row in rows:
    made = features_to_joints(features[row["start"] : row["start"] + row["frames"]])
    real = features_to_joints(joints_to_features(wanted[: len(made)]))
    shift = (made - real)[..., 1].mean()
    worst = max(worst, np.linalg.norm(made - real - [0.0, shift, 0.0], axis=-1).mean())
print(json.dumps({"clips": len(rows), "frames": rows[0]["frames"], "error_m": worst}))
"""


@pytest.mark.parametrize("fps", [20, 30])
def test_prepare_reads_the_export(extension, real_python, tmp_path, fps):
    scene = bpy.context.scene
    scene.render.fps = fps
    motion = walk.walk()
    apply, rig = extension.room("isodim_blender.action.apply"), extension.room("isodim_blender.rig.armature")
    armature = rig.make(scene)
    for seed in range(2):
        apply.apply(motion, armature, scene, 1 + seed, "walk", apply.Options(feet=False))
        armature.animation_data.action.isodim.captions.add().text = f"a person walks {seed}"
    bpy.context.view_layer.objects.active = armature
    assert bpy.ops.isodim.export_actions(directory=f"{tmp_path}/") == {"FINISHED"}
    np.save(tmp_path / "wanted.npy", motion.positions)
    out = tmp_path / "prepared"
    for command in (
        ["-m", "training.prepare", "--bvh", tmp_path, "--out", out, "--strict"],
        ["-c", COMPARE, out, tmp_path / "wanted.npy"],
    ):
        result = subprocess.run(
            [real_python, "-P", "-B", *map(str, command)],
            check=False,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    print(found)
    assert found["clips"] == 2
    assert abs(found["frames"] - motion.frames) <= 1
    assert found["error_m"] < 0.004
