"""A run ends once, and whoever began it hears how."""

import time

import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def begin(extension, stand_in, settings):
    """begin(behaviour) -> the run, and the endings its reader has heard."""
    session = extension.session
    tasks = extension.room("isodim_blender.work.task")
    options = extension.room("isodim_blender.action.apply").Options()

    def start(behaviour):
        settings.prompt = "a person walks"
        task = tasks.NewAction(
            scene_uid=bpy.context.scene.session_uid, armature_uid=None, title="walk", frame=1, options=options
        )
        heard = []
        return session.start(settings.request(), task, str(stand_in(behaviour)), reader=heard.append), heard

    return start


@pytest.fixture
def kinds(extension):
    return extension.room("isodim_blender.work.run")


def ended(session):
    deadline = time.monotonic() + 20
    while session.poll():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_clip_is_delivered(extension, begin, kinds):
    run, heard = begin("good")
    assert run.ending is None and extension.session.run is run
    ended(extension.session)
    assert heard == [run.ending] and isinstance(run.ending, kinds.Delivered)
    assert run.ending.outcome.result.armature in bpy.data.objects
    assert extension.session.delivered is None  # it was somebody else's to show
    assert not run.poll() and not extension.session.poll() and len(heard) == 1


def test_a_backend_that_dies_has_failed(extension, begin, kinds):
    run, heard = begin("dies")
    ended(extension.session)
    assert heard == [run.ending] and isinstance(run.ending, kinds.Failed)
    assert "exit code 3" in run.ending.problem.sentence and not extension.session.errors


def test_a_person_who_cancels_is_told_nothing(extension, begin, kinds):
    run, heard = begin("slow")
    extension.session.cancel()
    ended(extension.session)
    assert heard == [run.ending] == [kinds.Cancelled()]


def test_another_file_cancels_and_says_so(extension, begin, kinds):
    run, heard = begin("slow")
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    ended(extension.session)
    assert heard == [run.ending] and "Another file" in run.ending.problem.sentence


def test_a_child_that_is_stopped_ends_its_run_and_nobody_goes_on(extension, begin, kinds):
    run, heard = begin("slow")
    extension.session.stop()
    assert run.ending == kinds.Cancelled() and not run.poll() and heard == []


def test_a_reader_may_begin_the_next_run(extension, begin, kinds):
    session, runs = extension.session, []
    first, _ = begin("good")
    session._reader = lambda ending: runs.append(begin("good")[0])
    while session.run is first:
        assert session.poll()
        time.sleep(0.005)
    assert session.run is runs[0] and first.ending is not None
    ended(session)
    assert isinstance(runs[0].ending, kinds.Delivered)
