"""What a person corrected in the map of a rig's bones, kept in one small JSON file a rig; no bpy.

A rig is known by its bones' names and parents, so that the next scene with the same character finds its corrections.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from ...common.files import read_small
from ...common.rigs.bone_map import SLOTS
from ...common.rigs.rig import Rig

ROOT = "root"
"""Stands beside the slots for the bone above the pelvis that carries the travel."""
PARTS = (*SLOTS, ROOT)
Changes = Mapping[str, tuple[str, ...]]
"""Part of the body -> its bones from the body outwards; empty where the person said that there is none."""
_SIGNATURE_CHARACTERS = 24


def signature(rig: Rig) -> str:
    """A name for the rig's hierarchy: the same for the same bones, whatever their order, rest and scale."""
    pairs = sorted(
        [name, rig.names[parent] if parent >= 0 else ""] for name, parent in zip(rig.names, rig.parents, strict=True)
    )
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()[:_SIGNATURE_CHARACTERS]


@dataclasses.dataclass
class Store:
    """The corrections of all rigs, in memory once `load` has read them; `put` writes through to `folder`."""

    folder: Path
    known: dict[str, dict[str, tuple[str, ...]]] = dataclasses.field(default_factory=dict)

    def load(self) -> list[str]:
        """Reads all files; gives a sentence for each damaged one, which is set aside."""
        self.known, sentences = {}, []
        for path in sorted(self.folder.glob("*.json")):
            try:
                self.known[path.stem] = _parsed(read_small(path))
            except (OSError, ValueError, RecursionError) as error:
                sentences.append(_set_aside(path, error))
        return sentences

    def of(self, key: str) -> dict[str, tuple[str, ...]]:
        """The changes for the rig of that signature."""
        return dict(self.known.get(key, {}))

    def put(self, key: str, changes: Changes) -> None:
        """Keeps these and no others for the rig of that signature; OSError if the folder cannot be written."""
        path = self.folder / f"{key}.json"
        if not changes:
            path.unlink(missing_ok=True)
            self.known.pop(key, None)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps({"bones": changes}, indent=2, ensure_ascii=False), encoding="utf-8")
        beside.replace(path)
        self.known[key] = dict(changes)


def _parsed(text: str) -> dict[str, tuple[str, ...]]:
    """What `put` wrote; ValueError if it is something else."""
    value = json.loads(text)
    bones = value.get("bones") if isinstance(value, dict) else None
    if not isinstance(bones, dict) or not set(bones) <= set(PARTS):
        raise ValueError("not a map of bones")
    if not all(isinstance(chain, list) and all(isinstance(bone, str) for bone in chain) for chain in bones.values()):
        raise ValueError("not lists of bones")
    return {part: tuple(chain) for part, chain in bones.items()}


def _set_aside(path: Path, error: Exception) -> str:
    aside = path.with_suffix(".damaged")
    try:
        path.replace(aside)
    except OSError:
        return f"The corrected bones in {path.name} cannot be read ({error}); they are left out."
    return f"The corrected bones in {path.name} are damaged; the file is now {aside.name} and the rig is mapped anew."
