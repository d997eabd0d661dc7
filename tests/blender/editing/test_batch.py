"""Batches inside Blender: Actions and files, resumable, one bad row does not end it, from the panel and headless."""

import time

import pytest

bpy = pytest.importorskip("bpy")

from tests.addon.fake_timers import FakeTimers  # noqa: E402

LIST = "prompt,seconds,seed,variations,name\nwalks,1,3,2,walk\nwaves,99,,,\nsits,1,,,sit\n"


@pytest.fixture
def listed(tmp_path, settings, stand_in):
    """listed(text): the panel's list; the backend is there."""
    stand_in("good")

    def write(text=LIST, **wanted):
        path = tmp_path / "list.csv"
        path.write_text(text)
        settings.batch.list_file, settings.batch.folder = str(path), str(tmp_path / "out")
        for name, value in wanted.items():
            setattr(settings.batch, name, value)
        return path

    return write


@pytest.fixture
def batch(rooms):
    return rooms("editing.batch")


def made():
    return sorted(action.name for action in bpy.data.actions if "isodim_batch" in action)


def files(tmp_path):
    return {path.name: path.stat().st_mtime_ns for path in (tmp_path / "out").iterdir()}


def test_actions_are_assets_and_the_armature_plays_what_it_played(listed, batch, mixamo):
    before = mixamo.animation_data.action
    listed()
    assert bpy.ops.isodim.batch() == {"FINISHED"}
    assert made() == ["sit", "walk_1", "walk_2"]
    assert mixamo.animation_data.action == before
    actions = [bpy.data.actions[name] for name in made()]
    assert all(action.asset_data is not None and action.use_fake_user for action in actions)
    assert [action["isodim_seed"] for action in actions] == [0, 3, 4]
    (problem,) = batch.current.problems
    assert problem.startswith("list.csv, line 3: seconds is 99")
    assert batch.current.sentence == "2 rows made, 0 there already, 1 failed"


def test_a_second_run_makes_what_is_missing_or_changed(listed, batch, mixamo, session):
    listed("prompt,seconds,name\nwalks,1,walk\nsits,1,sit\n")
    bpy.ops.isodim.batch()
    bpy.data.actions.remove(bpy.data.actions["sit"])
    bpy.ops.isodim.batch()
    assert (batch.current.there, batch.current.made, made()) == (1, 1, ["sit", "walk"])
    bpy.ops.isodim.batch()
    assert (batch.current.there, batch.current.made) == (2, 0)
    bpy.context.scene.isodim.root = "IN_PLACE"
    bpy.ops.isodim.batch()
    assert batch.current.made == 2


def test_files_are_whole_or_not_there(listed, batch, mixamo, tmp_path, extension):
    listed(files={"npz", "bvh", "fbx"}, actions=False)
    count = len(bpy.data.actions)
    assert bpy.ops.isodim.batch() == {"FINISHED"}
    first = files(tmp_path)
    names = [f"{name}.{ending}" for name in ("sit", "walk_1", "walk_2") for ending in ("bvh", "fbx", "npz")]
    assert sorted(first) == sorted([*names, "isodim_batch.json"])
    assert len(bpy.data.actions) == count
    (tmp_path / "out" / "sit.fbx").unlink()
    (tmp_path / "out" / ".sit.part.fbx").write_bytes(b"half")
    bpy.ops.isodim.batch()
    second = files(tmp_path)
    assert batch.current.there == 1 and "sit.fbx" in second and second["walk_1.fbx"] == first["walk_1.fbx"]
    bpy.ops.import_scene.fbx(filepath=str(tmp_path / "out" / "walk_1.fbx"))


def test_clip_files_alone_need_no_armature(listed, batch, rooms, tmp_path):
    listed("prompt\nwalks\n", files={"npz"}, actions=False)
    assert bpy.ops.isodim.batch() == {"FINISHED"}
    assert not bpy.data.objects and "walks.npz" in files(tmp_path)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda s: setattr(s, "list_file", ""), "List is ''"),
        (lambda s: setattr(s, "list_file", "/no/such.csv"), "readable file"),
        (lambda s: setattr(s, "actions", False), "neither Actions nor files"),
        (lambda s: (setattr(s, "files", {"npz"}), setattr(s, "folder", "")), "Folder is ''"),
    ],
)
def test_bad_settings_start_nothing(listed, batch, mixamo, settings, session, change, part):
    listed()
    change(settings.batch)
    with pytest.raises(RuntimeError, match=part):
        bpy.ops.isodim.batch()
    assert session.child is None and made() == []


