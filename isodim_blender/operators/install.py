"""Install, repair, remove the backend's environment, and stop doing so."""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from ...common.errors import InputError
from ..client.poll_timer import PollTimer
from ..install import worker
from ..install.installer import installer, log_path
from ..install.sentinel import State
from ..work.preferences import install_choices
from ..work.session import redraw, session

_POLL_S, _BACKGROUND_POLL_S = 0.2, 0.05
_NO_NETWORK = "Allow Online Access under Preferences > System > Network, or choose a folder of wheels"


def _turn() -> float | None:
    running = installer.poll()
    if not running:
        _tell_session()
    redraw({"VIEW_3D"}, {"UI"})
    redraw({"PREFERENCES"}, {"WINDOW"})
    return _POLL_S if running else None


timer = PollTimer(_turn, bpy.app.timers)
"""Polls until the installation ends, also across the opening of files."""


def _tell_session() -> None:
    """Puts a failed installation among the panel's problems."""
    ended = installer.ended
    if ended is not None and ended.state is worker.State.FAILED:
        session.problem(ended.text, ended.advice)


class _Installing(bpy.types.Operator):
    anew = False

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while something runs, without the network and for a set that is not there."""
        if _busy(cls):
            return False
        choices = install_choices(context)
        if not (choices["wheels"] or _online()):
            cls.poll_message_set(_NO_NETWORK)
            return False
        try:
            installer.choices.package_set(choices["chosen"])
        except InputError:
            cls.poll_message_set(installer.choices.described(choices["chosen"]))
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Starts; waits only where there are no timers."""
        choices = install_choices(context)
        try:
            if choices["wheels"] and not Path(choices["wheels"]).is_dir():
                raise InputError("Folder of Wheels", choices["wheels"], "a folder with the packages' .whl files")
            _free_environment()
            installer.install(anew=self.anew, **choices)
        except InputError as error:
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        return _wait(self)


class ISODIM_OT_install_backend(_Installing):
    """Download the backend's packages and make its environment, or go on with one that was not finished"""

    bl_idname = "isodim.install_backend"
    bl_label = "Install Backend"


class ISODIM_OT_repair_backend(_Installing):
    """Make the backend's environment anew; what was downloaded before is taken from pip's cache"""

    bl_idname = "isodim.repair_backend"
    bl_label = "Repair Backend"
    anew = True


class ISODIM_OT_remove_backend(bpy.types.Operator):
    """Delete the backend's environment; checkpoints and corrections stay"""

    bl_idname = "isodim.remove_backend"
    bl_label = "Remove Backend"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only if there is one, and nothing runs."""
        if _busy(cls):
            return False
        if installer.found.state is State.NONE:
            cls.poll_message_set("No backend is installed")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks first: making it again takes minutes."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Starts; waits only where there are no timers."""
        _free_environment()
        installer.remove()
        return _wait(self)


class ISODIM_OT_cancel_install(bpy.types.Operator):
    """Stop; what is installed already stays, and Install Backend goes on from there"""

    bl_idname = "isodim.cancel_install"
    bl_label = "Cancel Installation"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something runs."""
        if not installer.running:
            cls.poll_message_set("Nothing is being installed")
        return installer.running

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Asks; the end comes through the poll timer."""
        installer.cancel()
        return {"FINISHED"}


class ISODIM_OT_show_install_log(bpy.types.Operator):
    """Open what the installer of the packages wrote"""

    bl_idname = "isodim.show_install_log"
    bl_label = "Open Installation Log"

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Opens the file, or says that there is none yet."""
        if not log_path().is_file():
            self.report({"ERROR"}, "There is no log yet: nothing has been installed.")
            return {"CANCELLED"}
        bpy.ops.wm.path_open(filepath=str(log_path()))
        return {"FINISHED"}


def _online() -> bool:
    return bpy.app.online_access


def _busy(cls: type[bpy.types.Operator]) -> bool:
    if installer.running:
        cls.poll_message_set("An installation is running; cancel it or wait")
    elif session.busy:
        cls.poll_message_set("A clip is being made; cancel it or wait")
    return installer.running or session.busy


def _free_environment() -> None:
    """A backend that waits for the next clip holds files of the environment open."""
    session.self_test = None
    if session.child is not None:
        session.child.end_in_background()


def _wait(operator: bpy.types.Operator) -> set[str]:
    if session.timers_fire:
        timer.wake(_POLL_S)
        return {"FINISHED"}
    try:
        while installer.poll():
            time.sleep(_BACKGROUND_POLL_S)
    finally:
        installer.stop()  # Ctrl-C in a script
    _tell_session()
    assert installer.ended is not None
    finished = installer.ended.state is worker.State.FINISHED
    operator.report({"INFO"} if finished else {"ERROR"}, installer.ended.text)
    return {"FINISHED"} if finished else {"CANCELLED"}


CLASSES = (
    ISODIM_OT_install_backend, ISODIM_OT_repair_backend, ISODIM_OT_remove_backend, ISODIM_OT_cancel_install,
    ISODIM_OT_show_install_log,
)  # fmt: skip
