"""Blender's own exporters, given one armature and the Action on it, and nothing else of the file."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from ...common.errors import InputError
from ...common.files import is_folder
from .. import slots
from ..rig import recording
from . import written

FORMATS = {"BVH": ".bvh", "FBX": ".fbx", "GLTF": ".glb"}
"""Format -> the ending of its file."""
_OPERATORS = {"BVH": ("export_anim", "bvh"), "FBX": ("export_scene", "fbx"), "GLTF": ("export_scene", "gltf")}
_ADD_ONS = {"BVH": "BioVision Motion Capture (BVH) format", "FBX": "FBX format", "GLTF": "glTF 2.0 format"}


def lacking(kind: str) -> str:
    """Why Blender cannot write that format, and what to do; empty if it can."""
    module, name = _OPERATORS[kind]
    if hasattr(bpy.types, f"{module.upper()}_OT_{name}"):
        return ""
    return f"Blender's exporter is off: enable {_ADD_ONS[kind]} under Preferences > Add-ons"


def export(armature: bpy.types.Object, scene: bpy.types.Scene, path: Path, kind: str, with_meshes: bool) -> None:
    """Writes the armature, and on request the meshes it deforms, playing its Action over the Action's range.

    Bones are written as Blender evaluates them. Selection, frame, range, mode, NLA and other Actions stay as they are.
    InputError if the exporter is off, there is nothing to play, the file cannot be written, or holds no armature that moves; a
    file that was there before is only replaced by one that was looked into.
    """
    action = armature.animation_data.action if armature.animation_data is not None else None
    if action is None:
        raise InputError("Action", "none", f"an Action on {armature.name}")
    if lacking(kind):
        raise InputError("Format", kind, f"another one, or the exporter ({lacking(kind)})")
    if armature.mode == "EDIT":
        raise InputError("Mode", "Edit Mode", "Object Mode or Pose Mode")
    if not is_folder(path.parent):
        raise InputError("Folder", str(path.parent), "a folder that exists")
    if path.stem in ("", FORMATS[kind]):
        raise InputError("File", str(path), "a name for the file, not only a folder")
    if is_folder(path):
        raise InputError("File", path.name, "a file, which a folder is not")
    frames = _frames(action)
    meshes = meshes_of(armature) if with_meshes and kind != "BVH" else []
    with (
        _mode_kept(armature),
        recording.studio(armature, scene, action.name) as studio,
        _windows_kept(),
        _selected(studio, [armature, *meshes], armature),
    ):
        slots.assign(armature.animation_data, action, slots.slot_for(action, armature))
        studio.frame_start, studio.frame_end = frames.start, frames.stop - 1
        studio.frame_set(frames.start)
        layer = studio.view_layers[0]
        with (
            bpy.context.temp_override(
                scene=studio,
                view_layer=layer,
                active_object=armature,
                object=armature,
                selected_objects=[armature, *meshes],
            ),
            _replaced(path) as part,
        ):
            _run(kind, part, path, studio, bool(meshes))
            written.check(part, path.name, kind, len(frames))


def _frames(action: bpy.types.Action) -> range:
    """The frames of an Action that moves something; InputError if there are none that Blender's exporters write."""
    if not any(True for _ in slots.curve_paths(action)):
        raise InputError("Action", action.name, "an Action with keys")
    frames = recording.frames_of(action)
    if len(frames) == 0:
        first, last = action.frame_range
        raise InputError(f"Range of {action.name}", f"{first:g} to {last:g}", "one with a whole frame in it")
    if frames.start < 0:  # a scene's range begins at 0 or later
        raise InputError(
            f"Range of {action.name}",
            f"{frames.start} to {frames.stop - 1}",
            "frames from 0 on, where Blender's exporters begin: move the keys",
        )
    return frames


