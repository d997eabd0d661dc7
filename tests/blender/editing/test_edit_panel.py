"""The Edit panel in each state: without an Action, with a range that is missing, while a preview waits."""

import types

import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.test_panels import Layout  # noqa: E402


@pytest.fixture
def draw(rooms):
    panel = rooms("ui.edit_panel")

    def run():
        region = types.SimpleNamespace(width=300)
        context = types.SimpleNamespace(scene=bpy.context.scene, region=region, object=bpy.context.object)
        seen = []
        for cls in (panel._Edit, panel._KeyPoses, panel._Takes):
            cls.draw(types.SimpleNamespace(layout=Layout(seen)), context)
        return seen

    return run


def test_it_is_where_animators_look(rooms):
    for place in ("", "_dopesheet", "_graph", "_nla"):
        for name in ("edit", "key_poses", "takes"):
            assert hasattr(bpy.types, f"ISODIM_PT_{name}{place}")


def test_it_shows_the_range_the_tools_and_what_waits(mixamo, draw, stand_in):
    seen = draw()
    assert {"start", "end", "part", "arrive", "isodim.redo_range", "isodim.in_between", "isodim.loop"} <= set(seen)
    assert "isodim.keep" not in seen
    bpy.context.scene.isodim.edit.source = "PREVIEW"
    assert any("a preview range that is on" in text for text in [" ".join(draw())])
    stand_in("good")
    name = mixamo.animation_data.action.name
    bpy.ops.isodim.key_pose()
    bpy.ops.isodim.redo_range(prompt="a person waves", start=30, end=60)
    seen = draw()
    assert {"isodim.keep", "isodim.discard", "Frame 1"} <= set(seen)
    assert f"Preview, instead of {name}" in " ".join(map(str, seen))  # on as many lines as it needs
    assert any(text.startswith("Seam at 30") for text in seen)
    bpy.ops.isodim.keep()
    assert "isodim.keep" not in draw()


def test_it_draws_without_an_action(mixamo, draw):
    mixamo.animation_data_clear()
    assert "isodim.redo_range" in draw()
