"""The child between two clips, at the opening of a file, and what it has to say beside its result."""

import dataclasses
import time

import pytest

bpy = pytest.importorskip("bpy")

WAIT_S = 20.0


@pytest.fixture
def window(extension, settings, monkeypatch):
    """As in a window: the operator returns at once. No timer fires here, so the tests poll."""
    monkeypatch.setattr(extension.session, "timers_fire", True)
    settings.prompt, settings.use_seconds, settings.seconds = "a person walks", True, 1.0
    return extension.room("isodim_blender.work.session")


@pytest.fixture
def session(extension):
    return extension.session


def start(session, until_running=True):
    assert bpy.ops.isodim.generate() == {"FINISHED"}
    deadline = time.monotonic() + WAIT_S
    while until_running and session.run.job.state.name != "RUNNING":
        assert session.poll() and time.monotonic() < deadline
        time.sleep(0.005)


def test_the_child_rests_after_a_clip_and_is_ended_when_nobody_comes_back(extension, session, window, stand_in):
    stand_in("good")
    start(session, until_running=False)
    while session.busy:
        session.on_timer()
        time.sleep(0.005)
    child, deadline = session.child, time.monotonic() + WAIT_S
    while session.usage is None:
        assert session.on_timer() == window.REST_S and time.monotonic() < deadline
        time.sleep(0.005)
    preferences = bpy.context.preferences.addons[extension.room("isodim_blender").EXTENSION].preferences
    assert preferences.idle_minutes == 10 and session.child is child and child.usable
    assert not session.rest(1e-9)
    assert session.child is None and session.usage is None and not child.usable
    assert session.on_timer() is None
    start(session, until_running=False)
    assert session.child is not child


def test_a_typed_prompt_starts_the_child_that_the_button_then_finds(session, window, stand_in, settings):
    session.stop()
    stand_in("good")
    settings.prompt = "   "
    assert session.child is None
    settings.prompt = "a person waves"
    child = session.child
    assert child.usable and not session.busy
    deadline = time.monotonic() + WAIT_S
    while child.initialized is None:
        assert session.on_timer() == window.REST_S and time.monotonic() < deadline
        time.sleep(0.005)
    settings.prompt = "a person waves twice"
    assert session.child is child
    start(session, until_running=False)
    assert session.child is child
    while session.busy:
        session.on_timer()
        time.sleep(0.005)
    assert session.delivered is not None


def test_neither_registration_nor_a_file_with_a_prompt_starts_a_child(session, window, stand_in, settings, tmp_path):
    stand_in("good")
    session.stop()
    path = str(tmp_path / "typed.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    assert bpy.context.scene.isodim.prompt and session.child is None


def test_a_prompt_without_a_backend_to_start_says_nothing(session, window, settings, monkeypatch, tmp_path):
    session.stop()
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", str(tmp_path / "nowhere"))
    settings.prompt = "a person waves"
    assert session.child is None and not session.errors


def test_a_file_that_is_opened_drops_the_job_and_keeps_the_child(session, window, stand_in):
    stand_in("slow")
    start(session)
    child = session.child
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    while session.busy:
        session.on_timer()
        time.sleep(0.005)
    assert session.child is child and child.usable and session.run is None
    assert "Another file" in session.errors[0].sentence


def test_what_the_backend_has_to_say_stands_beside_the_result(session, window, stand_in, extension, monkeypatch):
    stand_in("good")
    start(session, until_running=False)
    jobs = extension.room("isodim_blender.client.job")
    take = jobs.Job._take

    def with_notice(self, message):
        take(self, message)
        if self.answer is not None:
            self.answer = dataclasses.replace(self.answer, notice="The GPU had too little free memory.")

    monkeypatch.setattr(jobs.Job, "_take", with_notice)
    while session.busy:
        session.on_timer()
        time.sleep(0.005)
    assert session.delivered.sentence.endswith(". The GPU had too little free memory.")
