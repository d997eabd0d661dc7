"""The sidebar's part for training on one's own Actions: which, and with which captions."""

from __future__ import annotations

import bpy
from bpy.app.translations import pgettext_iface as iface

from ..action.captions import captions_of
from ..rig import target
from ..settings.properties import listed_action
from ..slots import animates
from .layout import Closed


class ISODIM_UL_actions(bpy.types.UIList):
    """The Actions that animate the active armature, with a tick each."""

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        data: bpy.types.BlendData,
        item: bpy.types.Action,
        icon: int,
        active_data: bpy.types.PropertyGroup,
        active_property: str,
    ) -> None:
        """Tick, name, and how many captions."""
        row = layout.row()
        row.prop(item.isodim, "export", text="")
        row.label(text=item.name, translate=False)
        count = len(captions_of(item))
        words = iface("{count} captions").format(count=count) if count else iface("no caption")
        row.label(text="" if count == 1 else words, translate=False)

    def filter_items(
        self, context: bpy.types.Context, data: bpy.types.BlendData, property_name: str
    ) -> tuple[list[int], list[int]]:
        """Only those of the armature."""
        armature = target.active(context)
        fits = [armature is not None and animates(a, armature) for a in data.actions]
        return [self.bitflag_filter_item if fit else 0 for fit in fits], []


class ISODIM_PT_actions(Closed, bpy.types.Panel):
    """Captions of the Actions, and their export."""

    bl_label = "Train on Your Actions"
    bl_parent_id = "ISODIM_PT_batch"

    def draw(self, context: bpy.types.Context) -> None:
        """The list, what belongs to the chosen Action, the button."""
        layout, settings = self.layout, context.scene.isodim
        if target.active(context) is None:
            layout.label(text="Make an armature active", icon="INFO")
            return
        layout.template_list("ISODIM_UL_actions", "", bpy.data, "actions", settings, "action_index")
        action = listed_action(context)
        if action is not None and animates(action, target.active(context)):
            _draw_captions(layout, action)
        layout.prop(settings, "action_licence")
        layout.operator("isodim.export_actions", icon="EXPORT")


def _draw_captions(layout: bpy.types.UILayout, action: bpy.types.Action) -> None:
    box = layout.box().column()
    if not action.isodim.captions:
        for prompt in captions_of(action):
            box.label(text=prompt, translate=False)
    for index, caption in enumerate(action.isodim.captions):
        row = box.row(align=True)
        row.prop(caption, "text", text="")
        row.operator("isodim.remove_caption", text="", icon="X").index = index
    box.operator("isodim.add_caption", icon="ADD")
    box.prop(action.isodim, "any_part_fits")
    box.prop(action.isodim, "split")


_CLASSES = (ISODIM_UL_actions, ISODIM_PT_actions)


def register() -> None:
    """The list, then the panel."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
