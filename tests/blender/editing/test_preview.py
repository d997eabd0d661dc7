"""Keep and discard, in any order with undo, redo, saving and loading; results reach what they were made for, or nothing."""

import random

import numpy as np
import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.editing import played  # noqa: E402
from tests.blender.editing.played import at_once  # noqa: E402
from tools.rigs import build, description  # noqa: E402

NAME = "figure"


@pytest.fixture
def preview(rooms):
    return rooms("editing.preview")


@pytest.fixture
def tasks(rooms, monkeypatch):
    found = rooms("editing.tasks")
    monkeypatch.setattr(found.OfAction, "__abstractmethods__", frozenset())  # nothing is delivered here
    return found


@pytest.fixture
def figure(play):
    """figure(name) -> an armature of that name that plays a clip."""

    def make(name=NAME):
        armature = build.build(description.describe("mixamo", rolls_seed=1))
        armature.name = name
        play(armature)
        return armature

    return make


def bend(action, amount=1.0):
    """An edit that is easy to see; gives the number that tells it."""
    curve = next(iter(played.curves(action).values()))
    curve.keyframe_points[10].co.y += amount
    curve.update()
    return told(action)


def told(action):
    return float(next(iter(played.curves(action).values())).keyframe_points[10].co.y)


def playing(armature):
    return armature.animation_data.action


def slot_of(armature):
    return getattr(getattr(armature.animation_data, "action_slot", None), "identifier", "")


def test_the_copy_is_played_and_the_old_one_waits(preview, figure):
    armature = figure()
    old, slot, number = playing(armature), slot_of(armature), told(playing(armature))
    copy = preview.begin(armature)
    assert playing(armature) == copy != old and slot_of(armature) == slot
    assert preview.of(armature) == preview.Pending(copy, old) and old.use_fake_user
    bend(copy)
    assert told(old) == number


def test_keep_stashes_the_old_one(preview, figure):
    armature = figure()
    old = playing(armature)
    copy = preview.begin(armature)
    assert preview.keep(armature) == copy == playing(armature)
    assert old.use_fake_user and preview.of(armature) is None and copy.isodim.replaces is None
    with pytest.raises(preview.InputError, match="nothing pending"):
        preview.discard(armature)


@pytest.mark.parametrize("fake", [False, True])
def test_discard_brings_all_back(preview, figure, fake):
    armature = figure()
    old, slot = playing(armature), slot_of(armature)
    old.use_fake_user = fake
    before = set(bpy.data.actions.keys()), played.values(old, range(60))
    bend(preview.begin(armature))
    assert preview.discard(armature) == old == playing(armature)
    assert (slot_of(armature), old.use_fake_user, set(bpy.data.actions.keys())) == (slot, fake, before[0])
    assert played.largest_change(before[1], played.values(old, range(60))) == (0.0, set())


def test_an_edit_of_a_preview_takes_its_place(preview, figure):
    armature = figure()
    old = playing(armature)
    first = preview.begin(armature)
    name = first.name
    at_once(preview.finish(armature, preview.Edit("bend", (1, 5))))
    second = preview.begin(armature)
    assert preview.discard(armature) == first and preview.of(armature).replaces == old  # it failed before its end
    second = preview.begin(armature)
    at_once(preview.finish(armature, preview.Edit("bend", (7, 9))))
    assert preview.of(armature) == preview.Pending(second, old) and name not in bpy.data.actions
    preview.keep(armature)
    assert preview.of(armature) is None and playing(armature) == second and old.use_fake_user


def test_a_preview_whose_old_action_was_deleted_can_only_be_kept(preview, figure):
    armature = figure()
    old = playing(armature)
    copy = preview.begin(armature)
    bpy.data.actions.remove(old)
    assert preview.of(armature) == preview.Pending(copy, None)
    with pytest.raises(preview.InputError, match="was deleted"):
        preview.discard(armature)
    assert preview.keep(armature) == copy and preview.of(armature) is None


def test_two_armatures_have_a_preview_each(preview, figure):
    one, other = figure("one"), figure("other")
    kept, copies = playing(one), [preview.begin(one), preview.begin(other)]
    assert copies[0] != copies[1]
    preview.discard(one)
    assert playing(one) == kept and preview.of(other).action == copies[1]
    preview.keep(other)
    assert playing(other) == copies[1]


def test_a_preview_that_another_armature_plays_too_is_not_removed(preview, figure):
    one, other = figure("one"), figure("other")
    copy = preview.begin(one)
    other.animation_data.action = copy
    preview.discard(one)
    assert playing(other) == copy and preview.of(other) is None


def test_what_cannot_be_edited_is_refused(preview, figure, tmp_path):
    armature = figure()
    path = str(tmp_path / "lib.blend")
    bpy.data.libraries.write(path, {playing(armature)}, fake_user=True)
    name = playing(armature).name
    with bpy.data.libraries.load(path, link=True) as (_, into):
        into.actions = [name]
    armature.animation_data.action = into.actions[0]
    with pytest.raises(preview.InputError, match="linked"):
        preview.begin(armature)
    armature.animation_data.action = None
    with pytest.raises(preview.InputError, match="Action"):
        preview.begin(armature)
    armature.animation_data_clear()
    with pytest.raises(preview.InputError, match="Action"):
        preview.begin(armature)


