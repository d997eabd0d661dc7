"""What a person sets, stored in the scene as `scene.isodim`, in objects and Actions as `isodim`."""

from __future__ import annotations

import math
import zlib
from typing import Any

import bpy

from ...common.wire import messages, requests
from ...common.wire.fields import bounds
from ..action import facts
from ..client.checkpoints import DEFAULT
from ..export import training_folder
from ..work.early import prompt_was_typed
from ..work.session import session
from . import lists, seeds
from .bones import IsodimBones
from .edit import IsodimEdit, IsodimKeyPose

_EFFORT = bounds(requests.Generate, "effort")
"""The fewest and the most drafts that a request takes."""
_Item = tuple[str, str, str, str, int]
_items: list[_Item] = []
"""Blender keeps no reference to the texts of a dynamic enum, so they live here."""


def _checkpoint_items(_settings: IsodimSettings, _context: bpy.types.Context | None) -> list[_Item]:
    default = session.checkpoint(DEFAULT)
    title, told = "Default", "The backend's own choice"
    if default is not None:
        # The field has room for some 18 characters, and the licence stands below it.
        title, told = f"Default: {default.title.partition(' (')[0]}", f"{told}: {default.title}"
    items: list[_Item] = [(DEFAULT, title, told, "NONE", 0)]
    for checkpoint in session.checkpoints:
        # A number from the name: the choice stays when other checkpoints come or go.
        number = zlib.crc32(checkpoint.name.encode()) & 0x7FFFFFFF
        items.append((checkpoint.name, checkpoint.title, f"Licence: {checkpoint.licence}", "NONE", number))
    if items != _items:
        _items[:] = items
    return _items


class RigChoices:
    """How a clip is applied to a rig: settings of a scene, and properties of the operators that write one."""

    root: bpy.props.EnumProperty(
        name="Root",
        description="What carries the figure over the ground",
        items=[
            ("HIPS", "Hips", "The hips carry the figure"),
            ("ROOT", "Root Bone", "The rig's root bone goes along on the ground, the hips keep the rest"),
            ("OBJECT", "Object", "The armature object goes along on the ground, the hips keep the rest"),
            ("IN_PLACE", "In Place", "The root path is left out"),
        ],
        options={"SKIP_SAVE"},
    )
    feet: bpy.props.BoolProperty(
        name="Plant Feet",
        description="Feet that stand do not slide and do not sink",
        default=True,
        options={"SKIP_SAVE"},
    )
    hands: bpy.props.BoolProperty(
        name="Plant Hands",
        description="Hands that rest on something do not slide either",
        default=False,
        options={"SKIP_SAVE"},
    )
    keys: bpy.props.EnumProperty(
        name="Keys",
        description="How the curves are keyed",
        items=[
            ("EVERY_FRAME", "Every Frame", "One key a frame, exactly the clip"),
            ("SPARSE", "Few", "Few Bezier keys that stay within the error below: easy to edit"),
        ],
        options={"SKIP_SAVE"},
    )
    max_degrees: bpy.props.FloatProperty(
        name="Degrees",
        description="The largest error of a rotation between few keys",
        min=0.01,
        max=45.0,
        default=0.5,
        options={"SKIP_SAVE"},
    )
    max_cm: bpy.props.FloatProperty(
        name="Centimetres",
        description="The largest error of a place between few keys, of a figure of a person's size",
        min=0.01,
        max=100.0,
        default=0.5,
        options={"SKIP_SAVE"},
    )
    controls: bpy.props.EnumProperty(
        name="Controls",
        description="Which controls of a control rig get the keys",
        items=[
            ("FK", "FK", "Each bone of arms and legs is turned by its own control"),
            ("IK", "IK", "Hands and feet are moved, elbows and knees follow their poles"),
        ],
        options={"SKIP_SAVE"},
    )
    as_asset: bpy.props.BoolProperty(
        name="New Clips as Assets",
        description="Every clip that is written becomes an asset, with its prompt as description and tags",
        default=False,
        options={"SKIP_SAVE"},
    )


def _shown_angle(settings: IsodimSettings) -> float:
    return math.radians(settings.max_degrees)


def _angle_set(settings: IsodimSettings, radians: float) -> None:
    settings.max_degrees = math.degrees(radians)


def _shown_distance(settings: IsodimSettings) -> float:
    return settings.max_cm / 100.0


def _distance_set(settings: IsodimSettings, metres: float) -> None:
    settings.max_cm = metres * 100.0


