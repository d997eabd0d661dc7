"""The Rig panel says which armature is meant, what its map lacks and what came of the last clip; a recording layout draws it."""

import types

import pytest

bpy = pytest.importorskip("bpy")

from tests.blender.test_panels import Layout  # noqa: E402
from tools.rigs import build, description  # noqa: E402


class RigLayout(Layout):
    """Knows pickers and rows, and keeps what stands in red apart."""

    alert = False

    def __init__(self, seen=None, red=None):
        super().__init__(seen)
        self.red = [] if red is None else red

    def label(self, text="", **_):
        super().label(text)
        if self.alert:
            self.red.append(text)

    def operator(self, name, **_):
        self.seen.append(name)
        return types.SimpleNamespace(slot="")

    def prop_search(self, owner, name, data, collection, **_):
        assert name in owner.bl_rna.properties
        assert hasattr(data, collection)
        self.seen.append((name, getattr(owner, name)))

    def row(self, **_):
        made = RigLayout(self.seen, self.red)
        made.alert = self.alert
        return made

    column = box = split = row


@pytest.fixture
def draw(extension):
    room = extension.room("isodim_blender.ui.rig_panel")

    def run(name="rig"):
        layout = RigLayout()
        context = types.SimpleNamespace(
            scene=bpy.context.scene, view_layer=bpy.context.view_layer, region=types.SimpleNamespace(width=300)
        )
        getattr(room, f"ISODIM_PT_{name}").draw(types.SimpleNamespace(layout=layout), context)
        return layout

    return run


def test_without_an_armature_a_new_figure_is_meant(draw):
    assert "On: a new IsoDiM figure" in draw().seen


def test_a_mapped_rig_shows_its_preset_and_what_came_of_the_clip(draw, clip):
    armature = build.build(description.describe("mixamo"))
    layout = draw()
    assert {f"On: {armature.name}", "Mixamo: 100%", "root", "feet", "hands", "keys"} <= set(layout.seen)
    assert "error_angle" not in layout.seen
    assert layout.red == []
    bpy.context.scene.isodim.keys = "SPARSE"
    bpy.ops.isodim.apply_clip(filepath=clip())
    text = " ".join(word for word in draw().seen if isinstance(word, str))
    assert "error_angle" in text
    assert "cm before," in text
    assert "keys, off by" in text
    build.build(description.describe("ue5"))
    assert "cm before," not in " ".join(word for word in draw().seen if isinstance(word, str))


def test_what_is_missing_stands_in_red(draw):
    build.build(description.describe("one_leg"))
    red = " ".join(draw().red)
    for part in ("right thigh", "right shin", "right foot", "Choose them under Bones."):
        assert part in red
    assert draw("bones").red == ["Right thigh", "Right shin", "Right foot"]


def test_the_pickers_stand_for_every_part(draw):
    found = description.describe("mixamo").bone_map
    build.build(description.describe("mixamo"))
    fields = dict(item for item in draw("bones").seen if isinstance(item, tuple))
    assert {slot: fields[slot] for slot in found.slots} == {slot: bones[0] for slot, bones in found.slots.items()}
    assert fields["spine_last"] == found.slots["spine"][-1]
    assert fields["root"] == ""


def test_a_rig_of_many_bones_is_matched_once(extension, draw, monkeypatch):
    room = extension.room("isodim_blender.rig.mapping")
    calls, match = [], room.match
    monkeypatch.setattr(room, "match", lambda *rest: calls.append(1) or match(*rest))
    armature = build.build(build.many_bones("mixamo", 700))
    for _ in range(3):
        draw()
        draw("bones")
    assert len(calls) == 1
    bpy.ops.object.mode_set(mode="EDIT")
    armature.data.edit_bones[-1].roll += 1.0
    bpy.ops.object.mode_set(mode="OBJECT")
    draw()
    assert len(calls) == 2


def test_drawing_reads_no_files(draw, monkeypatch):
    build.build(description.describe("mixamo"))
    draw()
    with monkeypatch.context() as patch:
        patch.setattr("pathlib.Path.open", lambda *_: pytest.fail("a file was opened"))
        patch.setattr("builtins.open", lambda *_: pytest.fail("a file was opened"))
        draw()
        draw("bones")
