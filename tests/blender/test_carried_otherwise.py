"""Rigs whose bones are carried otherwise than a body: feet on the root, legs on the spine; the skin stays whole."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, description  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402


@pytest.fixture
def put(extension):
    def apply(motion, armature, **options):
        room = extension.room("isodim_blender.action.apply")
        return room.apply(
            motion,
            armature,
            bpy.context.scene,
            1,
            "clip",
            extension.room("isodim_blender.action.options").Options(**options),
        )

    return apply


def heads(armature, names, frame):
    bpy.context.scene.frame_set(frame)
    shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return {name: np.array(shown.matrix_world @ shown.pose.bones[name].head) for name in names}, {
        name: np.array(shown.matrix_world @ shown.pose.bones[name].tail) for name in names
    }


@pytest.mark.parametrize("kind", ["FK", "IK"])
@pytest.mark.parametrize("clip", ["walk_backwards", "crouch", "cartwheel"])
def test_a_foot_on_the_root_stays_at_the_end_of_its_shin(put, clip, kind):
    armature = build.build(description.describe("lowpoly", rolls_seed=2))
    result = put(CLIPS[clip](), armature, controls=kind)
    assert result.hidden == ()
    for frame in range(1, 70, 8):
        begin, end = heads(armature, ["LowerLeg.L", "Foot.L", "LowerLeg.R", "Foot.R"], frame)
        for side in "LR":
            assert np.linalg.norm(end[f"LowerLeg.{side}"] - begin[f"Foot.{side}"]) < 0.01


def test_what_a_spine_bone_carries_does_not_slide_out_of_the_pelvis(put):
    found = description.describe("biped", rolls_seed=2)
    armature = build.build(found)
    names = ["Bip01 Pelvis", "Bip01 Spine", "Bip01 L Thigh", "Bip01 R Thigh"]
    at_rest = {name: np.array(armature.matrix_world @ armature.data.bones[name].head_local) for name in names}
    assert put(CLIPS["crouch"](), armature).hidden == ()
    for frame in range(1, 70, 8):
        shown, _ = heads(armature, names, frame)
        for name in names[1:]:
            was, now = (np.linalg.norm(p[name] - p["Bip01 Pelvis"]) for p in (at_rest, shown))
            assert now == pytest.approx(was, abs=1e-3)
        apart = [np.linalg.norm(p["Bip01 Spine"] - p["Bip01 L Thigh"]) for p in (at_rest, shown)]
        assert apart[1] == pytest.approx(apart[0], abs=1e-3)
