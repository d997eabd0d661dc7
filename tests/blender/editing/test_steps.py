"""What takes long is done in steps: nothing of the file shows meanwhile, and whoever changes it meanwhile hears of it."""

import time

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing import played  # noqa: E402

REDO = {"prompt": "a person waves", "start": 20, "end": 40}


@pytest.fixture
def figure(mixamo, stand_in):
    stand_in("fine")
    bpy.context.scene.frame_set(5)
    return mixamo


@pytest.fixture
def slow_slices(rooms, monkeypatch):
    """Every poll takes one step."""
    monkeypatch.setattr(rooms("work.session"), "SLICE_S", 1e-9)
    monkeypatch.setattr(rooms("work.run"), "SLICE_S", 1e-9)


def state(figure):
    bones = [tuple(bone.matrix_basis.col[0]) for bone in figure.pose.bones]
    return figure.animation_data.action.name, bones, bpy.context.scene.frame_current, list(bpy.data.actions.keys())


def leftovers():
    return [scene.name for scene in bpy.data.scenes if scene.name != "Scene"] + [
        item.name for item in bpy.data.objects if item.name != "mixamo"
    ]


def until_it_reads(session):
    """A few frames are read of what the double plays."""
    while not leftovers():
        session.poll()
    for _ in range(5):
        session.poll()


def read(rooms, figure, frames=None):
    motions = rooms("action.action_motion")
    return rooms("steps").at_once(motions.reading(figure, figure.animation_data.action, bpy.context.scene, frames))


def test_a_press_reads_in_steps_and_the_armature_stays_as_it_is(figure, session, in_a_window, slow_slices):
    before = state(figure)
    assert bpy.ops.isodim.redo_range(**REDO) == {"FINISHED"}
    assert session.asking is not None and session.run is None
    polls = 0
    while session.asking is not None:
        assert state(figure)[:3] == before[:3]
        session.poll()
        polls += 1
    assert polls > 60  # a frame a step
    assert leftovers() == []
    in_a_window()
    assert figure.animation_data.action.isodim.preview


def test_it_is_cancelled_while_it_reads(figure, session, in_a_window, slow_slices):
    before = state(figure)
    bpy.ops.isodim.redo_range(**REDO)
    until_it_reads(session)
    assert leftovers() != []
    bpy.ops.isodim.cancel()
    assert not session.busy and leftovers() == [] and state(figure) == before and not session.errors


def test_another_file_meanwhile_leaves_nothing(figure, session, in_a_window, slow_slices):
    bpy.ops.isodim.redo_range(**REDO)
    until_it_reads(session)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    assert not session.busy and "Another file" in session.errors[0].sentence
    assert len(bpy.data.scenes) == 1 and len(bpy.data.objects) == 0


def test_a_key_that_is_changed_meanwhile_is_told(figure, session, in_a_window, slow_slices):
    bpy.ops.isodim.redo_range(**REDO)
    until_it_reads(session)
    curve = next(iter(played.curves(figure.animation_data.action).values()))
    curve.keyframe_points[3].co.y += 1.0
    curve.update()
    in_a_window()
    assert "while it is read" in session.errors[0].sentence and leftovers() == []
    assert not figure.animation_data.action.isodim.preview


def test_what_blender_tells_of_every_data_block_is_no_change(figure, session, rooms, in_a_window, slow_slices):
    bpy.ops.isodim.redo_range(**REDO)
    while session.busy:  # as in a window of Blender 5.2, whose graph is new where a scene was removed
        rooms("action.versions")._changes[figure.animation_data.action.session_uid] += 1
        session.poll()
        time.sleep(0.001)
    assert not session.errors and figure.animation_data.action.isodim.preview


def test_another_action_meanwhile_is_told(figure, session, in_a_window, slow_slices):
    bpy.ops.isodim.redo_range(**REDO)
    until_it_reads(session)
    other = bpy.data.actions.new("other")
    figure.animation_data.action = other
    in_a_window()
    assert "while it is read" in session.errors[0].sentence and figure.animation_data.action == other


def test_an_undo_meanwhile_leaves_no_double(figure, session, in_a_window, slow_slices):
    bpy.ops.ed.undo_push(message="start")
    bpy.ops.isodim.redo_range(**REDO)
    until_it_reads(session)
    bpy.ops.ed.undo_push(message="something else")  # holds the double
    session.cancel()
    bpy.ops.ed.undo_push(message="more")
    bpy.ops.ed.undo()
    assert leftovers() == []


def test_what_is_wrong_is_said_at_the_press(figure, session, in_a_window):
    with pytest.raises(RuntimeError, match="frames inside"):
        bpy.ops.isodim.redo_range(prompt="a person waves", start=5000, end=5040)
    assert not session.busy


def until_it_writes(session):
    while session.run is None or not session.run.writes:
        session.poll()
        time.sleep(0.002)


