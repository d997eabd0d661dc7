"""An Action as an asset that can be found again: what it shows, where it comes from, on which terms."""

from __future__ import annotations

import re

import bpy
import numpy as np

from .. import slots
from . import captions, facts

AUTHOR = "IsoDiM"
IN_PLACE, LOOP = "in place", "loop"
_MOST_WORDS = 12
_SAME = 0.02
"""How far a rotation's parts (rad, or quaternion parts) may be from where they began in a loop: about two degrees."""
_STOP_WORDS = """
a an the and or of to in on at by with from for into onto over under out off as is are was be been being it its he she they
him her his their them someone somebody something person man woman figure then while who that this these those there one two
"""


def mark(action: bpy.types.Action) -> None:
    """Makes the Action an asset, or brings the facts of one up to date; tags that a person added stay."""
    action.asset_mark()
    data = action.asset_data
    said = captions.captions_of(action)
    data.description = said[0] if said else ""
    checkpoint = str(action.get(f"{facts.PREFIX}checkpoint", ""))
    if checkpoint:
        data.author = f"{AUTHOR}, checkpoint {checkpoint}"
        data.license = str(action.get(f"{facts.PREFIX}licence", ""))
    for tag in tags(action, said, checkpoint):
        data.tags.new(tag, skip_if_exists=True)


def tags(action: bpy.types.Action, said: list[str], checkpoint: str) -> list[str]:
    """The project, the checkpoint, the telling words of what is `said` of the Action, and how it moves on."""
    found = [AUTHOR, checkpoint, *words(" ".join(said))]
    if action.get(f"{facts.PREFIX}root") == "IN_PLACE":
        found.append(IN_PLACE)
    if is_loop(action):
        found.append(LOOP)
    return [tag for tag in found if tag]


def words(text: str) -> list[str]:
    """The words of a prompt that tell something, each once, in its order."""
    found = dict.fromkeys(re.findall(r"[^\W\d_]{2,}", text.lower()))
    return [word for word in found if word not in _STOP_WORDS.split()][:_MOST_WORDS]


def is_loop(action: bpy.types.Action) -> bool:
    """Whether all rotations end as they begin, and anything moves at all; the root path does not count."""
    first, last = action.frame_range
    ends: dict[str, list[tuple[float, float]]] = {}
    moves = False
    for slot, curve in slots.curves_of(action):
        if "rotation" in curve.data_path:
            path = f"{slot.identifier if slot is not None else ''} {curve.data_path}"
            ends.setdefault(path, []).append((curve.evaluate(first), curve.evaluate(last)))
            moves = moves or abs(curve.evaluate((first + last) / 2) - curve.evaluate(first)) > _SAME
    return moves and all(_same(path, np.array(pairs)) for path, pairs in ends.items())


def _same(path: str, ends: np.ndarray) -> bool:
    """Whether the values [channel, first and last] are one rotation; a quaternion may come back with the other sign."""
    begin, end = ends.T
    distance = np.abs(end - begin).max()
    if path.endswith("rotation_quaternion"):
        return bool(min(distance, np.abs(end + begin).max()) < _SAME)
    return bool(distance < _SAME)
