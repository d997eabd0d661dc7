"""What strips, variations and overnight batches are made from: settings of a scene."""

from __future__ import annotations

import bpy

from ...common.wire import requests


class IsodimStrip(bpy.types.PropertyGroup):
    """One prompt of a sequence. made_in, made_as: the clip and the place in it that it became; requested_*: that are being made."""

    prompt: bpy.props.StringProperty(name="Prompt", description="What the figure does in this strip, in plain English")
    use_seconds: bpy.props.BoolProperty(
        name="Set Length", description="Off: the length is chosen to fit the prompt", default=False
    )
    seconds: bpy.props.FloatProperty(
        name="Seconds",
        description="Length of the strip",
        min=requests.MIN_SECONDS,
        max=requests.MAX_SECONDS,
        default=3.0,
        precision=1,
        step=50,
        unit="TIME_ABSOLUTE",
    )
    seed: bpy.props.IntProperty(
        name="Seed", description="Redo Strip samples with this seed", min=0, max=requests.MAX_SEED
    )
    made_in: bpy.props.StringProperty(options={"HIDDEN"})
    made_as: bpy.props.IntProperty(options={"HIDDEN"})
    requested_in: bpy.props.StringProperty(options={"HIDDEN"})
    requested_as: bpy.props.IntProperty(options={"HIDDEN"})


class IsodimStrips(bpy.types.PropertyGroup):
    """The strips of the next sequence."""

    items: bpy.props.CollectionProperty(type=IsodimStrip)
    index: bpy.props.IntProperty(name="Strip", description="The strip that is chosen")


class IsodimVariations(bpy.types.PropertyGroup):
    """How many takes, and where they go."""

    count: bpy.props.IntProperty(
        name="Takes", description="How many takes, with seeds counting up", min=2, max=requests.MAX_COUNT, default=4
    )
    layout: bpy.props.EnumProperty(
        name="Show As",
        description="Where the takes go",
        items=[
            ("NLA", "NLA Tracks", "A track for each take on the armature, all muted but one"),
            ("COPIES", "Copies", "Copies of the figure side by side, with linked data"),
        ],
    )


class IsodimBatch(bpy.types.PropertyGroup):
    """A list of clips and where they go."""

    list_file: bpy.props.StringProperty(
        name="List", description="A .csv with a column prompt, or a text with a prompt a line", subtype="FILE_PATH"
    )
    folder: bpy.props.StringProperty(name="Folder", description="Where the clip files go", subtype="DIR_PATH")
    seed: bpy.props.IntProperty(
        name="Seed",
        description="Of rows without one; the same seed finds what an earlier run has made already",
        min=0,
        max=requests.MAX_SEED,
    )
    actions: bpy.props.BoolProperty(
        name="Actions", description="Every clip becomes an Action of this file, marked as an asset", default=True
    )
    files: bpy.props.EnumProperty(
        name="Files",
        description="Which files are written",
        items=[
            ("npz", ".npz", "Clip files with everything, on the canonical skeleton"),
            ("bvh", ".bvh", "BVH files on the canonical skeleton"),
            ("fbx", ".fbx", "FBX files on the armature"),
        ],
        options={"ENUM_FLAG"},
        default=set(),
    )


CLASSES = (IsodimStrip, IsodimStrips, IsodimVariations, IsodimBatch)
