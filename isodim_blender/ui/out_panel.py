"""The sidebar's part for what comes and goes: clips, other rigs, other programs' formats, assets, takes nobody needs."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..export import exporters
from ..rig import target
from .layout import Closed, sentence


class ISODIM_PT_out(Closed, bpy.types.Panel):
    """The active armature's Action, out."""

    bl_label = "Import and Export"
    bl_order = 7

    def draw(self, context: bpy.types.Context) -> None:
        """What is written, then the ways; a button that cannot be used says why."""
        layout, armature = self.layout, target.active(context)
        column = layout.column(align=True)
        column.operator("isodim.apply_clip", icon="FILE_FOLDER")
        column.operator("isodim.copy_clip", icon="PASTEDOWN")
        if armature is not None and armature.animation_data is not None:
            action = armature.animation_data.action
            if action is not None:
                layout.label(text=action.name, icon="ACTION", translate=False)
        column = layout.column(align=True)
        for kind, (title, icon) in _FORMATS.items():
            row = column.row(align=True)
            row.enabled = exporters.lacking(kind) == ""
            row.operator(
                "isodim.export_clip", text=iface("Export {format}").format(format=title), icon=icon
            ).format = kind
        for kind in _FORMATS:
            if exporters.lacking(kind):
                sentence(layout, context.region.width, exporters.lacking(kind), "INFO")
        column = layout.column(align=True)
        column.operator("isodim.save_clip", icon="FILE_TICK")
        column.operator("isodim.mark_asset", icon="ASSET_MANAGER")
        column.prop(context.scene.isodim, "as_asset")
        layout.operator("isodim.clean_up_takes", icon="TRASH")


_FORMATS = {"BVH": ("BVH", "ARMATURE_DATA"), "FBX": ("FBX", "EXPORT"), "GLTF": ("glTF", "EXPORT")}


def register() -> None:
    """The panel."""
    bpy.utils.register_class(ISODIM_PT_out)


def unregister() -> None:
    """Backward."""
    bpy.utils.unregister_class(ISODIM_PT_out)
