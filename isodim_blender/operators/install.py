"""Install and remove the GPU backend, and stop doing so."""

from __future__ import annotations

import time

import bpy

from .. import EXTENSION
from ..client.poll_timer import PollTimer
from ..install.installer import hindrance, installer
from ..install.packages import Packages
from ..work.session import redraw, session

_POLL_S, _BACKGROUND_POLL_S = 0.2, 0.05


def _turn() -> float | None:
    running = installer.poll()
    if not running:
        _conclude()
    redraw({"PREFERENCES"}, {"WINDOW"})
    return _POLL_S if running else None


timer = PollTimer(_turn, bpy.app.timers)
"""Polls until the installation ends, also across the opening of files."""


class ISODIM_OT_install_gpu(bpy.types.Operator):
    """Download torch and what it needs into an environment of its own, and try it out; it is used when it works"""

    bl_idname = "isodim.install_gpu"
    bl_label = "Install GPU Backend"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while something runs, without the network and where there is nothing for this computer."""
        if _busy(cls):
            return False
        if reason := hindrance():
            cls.poll_message_set(reason)
            return False
        if not _online():
            cls.poll_message_set("Allow Online Access under Preferences > System > Network")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Starts; waits only where there are no timers."""
        assert isinstance(installer.offer, Packages)  # poll has looked
        _free_environment()
        installer.install(installer.offer)
        context.preferences.addons[EXTENSION].preferences.use_gpu = True
        return _wait(self)


class ISODIM_OT_remove_gpu(bpy.types.Operator):
    """Delete the GPU backend's environment, what was downloaded for it, and what earlier versions installed"""

    bl_idname = "isodim.remove_gpu"
    bl_label = "Remove GPU Backend"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only if there is something, and nothing runs."""
        if _busy(cls):
            return False
        if not (installer.found.sentence or installer.old):
            cls.poll_message_set("No GPU backend is installed")
            return False
        return True

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> set[str]:
        """Asks first: making it again takes minutes."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Starts; waits only where there are no timers."""
        _free_environment()
        installer.remove()
        context.preferences.addons[EXTENSION].preferences.use_gpu = False
        return _wait(self)


class ISODIM_OT_cancel_install(bpy.types.Operator):
    """Stop; what was downloaded stays for the next time"""

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


def _conclude() -> None:
    """Puts what failed among the panel's problems."""
    ending = installer.ending
    if ending is not None and not (ending.finished or ending.cancelled):
        session.problem(ending.sentence, ending.advice, log="INSTALL")


def _wait(operator: bpy.types.Operator) -> set[str]:
    if session.timers_fire:
        timer.wake(_POLL_S)
        return {"FINISHED"}
    try:
        while installer.poll():
            time.sleep(_BACKGROUND_POLL_S)
    finally:
        installer.stop()  # Ctrl-C in a script
    _conclude()
    assert installer.ending is not None
    operator.report({"INFO"} if installer.ending.finished else {"ERROR"}, installer.ending.sentence)
    return {"FINISHED"} if installer.ending.finished else {"CANCELLED"}


CLASSES = (ISODIM_OT_install_gpu, ISODIM_OT_remove_gpu, ISODIM_OT_cancel_install)
