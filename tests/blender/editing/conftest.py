"""Rigs that play a clip, edited through the real operators and a child that stands in for the backend."""

import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tools.rigs import build, description  # noqa: E402
from tools.rigs.clips import CLIPS  # noqa: E402

FPS = 24


@pytest.fixture
def rooms(extension):
    bpy.context.scene.render.fps = FPS
    return lambda name: extension.room(f"isodim_blender.{name}")


@pytest.fixture
def session(extension):
    return extension.session


@pytest.fixture
def in_a_window(session, monkeypatch):
    """As in a window: no operator waits. Called, it polls until the run has ended."""
    monkeypatch.setattr(session, "timers_fire", True)

    def wait():
        while session.poll():
            time.sleep(0.002)

    return wait


@pytest.fixture
def play(rooms):
    """play(armature, **options): it plays a backwards walk from frame 1 on; gives its Action."""

    def make(armature, **options):
        motion = CLIPS["walk_backwards"]()
        motion.meta["prompt"] = "a person walks backwards"
        rooms("action.apply").apply(
            motion, armature, bpy.context.scene, 1, "clip", rooms("action.apply").Options(**options)
        )
        deselect(armature.animation_data.action, rooms)
        return armature.animation_data.action

    return make


@pytest.fixture
def mixamo(rooms, play):
    armature = build.build(description.describe("mixamo", rolls_seed=1), place="turned")
    play(armature)
    return armature


def deselect(action, rooms):
    for _, curve in rooms("slots").curves_of(action):
        curve.keyframe_points.foreach_set("select_control_point", np.zeros(len(curve.keyframe_points), bool))


def values(action, rooms, times):
    """(path, index) -> [time] of every curve."""
    return {
        (curve.data_path, curve.array_index): np.array([curve.evaluate(time) for time in times])
        for _, curve in rooms("slots").curves_of(action)
    }


@pytest.fixture
def edit(rooms):
    return rooms("action.range_edit")


@pytest.fixture
def figure(rooms):
    """An armature with one bone, and an Action that keys its location on the frames and as the test says."""
    data = bpy.data.armatures.new("one")
    armature = bpy.data.objects.new("one", data)
    bpy.context.scene.collection.objects.link(armature)
    bpy.context.view_layer.objects.active = armature
    bpy.ops.object.mode_set(mode="EDIT")
    bone = data.edit_bones.new("bone")
    bone.tail = (0, 0, 1)
    bpy.ops.object.mode_set(mode="OBJECT")
    curves = rooms("action.curves")
    track = curves.Track('pose.bones["bone"].location', "bone", np.zeros((1, 3)), (0, 1, 2), bone="bone")
    rooms("action.keyframes").write(armature, "old", [track], 1, {})
    return armature