def test_a_result_is_written_in_steps_while_the_armature_plays_on(figure, session, in_a_window, slow_slices):
    before = state(figure)
    bpy.ops.isodim.redo_range(**REDO)
    until_it_writes(session)
    polls = 0
    while figure.animation_data.action.name == before[0]:
        assert state(figure)[:3] == before[:3]
        session.poll()
        polls += 1
    assert polls > len(played.curves(figure.animation_data.action))  # a curve a step
    in_a_window()
    assert figure.animation_data.action.isodim.preview and leftovers() == []


def test_a_result_is_dropped_while_it_is_written(figure, session, in_a_window, slow_slices):
    before = state(figure)
    bpy.ops.isodim.redo_range(**REDO)
    until_it_writes(session)
    while len(bpy.data.actions) == len(before[3]):
        session.poll()
    for _ in range(10):
        session.poll()
    bpy.ops.isodim.cancel()
    in_a_window()
    assert not session.busy and leftovers() == [] and state(figure) == before


def test_a_key_that_is_changed_while_the_result_is_written_is_told(figure, session, in_a_window, slow_slices):
    before = state(figure)
    bpy.ops.isodim.redo_range(**REDO)
    until_it_writes(session)
    while len(bpy.data.actions) == len(before[3]):
        session.poll()
    curve = next(iter(played.curves(figure.animation_data.action).values()))
    curve.keyframe_points[3].co.y += 1.0
    curve.update()
    in_a_window()
    assert "while the result is written" in session.errors[0].sentence
    assert list(bpy.data.actions.keys()) == before[3] and figure.animation_data.action.name == before[0]


def test_few_keys_are_found_while_others_go_on(figure, session, settings, in_a_window, slow_slices):
    settings.keys, settings.prompt = "SPARSE", "a person walks"
    before = state(figure)
    bpy.ops.isodim.generate()
    while session.run is not None and not session.run.writes:
        session.poll()
        time.sleep(0.002)
    polls = 0
    while session.run is not None and session.run.writes and figure.animation_data.action.name == before[0]:
        assert state(figure)[:3] == before[:3]
        session.poll()
        polls += 1
    in_a_window()
    assert polls > 3
    assert figure.animation_data.action["isodim_keys"] == "SPARSE"


def test_a_clip_is_read_once_until_a_key_is_changed(figure, rooms, monkeypatch):
    double, calls = rooms("rig.double"), []
    stage = double.stage
    monkeypatch.setattr(double, "stage", lambda *given: calls.append(1) or stage(*given))
    first = read(rooms, figure)
    again = read(rooms, figure)
    np.testing.assert_array_equal(first.rotations, again.rotations)
    assert len(calls) == 1
    read(rooms, figure, range(10, 30))  # is inside
    assert len(calls) == 1
    curves = played.curves(figure.animation_data.action)
    curve = next(curve for curve in curves.values() if "LeftArm" in curve.data_path and curve.array_index == 1)
    curve.keyframe_points[20].co.y += 0.5
    curve.update()
    changed = read(rooms, figure)
    assert len(calls) == 2 and np.abs(changed.rotations - first.rotations).max() > 0.05


def test_some_frames_are_those_of_the_whole(figure, rooms):
    part, whole = read(rooms, figure, range(20, 50)), read(rooms, figure)
    np.testing.assert_allclose(part.rotations, whole.rotations[19:49], atol=1e-6)
    np.testing.assert_allclose(part.root, whole.root[19:49], atol=1e-5)


def test_an_action_has_another_version_after_any_change(figure, rooms):
    version_of, action = rooms("action.versions").version_of, figure.animation_data.action
    curve = list(played.curves(action).values())[3]
    for change in (
        lambda: setattr(curve.keyframe_points[5], "interpolation", "LINEAR"),
        lambda: setattr(curve.keyframe_points[5].co, "y", 2.0),
        lambda: setattr(curve, "mute", True),
        lambda: curve.modifiers.new("CYCLES"),
        lambda: curve.keyframe_points.remove(curve.keyframe_points[4]),
    ):
        before = version_of(action)
        assert version_of(action) == before
        change()
        assert version_of(action) != before


def test_work_beside_gives_its_value_or_its_error(rooms):
    steps = rooms("steps")
    assert steps.at_once(steps.beside(lambda: 7)) == 7
    with pytest.raises(ZeroDivisionError):
        steps.at_once(steps.beside(lambda: 1 / 0))


def test_a_slice_is_longer_where_blender_is_long_away_and_never_more_than_three_times(rooms, monkeypatch):
    steps, clock = rooms("steps"), [0.0]
    monkeypatch.setattr(steps.time, "monotonic", lambda: clock[0])

    def tenths():
        while True:
            clock[0] += 0.1
            yield

    going, taken = steps.Sliced(tenths()), []
    for away_s in (0.0, 0.5, 2.0, 100.0):
        clock[0] += away_s
        began = clock[0]
        assert going.go_on(1.0)
        taken.append(clock[0] - began)
    np.testing.assert_allclose(taken, [1.0, 1.0, 2.0, 3.0], atol=0.15)