def _prompt_was_typed(settings: IsodimSettings, context: bpy.types.Context) -> None:
    prompt_was_typed(settings.prompt, context)


def _seed_was_set(settings: IsodimSettings, _context: bpy.types.Context) -> None:
    settings.lock_seed = True  # who types a seed means it


class IsodimSettings(RigChoices, bpy.types.PropertyGroup):
    """The settings of the next generation."""

    error_angle: bpy.props.FloatProperty(
        name="Rotation Error",
        description="The largest error of a rotation between few keys",
        subtype="ANGLE",
        get=_shown_angle,
        set=_angle_set,
    )
    error_distance: bpy.props.FloatProperty(
        name="Place Error",
        description="The largest error of a place between few keys, of a figure of a person's size",
        subtype="DISTANCE",
        unit="LENGTH",
        get=_shown_distance,
        set=_distance_set,
    )
    prompt: bpy.props.StringProperty(
        name="Prompt",
        description="What the figure does, in plain English: a person walks forward and waves",
        update=_prompt_was_typed,
    )
    use_seconds: bpy.props.BoolProperty(
        name="Set Length", description="Off: the length is chosen to fit the prompt", default=False
    )
    seconds: bpy.props.FloatProperty(
        name="Seconds",
        description="Length of the clip",
        min=requests.MIN_SECONDS,
        max=requests.MAX_SECONDS,
        default=5.0,
        precision=1,
        step=50,
        unit="TIME_ABSOLUTE",
    )
    seed: bpy.props.IntProperty(
        name="Seed",
        description="The same seed, prompt and checkpoint give the same clip",
        min=0,
        max=requests.MAX_SEED,
        update=_seed_was_set,
    )
    lock_seed: bpy.props.BoolProperty(
        name="Lock Seed",
        description="On: the seed stays, so that the same words give the same clip. Off: a seed that was used gives way to another",
    )
    checkpoint: bpy.props.EnumProperty(
        name="Checkpoint", description="Which weights generate, under which licence", items=_checkpoint_items
    )
    use_guidance: bpy.props.BoolProperty(
        name="Set Guidance", description="Off: the checkpoint's own value", default=False
    )
    guidance: bpy.props.FloatProperty(
        name="Guidance",
        description="How closely the prompt is followed; high values exaggerate",
        min=0.0,
        max=requests.MAX_GUIDANCE,
        default=3.0,
    )
    use_steps: bpy.props.BoolProperty(name="Set Steps", description="Off: the checkpoint's own value", default=False)
    steps: bpy.props.IntProperty(
        name="Steps", description="Sampling steps: more are slower", min=1, max=requests.MAX_STEPS, default=8
    )

    use_effort: bpy.props.BoolProperty(
        name="Set Drafts", description="Off: as many as pay for their time", default=False
    )
    effort: bpy.props.IntProperty(
        name="Drafts",
        description="Drafts of each clip, of which the one that does most of what is asked is kept: more are slower",
        min=int(_EFFORT[0]),
        max=int(_EFFORT[1]),
        default=int(_EFFORT[1]),
    )

    bone_map: bpy.props.StringProperty(
        name="Bone Map",
        description="What Map Bones found last, as JSON: slots, preset, score, missing, notes, corrected",
    )
    bones: bpy.props.PointerProperty(type=IsodimBones)
    edit: bpy.props.PointerProperty(type=IsodimEdit)
    strips: bpy.props.PointerProperty(type=lists.IsodimStrips)
    variations: bpy.props.PointerProperty(type=lists.IsodimVariations)
    batch: bpy.props.PointerProperty(type=lists.IsodimBatch)
    live_preview: bpy.props.BoolProperty(
        name="Live Preview", description="Draw the clip in the 3D viewport while it is made", default=False
    )

    action_index: bpy.props.IntProperty(name="Action", description="The Action whose captions are shown")
    action_licence: bpy.props.StringProperty(
        name="Licence", description="The terms of your Actions, noted beside the exported clips", default="my own"
    )

    def roll(self, always: bool = False) -> int:
        """Another seed in the place of one that a clip was made with, unless it is locked; `always`: whatever stands there. The seed."""
        used = session.seeds | {action.get(f"{facts.PREFIX}seed") for action in bpy.data.actions}
        if always or (not self.lock_seed and self.seed in used):
            locked = self.lock_seed
            self.seed = seeds.another(used)
            self.lock_seed = locked
        return self.seed

    def request(self) -> messages.Generate:
        """These settings as a request; InputError names a field that is not allowed."""
        return messages.Generate(prompt=self.prompt, seconds=self.length(), **self.sampling())

    def length(self) -> float | None:
        """Seconds of a new clip; None to fit the prompt."""
        return self.seconds if self.use_seconds else None

    def sampling(self) -> dict[str, Any]:
        """What all requests share: the fields of `requests.Request`."""
        return {
            "seed": self.seed,
            "checkpoint": None if self.checkpoint in ("", DEFAULT) else self.checkpoint,
            "steps": self.steps if self.use_steps else None,
            "guidance": self.guidance if self.use_guidance else None,
            "effort": self.effort if self.use_effort else None,
            "preview": self.live_preview,
        }


