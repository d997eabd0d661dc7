"""Strips: one clip from a list, remembered where each lies, one of them anew and the others untouched."""

import json

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing.conftest import FPS, values  # noqa: E402

CHAIN = [("walk", 2.0), ("sit down", 1.5), ("wave", 3.0)]


@pytest.fixture
def strips(rooms):
    return rooms("editing.strips")


@pytest.fixture
def listed(settings):
    """The strips of the scene: three prompts."""
    for prompt, seconds in CHAIN:
        bpy.ops.isodim.change_strips(verb="ADD", prompt=prompt, seconds=seconds)
    return settings.strips


@pytest.fixture
def made(listed, stand_in, mixamo):
    """The armature that plays the sequence from frame 11 on."""
    stand_in("good")
    bpy.context.scene.frame_set(11)
    assert bpy.ops.isodim.generate_strips() == {"FINISHED"}
    return mixamo


def prompts(listed):
    return [item.prompt for item in listed.items]


def test_the_list_is_added_to_moved_and_cut(listed):
    assert prompts(listed) == ["walk", "sit down", "wave"] and listed.index == 2
    bpy.ops.isodim.change_strips(verb="UP")
    assert prompts(listed) == ["walk", "wave", "sit down"] and listed.index == 1
    bpy.ops.isodim.change_strips(verb="DUPLICATE")
    assert prompts(listed) == ["walk", "wave", "wave", "sit down"] and listed.items[2].seconds == 3.0
    bpy.ops.isodim.change_strips(verb="REMOVE")
    bpy.ops.isodim.change_strips(verb="DOWN")
    assert bpy.ops.isodim.change_strips(verb="DOWN") == {"CANCELLED"}
    for _ in range(3):
        bpy.ops.isodim.change_strips(verb="REMOVE")
    assert prompts(listed) == [] and bpy.ops.isodim.change_strips(verb="REMOVE") == {"CANCELLED"}


def test_one_clip_with_a_marker_where_each_strip_begins(made, strips, listed):
    action = made.animation_data.action
    begins = [11, 11 + 2 * FPS, 11 + round(3.5 * FPS)]
    assert [(marker.name, marker.frame) for marker in action.pose_markers] == list(
        zip(["walk", "sit down", "wave"], begins, strict=True)
    )
    spans = [strips.span_of(action, index) for index in range(3)]
    assert [span.first for span in spans] == begins
    assert [span.last + 1 for span in spans] == [*begins[1:], action.frame_range[1] + 1]
    assert [strips.state(item, action) for item in listed.items] == [strips.MADE] * 3


def test_a_strip_says_what_changed(made, strips, listed):
    action = made.animation_data.action
    listed.items[0].prompt = "run"
    listed.items[1].seed += 1
    listed.items[2].seconds = 2.0
    states = [strips.state(item, action) for item in listed.items]
    assert states == [strips.CHANGED, strips.CHANGED, strips.OTHER_LENGTH]
    listed.index = 0
    bpy.ops.isodim.change_strips(verb="DUPLICATE")
    assert strips.state(listed.items[1], action) == strips.NEW
    listed.items.move(0, 3)
    assert strips.state(listed.items[3], action) == strips.CHANGED
    assert strips.state(listed.items[3], None) == strips.NEW


def test_one_strip_anew_leaves_the_others_alone(made, rooms, strips, listed):
    before = made.animation_data.action
    span = strips.span_of(before, 1)
    times = np.arange(before.frame_range[0], before.frame_range[1] + 0.5, 0.5)
    old = values(before, rooms, times)
    listed.index, listed.items[1].prompt = 1, "kneel"
    assert bpy.ops.isodim.redo_strip() == {"FINISHED"}
    after = made.animation_data.action
    new = values(after, rooms, times)
    outside = (times <= span.first - 1) | (times >= span.last + 1)
    for channel, was in old.items():
        np.testing.assert_array_equal(new[channel][outside], was[outside])
    assert any(np.abs(new[channel] - was).max() > 1e-3 for channel, was in old.items())
    assert [strip["prompt"] for strip in strips.record(after)] == ["walk", "kneel", "wave"]
    assert [strip["prompt"] for strip in strips.record(before)] == ["walk", "sit down", "wave"]
    assert [marker.name for marker in after.pose_markers] == ["walk", "kneel", "wave"]
    assert strips.state(listed.items[1], after) == strips.MADE
    assert rooms("editing.preview").of(made).replaces == before
    bpy.ops.isodim.discard()
    assert made.animation_data.action == before