class World:
    """What the file should hold, and a history as Blender keeps it."""

    def __init__(self, preview, name):
        self.preview, self.name = preview, name

    def state(self):
        """What the armature plays, how it is bent, what waits, and how that is bent."""
        armature = bpy.data.objects[self.name]
        pending = self.preview.of(armature)
        waits = None if pending is None or pending.replaces is None else told(pending.replaces)
        # Names are left out: a redo may give another number.
        return round(told(playing(armature)), 4), None if waits is None else round(waits, 4), slot_of(armature)


@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_edit_keep_discard_undo_redo_save_and_load(preview, figure, tmp_path, seed):
    figure()
    world, chance = World(preview, NAME), random.Random(seed)
    bpy.context.preferences.edit.undo_steps = 64
    bpy.ops.ed.undo_push(message="start")
    history, at = [world.state()], 0
    done = []
    for step in range(40):
        armature = bpy.data.objects[NAME]
        pending = preview.of(armature) is not None
        ways = ["edit", "save and load", *(["keep", "discard"] * pending)]
        ways += ["undo"] * 2 * (at > 0) + ["redo"] * 2 * (at < len(history) - 1)
        way = chance.choice(ways)
        done.append(way)
        if way == "undo":
            bpy.ops.ed.undo()
            at -= 1
        elif way == "redo":
            bpy.ops.ed.redo()
            at += 1
        elif way == "save and load":
            path = str(tmp_path / "file.blend")
            bpy.ops.wm.save_as_mainfile(filepath=path)
            bpy.ops.wm.open_mainfile(filepath=path)
            bpy.ops.ed.undo_push(message="loaded")
            history, at = [history[at]], 0
        else:
            if way == "edit":
                bend(preview.begin(armature), step + 1.0)
                at_once(preview.finish(armature, preview.Edit(f"bend {step}")))
            else:
                getattr(preview, way)(armature)
            bpy.ops.ed.undo_push(message=way)
            history, at = [*history[: at + 1], world.state()], at + 1
        assert world.state() == history[at], done
    assert {"edit", "undo", "redo", "save and load", "keep", "discard"} <= set(done) or seed


def test_saving_a_file_whose_preview_nobody_plays_loses_no_work(preview, figure, tmp_path):
    armature = figure()
    number = told(playing(armature))
    bend(preview.begin(armature))
    armature.animation_data.action = None
    for _ in range(2):
        path = str(tmp_path / "file.blend")
        bpy.ops.wm.save_as_mainfile(filepath=path)
        bpy.ops.wm.open_mainfile(filepath=path)
    assert number in [told(action) for action in bpy.data.actions]


def edited(tasks, armature):
    """A task for what the armature plays now."""
    uids = {"scene_uid": bpy.context.scene.session_uid, "armature_uid": armature.session_uid}
    return tasks.OfAction(**uids, title="edit", edit=tasks.preview.Edit("test"), **at_once(tasks.played_now(armature)))


def test_an_edit_finds_its_armature_under_another_name(tasks, figure):
    armature = figure()
    task = edited(tasks, armature)
    armature.name, impostor = "renamed", figure(NAME)
    scene, found = task.places()
    assert scene == bpy.context.scene and found == armature != impostor and at_once(task.changed(found)) == ""


def test_an_edit_of_what_is_gone_has_no_place(tasks, rooms, figure, tmp_path):
    armature = figure()
    task, gone = edited(tasks, armature), rooms("work.task").Gone
    path = str(tmp_path / "file.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    with pytest.raises(gone, match="deleted"):
        task.places()
    armature = bpy.data.objects[NAME]
    task = edited(tasks, armature)
    bpy.data.objects.remove(armature)
    with pytest.raises(gone, match="armature"):
        task.places()


def test_an_edit_knows_what_was_changed(tasks, preview, figure):
    armature = figure()
    task = edited(tasks, armature)
    action = playing(armature)
    action.name, action.use_fake_user = "other name", True
    assert at_once(task.changed(armature)) == ""
    copy = preview.begin(armature)
    assert "another Action" in at_once(task.changed(armature))
    preview.discard(armature)
    assert at_once(task.changed(armature)) == ""
    curve = list(played.curves(action).values())[7]
    for change in (
        lambda: setattr(curve.keyframe_points[5], "interpolation", "LINEAR"),
        lambda: setattr(curve.keyframe_points[5].co, "y", np.pi),
        lambda: setattr(curve, "mute", True),
        lambda: curve.modifiers.new("CYCLES"),
    ):
        task = edited(tasks, armature)
        change()
        assert "was changed" in at_once(task.changed(armature))
    del copy
