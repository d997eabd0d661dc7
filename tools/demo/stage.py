"""The stage: checkered ground, sun, and a camera that follows the figure; Cycles, which renders without a display."""

from __future__ import annotations

from pathlib import Path

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

BACKGROUND = (0.62, 0.66, 0.70)
_SKY_STRENGTH = 0.85
_TILES = ((0.40, 0.43, 0.46), (0.50, 0.53, 0.56))
_TILE_M = 0.5
_GROUND_M = 120.0
_FADE_M = (8.0, 18.0)
_CAMERA_FROM = Vector((2.6, -3.9, 1.35))
_AIM_M = 0.9
LENS_MM = 72.0
_FOLLOW_S = 1.2
_KEY_EVERY_S = 0.25


def root_path(armature: bpy.types.Object, frames: range, pelvis: str = "pelvis") -> NDArray[np.float64]:
    """[frame, 3] metres: where the pelvis bone is in the world, as Blender evaluates it."""
    scene = bpy.context.scene
    path = np.empty((len(frames), 3))
    for row, frame in enumerate(frames):
        scene.frame_set(frame)
        path[row] = (armature.matrix_world @ armature.pose.bones[pelvis].matrix).translation
    return path


def build(armature: bpy.types.Object, frames: range, pelvis: str = "pelvis") -> None:
    """Ground, light, camera and render settings around the clip that `armature` plays in `frames`."""
    scene = bpy.context.scene
    scene.frame_start, scene.frame_end = frames[0], frames[-1]
    _ground()
    _light()
    _camera(root_path(armature, frames, pelvis), frames)
    render = scene.render
    render.engine = "CYCLES"
    render.use_persistent_data = True
    render.image_settings.file_format = "PNG"
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = 3
    scene.view_settings.view_transform = "Standard"


def render(path: Path, frame: int, size: tuple[int, int], samples: int) -> None:
    """One picture of `size` (width, height) pixels."""
    scene = bpy.context.scene
    scene.frame_set(frame)
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
    scene.cycles.samples = samples
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def _camera(path: NDArray[np.float64], frames: range) -> None:
    """A camera on an empty that follows the smoothed path over the ground."""
    scene = bpy.context.scene
    fps = scene.render.fps / scene.render.fps_base
    rail = bpy.data.objects.new("Camera rail", None)
    data = bpy.data.cameras.new("Camera")
    data.lens = LENS_MM
    camera = bpy.data.objects.new("Camera", data)
    for item in (rail, camera):
        scene.collection.objects.link(item)
    camera.parent, camera.location = rail, _CAMERA_FROM
    camera.rotation_euler = (Vector((0.0, 0.0, _AIM_M)) - _CAMERA_FROM).to_track_quat("-Z", "Y").to_euler()
    scene.camera = camera
    smooth = smoothed(path[:, :2], fps * _FOLLOW_S)
    for row in sorted({*range(0, len(frames), max(1, round(fps * _KEY_EVERY_S))), len(frames) - 1}):
        rail.location = (*smooth[row], 0.0)
        rail.keyframe_insert("location", frame=frames[row])


def smoothed(path: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """`path` [frame, axis] under a Hann window of `width` frames, its ends held."""
    half = max(1, int(width / 2))
    window = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(path, ((half, half), (0, 0)), mode="edge")
    columns = [np.convolve(column, window / window.sum(), mode="valid") for column in padded.T]
    return np.stack(columns, axis=-1)


def _light() -> None:
    scene = bpy.context.scene
    sun = bpy.data.lights.new("Sun", "SUN")
    sun.energy, sun.angle = 2.3, 0.12
    lamp = bpy.data.objects.new("Sun", sun)
    lamp.rotation_euler = (0.75, 0.15, 0.65)
    scene.collection.objects.link(lamp)
    world = bpy.data.worlds.new("Sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (*BACKGROUND, 1.0)
    world.node_tree.nodes["Background"].inputs["Strength"].default_value = _SKY_STRENGTH
    scene.world = world


def _ground() -> None:
    half = _GROUND_M / 2
    mesh = bpy.data.meshes.new("Ground")
    mesh.from_pydata([(-half, -half, 0), (half, -half, 0), (half, half, 0), (-half, half, 0)], [], [(0, 1, 2, 3)])
    mesh.materials.append(_checker())
    bpy.context.scene.collection.objects.link(bpy.data.objects.new("Ground", mesh))


def _checker() -> bpy.types.Material:
    """Tiles that fade into the background with distance, so that there is no horizon."""
    material = bpy.data.materials.new("Ground")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    place, tiles = nodes.new("ShaderNodeTexCoord"), nodes.new("ShaderNodeTexChecker")
    tiles.inputs["Scale"].default_value = 1.0 / _TILE_M
    for name, colour in zip(("Color1", "Color2"), _TILES, strict=True):
        tiles.inputs[name].default_value = (*colour, 1.0)
    near, far, mix = (nodes.new(f"ShaderNode{kind}") for kind in ("BsdfDiffuse", "Emission", "MixShader"))
    far.inputs["Color"].default_value = (*BACKGROUND, 1.0)
    far.inputs["Strength"].default_value = _SKY_STRENGTH
    view, fade, output = (nodes.new(f"ShaderNode{kind}") for kind in ("CameraData", "MapRange", "OutputMaterial"))
    fade.inputs["From Min"].default_value, fade.inputs["From Max"].default_value = _FADE_M
    links.new(place.outputs["Object"], tiles.inputs["Vector"])
    links.new(tiles.outputs["Color"], near.inputs["Color"])
    links.new(view.outputs["View Distance"], fade.inputs["Value"])
    links.new(fade.outputs["Result"], mix.inputs["Fac"])
    links.new(near.outputs["BSDF"], mix.inputs[1])
    links.new(far.outputs["Emission"], mix.inputs[2])
    links.new(mix.outputs["Shader"], output.inputs["Surface"])
    return material
