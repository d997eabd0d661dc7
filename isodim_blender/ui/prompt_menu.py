"""The menu beside the prompt: what works, and what was used last."""

from __future__ import annotations

from pathlib import Path

import bpy

from .. import EXTENSION
from .prompts import PRESETS, History

_history = History(Path())


class ISODIM_OT_use_prompt(bpy.types.Operator):
    """Take this prompt; the checkpoint stays as it is"""

    bl_idname = "isodim.use_prompt"
    bl_label = "Use Prompt"
    bl_options = {"UNDO", "INTERNAL"}

    prompt: bpy.props.StringProperty(name="Prompt", description="The words for the prompt field", options={"SKIP_SAVE"})

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Into the field."""
        context.scene.isodim.prompt = self.prompt
        return {"FINISHED"}


class ISODIM_OT_clear_prompts(bpy.types.Operator):
    """Forget the prompts that were used last"""

    bl_idname = "isodim.clear_prompts"
    bl_label = "Clear History"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only if there are any."""
        if not _history.prompts:
            cls.poll_message_set("No prompt was used yet")
        return bool(_history.prompts)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Empties the file as well."""
        try:
            _history.clear()
        except OSError as error:
            self.report({"ERROR"}, f"The history of prompts cannot be written: {error}.")
            return {"CANCELLED"}
        return {"FINISHED"}


class ISODIM_MT_prompts(bpy.types.Menu):
    """Prompts that work with the default checkpoint, and prompts that were used last"""

    bl_label = "Prompts"

    def draw(self, context: bpy.types.Context) -> None:
        """Presets by kind, then the history, newest first."""
        layout = self.layout
        for kind, presets in PRESETS.items():
            layout.label(text=kind)
            for prompt in presets:
                _entry(layout, prompt)
        layout.separator()
        layout.label(text="Used last")
        for prompt in _history.prompts:
            _entry(layout, prompt)
        layout.operator("isodim.clear_prompts", icon="TRASH")


def _entry(layout: bpy.types.UILayout, prompt: str) -> None:
    layout.operator("isodim.use_prompt", text=prompt, translate=False).prompt = prompt


def remember(prompt: str) -> None:
    """Puts a prompt that was sent on top of the history; a folder that cannot be written costs only the history."""
    try:
        _history.add(prompt)
    except OSError as error:
        print(f"IsoDiM: the history of prompts cannot be written: {error}")


_CLASSES = (ISODIM_OT_use_prompt, ISODIM_OT_clear_prompts, ISODIM_MT_prompts)


def register() -> None:
    """The classes; the history is read once."""
    for cls in _CLASSES:
        bpy.utils.register_class(cls)
    folder = Path(bpy.utils.extension_path_user(EXTENSION, path="prompts", create=True))
    _history.path = folder / "history.json"
    _history.load()


def unregister() -> None:
    """Backward."""
    for cls in reversed(_CLASSES):
        bpy.utils.unregister_class(cls)
