"""Captures in any program's dialect, opened with Blender's own importer: what is copied from them is what they show."""

import contextlib
import dataclasses
import io
import itertools

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")
addon_utils = pytest.importorskip("addon_utils")

from common.motion.skeleton import INDEX  # noqa: E402
from tests import dialects  # noqa: E402
from tools.rigs import build, description  # noqa: E402

pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # the importer leaves files open
FRAMES = (0, 4, 8, 11)
"""Of the walk, at which the rig that plays it is looked at."""
LIMBS = [
    (f"{side}_{first}", f"{side}_{second}")
    for side in ("left", "right")
    for first, second in (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
]
AXES = {False: ("-Z", "Y"), True: ("Y", "Z")}
"""Whether Z is up -> what a person chooses in the importer: forward, up."""
VARIANTS = list(itertools.product((False, True), dialects.UNITS_M, (0.0, 0.98)))
IN_BLENDER = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
EVERY = bpy.app.version < (5, 0)
"""One Blender opens all variants, the others one of each dialect."""


@pytest.fixture
def walking(extension):
    """A figure of the canonical proportions, and the walk at the scene's frame rate; the importer is enabled."""
    addon_utils.enable("io_anim_bvh")
    scene = bpy.context.scene
    scene.render.fps, scene.render.fps_base = round(dialects.FPS), 1.0
    found = description.describe("mixamo", "A", rolls_seed=3, proportions="canonical")
    scene.isodim.feet = False
    every, third = dialects.walk(36), slice(None, None, 3)
    motion = dataclasses.replace(
        every, rotations=every.rotations[third], root=every.root[third], contacts=every.contacts[third]
    )
    return build.build(found), found, motion


def opened(path, z_up):
    """The armature that Blender's importer makes of a file."""
    forward, up = AXES[z_up]
    with contextlib.redirect_stdout(io.StringIO()):
        bpy.ops.import_anim.bvh(filepath=str(path), axis_forward=forward, axis_up=up, update_scene_fps=False)
    return bpy.context.object


def joints(armature, found, frame):
    """Slot -> [3] metres, as Blender shows the figure."""
    bpy.context.scene.frame_set(frame)
    shown = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
    return {
        slot: np.array(shown.matrix_world @ shown.pose.bones[bones[0]].head)
        for slot, bones in found.bone_map.slots.items()
    }


def apart(figure, found, motion):
    """Degrees between the limbs of the figure and of the motion, metres between their hips' midpoints."""
    degrees = metres = 0.0
    start = None
    for frame in FRAMES:
        shown = joints(figure, found, frame + 1)
        wanted = motion.positions[frame].astype(float) @ IN_BLENDER.T
        for first, second in LIMBS:
            one, other = shown[second] - shown[first], wanted[INDEX[second]] - wanted[INDEX[first]]
            cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
            degrees = max(degrees, np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
        hips = (shown["left_hip"] + shown["right_hip"]) / 2
        place = hips - wanted[[INDEX["left_hip"], INDEX["right_hip"]]].mean(axis=0)
        start = (
            place * (1.0, 1.0, 0.0) if start is None else start
        )  # where over the ground it stands is the figure's own
        metres = max(metres, float(np.linalg.norm(place - start)))
    return degrees, metres


@pytest.mark.parametrize("name", dialects.DIALECTS)
def test_what_is_copied_from_a_capture_is_the_capture(walking, name, tmp_path):
    figure, found, motion = walking
    number = list(dialects.DIALECTS).index(name)
    for z_up, unit, root_m in VARIANTS if EVERY else VARIANTS[number :: len(VARIANTS)]:
        dialects.write(tmp_path / "take.bvh", name, motion, z_up=z_up, unit_m=dialects.UNITS_M[unit], root_m=root_m)
        source = opened(tmp_path / "take.bvh", z_up)
        build.activate(figure)
        assert bpy.ops.isodim.copy_clip(source=source.name) == {"FINISHED"}
        degrees, metres = apart(figure, found, motion)
        assert degrees < 1.0, (z_up, unit, root_m)
        assert metres < 0.01, (z_up, unit, root_m)
        bpy.data.objects.remove(source)


def test_a_capture_opened_with_the_wrong_axis_up_is_told_and_turned_upright_it_is_right(walking, tmp_path):
    figure, found, motion = walking
    dialects.write(tmp_path / "take.bvh", "lafan", motion, z_up=True)
    source = opened(tmp_path / "take.bvh", z_up=False)
    build.activate(figure)
    with pytest.raises(RuntimeError, match=r"lying.*turn the object until it stands"):
        bpy.ops.isodim.copy_clip(source=source.name)
    assert figure.animation_data is None
    source.rotation_euler.x = -np.pi / 2
    bpy.context.view_layer.update()
    assert bpy.ops.isodim.copy_clip(source=source.name) == {"FINISHED"}
    assert apart(figure, found, motion)[0] < 1.0
