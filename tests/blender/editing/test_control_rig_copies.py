"""Takes of a rig that Rigify generated: its drivers and constraints read the armature, so a copy has to read itself."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.test_controls import rigify, saved  # noqa: E402, F401


def shown(armature, names, frame):
    bpy.context.scene.frame_set(frame)
    evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return np.array([evaluated.pose.bones[name].matrix for name in names])


@pytest.mark.parametrize("controls", ["FK", "IK"])
def test_each_copy_shows_its_take_alone(rooms, settings, stand_in, rigify, controls):  # noqa: F811
    variations = rooms("editing.variations")
    stand_in("good")
    settings.prompt, settings.use_seconds, settings.seconds, settings.controls = "walk", True, 1.0, controls
    settings.variations.count, settings.variations.layout = 3, "COPIES"
    bpy.context.view_layer.objects.active = rigify
    assert bpy.ops.isodim.variations() == {"FINISHED"}
    twins = [item for item in bpy.data.objects if variations.COPY in item and item.type == "ARMATURE"]
    names = [bone.name for bone in rigify.data.bones if bone.use_deform]
    takes = variations.takes_of(rigify)
    assert len(twins) == 2 and len(names) > 50
    own = [shown(twin, names, 9) for twin in twins]
    assert np.abs(own[0] - own[1]).max() > 1e-3
    for pose, take in zip(own, takes[1:], strict=True):
        bpy.ops.isodim.show_take(take=take.name)
        np.testing.assert_allclose(pose, shown(rigify, names, 9), atol=1e-4)
