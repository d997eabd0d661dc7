"""What helps when something went wrong: check, log, report."""

from __future__ import annotations

import json
import platform
import threading
from pathlib import Path

import bpy

from ...common import PROTOCOL_VERSION, VERSION
from ...common.errors import InputError
from .. import ROOT
from ..client import environment, log
from ..install.installer import place
from ..work.preferences import backend_python
from ..work.session import log_path, session


class ISODIM_OT_check_backend(bpy.types.Operator):
    """Look whether the backend's Python has everything it needs"""

    bl_idname = "isodim.check_backend"
    bl_label = "Check Backend"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Looks from another thread; the answer appears in the preferences."""
        try:
            python = environment.find(backend_python(context))
        except InputError as error:
            session.self_test = environment.SelfTest(False, str(error))
            return {"FINISHED"}

        def look() -> None:
            session.self_test = environment.check(python, ROOT)

        session.self_test = None
        threading.Thread(target=look, name="isodim check", daemon=True).start()
        return {"FINISHED"}


class ISODIM_OT_show_log(bpy.types.Operator):
    """Open a log in the system's text viewer"""

    bl_idname = "isodim.show_log"
    bl_label = "Open Log"

    log: bpy.props.EnumProperty(
        name="Log",
        description="Whose log to open",
        items=(
            ("BACKEND", "Backend", "What the backend of this Blender wrote"),
            ("INSTALL", "Installation", "What the programs said that installed the GPU backend"),
        ),
        options={"HIDDEN", "SKIP_SAVE"},
    )

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Opens the file, or says that there is none yet."""
        path = log_path() if self.log == "BACKEND" else place().log
        if not path.is_file():
            what = "the backend has not been started" if self.log == "BACKEND" else "nothing has been installed"
            self.report({"ERROR"}, f"There is no log yet: {what}.")
            return {"CANCELLED"}
        _open(path)
        return {"FINISHED"}


def _open(path: Path) -> None:
    bpy.ops.wm.path_open(filepath=str(path))


class ISODIM_OT_copy_report(bpy.types.Operator):
    """Copy versions, errors and the end of the log to the clipboard"""

    bl_idname = "isodim.copy_report"
    bl_label = "Copy Report"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """JSON, for an issue."""
        context.window_manager.clipboard = report(context)
        self.report({"INFO"}, "The report is on the clipboard.")
        return {"FINISHED"}


class ISODIM_OT_clear_errors(bpy.types.Operator):
    """Forget the errors shown here"""

    bl_idname = "isodim.clear_errors"
    bl_label = "Clear Problems"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Empties the list."""
        session.errors.clear()
        return {"FINISHED"}


def report(context: bpy.types.Context) -> str:
    """What a maintainer asks first, as JSON text."""
    child = session.child
    facts = {
        "extension": VERSION,
        "protocol": PROTOCOL_VERSION,
        "blender": bpy.app.version_string,
        "system": platform.platform(),
        "backend_python": environment.chosen(backend_python(context)),
        "device": child.initialized.device if child is not None and child.initialized is not None else None,
        "checkpoints": [checkpoint.name for checkpoint in session.checkpoints],
        "errors": [problem.sentence for problem in session.errors],
        "log": log.read_tail(log_path()).splitlines(),
        "install_log": log.read_tail(place().log).splitlines(),
    }
    return json.dumps(facts, indent=2, ensure_ascii=False)


CLASSES = (ISODIM_OT_check_backend, ISODIM_OT_show_log, ISODIM_OT_copy_report, ISODIM_OT_clear_errors)
