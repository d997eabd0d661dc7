"""Seeds that roll, and a preview that is made again: one preview at a time, and Discard back to what was before the first."""

import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing import played  # noqa: E402

FRAMES = range(1, 61)
REDO = {"prompt": "a person waves", "start": 20, "end": 40}


@pytest.fixture
def figure(mixamo, stand_in):
    stand_in("fine")
    return mixamo


@pytest.fixture
def preview(rooms):
    return rooms("editing.preview")


def playing(figure):
    return figure.animation_data.action


def actions():
    return {action.name for action in bpy.data.actions}


def test_a_seed_that_made_a_clip_gives_way_to_another_unless_it_is_locked(settings, session, stand_in):
    stand_in("fine")
    settings.prompt = "a person walks"
    assert (settings.seed, settings.lock_seed) == (0, False)
    bpy.ops.isodim.generate()
    first = bpy.context.object.animation_data.action
    bpy.ops.isodim.generate()
    second = bpy.context.object.animation_data.action
    assert first["isodim_seed"] == 0 != second["isodim_seed"] == settings.seed
    settings.lock_seed = True
    bpy.ops.isodim.generate()
    assert bpy.context.object.animation_data.action["isodim_seed"] == second["isodim_seed"]


def test_a_typed_seed_is_locked_and_the_dice_leave_the_lock(settings):
    settings.seed = 7
    assert settings.lock_seed
    bpy.ops.isodim.new_seed()
    assert settings.lock_seed and settings.seed != 7
    settings.lock_seed = False
    bpy.ops.isodim.new_seed()
    assert not settings.lock_seed


def test_a_seed_is_used_also_after_the_undo_of_its_clip(settings, stand_in):
    stand_in("fine")
    settings.prompt = "a person walks"
    bpy.ops.ed.undo_push(message="start")
    bpy.ops.isodim.generate()
    bpy.ops.ed.undo()
    assert not actions()
    bpy.ops.isodim.generate()
    (made,) = bpy.data.actions
    assert made["isodim_seed"] != 0


def test_again_replaces_the_preview_and_discard_goes_back_to_the_start(figure, preview, settings):
    old, before = playing(figure), played.values(playing(figure), FRAMES)
    there = actions()
    bpy.ops.isodim.redo_range(**REDO)
    first = played.values(playing(figure), FRAMES)
    seed = settings.seed
    for _ in range(2):
        assert bpy.ops.isodim.again() == {"FINISHED"}
        assert settings.seed != seed
        assert preview.of(figure) == preview.Pending(playing(figure), old)
        assert actions() == there | {playing(figure).name}
    assert len(playing(figure)["isodim_edits"].split('"first"')) == 2  # of one edit, not of three
    assert played.largest_change(first, played.values(playing(figure), FRAMES))[0] == pytest.approx(0.0, abs=1e-3)
    bpy.ops.isodim.discard()
    assert playing(figure) == old and actions() == there
    assert played.largest_change(before, played.values(old, FRAMES)) == (0.0, set())


def test_a_second_redo_of_the_same_frames_does_not_stack(figure, preview):
    old = playing(figure)
    bpy.ops.isodim.redo_range(**REDO)
    bpy.ops.isodim.redo_range(**REDO)
    assert preview.of(figure).replaces == old
    assert len(playing(figure)["isodim_edits"].split('"first"')) == 2


def test_an_edit_of_other_frames_adds_to_the_preview(figure, preview):
    old, there = playing(figure), actions()
    bpy.ops.isodim.redo_range(**REDO)
    bpy.ops.isodim.redo_range(prompt="a person jumps", start=45, end=52)
    assert len(playing(figure)["isodim_edits"].split('"first"')) == 3
    assert preview.of(figure).replaces == old and actions() == there | {playing(figure).name}
    bpy.ops.isodim.discard()
    assert playing(figure) == old


def test_a_preview_that_was_changed_by_hand_is_not_thrown_away(figure, preview):
    bpy.ops.isodim.redo_range(**REDO)
    curve = next(iter(played.curves(playing(figure)).values()))
    curve.keyframe_points[3].co.y += 1.0
    curve.update()
    number, name = curve.keyframe_points[3].co.y, playing(figure).name
    with pytest.raises(RuntimeError, match="changed by hand"):
        bpy.ops.isodim.again()
    bpy.ops.isodim.redo_range(**REDO)  # the tool's own button goes on from what is there
    assert playing(figure).name != name
    assert next(iter(played.curves(playing(figure)).values())).keyframe_points[3].co.y == number


def test_again_that_fails_leaves_the_preview(figure, preview, stand_in, session):
    bpy.ops.isodim.redo_range(**REDO)
    pending = preview.of(figure)
    session.stop()
    stand_in("refuses")
    with pytest.raises(RuntimeError):
        bpy.ops.isodim.again()
    assert preview.of(figure) == pending
    stand_in("fine")


def test_key_poses_of_the_preview_go_along(figure, preview):
    bpy.ops.isodim.redo_range(**REDO)
    bpy.context.scene.frame_set(30)
    bpy.ops.isodim.key_pose()
    bpy.ops.isodim.again()
    assert [entry.frame for entry in playing(figure).isodim.key_poses] == [30]


def test_nudging_twice_nudges_once(figure, preview):
    old = playing(figure)
    bpy.ops.isodim.nudge(amount=0.5)
    bpy.ops.isodim.nudge(amount=0.2)
    assert preview.of(figure).replaces == old


def test_takes_are_made_again_stepped_through_and_discarded(figure, rooms, settings):
    old, there = playing(figure), actions()
    kept = old.use_fake_user
    settings.prompt, settings.variations.count = "a person walks", 3
    bpy.ops.isodim.variations()
    variations = rooms("editing.variations")
    takes = variations.takes_of(figure)
    bpy.ops.isodim.step_take(by=-1)
    assert playing(figure) == takes[-1]
    bpy.ops.isodim.step_take()
    assert playing(figure) == takes[0]
    names = {take.name for take in takes}
    bpy.ops.isodim.again()
    others = variations.takes_of(figure)
    assert len(others) == 3 and {take["isodim_seed"] for take in others}.isdisjoint({0, 1, 2})
    assert len(figure.animation_data.nla_tracks) == 3
    bpy.ops.isodim.discard_takes()
    assert playing(figure) == old and actions() == there and old.use_fake_user == kept
    assert not figure.animation_data.nla_tracks and names.isdisjoint(actions() - there)


@pytest.mark.parametrize(
    "seams, words",
    [
        ({"at frame 3": (0.1, 0.2), "at frame 9": (1.1, 0.9)}, "Smooth at both ends"),
        ({"where it repeats": (0.1, 0.2)}, "Smooth where it repeats"),
        (
            {"at frame 3": (0.1, 0.2), "at frame 9": (2.5, 0.9)},
            "Jumps at frame 9, 2.5 times as far as from frame to frame",
        ),
    ],
)
def test_seams_are_told_in_words(rooms, seams, words):
    assert rooms("editing.tasks").seam_words(seams) == words
