"""A guess of which of a rig's joints are the 22 canonical ones: its bone map, told as expressions over where joints are.

A joint map is canonical joint -> an expression over the rig's joints: `a`, `a+b` (their mean; `a+a+b` leans to a), or
`end:a` (the end site, Blender's tail, below the leaf a).
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence

import numpy as np

from ..errors import InputError
from ..motion.skeleton import INDEX, JOINTS, rest_positions
from .bone_map import SIDES, BoneMap, title
from .matching import match
from .rig import Rig

_LEAVES = {"foot": "ankle", "wrist": "elbow", "head": "neck"}
"""A joint that many rigs lack -> the joint at whose end it then is."""
_SPINE = ("spine1", "spine2", "spine3")
_MANY = 5
"""A spine of so many joints has some near the canonical ones; of fewer the first, the middle and the last are taken."""
_SAME = 0.02
"""Of the length of the spine: joints that are nearer to each other are one."""
_SKULL = 0.74
"""Way from the pelvis to the head bone's beginning, in legs: the canonical neck begins at .67, the canonical head at .80."""


def guess(rig: Rig, ends: Collection[str]) -> dict[str, str]:
    """The joint map of a rig; `ends` are the leaves with an end site.

    Raises InputError naming the parts of the body that no bone of the rig could be found for.
    """
    bone_map = match(rig).bone_map
    found = {slot: bones[0] for slot, bones in bone_map.slots.items() if slot not in ("spine", "neck")}
    if neck := bone_map.slots.get("neck"):
        found["neck"] = _neck(rig, bone_map, neck)
    else:
        found |= _neckless(rig, bone_map, found, ends)
    chains = {**bone_map.slots, "neck": (found["neck"],)} if neck else bone_map.slots
    for joint in JOINTS:
        side, _, part = joint.rpartition("_")
        before = chains.get(f"{side}_{_LEAVES[part]}" if side else _LEAVES[part], ()) if part in _LEAVES else ()
        if joint not in found and before:
            found |= _beyond(rig, joint, before[-1], ends)
    found |= _spine(rig, bone_map, found)
    found |= _collars(rig, bone_map, found)
    missing = [joint for joint in JOINTS if joint not in found]
    if missing:
        named = ", ".join(dict.fromkeys("spine" if joint in _SPINE else title(joint) for joint in missing))
        raise InputError(
            "Armature", f"without {named}", "a body with these bones, or a joint map that tells where they are"
        )
    return {joint: found[joint] for joint in JOINTS}


def _beyond(rig: Rig, joint: str, leaf: str, ends: Collection[str]) -> dict[str, str]:
    """A joint that has no bone of its own: the end of the bone before, or the middle of several toes."""
    if leaf in ends:
        return {joint: f"end:{leaf}"}
    toes = [rig.names[child] for child in rig.children[rig.index[leaf]]]
    return {joint: "+".join(toes)} if joint.endswith("foot") and toes else {}


def _places(rig: Rig, names: Sequence[str]) -> list[float]:
    """[joint]: how far along the way through `names` each is, 0 to 1; all 0 for a rig without geometry."""
    heads = rig.heads[[rig.index[name] for name in names]]
    gone = np.concatenate([[0.0], np.linalg.norm(np.diff(heads, axis=0), axis=1).cumsum()])
    return [float(place) for place in gone / max(gone[-1], 1e-12)]


def _canonical(begin: str, joints: Sequence[str], end: str) -> list[float]:
    """[joint]: where the canonical skeleton has `joints` on its way from `begin` to `end`, 0 to 1."""
    way = rest_positions()[[INDEX[name] for name in ("pelvis", *_SPINE, "neck", "head")]]
    gone = dict(
        zip(
            ("pelvis", *_SPINE, "neck", "head"),
            np.linalg.norm(np.diff(way, axis=0, prepend=way[:1]), axis=1).cumsum(),
            strict=True,
        )
    )
    return [float((gone[joint] - gone[begin]) / (gone[end] - gone[begin])) for joint in joints]


def _neck(rig: Rig, bone_map: BoneMap, neck: Sequence[str]) -> str:
    """Of a neck of several bones the one that begins where the canonical neck does."""
    head, pelvis = bone_map.bone("head"), bone_map.bone("pelvis")
    if head is None or pelvis is None or len(neck) < 2:
        return neck[0]
    places = _places(rig, [pelvis, *bone_map.slots.get("spine", ()), *neck, head])[-1 - len(neck) : -1]
    wanted = _canonical("pelvis", ["neck"], "head")[0]
    return min(zip(places, neck, strict=True), key=lambda entry: abs(entry[0] - wanted))[1]