def test_a_strip_redone_is_offered_where_its_action_was_changed_meanwhile(
    made, rooms, strips, listed, session, stand_in, in_a_window
):
    old, listed.index = made.animation_data.action, 1
    session.stop()
    stand_in("slow")
    bpy.ops.isodim.redo_strip()
    while session.asking is not None:
        session.poll()
    _, curve = next(iter(rooms("slots").curves_of(old)))
    curve.keyframe_points[5].co.y += 0.25
    in_a_window()
    assert made.animation_data.action == old
    assert "changed while the edit was made" in session.errors[0].sentence
    assert bpy.ops.isodim.apply_anyway() == {"FINISHED"}
    assert strips.record(made.animation_data.action)[1]["prompt"] == "sit down"


def test_a_strip_redone_is_offered_where_another_action_is_played_meanwhile(
    made, listed, session, stand_in, in_a_window
):
    listed.index = 1
    session.stop()
    stand_in("slow")
    bpy.ops.isodim.redo_strip()
    while session.asking is not None:
        session.poll()
    other = bpy.data.actions.new("other")
    made.animation_data.action = other
    in_a_window()
    assert made.animation_data.action == other
    assert "plays another Action" in session.errors[0].sentence


def test_markers_of_a_person_stay(made, strips):
    action = made.animation_data.action
    action.pose_markers.new("mine").frame = 30
    strips.mark(action)
    assert sorted((marker.frame, marker.name) for marker in action.pose_markers)[1] == (30, "mine")
    assert len(action.pose_markers) == 4


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda items: items.clear(), "Strips is 'none'"),
        (lambda items: setattr(items[1], "prompt", "  "), "Strip 2: prompt is"),
        (lambda items: [setattr(item, "seconds", 20.0) for item in items] and items.add(), "Strip 4: prompt"),
        (
            lambda items: [setattr(item, "seconds", 20.0) for item in items] and setattr(items.add(), "prompt", "jump"),
            "Seconds of all strips is 61.0, expected at most 60",
        ),
    ],
)
def test_bad_input_is_one_sentence_and_changes_nothing(listed, stand_in, mixamo, change, part):
    stand_in("good")
    action = mixamo.animation_data.action
    change(listed.items)
    with pytest.raises(RuntimeError, match=part) as error:
        bpy.ops.isodim.generate_strips()
    assert len(str(error.value).strip().splitlines()) == 1
    assert mixamo.animation_data.action == action


def test_a_strip_that_is_not_in_the_clip_is_not_redone(made, listed):
    bpy.ops.isodim.change_strips(verb="ADD", prompt="jump")
    with pytest.raises(RuntimeError, match=r"a strip that .* was made with"):
        bpy.ops.isodim.redo_strip()


@pytest.mark.parametrize("text", ["", "no JSON", "{}", "[1]", '[{"prompt": "walk"}]'])
def test_a_record_that_a_person_broke_is_none(made, strips, listed, text):
    action = made.animation_data.action
    action[strips.RECORD] = text
    assert strips.record(action) == []
    assert strips.state(listed.items[0], action) == strips.NEW


def test_the_record_outlives_the_file(made, strips, tmp_path):
    before = strips.record(made.animation_data.action)
    assert before == json.loads(made.animation_data.action[strips.RECORD]) and len(before) == 3
    name, path = made.name, str(tmp_path / "strips.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    action = bpy.data.objects[name].animation_data.action
    assert strips.record(action) == before and len(action.pose_markers) == 3
    assert strips.state(bpy.context.scene.isodim.strips.items[2], action) == strips.MADE