@contextlib.contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A path beside `path` that becomes it unless an error says otherwise; InputError if it cannot."""
    part = path.with_name(f".isodim-part{path.suffix}")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        raise InputError("File", str(path), f"one that can be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)


def above(armature: bpy.types.Object) -> list[bpy.types.Object]:
    """The objects that the armature hangs on, the nearest first."""
    found = []
    while (armature := armature.parent) is not None:
        found.append(armature)
    return found


def meshes_of(armature: bpy.types.Object) -> list[bpy.types.Object]:
    """The meshes that the armature deforms, or that hang on it."""
    return [
        item
        for item in bpy.data.objects
        if item.type == "MESH"
        and (
            item.parent == armature
            or any(modifier.type == "ARMATURE" and modifier.object == armature for modifier in item.modifiers)
        )
    ]


@contextlib.contextmanager
def _mode_kept(armature: bpy.types.Object) -> Iterator[None]:
    """Exporters leave Pose Mode."""
    mode = armature.mode
    try:
        yield
    finally:
        if armature.mode != mode:
            with bpy.context.temp_override(active_object=armature, object=armature):
                bpy.ops.object.mode_set(mode=mode)


@contextlib.contextmanager
def _windows_kept() -> Iterator[None]:
    """The glTF exporter shows the scene that it writes, and keeps on showing it."""
    shown = [(window, window.scene, window.view_layer) for window in bpy.context.window_manager.windows]
    try:
        yield
    finally:
        for window, scene, layer in shown:
            if window.scene != scene:
                window.scene = scene
                window.view_layer = layer


@contextlib.contextmanager
def _selected(studio: bpy.types.Scene, objects: list[bpy.types.Object], active: bpy.types.Object) -> Iterator[None]:
    """`objects` in the studio and selected there; objects that are hidden or not selectable are shown meanwhile.

    What they hang on is there too, not selected: an exporter walks from the top of a hierarchy down.
    """
    carriers = [item for item in above(active) if item not in objects]
    before = [(item, item.hide_viewport, item.hide_select) for item in (*objects, *carriers)]
    layer = studio.view_layers[0]
    try:
        for item in (*objects, *carriers):
            item.hide_viewport = item.hide_select = False
            if item.name not in studio.collection.objects:
                studio.collection.objects.link(item)
        for item in carriers:
            item.select_set(False, view_layer=layer)
        for item in objects:
            item.select_set(True, view_layer=layer)
        layer.objects.active = active
        yield
    finally:
        for item, hidden, fixed in before:
            item.hide_viewport, item.hide_select = hidden, fixed


def _run(kind: str, part: Path, path: Path, studio: bpy.types.Scene, with_meshes: bool) -> None:
    """Writes `part`, which becomes `path`."""
    module, name = _OPERATORS[kind]
    operator = getattr(getattr(bpy.ops, module), name)
    if not operator.poll():
        raise InputError("Format", kind, "another one: Blender's exporter refuses this armature")
    try:
        operator("EXEC_DEFAULT", filepath=str(part), check_existing=False, **_options(kind, studio, with_meshes))
    except RuntimeError as error:  # an exporter's own report, or its trace
        lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("Location:")]
        sentence = lines[-1] if lines else "no reason given"
        raise InputError("File", str(path), f"one that Blender's exporter can write ({sentence[-120:]})") from error


def _options(kind: str, studio: bpy.types.Scene, with_meshes: bool) -> dict[str, Any]:
    if kind == "BVH":
        return {"frame_start": studio.frame_start, "frame_end": studio.frame_end, "rotate_mode": "NATIVE"}
    if kind == "FBX":
        return {
            "use_selection": True,
            "object_types": {"ARMATURE", "MESH"} if with_meshes else {"ARMATURE"},
            "add_leaf_bones": False,
            "bake_anim": True,
            "bake_anim_use_all_bones": True,
            "bake_anim_use_nla_strips": False,
            "bake_anim_use_all_actions": False,
            "bake_anim_force_startend_keying": True,
            "bake_anim_simplify_factor": 0.0,
        }
    return {
        "export_format": "GLB",
        "use_selection": True,
        "use_active_scene": True,
        "export_yup": True,
        "export_animations": True,
        "export_animation_mode": "ACTIVE_ACTIONS",
        "export_anim_single_armature": False,
        "export_frame_range": True,
        "export_anim_slide_to_zero": True,
        "export_force_sampling": True,
        "export_optimize_animation_size": False,
    }
