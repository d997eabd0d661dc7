"""The bones' names of many makers, one JSON file each in presets/, and the words of all of them together.

A file has `title`, `sides` (what a left and a right bone's `{}` stands for), optionally `prefix` (before every name) and
`prefixes` (slot -> its own), `root`, and `slots`: slot without its side -> the chain's names from the body outwards; `a|b` are
spellings of one bone. Where the pelvis is not named, it is the bone that both legs and the spine hang on. `generic.json`, without a title, adds words that no maker owns.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from .bone_map import SIDES, SLOTS
from .names import folded, parsed, shared_prefix, without_namespace, without_numbering

_FOLDER = Path(__file__).parent / "presets"
_ENOUGH = 0.75
"""Share of a preset's names that a rig has to have."""

Chains = dict[str, list[int]]
"""Slot -> indices of its bones from the body outwards."""


@dataclasses.dataclass(frozen=True)
class Preset:
    """A maker's names: slots: slot -> bones of the chain -> spellings of a bone; root: names of the bone on the ground."""

    title: str
    slots: dict[str, tuple[tuple[str, ...], ...]]
    root: tuple[str, ...]


@functools.cache
def presets() -> tuple[Preset, ...]:
    """All makers' presets in the order of their files' names; read once."""
    return tuple(_read(path)[0] for path in sorted(_FOLDER.glob("*.json")) if path.name != "generic.json")


@functools.cache
def words() -> dict[tuple[bool, str], tuple[str, ...]]:
    """(sided, stem) -> slots, or parts of a side, that some maker calls so, the most usual meaning first."""
    found: dict[tuple[bool, str], list[str]] = {}
    for path in sorted(_FOLDER.glob("*.json"), key=lambda path: (path.name != "generic.json", path.name)):
        for part, stems in _read(path)[1].items():
            for stem in stems:
                meanings = found.setdefault((part in _SIDED, stem), [])
                if part not in meanings:
                    meanings.append(part)
    return {word: tuple(meanings) for word, meanings in found.items()}


_SIDED = tuple(slot.removeprefix("left_") for slot in SLOTS if slot.startswith("left_"))


def best(names: Sequence[str]) -> tuple[Preset | None, Chains, str | None]:
    """The preset that explains most of a rig's names, the bones it names, and the root bone's name; None if none fits."""
    tables = _tables(names)
    scored: list[tuple[float, int, int, Preset, Chains, dict[str, int]]] = []
    for preset in presets():
        for table in tables:
            found = _found(preset, table)
            count, wanted = _size(found), _size(preset.slots)
            if count >= _ENOUGH * wanted:
                scored.append((count / wanted, count, -len(scored), preset, found, table))
    if not scored:
        return None, {}, None
    *_, preset, found, table = max(scored, key=lambda entry: entry[:3])
    root = next((names[table[name]] for name in preset.root if name in table), None)
    return preset, found, root


def _tables(names: Sequence[str]) -> list[dict[str, int]]:
    """Spelling -> bone: as it stands, without namespaces, without what the names share before and behind; a name is the first bone's."""
    bare = [without_namespace(name) for name in names]
    shared = shared_prefix(bare)
    tables = []
    plain = without_numbering(bare)
    begin = shared_prefix(plain)
    for spellings in (
        names,
        bare,
        [name.removeprefix(shared) for name in bare],
        plain,
        [name.removeprefix(begin) for name in plain],
    ):
        table: dict[str, int] = {}
        for bone, name in enumerate(spellings):
            table.setdefault(folded(name), bone)
        if table not in tables:
            tables.append(table)
    return tables


def _size(slots: Mapping[str, Sequence[object]]) -> int:
    """Bones of the trunk and limbs; a limb's later segments do not count, or Rigify's DEF bones would win over its ORG ones."""
    return sum(len(chain) if slot in ("spine", "neck") else 1 for slot, chain in slots.items())


def _found(preset: Preset, table: dict[str, int]) -> Chains:
    found = {}
    for slot, chain in preset.slots.items():
        bones = [next((table[name] for name in spellings if name in table), None) for spellings in chain]
        if bones[0] is not None or slot in ("spine", "neck"):
            found[slot] = [bone for bone in bones if bone is not None]
    return {slot: bones for slot, bones in found.items() if bones}


@functools.cache
def _read(path: Path) -> tuple[Preset, dict[str, list[str]]]:
    """The preset of a file, and the stems of its names: part of the body -> stems."""
    text = json.loads(path.read_text("utf-8"))
    slots: dict[str, tuple[tuple[str, ...], ...]] = {}
    stems: dict[str, list[str]] = {}
    for part, chain in text["slots"].items():
        prefix = text.get("prefixes", {}).get(part, text.get("prefix", ""))
        for slot, side in ((f"{name}_{part}", side) for name, side in zip(SIDES, text["sides"], strict=True)):
            slots[slot if part in _SIDED else part] = tuple(
                tuple(folded(prefix + name.replace("{}", side)) for name in spellings.split("|")) for spellings in chain
            )
        if part != "spine" and not (part == "pelvis" and chain == ["spine"]):
            spellings = chain[0].split("|")
            stems[part] = [parsed(name.replace("{}", text["sides"][0]), _GLUED)[1] for name in spellings]
    return Preset(text["title"], slots, tuple(folded(name) for name in text["root"])), stems


_GLUED = ("clavicle", "humerus", "radius", "wrist", "hand", "femur", "tibia", "foot", "toes")
"""Stems that CMU glues a side's letter to; nothing else can tell `lfoot` from a word that begins with l."""


def word(name: str) -> tuple[str, str]:
    """Side and stem of a name in a rig, without any maker's prefix; see `names.parsed`."""
    prefix = _prefix().match(name)
    return parsed(name[prefix.end() :] if prefix else name, _GLUED)


@functools.cache
def _prefix() -> re.Pattern[str]:
    """Any maker's prefix; 3ds Max counts its bipeds: Bip01, Bip002."""
    texts = [json.loads(path.read_text("utf-8")) for path in _FOLDER.glob("*.json")]
    prefixes = sorted({text["prefix"] for text in texts if "prefix" in text}, key=len, reverse=True)
    return re.compile("|".join([*map(re.escape, prefixes), r"Bip\d+[\s_]+"]), re.IGNORECASE)