def test_a_folder_beside_a_file_that_is_nowhere_is_refused(batch, extension):
    with pytest.raises(extension.room("common.errors").InputError, match="never saved"):
        batch.folder_of("//out", "")


def test_a_backend_that_stops_ends_the_run_after_three_rows(listed, batch, mixamo, stand_in):
    listed("prompt\n" + "\n".join(f"walks {number}" for number in range(9)))
    stand_in("dies")
    with pytest.raises(RuntimeError, match="0 rows made"):
        bpy.ops.isodim.batch()
    assert [problem.partition(":")[0] for problem in batch.current.problems] == [
        "list.csv, line 2", "list.csv, line 3", "list.csv, line 4", "The run ended",
    ]  # fmt: skip


@pytest.fixture
def window(rooms, batch, session, monkeypatch):
    """As in a window: no operator waits, and only Blender's timers call anybody; a frame of the window is 20 ms."""
    timers = FakeTimers()
    monkeypatch.setattr(session, "timers_fire", True)
    monkeypatch.setattr(session, "timer", rooms("client.poll_timer").PollTimer(session.on_timer, timers, timers.clock))

    def run(until=lambda: False):
        deadline = time.monotonic() + 30
        while not batch.current.ended and not until():
            timers.advance(0.02)
            time.sleep(0.002)
            assert time.monotonic() < deadline

    return run


def test_in_a_window_nothing_blocks_and_cancel_keeps_what_is_made(listed, batch, mixamo, window, session):
    listed("prompt,seconds\n" + "\n".join(f"walks {number},1" for number in range(6)))
    began = time.thread_time()
    assert bpy.ops.isodim.batch() == {"FINISHED"}
    assert time.thread_time() - began < 0.1 and session.run is not None
    assert not bpy.ops.isodim.batch.poll()
    window(lambda: batch.current.made == 2)
    bpy.ops.isodim.cancel_batch()
    window()
    assert 2 <= len(made()) <= 3 and batch.current.sentence.endswith("cancelled")
    assert bpy.ops.isodim.batch() == {"FINISHED"}
    window()
    assert len(made()) == 6 and not batch.current.problems


def test_cancel_is_no_failure_whatever_else_went_wrong_meanwhile(listed, batch, mixamo, window, session):
    listed("prompt,seconds\n" + "\n".join(f"walks {number},1" for number in range(6)))
    bpy.ops.isodim.batch()
    window(lambda: batch.current.made == 1)
    session.problem("Bone is 'hand', expected a bone of this armature.")
    bpy.ops.isodim.cancel_batch()
    window()
    assert not batch.current.problems and batch.current.sentence.endswith("0 failed; cancelled")
    assert [problem.sentence for problem in session.errors] == ["Bone is 'hand', expected a bone of this armature."]


def test_another_file_ends_it(listed, batch, mixamo, window):
    listed("prompt,seconds\n" + "\n".join(f"walks {number},1" for number in range(6)))
    bpy.ops.isodim.batch()
    window(lambda: batch.current.made == 1)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    window()
    assert batch.current.ended and made() == []


def test_headless_it_makes_files_and_actions_and_goes_on(listed, rooms, mixamo, tmp_path, capsys):
    command = rooms("operators.batch").command
    path, blend, out, name = str(listed()), str(tmp_path / "scene.blend"), str(tmp_path / "out"), mixamo.name
    assert command([path, "--actions"]) == 2 and "a .blend to keep the Actions in" in capsys.readouterr().out
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    assert command([path, "--actions", "--out", out, "--armature", name]) == 1
    said = capsys.readouterr().out
    assert "0 of 2 rows are there already" in said and "list.csv, line 3: seconds is 99" in said
    assert {"sit.npz", "walk_1.npz"} <= set(files(tmp_path))
    bpy.ops.wm.open_mainfile(filepath=blend)
    assert made() == ["sit", "walk_1", "walk_2"]
    assert command([path, "--actions", "--out", out, "--armature", name]) == 1
    assert "2 of 2 rows are there already" in capsys.readouterr().out
    assert command([path]) == 2 and command([path, "--armature", "nobody", "--out", out]) == 2
    assert command(["--help"]) == 0


def test_blender_knows_the_command(rooms):
    assert len(rooms("operators.batch")._handles) == 1
