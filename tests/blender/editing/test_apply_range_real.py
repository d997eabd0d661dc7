"""Edits by the bundled weights on a rig, read from the rig and put back: seams as the rig plays them."""

import os
import subprocess

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from common.motion import clip_file  # noqa: E402
from tests.blender.editing import played  # noqa: E402
from tools.checkout import ROOT  # noqa: E402
from tools.rigs import build, description  # noqa: E402

FIRST, LAST = 50, 95


@pytest.fixture
def backend(real_python, tmp_path):
    """backend(command, *arguments) -> the clip that it makes."""

    def run(*arguments):
        out = tmp_path / f"{len(list(tmp_path.iterdir()))}.npz"
        command = [real_python, "-P", "-B", "-m", "backend", *map(str, arguments), "--out", str(out)]
        subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL)
        return clip_file.load(out)

    return run


@pytest.mark.parametrize(("maker", "root"), [("mixamo", "HIPS"), ("unity", "OBJECT")])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_real_edit_meets_what_it_was_made_for(rooms, backend, tmp_path, maker, root, seed):
    scene, apply = bpy.context.scene, rooms("action.apply")
    armature = build.build(description.describe(maker, rolls_seed=seed), "turned", mixed_modes=True)
    walk = backend("generate", "a person walks forward", "--seconds", 6, "--seed", seed)
    apply.apply(walk, armature, scene, 1, "walk", apply.Options(root=root))
    action = armature.animation_data.action
    clip = rooms("action.action_motion").motion_of(armature, action, scene)
    saved = tmp_path / "read.npz"
    clip_file.save(saved, clip)
    span = "--start", (FIRST - 1) / clip.fps, "--end", LAST / clip.fps
    new = backend("edit", saved, "a person waves with both arms", *span, "--seed", seed)
    assert new.frames == clip.frames and new.fps == clip.fps
    at = np.concatenate([played.times(-3, FIRST - 1), played.times(LAST + 1, 150)])
    before = played.values(action, at)
    done = rooms("editing.apply_range").apply_range(armature, new, scene, 1, FIRST, LAST)
    assert played.largest_change(before, played.values(armature.animation_data.action, at)) == (0.0, set())
    print(maker, seed, done.seams, done.slide_cm)
    assert max(max(jumps) for jumps in done.seams.values()) < 1.1
