"""From the button to the keys, through a real child process that stands in for the backend."""

import dataclasses
import json
import time
import types

import pytest

bpy = pytest.importorskip("bpy")

WAIT_S = 20.0
OPERATOR_S = 0.05


@pytest.fixture
def session(extension):
    return extension.session


@pytest.fixture
def window(extension, monkeypatch):
    """As in a window: the operator returns at once. No timer fires here, so the tests poll."""
    monkeypatch.setattr(extension.session, "timers_fire", True)
    return extension.room("isodim_blender.work.session")


@pytest.fixture
def settings(extension):
    found = bpy.context.scene.isodim
    found.prompt, found.use_seconds, found.seconds, found.seed = "a person walks", True, 1.0, 3
    return found


def wait_for(session, until=lambda: False):
    deadline = time.monotonic() + WAIT_S
    while session.poll() and not until():
        assert time.monotonic() < deadline, "the job did not end"
        time.sleep(0.005)


def running(session):
    return lambda: session.run.job.state.name == "RUNNING"


def start(session, until_running=True):
    began = time.thread_time()
    assert bpy.ops.isodim.generate() == {"FINISHED"}
    assert time.thread_time() - began < OPERATOR_S
    assert session.run is not None  # and it did not wait
    if until_running:
        wait_for(session, running(session))
        assert session.run is not None


def contents():
    return [sorted(item.name for item in items) for items in (bpy.data.objects, bpy.data.actions, bpy.data.armatures)]


def test_a_script_waits_for_its_clip(settings, stand_in):
    stand_in("good")
    bpy.context.scene.frame_set(5)
    assert bpy.ops.isodim.generate() == {"FINISHED"}
    action = bpy.data.objects["IsoDiM"].animation_data.action
    assert action.name == "a person walks"
    assert tuple(action.frame_range) == (5.0, 28.0)
    assert (action["isodim_prompt"], action["isodim_seed"], action["isodim_checkpoint"]) == (
        "a person walks",
        3,
        "tiny",
    )


def test_in_a_window_nothing_blocks_and_the_next_clip_uses_the_same_child(settings, session, window, stand_in):
    stand_in("good")
    start(session, until_running=False)
    assert session.timer.running
    assert not bpy.ops.isodim.generate.poll()
    wait_for(session)
    child = session.child
    assert session.delivered.sentence == "1.0 s on IsoDiM"
    assert [one.name for one in session.checkpoints] == ["tiny"]
    settings.checkpoint = "tiny"
    start(session, until_running=False)
    wait_for(session)
    assert session.child is child
    assert len(bpy.data.actions) == 2
    assert not session.errors


def test_cancel_leaves_the_scene_and_the_child(settings, session, window, stand_in):
    stand_in("slow")
    before = contents()
    start(session)
    began = time.thread_time()
    assert bpy.ops.isodim.cancel() == {"FINISHED"}
    assert time.thread_time() - began < OPERATOR_S
    wait_for(session)
    assert contents() == before
    assert not session.errors
    assert session.child.usable
    assert not bpy.ops.isodim.cancel.poll()


@pytest.mark.parametrize(
    ("behaviour", "part"),
    [
        ("dies", "exit code 3"),
        ("dies_at_start", "No module named 'torch'"),
        ("half_frame", "did not keep to the protocol"),
        ("rubbish", "did not keep to the protocol"),
        ("wrong_protocol", "same release"),
        ("hangs", "said nothing for 0.5 s"),
        ("refuses", "expected one of tiny"),
    ],
)
def test_a_misbehaving_backend_gets_one_sentence_and_the_next_one_works(settings, session, stand_in, behaviour, part):
    stand_in(behaviour)
    before = contents()
    usual = session.limits
    if behaviour == "hangs":
        session.limits = dataclasses.replace(usual, start_s=10.0, silence_s=0.5)
    with pytest.raises(RuntimeError, match=part) as error:
        bpy.ops.isodim.generate()
    assert len(str(error.value).strip().splitlines()) == 1
    (problem,) = session.errors
    assert bool(problem.advice) == (behaviour != "refuses")
    assert contents() == before
    session.stop()
    session.limits = usual  # the good one may be slow where cores are shared
    stand_in("good")
    assert bpy.ops.isodim.generate() == {"FINISHED"}


def test_a_flood_on_stderr_changes_nothing(settings, stand_in):
    stand_in("floods")
    assert bpy.ops.isodim.generate() == {"FINISHED"}


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [("prompt", "", "prompt is ''"), ("prompt", "  ", "1 to 500"), ("prompt", "a" * 10_000, "10002 characters")],
)
def test_bad_settings_start_nothing(settings, session, stand_in, name, value, part):
    stand_in("good")
    setattr(settings, name, value)
    with pytest.raises(RuntimeError, match=part):
        bpy.ops.isodim.generate()
    assert session.child is None
    assert bpy.ops.isodim.generate.poll()


@pytest.mark.parametrize("typed", ["", "  ", "a person runs"])
def test_a_click_on_an_empty_field_makes_the_prompt_that_stands_in_it(extension, settings, typed):
    settings.prompt = typed
    clicked = types.SimpleNamespace(execute=lambda context: context.scene.isodim.prompt)
    example = extension.room("isodim_blender.ui.prompts").EXAMPLE
    generate = extension.room("isodim_blender.operators.generate").ISODIM_OT_generate
    assert generate.invoke(clicked, bpy.context, None) == (typed.strip() or example)


