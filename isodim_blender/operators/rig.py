"""The bones of a rig: map, correct, reset; a pose taken as rest; a new figure."""

from __future__ import annotations

import bpy

from ...common.errors import InputError
from ...common.rigs.bone_map import title
from ..figure import figure
from ..rig import armature as rig
from ..rig import fitting, mapping, stance, target
from ..rig.corrections import PARTS

_PARTS = [(part, title(part).capitalize(), "This part of the body") for part in PARTS]


def armature_of(context: bpy.types.Context) -> bpy.types.Object:
    """The target armature; InputError if there is none."""
    armature = target.target_armature(context)
    if armature is None:
        raise InputError("Active object", None, "an armature: click on one first")
    return armature


class _OnArmature(bpy.types.Operator):
    """An operator on the target armature; what it refuses is one sentence."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason without an armature."""
        try:
            armature_of(context)
        except InputError as error:
            cls.poll_message_set(str(error))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Does it, or says why not."""
        try:
            self.report({"INFO"}, self.run(context, armature_of(context)))
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return {"FINISHED"}


class ISODIM_OT_map_bones(_OnArmature):
    """Find out anew which bones of the active armature are which part of the body"""

    bl_idname = "isodim.map_bones"
    bl_label = "Map Bones"
    bl_options = {"UNDO"}

    def run(self, context: bpy.types.Context, armature: bpy.types.Object) -> str:
        """The report goes to the scene as JSON, also where a part is missing."""
        mapping.forget()
        found = mapping.of(armature)
        context.scene.isodim.bone_map = found.to_json()
        found.check()
        parts = f"{len(found.bone_map.slots)} of {len(PARTS) - 1} parts"
        return f"{armature.name}: {found.preset or 'by its hierarchy'}, score {found.score:.0%}, {parts} mapped"


class ISODIM_OT_set_bone(_OnArmature):
    """Say which bone is a part of the body; kept for every rig with the same bones"""

    bl_idname = "isodim.set_bone"
    bl_label = "Set Bone"
    bl_options = {"INTERNAL"}

    slot: bpy.props.EnumProperty(
        name="Part", description="The part of the body whose bone is chosen", items=_PARTS, options={"SKIP_SAVE"}
    )
    bone: bpy.props.StringProperty(name="Bone", description="Empty: the rig has none", options={"SKIP_SAVE"})
    last: bpy.props.StringProperty(
        name="Last Bone", description="Where a chain such as the spine ends", options={"SKIP_SAVE"}
    )

    def run(self, context: bpy.types.Context, armature: bpy.types.Object) -> str:
        """One bone, or the chain from one to another."""
        bones: tuple[str, ...] = (self.bone,) if self.bone else ()
        if self.bone and self.last:
            bones = mapping.chain(armature, self.bone, self.last)
        mapping.correct(armature, self.slot, bones)
        context.scene.isodim.bone_map = mapping.of(armature).to_json()
        return f"The {title(self.slot)} of {armature.name} is {', '.join(bones) or 'no bone'}"


class ISODIM_OT_reset_bones(_OnArmature):
    """Forget what was corrected: the automatic map counts again"""

    bl_idname = "isodim.reset_bones"
    bl_label = "Reset Bones"
    bl_options = {"INTERNAL"}

    slot: bpy.props.EnumProperty(
        name="Part",
        description="The part of the body whose correction is taken back",
        items=[("ALL", "All", "All corrections of this rig"), *_PARTS],
        options={"SKIP_SAVE"},
    )

    def run(self, context: bpy.types.Context, armature: bpy.types.Object) -> str:
        """Of one part or of all."""
        if self.slot == "ALL":
            mapping.correct_nothing(armature)
        else:
            mapping.correct(armature, self.slot, None)
        context.scene.isodim.bone_map = mapping.of(armature).to_json()
        return f"{armature.name} is mapped automatically again"


class ISODIM_OT_set_stance(_OnArmature):
    """Take the pose that the armature shows now for its rest pose, for the clips to come; the rig is not changed"""

    bl_idname = "isodim.set_stance"
    bl_label = "Current Pose Is My Rest"
    bl_options = {"UNDO"}

    def run(self, context: bpy.types.Context, armature: bpy.types.Object) -> str:
        """Kept on the object."""
        target.check_writable(armature)
        rest = rig.rest_pose(armature)
        pose = stance.current(armature, rest)
        fitting.check_stance(armature, rest, pose)
        stance.keep(armature, rest, pose)
        return f"The current pose of {armature.name} stands for its rest pose"


class ISODIM_OT_clear_stance(_OnArmature):
    """Go back to the rig's own rest pose"""

    bl_idname = "isodim.clear_stance"
    bl_label = "Use the Rig's Rest Pose"
    bl_options = {"UNDO"}

    def run(self, context: bpy.types.Context, armature: bpy.types.Object) -> str:
        """Nothing is kept any more."""
        target.check_writable(armature)
        armature.isodim.stance = ""
        return f"The rest pose of {armature.name} counts"


class ISODIM_OT_add_figure(bpy.types.Operator):
    """Add an IsoDiM figure: a mannequin on 22 bones, metres, facing the front view"""

    bl_idname = "isodim.add_figure"
    bl_label = "IsoDiM Figure"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """In object mode, as for everything that is added."""
        if context.mode != "OBJECT":
            cls.poll_message_set("Switch to object mode first")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """At the 3D cursor or the nearest free place beside it, selected and active."""
        made = figure.add(context.scene)
        context.view_layer.update()
        figure.select(made)
        return {"FINISHED"}


def _add_menu(menu: bpy.types.Menu, _context: bpy.types.Context) -> None:
    menu.layout.operator("isodim.add_figure", icon="OUTLINER_OB_ARMATURE")


def add_to_menu() -> None:
    """Add > Armature."""
    bpy.types.VIEW3D_MT_armature_add.append(_add_menu)


def remove_from_menu() -> None:
    """As before."""
    bpy.types.VIEW3D_MT_armature_add.remove(_add_menu)


CLASSES = (
    ISODIM_OT_map_bones,
    ISODIM_OT_set_bone,
    ISODIM_OT_reset_bones,
    ISODIM_OT_set_stance,
    ISODIM_OT_clear_stance,
    ISODIM_OT_add_figure,
)
