"""The mannequin: one mesh, each part rigid on its bone, for any humanoid armature."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from ...common.motion import quaternions
from ...common.rigs.bone_map import BoneMap
from ..rig.armature import rest_pose
from ..rig.fit import fit
from .body import lofts
from .placing import ISODIM, Placement, placements

COLOURS = {  # linear sRGB
    "shell": (0.74, 0.70, 0.63),
    "middle": (0.045, 0.052, 0.068),
    "left": (0.045, 0.22, 0.50),
    "right": (0.72, 0.17, 0.045),
}
"""Joints are blue on the left, orange on the right and dark in the middle: sides can be told apart in small pictures."""
NAME = "IsoDiM Mannequin"
_LEVELS_VIEWPORT, _LEVELS_RENDER = 1, 2
"""Subdivisions: rounder in a render than in the viewport, which plays in real time."""


def dress(armature: bpy.types.Object, bone_map: BoneMap = ISODIM) -> bpy.types.Object:
    """Hangs the mannequin on the mapped bones of `armature`, grown or shrunk to the rig's limbs; the new mesh object."""
    places = {
        joint: place for joint, place in placements(fit(rest_pose(armature), bone_map)).items() if joint in lofts()
    }
    body = bpy.data.objects.new(NAME, bpy.data.meshes.new(NAME))
    _build(body, places)
    for collection in armature.users_collection or (bpy.context.scene.collection,):
        collection.objects.link(body)
    body.parent, body.matrix_parent_inverse = armature, Matrix.Identity(4)
    body.modifiers.new("Armature", "ARMATURE").object = armature
    rounded = body.modifiers.new("Round", "SUBSURF")
    rounded.levels, rounded.render_levels = _LEVELS_VIEWPORT, _LEVELS_RENDER
    return body


def _build(body: bpy.types.Object, places: dict[str, Placement]) -> None:
    """All parts in armature space; every vertex belongs to one bone, so that parts stay rigid."""
    names = list(COLOURS)
    points: list[NDArray[np.float64]] = []
    faces: list[tuple[int, ...]] = []
    tones: list[int] = []
    owners: list[tuple[str, list[int]]] = []
    start = 0
    for joint, place in places.items():
        side = joint.partition("_")[0]
        of_joint = side if side in COLOURS else "middle"
        for part in lofts()[joint]:
            vertices, rings = part.mesh()
            points.append(place.origin + quaternions.rotate(place.rotation, vertices * place.scale))
            faces += [tuple(start + index for index in face) for face in rings]
            tones += [names.index(of_joint if part.tone == "joint" else part.tone)] * len(rings)
            owners.append((place.bone, list(range(start, start + len(vertices)))))
            start += len(vertices)
    mesh = body.data
    mesh.from_pydata(np.concatenate(points).tolist(), [], faces)
    for name in names:
        mesh.materials.append(_material(f"IsoDiM {name}", COLOURS[name]))
    mesh.polygons.foreach_set("material_index", tones)
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    mesh.update()
    for bone, vertices in owners:
        group = body.vertex_groups.get(bone) or body.vertex_groups.new(name=bone)
        group.add(vertices, 1.0, "REPLACE")


def _material(name: str, colour: tuple[float, float, float]) -> bpy.types.Material:
    """One for all mannequins of a file."""
    material = bpy.data.materials.get(name)
    if material is not None:
        return material
    material = bpy.data.materials.new(name)
    if material.node_tree is None:  # before Blender 5.0, which has one always
        material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = 0.5
    material.diffuse_color = (*colour, 1.0)
    return material