@pytest.mark.parametrize("prompt", ["ein Mensch läuft 🏃", "人が歩く", "شخص يمشي"])
def test_other_scripts_come_through(settings, stand_in, prompt):
    stand_in("good")
    settings.prompt = prompt
    bpy.ops.isodim.generate()
    action = bpy.data.objects["IsoDiM"].animation_data.action
    assert (action.name, action["isodim_prompt"]) == (prompt, prompt)


def test_without_a_backend_the_button_is_grey_and_a_wrong_path_is_named(settings, session, monkeypatch):
    assert not bpy.ops.isodim.generate.poll()
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", "no/such/python")
    with pytest.raises(RuntimeError, match="Backend Python is 'no/such/python'"):
        bpy.ops.isodim.generate()
    assert "Preferences" in session.errors[0].sentence


def test_the_preferences_name_the_backend_too(settings, stand_in, monkeypatch):
    program = stand_in("good")
    monkeypatch.delenv("ISODIM_BACKEND_PYTHON")
    bpy.context.preferences.addons["bl_ext.dev.isodim"].preferences.backend_python = str(program)
    assert bpy.ops.isodim.generate() == {"FINISHED"}


def test_the_choices_of_the_moment_of_the_press_count(settings, session, window, stand_in):
    stand_in("good")
    settings.root, settings.keys = "OBJECT", "SPARSE"
    start(session, until_running=False)
    settings.root, settings.keys, settings.feet = "IN_PLACE", "EVERY_FRAME", False
    wait_for(session)
    action = bpy.data.objects["IsoDiM"].animation_data.action
    assert (action["isodim_root"], action["isodim_keys"], action["isodim_feet"]) == ("OBJECT", "SPARSE", True)
    assert session.result.few.keys < session.result.few.dense


def test_a_rig_that_cannot_be_mapped_starts_nothing(settings, session, stand_in):
    stand_in("good")
    rig = bpy.data.objects.new("Rig", bpy.data.armatures.new("Rig"))
    bpy.context.scene.collection.objects.link(rig)
    bpy.context.view_layer.objects.active = rig
    with pytest.raises(RuntimeError, match="choose them under Bones"):
        bpy.ops.isodim.generate()
    assert session.child is None


def test_an_armature_deleted_meanwhile_gets_nothing(extension, settings, session, window, stand_in):
    armature = extension.room("isodim_blender.rig.armature").make(bpy.context.scene)
    armature.select_set(True)
    stand_in("slow")
    start(session)
    stays = bpy.data.objects.new("IsoDiM", bpy.data.armatures.new("IsoDiM"))
    bpy.context.scene.collection.objects.link(stays)
    bpy.data.objects.remove(armature)
    stays.name = "IsoDiM"
    before = contents()
    wait_for(session)
    assert contents() == before
    assert "armature was deleted" in session.errors[0].sentence


def test_another_file_gets_nothing(settings, session, window, stand_in):
    stand_in("slow")
    start(session)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    wait_for(session)
    assert contents() == [[], [], []]
    assert "Another file" in session.errors[0].sentence


def test_a_renamed_armature_and_an_undo_meanwhile_are_no_obstacle(extension, settings, session, window, stand_in):
    armature = extension.room("isodim_blender.rig.armature").make(bpy.context.scene)
    armature.select_set(True)
    armature.name = "Hero"
    bpy.ops.ed.undo_push(message="armature")
    bpy.context.scene.cursor.location.x = 1.0
    bpy.ops.ed.undo_push(message="cursor")
    stand_in("good")
    start(session, until_running=False)
    bpy.ops.ed.undo()
    wait_for(session)
    assert not session.errors
    assert bpy.data.objects["Hero"].animation_data.action.name == "a person walks"


def test_one_undo_takes_a_result_back(settings, stand_in):
    stand_in("good")
    before = contents()
    bpy.ops.ed.undo_push(message="before")
    bpy.ops.isodim.generate()
    assert contents() != before
    bpy.ops.ed.undo()
    assert contents() == before


def test_a_failure_while_writing_is_said_and_ends_the_poll_timer(
    extension, settings, session, window, stand_in, monkeypatch, capsys
):
    def fail(*_):
        raise ZeroDivisionError("by surprise")

    monkeypatch.setattr(extension.room("isodim_blender.action.apply"), "applying", fail)
    stand_in("good")
    start(session, until_running=False)
    deadline = time.monotonic() + WAIT_S
    while session.busy:
        assert session.on_timer() is not None
        assert time.monotonic() < deadline
        time.sleep(0.005)
    assert "by surprise" in session.errors[0].sentence
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert bpy.ops.isodim.generate.poll()


def test_new_seed_and_report(settings, session, extension, stand_in):
    seed = settings.seed
    assert bpy.ops.isodim.new_seed() == {"FINISHED"}
    assert settings.seed != seed
    stand_in("dies")
    with pytest.raises(RuntimeError):
        bpy.ops.isodim.generate()
    facts = json.loads(extension.room("isodim_blender.operators.help").report(bpy.context))
    assert facts["log"] == ["a library's last words"]
    assert facts["errors"] == [problem.sentence for problem in session.errors]
    assert bpy.ops.isodim.clear_errors() == {"FINISHED"}
    assert not session.errors
