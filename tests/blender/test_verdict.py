"""What is said of a clip, whether it does what was asked, reaches the report, the Action and the list of takes."""

import pytest

bpy = pytest.importorskip("bpy")

MISSING = {"met": False, "done": ["walks"], "missing": ["no turn to the left"], "mark": 0.5, "closest": None}
MET = {"met": True, "done": ["walks"], "missing": [], "mark": 1.0, "closest": None}


@pytest.mark.parametrize(("verdict", "said"), [(MET, "Does what you asked"), (MISSING, "Missing: no turn to the left")])
def test_it_stands_in_the_result_and_on_the_action(extension, make_motion, verdict, said):
    apply, facts = (extension.room(f"isodim_blender.action.{name}") for name in ("apply", "facts"))
    motion = make_motion(20, meta={"prompt": "walks and turns left", "verdict": verdict})
    result = apply.apply(motion, None, bpy.context.scene, 1, "clip")
    assert result.verdict == said
    assert result.sentence.endswith(f"on {result.armature}. {said}")
    action = bpy.data.objects[result.armature].animation_data.action
    assert facts.verdict_of(action) == said


def test_of_a_clip_of_which_nothing_was_asked_nothing_is_said(extension, make_motion):
    apply, facts = (extension.room(f"isodim_blender.action.{name}") for name in ("apply", "facts"))
    result = apply.apply(make_motion(20), None, bpy.context.scene, 1, "clip")
    assert result.verdict == ""
    assert result.sentence == f"1.0 s on {result.armature}"
    action = bpy.data.objects[result.armature].animation_data.action
    assert facts.verdict_of(action) == ""
    action["isodim_verdict"] = "{damaged"
    assert facts.verdict_of(action) == ""


def test_drafts_are_asked_for_only_where_they_are_set(extension):
    settings = bpy.context.scene.isodim
    settings.prompt = "a person walks"
    assert settings.request().effort is None
    settings.use_effort, settings.effort = True, 3
    assert settings.request().effort == 3
