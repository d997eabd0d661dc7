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

    def draw(name, *item):
        seen, room = [], rooms("ui.batch_panel" if name == "PT_batch" else "ui.strips_panel")
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


def test_takes_are_told_apart_until_one_is_kept(rooms, settings, stand_in, mixamo):
    review = rooms("ui.review_panel")._Review

    def drawn():
        active = bpy.context.view_layer.objects.active
        context = types.SimpleNamespace(scene=bpy.context.scene, object=active, region=types.SimpleNamespace(width=300))
        seen = []
        if review.poll(context):
            review.draw(types.SimpleNamespace(layout=Layout(seen)), context)
        return seen

    assert drawn() == []
    stand_in("good")
    settings.prompt, settings.variations.count = "walk", 2
    bpy.ops.isodim.variations()
    seen = drawn()
    assert "Take 1 of 2" in seen and "isodim.discard_takes" in seen and "isodim.again" in seen
    assert [text for text in seen if "show_take" in text] == [
        "isodim.show_take 1: seed 0",
        "isodim.show_take 2: seed 1",
    ]
    bpy.ops.isodim.step_take()
    assert "Take 2 of 2" in drawn()
    bpy.ops.isodim.rank()
    assert any(text.startswith("isodim.show_take 1: seed 0, ") for text in drawn())
    bpy.ops.isodim.keep_take()
    assert drawn() == []


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
        assert drawn("PT_batch") == ["0 of 1 rows", "isodim.cancel_batch"]
        rooms("operators.batch").finish(rooms("editing.batch").current, lambda said: None)
    seen = drawn("PT_batch")
    assert "1 rows made, 0 there already, 10 failed" in " ".join(seen) and "and 2 more" in seen
