"""The clip on the active armature, out to other programs."""

from __future__ import annotations

from pathlib import Path

import bpy

from ...common.errors import InputError
from ..export import exporters
from ..rig import target


class ISODIM_OT_export_clip(bpy.types.Operator):
    """Write the active armature's Action with Blender's own exporter: this Action over its range, nothing else"""

    bl_idname = "isodim.export_clip"
    bl_label = "Export Clip"

    filepath: bpy.props.StringProperty(name="File", subtype="FILE_PATH", options={"SKIP_SAVE"})
    filter_glob: bpy.props.StringProperty(default="*.bvh;*.fbx;*.glb", options={"HIDDEN", "SKIP_SAVE"})
    format: bpy.props.EnumProperty(
        name="Format",
        description="What kind of file is written",
        items=[
            ("BVH", "BVH", "Bones and motion, armature space"),
            ("FBX", "FBX", "For game engines and other programs"),
            ("GLTF", "glTF", "One binary .glb file"),
        ],
    )
    with_meshes: bpy.props.BoolProperty(
        name="Meshes", description="Write the meshes that the armature deforms as well (FBX and glTF)", default=False
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an Action."""
        return has_action(cls, context)

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks for the file."""
        if reason := exporters.lacking(self.format):
            self.report({"ERROR"}, reason)
            return {"CANCELLED"}
        self.filter_glob = f"*{exporters.FORMATS[self.format]}"
        self.filepath = (
            bpy.path.clean_name(target.required(context).animation_data.action.name) + exporters.FORMATS[self.format]
        )
        context.window_manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Checks, writes."""
        path = Path(bpy.path.ensure_ext(bpy.path.abspath(self.filepath), exporters.FORMATS[self.format]))
        try:
            exporters.export(target.required(context), context.scene, path, self.format, self.with_meshes)
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        self.report({"INFO"}, f"{target.required(context).animation_data.action.name} in {path}")
        return {"FINISHED"}


def has_action(cls: type[bpy.types.Operator], context: bpy.types.Context) -> bool:
    """Whether the active object is or stands for an armature with an Action; the button says what is missing."""
    armature = target.active(context)
    if armature is None:
        cls.poll_message_set("Make an armature active: click on it or on its mesh")
        return False
    if armature.animation_data is None or armature.animation_data.action is None:
        cls.poll_message_set("The armature plays no Action: generate one, or choose one in the Action Editor")
        return False
    return True


CLASSES = (ISODIM_OT_export_clip,)
