"""One Action goes out through Blender's exporters and comes back the same; the scene stays as it was."""

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.scene_facts import everything  # noqa: E402

FPS = 24
FRAMES = 14
FIRST = 10
ENDINGS = {"BVH": "bvh", "FBX": "fbx", "GLTF": "glb"}


@pytest.fixture
def figure(extension, make_motion):
    """An IsoDiM armature, moved and turned, with two generated Actions; the second one is on it."""
    scene = bpy.context.scene
    scene.render.fps = FPS
    armature = extension.room("isodim_blender.rig.armature").make(scene)
    armature.location, armature.rotation_euler = (0.3, -1.0, 0.0), (0.0, 0.0, 0.5)
    for seed in range(2):
        motion = make_motion(FRAMES, seed=seed, meta={"prompt": f"a person turns {seed}"})
        extension.room("isodim_blender.action.apply").apply(motion, armature, scene, FIRST, "clip")
    bpy.context.view_layer.objects.active = armature
    return armature


def heads(armature, frames, names):
    """[frame, bone, 3] in the world."""
    found = []
    for frame in frames:
        bpy.context.scene.frame_set(frame)
        evaluated = armature.evaluated_get(bpy.context.evaluated_depsgraph_get())
        found.append([(evaluated.matrix_world @ evaluated.pose.bones[name].matrix).translation for name in names])
    return np.array(found)


def bring_back(path, kind):
    """The armature in a file, played from its first frame on."""
    known = set(bpy.data.objects)
    if kind == "BVH":
        bpy.ops.import_anim.bvh(filepath=str(path), axis_forward="Y", axis_up="Z", update_scene_fps=False)
    elif kind == "FBX":
        bpy.ops.import_scene.fbx(filepath=str(path))
    else:
        bpy.ops.import_scene.gltf(filepath=str(path))
    new = [item for item in bpy.data.objects if item not in known]
    return next(item for item in new if item.type == "ARMATURE"), new


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Blender's own files left open
@pytest.mark.parametrize("kind", ENDINGS)
def test_what_comes_back_moves_alike(figure, kind, tmp_path):
    names = list(figure.data.bones.keys())
    action = figure.animation_data.action
    wanted = heads(figure, range(FIRST, round(action.frame_range[1]) + 1), names)
    path = tmp_path / f"clip.{ENDINGS[kind]}"
    known = len(bpy.data.actions)
    assert bpy.ops.isodim.export_clip(filepath=str(path), format=kind) == {"FINISHED"}
    assert len(bpy.data.actions) == known
    back, new = bring_back(path, kind)
    assert [item.type for item in new if item.type == "MESH" and not item.name.startswith("Icosphere")] == []
    made = back.animation_data.action
    assert len(bpy.data.actions) - known == 1
    first = round(made.frame_range[0])
    assert made.frame_range[1] - first == pytest.approx(len(wanted) - 1, abs=1e-3)
    found = heads(back, range(first, first + len(wanted)), names)
    if kind == "BVH":  # armature space
        place = np.array(figure.matrix_world)
        found = found @ place[:3, :3].T + place[:3, 3]
    assert np.abs(found - wanted).max() < 1e-3
    assert np.abs(wanted - wanted[0]).max() > 0.1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_exported_bvh_is_a_clip_file(figure, tmp_path):
    """Blender writes metres with Z up, in the armature's space."""
    names = list(figure.data.bones.keys())
    action = figure.animation_data.action
    count = round(action.frame_range[1]) + 1 - FIRST
    wanted = heads(figure, range(FIRST, FIRST + count), names)
    path = tmp_path / "clip.bvh"
    assert bpy.ops.isodim.export_clip(filepath=str(path), format="BVH") == {"FINISHED"}
    bpy.context.scene.frame_set(FIRST)
    assert bpy.ops.isodim.apply_clip(filepath=str(path)) == {"FINISHED"}
    assert figure.animation_data.action != action
    found = heads(figure, range(FIRST, FIRST + count), names)
    assert np.abs(found - wanted).max() < 5e-3
    assert np.abs(wanted - wanted[0]).max() > 0.1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("above", ["empty", "two empties", "mesh", "bone of another armature", "hidden empty"])
