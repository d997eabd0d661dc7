"""The Edit panel in each state: without an Action, with a range that is missing, while a preview waits."""

import types

import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.test_panels import Layout  # noqa: E402


@pytest.fixture
def draw(rooms):
    edit, whole, review = (rooms(f"ui.{name}_panel") for name in ("edit", "whole_clip", "review"))

    def run():
        region = types.SimpleNamespace(width=300)
        context = types.SimpleNamespace(scene=bpy.context.scene, region=region, object=bpy.context.object)
        seen = []
        panels = [edit._Edit, edit._KeyPoses, whole._WholeClip]
        panels += [bpy.types.ISODIM_PT_extend, bpy.types.ISODIM_PT_loop, bpy.types.ISODIM_PT_path]
        panels += [bpy.types.ISODIM_PT_blend, bpy.types.ISODIM_PT_nudge]
        for cls in ([review._Review] if review._Review.poll(context) else []) + panels:
            cls.draw(types.SimpleNamespace(layout=Layout(seen)), context)
        return seen

    return run


def test_it_is_where_animators_look(rooms):
    for place in ("", "_dopesheet", "_graph", "_nla"):
        for name in ("review", "edit", "key_poses", "whole_clip", "extend", "loop", "path", "blend", "nudge"):
            assert hasattr(bpy.types, f"ISODIM_PT_{name}{place}")


def test_it_shows_the_range_the_tools_and_what_waits(mixamo, draw, stand_in):
    seen = draw()
    assert {"start", "end", "part", "arrive", "isodim.redo_range", "isodim.in_between", "isodim.loop"} <= set(seen)
    assert "isodim.keep" not in seen
    bpy.context.scene.isodim.edit.source = "PREVIEW"
    assert any("a preview range that is on" in text for text in [" ".join(draw())])
    stand_in("good")
    bpy.ops.isodim.key_pose()
    bpy.ops.isodim.redo_range(prompt="a person waves", start=30, end=60)
    seen = draw()
    assert {"isodim.keep", "isodim.discard", "isodim.again", "Frame 1", "Frames 30 to 60"} <= set(seen)
    assert any(text.startswith(("Smooth at both ends", "Jumps at frame")) for text in seen)
    assert seen.index("isodim.keep") < seen.index("isodim.redo_range")  # above the fold
    bpy.ops.isodim.keep()
    assert "isodim.keep" not in draw()


def test_it_draws_without_an_action(mixamo, draw):
    mixamo.animation_data_clear()
    assert "isodim.redo_range" in draw()
