"""The menu beside the prompt, and what is remembered."""

import types

import pytest

bpy = pytest.importorskip("bpy")


class Menu:
    """Keeps labels and the prompts of the entries."""

    def __init__(self):
        self.seen = []

    def label(self, text):
        self.seen.append(text)

    def separator(self):
        self.seen.append("")

    def operator(self, name, text="", **_):
        entry = types.SimpleNamespace(prompt="")
        self.seen.append((name, text))
        return entry


@pytest.fixture
def menu(extension):
    room = extension.room("isodim_blender.ui.prompt_menu")
    room._history.clear()

    def draw():
        layout = Menu()
        room.ISODIM_MT_prompts.draw(types.SimpleNamespace(layout=layout), bpy.context)
        return layout.seen

    yield draw
    room._history.clear()


def test_a_sent_prompt_is_remembered_and_a_refused_one_is_not(extension, menu, settings, stand_in):
    history = extension.room("isodim_blender.ui.prompt_menu")._history
    stand_in("fine")
    settings.prompt = "a person walks"
    bpy.ops.isodim.generate()
    settings.prompt = ""
    with pytest.raises(RuntimeError):
        bpy.ops.isodim.generate()
    assert history.prompts == ("a person walks",)
    assert menu()[-2:] == [("isodim.use_prompt", "a person walks"), ("isodim.clear_prompts", "")]
    extension.disable()
    extension.enable()
    assert extension.room("isodim_blender.ui.prompt_menu")._history.prompts == ("a person walks",)


def test_presets_and_the_way_to_forget(menu, settings):
    presets = [entry for entry in menu() if isinstance(entry, tuple) and entry[0] == "isodim.use_prompt"]
    assert len(presets) >= 10
    bpy.ops.isodim.use_prompt(prompt=presets[0][1])
    assert settings.prompt == presets[0][1]
    with pytest.raises(RuntimeError, match="No prompt was used yet"):
        bpy.ops.isodim.clear_prompts()


def test_a_folder_that_cannot_be_written_costs_only_the_history(
    extension, menu, settings, stand_in, monkeypatch, tmp_path
):
    room = extension.room("isodim_blender.ui.prompt_menu")
    monkeypatch.setattr(room._history, "path", tmp_path / "gone" / "history.json")
    stand_in("fine")
    settings.prompt = "a person walks"
    assert bpy.ops.isodim.generate() == {"FINISHED"}
    monkeypatch.undo()