@pytest.mark.parametrize("kind", ENDINGS)
def test_what_hangs_on_something_comes_along(extension, figure, kind, above, tmp_path):
    """An armature below an Empty, a mesh or a bone: its bones move in the file as they do in the world."""
    scene = bpy.context.scene
    if above == "bone of another armature":
        carrier = extension.room("isodim_blender.rig.armature").make(scene)
        figure.parent, figure.parent_type, figure.parent_bone = carrier, "BONE", "pelvis"
    else:
        carrier = bpy.data.objects.new("Carrier", bpy.data.meshes.new("Carrier") if above == "mesh" else None)
        scene.collection.objects.link(carrier)
        figure.parent = carrier
        if above == "two empties":
            carrier.parent = bpy.data.objects.new("Top", None)
            scene.collection.objects.link(carrier.parent)
            carrier.parent.location = (0.0, 0.0, 0.7)
        carrier.hide_viewport = above == "hidden empty"
    carrier.location, carrier.rotation_euler = (1.0, 2.0, 0.5), (0.0, 0.0, 0.8)
    bpy.context.view_layer.update()
    bpy.context.view_layer.objects.active = figure
    names = list(figure.data.bones.keys())
    action = figure.animation_data.action
    wanted = heads(figure, range(FIRST, round(action.frame_range[1]) + 1), names)
    path = tmp_path / f"clip.{ENDINGS[kind]}"
    assert bpy.ops.isodim.export_clip(filepath=str(path), format=kind) == {"FINISHED"}
    assert path.stat().st_size > 2000
    assert carrier.hide_viewport == (above == "hidden empty")
    back, _ = bring_back(path, kind)
    first = round(back.animation_data.action.frame_range[0])
    found = heads(back, range(first, first + len(wanted)), names)
    if kind == "BVH":
        place = np.array(figure.matrix_world)
        found = found @ place[:3, :3].T + place[:3, 3]
    assert np.abs(found - wanted).max() < 1e-3


@pytest.mark.parametrize("kind", ENDINGS)
def test_a_file_without_an_armature_is_no_success(figure, kind, tmp_path, extension, monkeypatch):
    exporters = extension.room("isodim_blender.export.exporters")
    contents = {"BVH": b"HIERARCHY\n", "FBX": b"Kaydara FBX Binary  \0", "GLTF": b"glTF\2\0\0\0"}
    monkeypatch.setattr(exporters, "_run", lambda kind, path, *_: path.write_bytes(contents[kind]))
    with pytest.raises(RuntimeError, match=r"Exported file is .*expected an armature that moves"):
        bpy.ops.isodim.export_clip(filepath=str(tmp_path / f"clip.{ENDINGS[kind]}"), format=kind)


def skinned_cube(armature):
    """A cube that the armature deforms, not selectable, and another one that has nothing to do with it."""
    made = []
    for name in ("Body", "Stone"):
        data = bpy.data.meshes.new(name)
        data.from_pydata([(0, 0, 0), (0.1, 0, 0), (0, 0.1, 0)], [], [(0, 1, 2)])
        item = bpy.data.objects.new(name, data)
        bpy.context.scene.collection.objects.link(item)
        made.append(item)
    body = made[0]
    body.parent = armature
    body.vertex_groups.new(name="head").add([0, 1, 2], 1.0, "REPLACE")
    body.modifiers.new("Armature", "ARMATURE").object = armature
    body.hide_select = True
    return body


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kind", ["FBX", "GLTF"])
def test_meshes_on_request(figure, kind, tmp_path):
    body = skinned_cube(figure)
    path = tmp_path / f"clip.{ENDINGS[kind]}"
    for wanted in (False, True):
        bpy.context.view_layer.objects.active = figure
        assert bpy.ops.isodim.export_clip(filepath=str(path), format=kind, with_meshes=wanted) == {"FINISHED"}
        assert body.hide_select
        _, new = bring_back(path, kind)
        meshes = [
            item.name for item in new if item.type == "MESH" and any(m.type == "ARMATURE" for m in item.modifiers)
        ]
        assert len(meshes) == wanted
        assert not any("Stone" in item.name for item in new)