def _neckless(rig: Rig, bone_map: BoneMap, found: dict[str, str], ends: Collection[str]) -> dict[str, str]:
    """neck and head of a rig without a neck: its head bone begins where the skull does, or where the neck does.

    Told by lengths alone: many a BVH file's rest offsets are no pose of a body.
    """
    head, pelvis = bone_map.bone("head"), bone_map.bone("pelvis")
    legs = [bone_map.bone(f"left_{part}") for part in ("hip", "knee", "ankle")]
    if head is None or pelvis is None:
        return {}
    trunk = [pelvis, *bone_map.slots.get("spine", ())]
    chest = trunk[-1]
    way, leg = _length(rig, [*trunk, head]), _length(rig, [bone for bone in legs if bone])
    if head in ends and leg > 0.0 and way < _SKULL * leg:
        return {"neck": head, "head": f"{head}+end:{head}"}
    return {"neck": f"{chest}+{head}+{head}"}


def _length(rig: Rig, names: Sequence[str]) -> float:
    return float(np.linalg.norm(np.diff(rig.heads[[rig.index[name] for name in names]], axis=0), axis=1).sum())


def _spine(rig: Rig, bone_map: BoneMap, found: dict[str, str]) -> dict[str, str]:
    """spine1 to spine3: the joints between pelvis and neck, thinned to three or with means put between them.

    Of a rig without a neck those between pelvis and head.
    """
    end = "neck" if found.get("neck", "") in rig.index else "head"
    neck, pelvis = found.get(end, ""), found.get("pelvis", "")
    bones = bone_map.slots.get("neck", ())
    chain = [*bone_map.slots.get("spine", ()), *bones[: bones.index(neck) if neck in bones else 0]]
    if neck not in rig.index or not pelvis:
        return {}
    if not chain:
        return dict(zip(_SPINE, _shared(pelvis, neck, _canonical("pelvis", _SPINE, end)), strict=True))
    places = _places(rig, [pelvis, *chain, neck])[1:-1]
    if len(chain) > 3 and any(places) and places[0] < _SAME:
        chain, places = chain[1:], places[1:]
    if len(chain) == 1:
        expressions = _around(pelvis, chain[0], neck, places[0], end)
    elif len(chain) == 2:
        expressions = [chain[0], "+".join(chain), chain[1]]
    elif len(chain) < _MANY or not any(places):
        expressions = [chain[0], chain[len(chain) // 2], chain[-1]]
    else:
        wanted = _canonical("pelvis", _SPINE, end)
        expressions = [
            chain[at]
            for at in min(
                itertools.combinations(range(len(chain)), 3),
                key=lambda chosen: sum(abs(places[at] - place) for at, place in zip(chosen, wanted, strict=True)),
            )
        ]
    return dict(zip(_SPINE, expressions, strict=True))


def _shared(pelvis: str, neck: str, places: Sequence[float]) -> list[str]:
    """Means of two joints that lie at `places`, 0 to 1, between them, to an eighth."""
    shares = [round(place * 8) for place in places]
    return ["+".join([pelvis] * (8 - share) + [neck] * share) for share in shares]


def _around(pelvis: str, only: str, neck: str, place: float, end: str) -> list[str]:
    """Three expressions from a spine of one joint, `place` on the way from pelvis to neck (or head, the `end`); the nearest
    to the canonical ones."""
    if not 0.0 < place < 1.0:
        return [only, f"{only}+{only}+{neck}", f"{only}+{neck}+{neck}"]
    options = {
        f"{pelvis}+{pelvis}+{only}": place / 3,
        f"{pelvis}+{only}": place / 2,
        f"{pelvis}+{only}+{only}": place * 2 / 3,
        only: place,
        f"{only}+{only}+{neck}": (2 * place + 1) / 3,
        f"{only}+{neck}": (place + 1) / 2,
        f"{only}+{neck}+{neck}": (place + 2) / 3,
    }
    return [
        min(options, key=lambda option: abs(options[option] - wanted)) for wanted in _canonical("pelvis", _SPINE, end)
    ]


def _middle(first: str, second: str) -> str:
    """The expression of the middle between two expressions."""
    ours, theirs = first.split("+"), second.split("+")
    return "+".join(ours * len(theirs) + theirs * len(ours))


def _collars(rig: Rig, bone_map: BoneMap, found: dict[str, str]) -> dict[str, str]:
    """Collars halfway out to the shoulders where a rig has none, or has them begin in a joint of its spine."""
    pelvis, base = found.get("pelvis"), found.get("neck", found.get("spine3", ""))
    if not pelvis or not base or base.startswith("end:"):
        return {}
    trunk = [pelvis, *bone_map.slots.get("spine", ()), *bone_map.slots.get("neck", ())]
    joints = rig.heads[[rig.index[name] for name in trunk]]
    length = float(np.linalg.norm(np.diff(joints, axis=0), axis=1).sum())
    result = {}
    for side in SIDES:
        collar, shoulder = found.get(f"{side}_collar"), found.get(f"{side}_shoulder")
        if collar is None and shoulder:
            result[f"{side}_collar"] = _middle(base, shoulder)
        elif collar and shoulder and length > 0.0:
            # Told by distances alone: many a BVH file's rest offsets are no pose of a body.
            apart = np.linalg.norm(joints - rig.heads[rig.index[collar]], axis=1).min()
            if apart < _SAME * length:
                result[f"{side}_collar"] = _middle(collar, shoulder)
    return result
