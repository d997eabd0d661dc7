"""A list of clips over night, row by row through the one session: what is there already is skipped, a bad row does not end it."""

from __future__ import annotations

import collections
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from ...common.errors import InputError
from ...common.motion import clip_file
from ...common.motion.motion import Motion
from ...common.wire import batch
from ...common.wire.requests import Generate
from .. import slots
from ..action import apply, assets, facts
from ..client.job import Answer
from ..export import exporters
from ..steps import Steps
from ..work.run import Cancelled, Delivered, Ending
from ..work.session import session
from ..work.task import Outcome, Task, clips_of

MADE_WITH = f"{facts.PREFIX}batch"
"""An Action's custom property: name and fingerprint of the row that it was made from."""
FILES = ("npz", "bvh", "fbx")
_LOST_IN_A_ROW = 3
SAVE_EVERY_S = 60.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Outputs:
    """What becomes of each clip. ledger: of the folder of the files; None without files, and only then."""

    actions: bool
    files: tuple[str, ...]
    ledger: batch.Ledger | None
    options: apply.Options
    frame: int

    def mark(self, request: Generate) -> str:
        """The fingerprint of a row's request, and for what lies on a rig of how it is applied there."""
        on_rig = dataclasses.asdict(self.options) if self.on_rig else {}
        return batch.fingerprint(request, **on_rig)

    @property
    def on_rig(self) -> bool:
        """Whether clips have to be applied to an armature."""
        return self.actions or "fbx" in self.files

    @property
    def book(self) -> batch.Ledger:
        """The ledger where there are files."""
        assert self.ledger is not None
        return self.ledger

    def has(self, name: str, mark: str) -> bool:
        """Whether all outputs of a clip are there."""
        if self.actions and not any(action.get(MADE_WITH) == f"{name} {mark}" for action in bpy.data.actions):
            return False
        return all(self.book.has(f"{name}.{ending}", mark) for ending in self.files)


@dataclasses.dataclass(frozen=True, kw_only=True)
class WriteRow(Task):
    """The clips of one row go where they are outputs."""

    names: tuple[str, ...]
    mark: str
    outputs: Outputs

    def deliver(self, answer: Answer, scene: bpy.types.Scene, armature: bpy.types.Object | None) -> Steps[Outcome]:
        """Files first; what the armature plays stays as it was."""
        for name, motion in zip(self.names, clips_of(answer), strict=True):
            for ending in self.outputs.files:
                if ending != "fbx":
                    clip_file.save(self.outputs.book.folder / f"{name}.{ending}", motion)
                    self.outputs.book.note(f"{name}.{ending}", self.mark)
            if self.outputs.on_rig and armature is not None:
                yield from self._put(name, motion, scene, armature)
        return Outcome(f"{len(self.names)} clips of {self.title}")

    def _put(self, name: str, motion: Motion, scene: bpy.types.Scene, armature: bpy.types.Object) -> Steps[None]:
        data = armature.animation_data_create()
        before, slot = data.action, slots.assigned_slot(data)
        was_kept = before is not None and before.use_fake_user
        yield from apply.applying(motion, armature, scene, self.outputs.frame, name, self.outputs.options)
        action = data.action
        try:
            action.name, action.use_fake_user = name, True
            if "fbx" in self.outputs.files:
                self._export(name, scene, armature)
            if self.outputs.actions:
                action[MADE_WITH] = f"{name} {self.mark}"
                assets.mark(action)
        finally:
            slots.assign(data, before, slot)
            if before is not None:
                before.use_fake_user = was_kept
            if MADE_WITH not in action:
                bpy.data.actions.remove(action)

    def _export(self, name: str, scene: bpy.types.Scene, armature: bpy.types.Object) -> None:
        path = self.outputs.book.folder / f"{name}.fbx"
        half = path.with_name(f".{name}.part.fbx")
        try:
            exporters.export(armature, scene, half, "FBX", with_meshes=False)
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)
        self.outputs.book.note(path.name, self.mark)


@dataclasses.dataclass(frozen=True)
class Place:
    """Scene and armature by session_uid, the backend's Python, and the person's folder of checkpoints."""

    scene_uid: int
    armature_uid: int | None
    python: str
    weights: str