@pytest.mark.parametrize("mode", ["OBJECT", "POSE"])
@pytest.mark.parametrize("kind", ENDINGS)
def test_the_scene_stays_as_it_was(figure, kind, mode, tmp_path):
    """Other Actions, the NLA, what is posed by hand, selection, frame, mode and windows."""
    scene = bpy.context.scene
    strip = figure.animation_data.nla_tracks.new().strips.new("below", 1, bpy.data.actions["a person turns 0"])
    strip.influence = 1.0
    other = bpy.data.objects.new("Other", None)
    scene.collection.objects.link(other)
    other.select_set(True)
    figure.select_set(False)
    bpy.ops.object.mode_set(mode=mode)
    scene.frame_set(12, subframe=0.25)
    by_hand = np.tile((0.8, 0.6, 0.0, 0.0), len(figure.pose.bones))
    figure.pose.bones.foreach_set("rotation_quaternion", by_hand)
    figure.update_tag(refresh={"DATA"})
    bpy.context.view_layer.update()
    before = everything(figure)
    path = tmp_path / f"clip.{ENDINGS[kind]}"
    assert bpy.ops.isodim.export_clip(filepath=str(path), format=kind) == {"FINISHED"}
    assert everything(figure) == before
    bpy.context.view_layer.update()
    assert everything(figure) == before


def test_what_cannot_be_written_is_one_sentence(figure, tmp_path):
    with pytest.raises(RuntimeError, match=r"Folder is .*, expected a folder that exists"):
        bpy.ops.isodim.export_clip(filepath=str(tmp_path / "none" / "clip.bvh"), format="BVH")
    bpy.ops.object.mode_set(mode="EDIT")
    with pytest.raises(RuntimeError, match=r"Mode is 'Edit Mode', expected Object Mode or Pose Mode"):
        bpy.ops.isodim.export_clip(filepath=str(tmp_path / "clip.bvh"), format="BVH")
    bpy.ops.object.mode_set(mode="OBJECT")
    figure.animation_data.action = None
    assert not bpy.ops.isodim.export_clip.poll()
    assert list(tmp_path.iterdir()) == []


def test_an_exporter_that_is_off_is_named_and_stays_off(figure, tmp_path):
    import addon_utils

    addon_utils.disable("io_scene_fbx")
    try:
        with pytest.raises(RuntimeError, match=r"Format is 'FBX', expected .*enable FBX format under Preferences"):
            bpy.ops.isodim.export_clip(filepath=str(tmp_path / "clip.fbx"), format="FBX")
        assert not hasattr(bpy.types, "EXPORT_SCENE_OT_fbx")
        assert bpy.ops.isodim.export_clip(filepath=str(tmp_path / "clip.bvh"), format="BVH") == {"FINISHED"}
    finally:
        addon_utils.enable("io_scene_fbx", default_set=True)


def empty(armature):
    armature.animation_data.action = bpy.data.actions.new("empty")


def between_frames(armature):
    ranged(armature, 5.3, 5.6)


def before_the_first(armature):
    ranged(armature, -20, 10)


def ranged(armature, first, last):
    action = armature.animation_data.action
    action.use_frame_range = True
    action.frame_start, action.frame_end = first, last


@pytest.mark.parametrize(
    ("spoil", "words"),
    [(empty, "an Action with keys"), (between_frames, "a whole frame"), (before_the_first, "frames from 0 on")],
)
def test_an_action_that_exporters_would_cut_or_leave_out_is_told_and_an_old_file_stays(figure, tmp_path, spoil, words):
    spoil(figure)
    for kind, ending in (("BVH", "bvh"), ("FBX", "fbx"), ("GLTF", "glb")):
        path = tmp_path / f"old.{ending}"
        path.write_text("old")
        with pytest.raises(RuntimeError, match=words):
            bpy.ops.isodim.export_clip(filepath=str(path), format=kind)
        assert path.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("name", "words"), [("", "a name for the file"), ("x" * 300, "can be written"), (f"{'x' * 300}/a", "exists")]
)
def test_names_that_no_file_has_are_one_sentence(figure, tmp_path, name, words):
    for kind, ending in (("BVH", "bvh"), ("FBX", "fbx"), ("GLTF", "glb")):
        for given in (name, f"{name}.{ending}"):
            with pytest.raises(RuntimeError, match=words) as error:
                bpy.ops.isodim.export_clip(filepath=f"{tmp_path}/{given}", format=kind)
            assert "Traceback" not in str(error.value)
    assert list(tmp_path.iterdir()) == []
