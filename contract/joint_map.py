"""A guess of which of a rig's joints are the 22 canonical ones, from their names and hierarchy.

A joint map is canonical joint -> an expression over the rig's joints: `a`, `a+b` (their mean; `a+a+b` leans to a), or
`end:a` (the end site, Blender's tail, below the leaf a). Known spellings: Mixamo, the Unreal mannequin, Rigify's metarig,
3ds Max Biped, Character Creator, Daz, VRM, CMU, LaFAN1, Bandai Namco, and this project's own names.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Sequence

from .errors import InputError
from .skeleton import JOINTS

_PREFIX = re.compile(r"^(J_Bip_C_|J_Bip_|CC_Base_|DEF-|ORG-|Bip\d+[ _]+)", re.IGNORECASE)
_LEFT_RIGHT = (
    re.compile(r"^(?P<side>left|right)[ _.-]?(?P<stem>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<side>l|r)[ _.-](?P<stem>.+)$", re.IGNORECASE),
    re.compile(r"^(?P<side>[LRlr])(?P<stem>[A-Z].+)$"),
    re.compile(r"^(?P<stem>.+)[ _.-](?P<side>l|r|left|right)$", re.IGNORECASE),
    re.compile(r"^(?P<side>l|r)(?P<stem>clavicle|humerus|radius|wrist|hand|femur|tibia|foot|toes)$"),
)
_MIDDLE = {
    "pelvis": ("hips", "pelvis", "hip", "spine", "root"),
    "neck": ("neck1", "upperneck", "neck", "neck01", "necktwist01", "spine004"),
    "head": ("head", "spine006"),
}
_SIDED = {  # in this order: a name is taken once, so `foot` is the toes only where something else is the ankle
    "hip": ("upleg", "thigh", "upperleg", "femur", "hip"),
    "knee": ("leg", "calf", "shin", "lowerleg", "tibia", "knee"),
    "ankle": ("ankle", "foot"),
    "foot": ("toebase", "toe", "toes", "toe0", "ball", "foot"),
    "collar": ("clavicle", "collar", "shoulder"),
    "shoulder": ("upperarm", "uparm", "arm", "humerus", "shldr", "shoulder"),
    "elbow": ("forearm", "lowerarm", "radius", "elbow"),
    "wrist": ("wrist", "hand"),
}
_LEAVES = {"foot": "ankle", "wrist": "elbow", "head": "neck"}
"""A joint that many rigs lack -> the joint at whose end it then is."""


def guess(names: Sequence[str], parents: Sequence[int], ends: Collection[str]) -> dict[str, str]:
    """The joint map of a rig: `parents` are indices into `names`, -1 for a root; `ends` are the leaves with an end site.

    Raises InputError naming the canonical joints that no joint of the rig could be found for.
    """
    known: dict[tuple[str, str], str] = {}
    shared = _shared_prefix(names)
    for name in names:
        known.setdefault(_plain(name[len(shared) :]), name)
    found = _named(known, "", _MIDDLE)
    for side in ("left", "right"):
        found |= {f"{side}_{joint}": name for joint, name in _named(known, side, _SIDED).items()}
    for joint in JOINTS:
        side, _, part = joint.rpartition("_")
        before = found.get(f"{side}_{_LEAVES[part]}" if side else _LEAVES[part]) if part in _LEAVES else None
        if joint not in found and before in ends:
            found[joint] = f"end:{before}"
    found |= _spine(names, parents, found)
    missing = [joint for joint in JOINTS if joint not in found]
    if missing:
        raise InputError("Armature", f"without {', '.join(missing)}", "bones with names that tell these joints")
    return {joint: found[joint] for joint in JOINTS}


def _shared_prefix(names: Sequence[str]) -> str:
    """What all names begin with up to a separator: `Neo_` of Neo_Hips, Neo_Spine, ..."""
    ends = zip(min(names, default=""), max(names, default=""), strict=False)
    shared = "".join(a for a, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], ends))
    return shared[: max(shared.rfind(mark) for mark in "_:.- ") + 1]


def _plain(name: str) -> tuple[str, str]:
    """Side (`left`, `right` or empty) and stem of a name: `mixamorig:LeftUpLeg` is (left, upleg)."""
    name = _PREFIX.sub("", name.rpartition(":")[2])
    side = ""
    for pattern in _LEFT_RIGHT:
        if match := pattern.match(name):
            side, name = ("left" if match["side"][0] in "lL" else "right"), match["stem"]
            break
    return side, re.sub(r"[ _.-]", "", name).lower()


def _named(known: dict[tuple[str, str], str], side: str, table: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Joint -> name for the joints of one side whose first free spelling is `known`."""
    found: dict[str, str] = {}
    for joint, stems in table.items():
        free = [known[side, stem] for stem in stems if (side, stem) in known]
        free = [name for name in free if name not in found.values()]
        if free:
            found[joint] = free[0]
    return found


def _spine(names: Sequence[str], parents: Sequence[int], found: dict[str, str]) -> dict[str, str]:
    """spine1 to spine3: the joints between pelvis and neck, thinned to three or with means put between them."""
    if "neck" not in found or "pelvis" not in found or found["neck"].startswith("end:"):
        return {}
    above, joint = set(), names.index(found["pelvis"])
    while joint >= 0:
        above.add(joint)
        joint = parents[joint]
    chain: list[str] = []
    joint = parents[names.index(found["neck"])]
    while joint >= 0 and joint not in above:
        chain.insert(0, names[joint])
        joint = parents[joint]
    if joint < 0 or not chain:
        return {}
    if len(chain) == 1:
        (only,), neck = chain, found["neck"]
        expressions = [only, f"{only}+{only}+{neck}", f"{only}+{neck}+{neck}"]
    elif len(chain) == 2:
        expressions = [chain[0], "+".join(chain), chain[1]]
    else:
        expressions = [chain[0], chain[len(chain) // 2], chain[-1]]
    return dict(zip(("spine1", "spine2", "spine3"), expressions, strict=True))
