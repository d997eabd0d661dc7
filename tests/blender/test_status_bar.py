"""The status bar while a clip is made."""

import types

import pytest

bpy = pytest.importorskip("bpy")


class Layout:
    """Keeps progress and buttons."""

    def __init__(self, seen):
        self.seen, self.ui_units_x = seen, 0.0

    def row(self, **_):
        return self

    def progress(self, factor, text):
        self.seen.append((round(factor, 2), text))

    def operator(self, name, **_):
        self.seen.append(name)


def drawn(extension):
    """What our part of the status bar draws now; Blender calls it with its own header."""
    functions = bpy.types.STATUSBAR_HT_header.draw._draw_funcs
    ours = [one for one in functions if one.__module__ == extension.room("isodim_blender.ui.status_bar").__name__]
    assert len(ours) == 1
    seen = []
    ours[0](types.SimpleNamespace(layout=Layout(seen)), bpy.context)
    return seen


def test_it_shows_progress_time_left_and_cancel_while_a_clip_is_made_and_nothing_otherwise(extension):
    assert drawn(extension) == []
    messages, job = extension.room("common.wire.messages"), extension.room("isodim_blender.client.job")
    progress = messages.Progress(2, 30, 60, 4.26)
    extension.session.run = types.SimpleNamespace(
        job=types.SimpleNamespace(state=job.State.RUNNING, progress=progress), writes=False
    )
    assert drawn(extension) == [(0.5, "Step 30 of 60, 4.3 s left"), "isodim.cancel"]
    extension.session.run = None
    assert drawn(extension) == []
