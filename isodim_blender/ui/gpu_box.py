"""The GPU backend in the preferences: draws what the installer says, decides nothing."""

from __future__ import annotations

import bpy

from .. import EXTENSION
from ..install.installer import hindrance, installer, say
from ..install.packages import NAMES, Packages
from .layout import sentence

_WIDTH_PX = 600
_OLD = (
    "An earlier version of IsoDiM left an environment in your user folder. Nothing uses it any more: Remove deletes it."
)


def draw_gpu(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """What there is or could be, how the last installation ended, and the buttons."""
    box, width_px = layout.box(), context.region.width if context.region is not None else _WIDTH_PX
    if installer.work is not None:
        box.progress(factor=installer.work.done, text=say())
        box.operator("isodim.cancel_install", text="Cancel", icon="CANCEL")
        return
    row = box.row()
    row.active = bool(installer.python)
    row.prop(context.preferences.addons[EXTENSION].preferences, "use_gpu")
    sentence(box, width_px, installer.found.sentence or _offered(), "CHECKMARK" if installer.python else "INFO")
    if installer.old:
        sentence(box, width_px, _OLD, "INFO")
    if installer.ending is not None:
        sentence(box, width_px, installer.ending.sentence, "CHECKMARK" if installer.ending.finished else "ERROR")
        sentence(box, width_px, installer.ending.advice, "BLANK1")
    row = box.row()
    row.operator("isodim.install_gpu", text="Install Again" if installer.found.sentence else "Install", icon="IMPORT")
    row.operator("isodim.remove_gpu", text="Remove", icon="TRASH")
    row.operator("isodim.show_log", text="Open Installation Log", icon="TEXT").log = "INSTALL"


def _offered() -> str:
    offer = installer.offer
    if hindrance() or not isinstance(offer, Packages):
        return f"Clips are made on the CPU. {hindrance()}"
    return (
        f"Clips are made on the CPU, which the bundled checkpoints are made for. torch for {NAMES[offer.device]} is "
        f"{offer.download_gb:.1f} GB to download."
    )