def listed_action(context: bpy.types.Context) -> bpy.types.Action | None:
    """The Action that is chosen in the panel's list; None if there is none."""
    index = context.scene.isodim.action_index
    return bpy.data.actions[index] if 0 <= index < len(bpy.data.actions) else None


class IsodimObject(bpy.types.PropertyGroup):
    """An armature object as a figure."""

    stance: bpy.props.StringProperty(
        name="Pose Taken as Rest",
        description="The pose that stands for the rest pose, as JSON; empty for the rest pose",
    )
    before_takes: bpy.props.PointerProperty(
        type=bpy.types.Action, name="Before Takes", description="The Action that was played before the takes"
    )
    before_takes_slot: bpy.props.StringProperty(name="Slot", description="The slot of it that was played")
    before_takes_kept: bpy.props.BoolProperty(name="Fake User", description="Whether it had a fake user then")


class IsodimCaption(bpy.types.PropertyGroup):
    """One caption of an Action."""

    text: bpy.props.StringProperty(
        name="Caption", description="What the figure does, in plain English: a person walks forward and waves"
    )


class IsodimAction(bpy.types.PropertyGroup):
    """An Action as an example for training."""

    export: bpy.props.BoolProperty(name="Export", description="Export this Action for training", default=True)
    captions: bpy.props.CollectionProperty(type=IsodimCaption)
    any_part_fits: bpy.props.BoolProperty(
        name="Any Part Fits",
        description="The captions also describe any part of the Action: true of a walk, not of sitting down",
    )
    key_poses: bpy.props.CollectionProperty(type=IsodimKeyPose)
    preview: bpy.props.BoolProperty(name="Preview", description="An edit that is neither kept nor discarded")
    replaces: bpy.props.PointerProperty(
        type=bpy.types.Action, name="Replaces", description="The Action before the edit, of a preview"
    )
    replaces_slot: bpy.props.StringProperty(name="Slot", description="The slot of the Action before that was played")
    replaced_was_kept: bpy.props.BoolProperty(
        name="Fake User", description="Whether the Action before had a fake user before the edit"
    )
    edit_tool: bpy.props.StringProperty(name="Tool", description="Which tool made the preview")
    edit_frames: bpy.props.IntVectorProperty(
        name="Edited Frames", description="First and last frame that the tool made anew", size=2
    )
    edit_left: bpy.props.StringProperty(
        name="As It Was Left", description="A hash of the curves as the tool left them: other ones were changed by hand"
    )
    linked_before: bpy.props.PointerProperty(
        type=bpy.types.Action,
        name="Linked Before",
        description="The linked Action that this one replaced, kept with the file",
    )
    split: bpy.props.EnumProperty(
        name="Use For",
        description="Whether a checkpoint learns from this Action or is checked by it",
        items=[
            (training_folder.AUTO, "Automatic", "Every tenth Action, at least one, checks what was learnt"),
            (training_folder.TRAIN, "Training", "Always learn from this Action"),
            (training_folder.VAL, "Checking", "Never learn from this Action: it checks what was learnt"),
        ],
    )


_CLASSES = (
    IsodimBones, IsodimEdit, IsodimKeyPose, *lists.CLASSES, IsodimSettings, IsodimObject, IsodimCaption,
    IsodimAction,
)  # fmt: skip


def register() -> None:
    """The classes, and their places on every scene, object and Action."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    bpy.types.Scene.isodim = bpy.props.PointerProperty(type=IsodimSettings)
    bpy.types.Object.isodim = bpy.props.PointerProperty(type=IsodimObject)
    bpy.types.Action.isodim = bpy.props.PointerProperty(type=IsodimAction)


def unregister() -> None:
    """Backward."""
    del bpy.types.Action.isodim
    del bpy.types.Object.isodim
    del bpy.types.Scene.isodim
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
