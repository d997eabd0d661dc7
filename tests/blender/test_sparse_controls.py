"""Sparse keys on a control rig keep the bound in cm on the bones that follow, as Blender plays them."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, clips  # noqa: E402 - needs bpy


@pytest.fixture(scope="module")
def frames():
    return range(1, 72, 2)


def heads(armature, bones, frames):
    """[frame, bone, 3], armature space."""
    places = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        places.append([np.array(armature.pose.bones[name].head) for name in bones])
    return np.array(places)


@pytest.mark.parametrize("kind", ["FK", "IK"])
def test_the_mapped_bones_keep_the_bound(extension, frames, kind):
    apply, mapping = extension.room("isodim_blender.action.apply"), extension.room("isodim_blender.rig.mapping")
    scene, clip, bound = bpy.context.scene, clips.walk_backwards(), 0.8
    armature = build.generated()
    bones = [bone for chain in mapping.of(armature).check().slots.values() for bone in chain]
    actions = set(bpy.data.actions)
    apply.apply(clip, armature, scene, 1, "dense", apply.Options(controls=kind))
    wanted = heads(armature, bones, frames)
    options = apply.Options(controls=kind, keys="SPARSE", max_cm=bound, max_degrees=2.0)
    few = apply.apply(clip, armature, scene, 1, "few", options).few
    scale = extension.room("isodim_blender.rig.rigged").Rigged.of(armature).fit.scale
    apart = np.linalg.norm(heads(armature, bones, frames) - wanted, axis=-1).max() / scale * 100
    assert 0 < apart <= few.cm + 0.01
    assert few.cm <= bound
    assert few.keys < 0.5 * few.dense
    assert len(set(bpy.data.actions) - actions) == 2
    assert armature.animation_data.action.name.startswith("a person walks backwards")
