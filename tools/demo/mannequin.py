"""The mannequin: one rigid mesh per joint, parented to the bones of any humanoid armature."""

from __future__ import annotations

import bpy
import numpy as np
from mathutils import Matrix, Quaternion

from .body import lofts
from .placing import ISODIM, Placement, placements
from .shapes import Loft

from isodim.common.rigs.bone_map import BoneMap  # isort: skip
from isodim.isodim_blender.rig.armature import rest_pose  # isort: skip
from isodim.isodim_blender.rig.fit import fit  # isort: skip

COLOURS = {  # linear sRGB
    "shell": (0.74, 0.70, 0.63),
    "middle": (0.045, 0.052, 0.068),
    "left": (0.045, 0.22, 0.50),
    "right": (0.72, 0.17, 0.045),
}
"""Joints are blue on the left, orange on the right and dark in the middle: sides can be told apart in small pictures."""
_SUBDIVISIONS = 2


def dress(armature: bpy.types.Object, bone_map: BoneMap = ISODIM) -> list[bpy.types.Object]:
    """Hangs the mannequin on the mapped bones of `armature`, grown or shrunk to the rig's limbs; the new mesh objects."""
    materials = {tone: _material(tone, colour) for tone, colour in COLOURS.items()}
    collection = bpy.data.collections.new("Mannequin")
    bpy.context.scene.collection.children.link(collection)
    places = placements(fit(rest_pose(armature), bone_map))
    made = []
    for joint, parts in lofts().items():
        if joint not in places:
            continue
        side = joint.partition("_")[0]
        tones = {"shell": "shell", "joint": side if side in COLOURS else "middle"}
        body = bpy.data.objects.new(f"body {joint}", _mesh(joint, parts, {k: materials[v] for k, v in tones.items()}))
        collection.objects.link(body)
        body.modifiers.new("Round", "SUBSURF").levels = _SUBDIVISIONS
        body.modifiers["Round"].render_levels = _SUBDIVISIONS
        _hang(body, armature, places[joint])
        made.append(body)
    return made


def _hang(body: bpy.types.Object, armature: bpy.types.Object, place: Placement) -> None:
    bone = armature.data.bones[place.bone]
    body.parent, body.parent_type, body.parent_bone = armature, "BONE", place.bone
    # Blender's bone parents sit at the bone's tail.
    body.matrix_parent_inverse = (bone.matrix_local @ Matrix.Translation((0.0, bone.length, 0.0))).inverted()
    body.matrix_basis = Matrix.LocRotScale(place.origin, Quaternion(place.rotation), place.scale)


def _mesh(name: str, parts: tuple[Loft, ...], materials: dict[str, bpy.types.Material]) -> bpy.types.Mesh:
    """All lofts of a joint in one mesh, around the joint."""
    vertices, faces, tones, slots = [], [], [], list(materials)
    for part in parts:
        points, rings = part.mesh()
        start = sum(map(len, vertices))
        vertices.append(points)
        faces += [tuple(start + index for index in face) for face in rings]
        tones += [slots.index(part.tone)] * len(rings)
    mesh = bpy.data.meshes.new(f"body {name}")
    mesh.from_pydata(np.concatenate(vertices).tolist(), [], faces)
    for material in materials.values():
        mesh.materials.append(material)
    mesh.polygons.foreach_set("material_index", tones)
    mesh.polygons.foreach_set("use_smooth", [True] * len(faces))
    mesh.update()
    return mesh


def _material(name: str, colour: tuple[float, float, float]) -> bpy.types.Material:
    material = bpy.data.materials.new(f"mannequin {name}")
    material.use_nodes = True
    shader = next(node for node in material.node_tree.nodes if node.type == "BSDF_PRINCIPLED")
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = 0.5
    material.diffuse_color = (*colour, 1.0)
    return material
