"""The panels of strips, takes and batches draw in each of their states; a recording layout takes Blender's place."""

import types

import pytest

bpy = pytest.importorskip("bpy")


class Layout:
    """Keeps what a person would read or press."""

    def __init__(self, seen):
        self.seen = seen

    def label(self, text="", **_):
        self.seen.append(text)

    def operator(self, name, text=None, **_):
        module, _, verb = name.partition(".")
        assert hasattr(bpy.types, f"{module.upper()}_OT_{verb}")
        self.seen.append(f"{name} {text or ''}".strip())
        return types.SimpleNamespace()

    def prop(self, owner, name, **_):
        assert name in owner.bl_rna.properties
        self.seen.append(name)

    def progress(self, factor, text):
        assert 0.0 <= factor <= 1.0
        self.seen.append(text)

    def template_list(self, name, identifier, owner, items, active, index, **_):
        assert hasattr(bpy.types, name) and hasattr(owner, items) and hasattr(active, index)

    def row(self, **_):
        return Layout(self.seen)

    column = box = row


@pytest.fixture
def drawn(rooms):
    """drawn(panel) -> what it shows on the active object."""
    room = rooms("ui.strips_panel")

    def draw(name, *item):
        seen = []
        active = bpy.context.view_layer.objects.active
        context = types.SimpleNamespace(scene=bpy.context.scene, object=active, region=types.SimpleNamespace(width=300))
        cls = getattr(room, f"ISODIM_{name}")
        if item:
            cls.draw_item(None, context, Layout(seen), None, *item, 0, None, "")
        else:
            cls.draw(types.SimpleNamespace(layout=Layout(seen)), context)
        return seen

    return draw


def test_strips_are_listed_with_what_changed(drawn, settings, stand_in, mixamo):
    assert {"isodim.generate_strips", "isodim.redo_strip", "isodim.change_strips"} <= set(drawn("PT_strips"))
    bpy.ops.isodim.change_strips(verb="ADD", prompt="walk", seconds=2.0)
    item = settings.strips.items[0]
    assert "seconds" in drawn("PT_strips") and drawn("UL_strips", item) == ["prompt", "2.0 s"]
    stand_in("good")
    bpy.ops.isodim.generate_strips()
    assert drawn("UL_strips", item) == ["prompt", "2.0 s"]
    item.prompt = "run"
    assert drawn("UL_strips", item) == ["prompt", "changed", "2.0 s"]


def test_takes_are_listed_until_one_is_kept(drawn, settings, stand_in, mixamo):
    assert drawn("PT_variations") == ["count", "layout", "isodim.variations"]
    stand_in("good")
    settings.prompt, settings.variations.count = "walk", 2
    bpy.ops.isodim.variations()
    names = [action.name for action in bpy.data.actions if "isodim_takes" in action]
    seen = drawn("PT_variations")
    assert [f"isodim.show_take {name}" for name in names] == seen[::2][:2] and seen[1] == "isodim.keep_take Keep"
    bpy.ops.isodim.rank()
    assert any(text.startswith("isodim.show_take walk") and text.endswith("0.000") for text in drawn("PT_variations"))
    bpy.ops.isodim.keep_take()
    assert drawn("PT_variations") == ["count", "layout", "isodim.variations"]


def test_a_batch_shows_where_it_stands_and_what_failed(drawn, rooms, settings, stand_in, mixamo, tmp_path, monkeypatch):
    assert "folder" not in drawn("PT_batch")
    settings.batch.files = {"npz"}
    assert {"folder", "isodim.batch"} <= set(drawn("PT_batch"))
    path = tmp_path / "list.csv"
    path.write_text("prompt,seconds\nwalk,1\n" + "sit,99\n" * 10)
    settings.batch.list_file, settings.batch.files = str(path), set()
    stand_in("good")
    with monkeypatch.context() as patch:
        patch.setattr(rooms("work.session").session, "timers_fire", True)
        bpy.ops.isodim.batch()
        assert drawn("PT_batch") == ["0 of 1 rows", "Starting the backend", "isodim.cancel", "isodim.cancel_batch"]
        rooms("operators.batch").finish(rooms("editing.batch").current, lambda said: None)
    seen = drawn("PT_batch")
    assert "1 rows made, 0 there already, 10 failed" in seen and "and 2 more" in seen