class Batch:
    """A list row by row, each row's run begun when the one before has ended; `problems` has a sentence for each that failed."""

    def __init__(
        self,
        file: str,
        listing: batch.Listing,
        outputs: Outputs,
        place: Place,
        sampling: dict[str, Any],
        save: Callable[[], None] | None = None,
    ) -> None:
        """`save` is called from time to time. InputError if a setting that all rows share is not allowed."""
        self.file, self.total = file, len(listing.rows)
        self.problems = list(listing.problems)
        self.cancelled = False
        self._wanted, self._place, self._save = outputs, place, save
        requested = [(row, row.request(sampling)) for row in listing.rows]
        missing = [
            (row, request)
            for row, request in requested
            if not all(outputs.has(name, outputs.mark(request)) for name in row.clips)
        ]
        self.there, self.made, self.ended = self.total - len(missing), 0, False
        self._rows, self._todo, self._done = collections.deque(missing), len(missing), 0
        self._started = self._saved = time.monotonic()
        self._lost = 0

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._done / self._todo if self._todo else 1.0

    @property
    def sentence(self) -> str:
        """How it stands, for the panel and the console."""
        if self.ended:
            said = f"{self.made} rows made, {self.there} there already, {len(self.problems)} failed"
            return f"{said}; cancelled" if self.cancelled else said
        left = batch.eta_s(time.monotonic() - self._started, self._done, self._todo)
        text = f"{self._done} of {self._todo} rows"
        return (
            text if left is None else f"{text}, {left / 60:.0f} min left" if left > 90 else f"{text}, {left:.0f} s left"
        )

    def begin(self) -> None:
        """Begins the first row; each other one when its predecessor has ended, through the session's own polling."""
        if self.cancelled or not self._rows or self._lost >= _LOST_IN_A_ROW or not self._still_there():
            self._end()
            return
        row, request = self._rows.popleft()
        uids: dict[str, Any] = {"scene_uid": self._place.scene_uid, "armature_uid": self._place.armature_uid}
        mark = self._wanted.mark(request)
        task = WriteRow(**uids, title=row.prompt, names=row.clips, mark=mark, outputs=self._wanted)
        try:
            session.start(request, task, self._place.python, self._place.weights, lambda end: self._goes_on(row, end))
        except InputError as error:
            self._fail(0, f"The run ended: {error}")
            self._end()

    def cancel(self) -> None:
        """Ends the row at hand and the run; what is made stays."""
        self.cancelled = True
        session.cancel()

    def stop(self) -> None:
        """Ends everything at once, the backend too."""
        self.cancelled = True
        session.stop()
        self._end()

    def _goes_on(self, row: batch.Row, ending: Ending) -> None:
        """Notes how a row has ended and begins the next."""
        if isinstance(ending, Delivered):
            self.made, self._lost = self.made + 1, 0
        elif ending.problem is not None:
            self._fail(row.line, ending.problem.sentence)
            self._lost = self._lost + 1 if session.child is None or not session.child.usable else 0
            if self._lost == _LOST_IN_A_ROW:
                self._fail(0, f"The run ended: the backend stopped {_LOST_IN_A_ROW} times in a row.")
        self.cancelled = self.cancelled or isinstance(ending, Cancelled)  # also with the panel's own Cancel
        self._done += not self.cancelled
        if self._save is not None and time.monotonic() - self._saved > SAVE_EVERY_S:
            self._save()
            self._saved = time.monotonic()
        self.begin()

    def _still_there(self) -> bool:
        uids = {scene.session_uid for scene in bpy.data.scenes}
        if self._place.scene_uid in uids:
            return True
        self._fail(0, "The run ended: its scene is gone.")
        return False

    def _fail(self, line: int, sentence: str) -> None:
        self.problems.append(f"{self.file}, line {line}: {sentence}" if line else sentence)

    def _end(self) -> None:
        self.ended = True
        if self._save is not None:
            self._save()
        if self.problems:
            session.problem(
                f"{len(self.problems)} rows failed, first: {self.problems[0]}", "The batch panel lists them."
            )


current: Batch | None = None
"""The run of this Blender, or the last one that ended."""


def folder_of(path: str, blend: str) -> Path:
    """The folder that a field names; InputError for none, or a relative one in a file that was never saved."""
    if not path.strip():
        raise InputError("Folder", path, "a folder for the clip files")
    if path.startswith("//") and not blend:
        raise InputError("Folder", path, "a whole path, since the file was never saved")
    return Path(bpy.path.abspath(path))
