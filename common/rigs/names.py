"""What a bone's name says: its maker's namespace, its side, and the word for the part of the body."""

from __future__ import annotations

import collections
import re
import unicodedata
from collections.abc import Iterable, Sequence

_SEPARATOR = re.compile(r"[\s_.\-:|]+")
_BOUNDARY = re.compile(r"[\s_.\-:|]+|(?<=[a-z\d])(?=[A-Z])")
_NAMESPACE = re.compile(r"^.*[:|]")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\sA-Za-z\d_.\-:|]+")
_SIDES = {
    "left": "left", "l": "left", "lft": "left", "lt": "left", "左": "left",
    "right": "right", "r": "right", "rgt": "right", "rt": "right", "右": "right",
}  # fmt: skip
_MIDDLE = ("c", "m", "center", "centre", "mid", "middle")
_GLUED = re.compile(r"^(left|right|左|右)(?=.)|(?<=.)(left|right|左|右)$")
_NUMBER = re.compile(r"[_.]\d+$")
_JOINT = re.compile(r"[_.\s-](joint|jnt|jt|bone|bind|skin)$", re.IGNORECASE)
_END = re.compile(
    r"(?:[_.\s-]|(?<=[a-z\d])(?=[ENS]))(end|nub|site|tip|leaf)(?:[_.\s-]?\w{0,2})?(?:[_.]\d+)?$", re.IGNORECASE
)
_SHARED = 0.8
"""A prefix that so many bones have says nothing about any of them; some helpers may lack it."""


def folded(name: str) -> str:
    """A spelling without case and separators, which exporters change: `Bip01 L Thigh`, `bip01_l_thigh` and `Bip01LThigh` are one."""
    return _SEPARATOR.sub("", unicodedata.normalize("NFKC", name)).lower()


def without_namespace(name: str) -> str:
    """`a:b:Hips` is Hips."""
    return _NAMESPACE.sub("", name) or name


def shared_prefix(names: Sequence[str]) -> str:
    """What most names begin with, up to a separator or a capital: `Neo_` of Neo_Hips, Neo_Spine, ..., `rig` of rigHips, ..."""
    counts = collections.Counter(
        name[: mark.end()] for name in names for mark in _BOUNDARY.finditer(name) if mark.end() < len(name)
    )
    often = [prefix for prefix, count in counts.items() if count >= _SHARED * len(names)]
    return max(often, key=len, default="")


def without_numbering(names: Sequence[str]) -> list[str]:
    """The names without a node's number and the word for a joint, where most end so: LeftArm of LeftArm_Joint_07."""
    for ending in (_NUMBER, _JOINT, _NUMBER):
        cut = [ending.sub("", name) or name for name in names]
        if sum(one != other for one, other in zip(cut, names, strict=True)) >= _SHARED * max(1, len(names)):
            names = cut
    return list(names)


def is_end(name: str) -> bool:
    """Whether a name is an exporter's for the end of a chain: Toe_End, Bip01 L Toe0Nub, Site."""
    return bool(_END.search(without_namespace(name)))


def parsed(name: str, known: Iterable[str] = ()) -> tuple[str, str]:
    """Side (`left`, `right` or empty) and stem of a name: `mixamorig:LeftUpLeg` is (left, upleg).

    `known` are stems that may have a side's letter glued to them, as CMU's lfemur.
    """
    words = [word.lower() for word in _WORDS.findall(unicodedata.normalize("NFKC", without_namespace(name)))]
    sides = [place for place, word in enumerate(words) if word in _SIDES]
    if sides and len(words) > 1:
        # Of several, the one at an end: `l` in the middle may be a part's letter.
        place = next((at for at in (0, len(words) - 1) if at in sides), sides[0])
        return _SIDES[words[place]], "".join(words[:place] + words[place + 1 :])
    if len(words) > 1 and words[0] in _MIDDLE:
        words = words[1:]
    stem = "".join(words)
    if glued := _GLUED.search(stem):
        return _SIDES[glued.group()], _GLUED.sub("", stem, count=1)
    if stem[:1] in ("l", "r") and stem[1:] in known:
        return _SIDES[stem[0]], stem[1:]
    return "", stem
