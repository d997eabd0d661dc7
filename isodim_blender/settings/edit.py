"""The settings of an edit, in a scene, and properties of the operators that edit."""

from __future__ import annotations

from typing import Any

import bpy

from ...common.wire import requests
from ...common.wire.fields import bounds

_UNSAVED = {"SKIP_SAVE"}
_TOLERANCE, _GAP = bounds(requests.Edit, "tolerance_cm"), bounds(requests.Extend, "seconds")
_SHARE, _NUDGE = bounds(requests.Blend, "amount"), bounds(requests.Nudge, "amount")
_PATH = bounds(requests.Path, "seconds")
"""The least and the most that the requests take."""
_PARTS = {
    "all": ("Whole Body", "All of the body is new"),
    "upper": ("Upper Body", "Trunk, arms and head are new; the legs and the root path stay"),
    "lower": ("Legs", "Legs and root path are new; the upper body stays"),
    "arms": ("Arms", "Both arms are new"),
    "left_arm": ("Left Arm", "The left arm is new"),
    "right_arm": ("Right Arm", "The right arm is new"),
    "trunk": ("Trunk", "The spine is new"),
    "head": ("Head", "Neck and head are new"),
}


def _is_curve(_settings: IsodimEdit, item: bpy.types.Object) -> bool:
    return item.type == "CURVE"


# Properties of operators and, as the panel's, of a scene.
SOURCE = bpy.props.EnumProperty(
    name="Range",
    description="Which frames are edited",
    items=[
        ("AUTOMATIC", "Automatic", "The preview range if it is on, else selected keys, else two markers, else typed"),
        ("PREVIEW", "Preview Range", "The scene's preview range"),
        ("KEYS", "Selected Keys", "From the first to the last selected key of the armature's Action"),
        ("MARKERS", "Markers", "From the marker before the current frame to the one after it"),
        ("TYPED", "Typed", "The frames below"),
    ],
    options=_UNSAVED,
)
START = bpy.props.IntProperty(name="First", description="The first frame that is edited", default=1, options=_UNSAVED)
END = bpy.props.IntProperty(name="Last", description="The last frame that is edited", default=40, options=_UNSAVED)
PROMPT = bpy.props.StringProperty(
    name="Prompt", description="What the figure does in these frames, in plain English", options=_UNSAVED
)
ARRIVE = bpy.props.BoolProperty(
    name="Arrive",
    description="On: the new motion ends where the clip goes on. Off: the rest follows from where it ends",
    default=True,
    options=_UNSAVED,
)
PART = bpy.props.EnumProperty(
    name="Body",
    description="Which part of the body is new",
    items=[(part, *_PARTS[part]) for part in requests.PARTS],
    options=_UNSAVED,
)
TOLERANCE_CM = bpy.props.FloatProperty(
    name="Tolerance (cm)",
    description="How far the figure may be from a key pose, in cm of a person's size",
    min=_TOLERANCE[0],
    max=_TOLERANCE[1],
    default=2.0,
    options=_UNSAVED,
)
SECONDS = bpy.props.FloatProperty(
    name="Seconds",
    description="Length of new motion before or after the clip, or between two Actions",
    min=_GAP[0],
    max=_GAP[1],
    default=2.0,
    unit="TIME_ABSOLUTE",
    options=_UNSAVED,
)
AMOUNT = bpy.props.FloatProperty(
    name="Amount",
    description="0 is this take, 1 is the other",
    min=_SHARE[0],
    max=_SHARE[1],
    default=0.5,
    options=_UNSAVED,
)
NUDGE = bpy.props.FloatProperty(
    name="More or Less",
    description="Above 0 the take is exaggerated, below 0 it is smoothed",
    min=_NUDGE[0],
    max=_NUDGE[1],
    default=0.25,
    options=_UNSAVED,
)
TRAVEL = bpy.props.BoolProperty(
    name="Travel", description="The loop goes on over the ground instead of staying in place", options=_UNSAVED
)
BY_CURVE = bpy.props.BoolProperty(
    name="Set Duration",
    description="The whole root path takes the seconds below; off: as fast as the clip goes",
    options=_UNSAVED,
)
DURATION = bpy.props.FloatProperty(
    name="Duration",
    description="Seconds from the curve's beginning to its end",
    min=_PATH[0],
    max=_PATH[1],
    default=5.0,
    unit="TIME_ABSOLUTE",
    options=_UNSAVED,
)


def _shown_tolerance(edit: IsodimEdit) -> float:
    return edit.tolerance_cm / 100.0


def _tolerance_set(edit: IsodimEdit, metres: float) -> None:
    edit.tolerance_cm = metres * 100.0


class IsodimEdit(bpy.types.PropertyGroup):
    """The settings of the next edit."""

    source: SOURCE
    start: START
    end: END
    prompt: PROMPT
    arrive: ARRIVE
    part: PART
    tolerance_cm: TOLERANCE_CM
    tolerance: bpy.props.FloatProperty(
        name="Tolerance",
        description="How far the figure may be from a key pose, of a person's size",
        subtype="DISTANCE",
        unit="LENGTH",
        get=_shown_tolerance,
        set=_tolerance_set,
    )
    seconds: SECONDS
    amount: AMOUNT
    nudge: NUDGE
    travel: TRAVEL
    by_curve: BY_CURVE
    duration: DURATION
    curve: bpy.props.PointerProperty(
        name="Curve", description="The root path: a curve over the ground", type=bpy.types.Object, poll=_is_curve
    )
    other: bpy.props.PointerProperty(name="Other Take", description="The Action to blend with", type=bpy.types.Action)


class IsodimKeyPose(bpy.types.PropertyGroup):
    """A pose that an edit has to meet, kept with the Action."""

    frame: bpy.props.IntProperty(name="Frame", description="Where the pose is reached")
    pose: bpy.props.StringProperty(name="Pose", description="Turns and place of the canonical skeleton, as JSON")


def chosen(operator: bpy.types.Operator, context: bpy.types.Context, name: str) -> Any:
    """What a script or a person gave the operator, or the panel's setting."""
    return getattr(operator if operator.properties.is_property_set(name) else context.scene.isodim.edit, name)
