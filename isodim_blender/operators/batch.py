"""Overnight batches: from the panel with timers, or headless: `blender -b FILE --command isodim_batch LIST --out DIR`."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import bpy

from ...common.errors import InputError
from ...common.wire import batch as lists
from ..client import environment
from ..editing import batch
from ..figure import figure
from ..rig import mapping, target
from ..work.preferences import backend_python, own_checkpoints
from ..work.session import session
from . import running

COMMAND = "isodim_batch"
_POLL_S = 0.02
_handles: list[object] = []


class ISODIM_OT_batch(bpy.types.Operator):
    """Make all clips of the list that are not there yet; rows that fail are listed at the end"""

    bl_idname = "isodim.batch"
    bl_label = "Run Batch"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Grey with a reason while a job or a batch runs, or without a backend."""
        if batch.current is not None and not batch.current.ended:
            cls.poll_message_set("A batch runs; cancel it or wait")
            return False
        return running.ready(cls, context)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Checks, starts; waits only where there are no timers."""
        settings = context.scene.isodim.batch
        try:
            path = Path(bpy.path.abspath(settings.list_file))
            if not settings.list_file.strip():
                raise InputError("List", settings.list_file, "a .csv or a text with a prompt a line")
            files = tuple(ending for ending in batch.FILES if ending in settings.files)
            folder = batch.folder_of(settings.folder, bpy.data.filepath) if files else None
            run = prepared(context, path, settings.actions, files, folder)
        except InputError as error:
            return running.refused(self, error)
        batch.current = run
        run.begin()
        if session.timers_fire:
            return {"FINISHED"}
        finish(run, lambda sentence: None)
        kind = {"ERROR"} if run.problems else {"INFO"}
        self.report({"WARNING"} if run.made else kind, run.sentence) if run.problems else self.report(
            kind, run.sentence
        )
        return {"FINISHED"} if run.made or not run.problems else {"CANCELLED"}


class ISODIM_OT_cancel_batch(bpy.types.Operator):
    """End the batch; what is made stays, and the next run goes on from there"""

    bl_idname = "isodim.cancel_batch"
    bl_label = "Cancel Batch"

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while one runs."""
        if batch.current is None or batch.current.ended:
            cls.poll_message_set("No batch is running")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Asks; the end comes through the poll timer."""
        if batch.current is not None:
            batch.current.cancel()
        return {"FINISHED"}


def prepared(
    context: bpy.types.Context,
    path: Path,
    actions: bool,
    files: tuple[str, ...],
    folder: Path | None,
    save: Callable[[], None] | None = None,
) -> batch.Batch:
    """A run that can begin; a figure is made if clips need one and there is no target armature. InputError, one sentence, if it cannot be."""
    scene, settings = context.scene, context.scene.isodim
    if not actions and not files:
        raise InputError("Batch", "neither Actions nor files", "at least one of them")
    listing = lists.read(path)
    python = environment.find(backend_python(context))
    outputs = batch.Outputs(
        actions=actions,
        files=files,
        ledger=None if folder is None else lists.Ledger(folder),
        options=running.options_now(settings),
        frame=scene.frame_current,
    )
    armature = target.target_armature(context) if outputs.on_rig else None
    if armature is not None:
        target.check_writable(armature)
        mapping.of(armature).check()
    elif outputs.on_rig:
        armature = figure.add(scene)
        figure.select(armature)
    place = batch.Place(
        scene.session_uid, None if armature is None else armature.session_uid, python, own_checkpoints(context)
    )
    return batch.Batch(
        path.name, listing, outputs, place, settings.sampling() | {"preview": False, "seed": settings.batch.seed}, save
    )


def finish(run: batch.Batch, tell: Callable[[str], None]) -> None:
    """Drives a run that has begun to its end where there are no timers; `tell` hears how it stands after each row."""
    said = ""
    try:
        while session.poll():
            time.sleep(_POLL_S)
            if run.sentence.partition(",")[0] != said:
                said = run.sentence.partition(",")[0]
                tell(run.sentence)
    finally:
        if not run.ended:  # Ctrl-C
            run.stop()


def command(arguments: list[str]) -> int:
    """`isodim_batch` of Blender's command line: 0 if the whole list is there, 1 if rows failed, 2 if the input was at fault."""
    parser = argparse.ArgumentParser(prog=f"blender -b FILE --command {COMMAND}", description=__doc__)
    parser.add_argument("list", type=Path, metavar="LIST", help=f".csv ({', '.join(lists.COLUMNS)}) or a prompt a line")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the clip files")
    parser.add_argument("--format", choices=batch.FILES, nargs="+", default=(), help="files to write (default npz)")
    parser.add_argument("--actions", action="store_true", help="Actions as assets in FILE, which is saved")
    parser.add_argument("--armature", metavar="NAME", help="the armature; without it the active one")
    try:
        options = parser.parse_args(arguments)
    except SystemExit as leaves:
        return int(leaves.code or 0)
    try:
        run = _headless(bpy.context, options)
    except InputError as error:
        print(error)
        return 2
    print(f"{run.there} of {run.total} rows are there already", flush=True)
    try:
        run.begin()
        finish(run, lambda sentence: print(sentence, flush=True))
    except KeyboardInterrupt:
        print("Interrupted; the next run goes on from here.")
        return 130
    print("\n".join([run.sentence, *run.problems]))
    return 1 if run.problems else 0


def _headless(context: bpy.types.Context, options: argparse.Namespace) -> batch.Batch:
    save = None
    if options.actions:
        if not bpy.data.filepath:
            raise InputError("FILE", "none", "a .blend to keep the Actions in: blender -b FILE --command ...")
        save = bpy.ops.wm.save_mainfile
    if options.armature is not None:
        named = context.scene.objects.get(options.armature)
        if named is None or named.type != "ARMATURE":
            raise InputError("--armature", options.armature, "the name of an armature in the scene")
        context.view_layer.objects.active = named
    files = tuple(dict.fromkeys(options.format)) or (() if options.out is None else ("npz",))
    if files and options.out is None:
        raise InputError("--out", "missing", "a folder for the clip files")
    return prepared(context, options.list, options.actions, files, options.out, save)


def add_command() -> None:
    """Blender's `--command isodim_batch`."""
    _handles.append(bpy.utils.register_cli_command(COMMAND, command))


def remove_command() -> None:
    """Backward; a run that goes on is ended."""
    batch.current = None
    while _handles:
        bpy.utils.unregister_cli_command(_handles.pop())


CLASSES = (ISODIM_OT_batch, ISODIM_OT_cancel_batch)
