"""Real takes by what they show: do they pass the checks of their own concept, and fail those of others?

A prepared folder says where the takes lie, a file of labels (JSON lines: source, clip, start_s, end_s, split, concepts:
[{concept, mirrored}]) what they show.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from backend.motion.features import features_to_joints
from common import FPS
from common.errors import InputError

from .body import Body
from .checks import Check

_RIGHT, _LEFT = "_right", "_left"
_OTHERS = 4
"""Takes of each other label against which a check is tried: labels count alike, however many takes they have."""
_LONGEST_S = 20.0
"""Longer takes are left out of the others: they show more than their label says."""


@dataclasses.dataclass(frozen=True)
class Take:
    """A labelled span: what it shows, in order, joined by " > "; a side's name stands at the end of a label."""

    name: str
    split: str
    label: str
    body: Body
    captions: tuple[str, ...] = ()

    @functools.cached_property
    def mirrored(self) -> Take:
        """The mirror image, its label's sides exchanged."""
        label = " > ".join(_other_side(part) for part in self.label.split(" > "))
        return Take(self.name, self.split, label, self.body.mirrored(), self.captions)


def _other_side(label: str) -> str:
    if label.endswith(_RIGHT):
        return label.removesuffix(_RIGHT) + _LEFT
    return label.removesuffix(_LEFT) + _RIGHT if label.endswith(_LEFT) else label


@dataclasses.dataclass(frozen=True)
class Judged:
    """Of a check: the share of its own takes that pass (None without any) and their number, of other labels' takes, of mirror images."""

    own: float | None
    takes: int
    others: float | None
    mirrored: float | None


def read(folder: Path, labels: Path, splits: Sequence[str]) -> list[Take]:
    """The labelled takes of some splits; InputError if a file cannot be read or nothing is labelled."""
    spans = _labels(labels)
    try:
        rows = [json.loads(line) for line in (folder / "clips.jsonl").read_text("utf-8").splitlines()]
        features = np.load(folder / "features.npy", mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise InputError("real", str(folder), f"a folder made by the prepare command ({error})") from None
    found = [take for row in rows if row["split"] in splits for take in _takes(row, features, spans)]
    if not found:
        raise InputError("labels", str(labels), f"labels of takes of {', '.join(splits)} in {folder}")
    return found


def _labels(path: Path) -> dict[tuple[str, str, int], list[tuple[int, str]]]:
    """(source, clip, first frame) -> (last frame, label) of the labelled spans."""
    found: dict[tuple[str, str, int], list[tuple[int, str]]] = collections.defaultdict(list)
    try:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            parts = [one["concept"] for one in row["concepts"]]
            shown = [
                _other_side(part) if one["mirrored"] else part for part, one in zip(parts, row["concepts"], strict=True)
            ]
            key = (row["source"], row["clip"], round(row["start_s"] * FPS))
            found[key].append((round(row["end_s"] * FPS), " > ".join(shown)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            "labels", str(path), f"JSON lines with source, clip, start_s, end_s, concepts ({error})"
        ) from None
    return found


def _takes(row: dict, features: np.ndarray, spans: dict) -> Iterator[Take]:
    for span in row["spans"]:
        for end, label in spans.get((row["source"], row["name"], span["start"]), ()):
            if abs(min(end + 1, row["frames"]) - span["start"] - span["frames"]) > 1 or span["frames"] < FPS / 2:
                continue
            start = row["start"] + span["start"]
            joints = features_to_joints(np.array(features[start : start + span["frames"]], np.float32))
            where = f"{row['source']}/{row['name']} {span['start'] / FPS:g} s"
            yield Take(where, row["split"], label, Body(joints), tuple(span["captions"]))
            break


def judge(check: Check, takes: Sequence[Take]) -> Judged:
    """How a check fares on real takes; for one that names a side the mirror images of takes of the other side count as well."""
    own = own_takes(check, takes)
    passed = [bool(check.passes(take.body)) for take in own]
    mirrored = [bool(check.passes(take.mirrored.body)) for take in own] if check.sided else []
    others = [bool(check.passes(take.body)) for take in other_takes(check, takes)]
    return Judged(_share(passed), len(passed), _share(others), _share(mirrored))


def own_takes(check: Check, takes: Sequence[Take]) -> list[Take]:
    """Takes that show the check's concept."""
    images = [take.mirrored for take in takes] if check.sided else []
    return [take for take in (*takes, *images) if take.label in check.labels and check.fits(take.captions)]


def other_takes(check: Check, takes: Sequence[Take]) -> list[Take]:
    """Up to four takes, evenly chosen, of each single label that is neither the check's own nor akin to it."""
    grouped: dict[str, list[Take]] = collections.defaultdict(list)
    for take in takes:
        if " > " not in take.label and take.body.seconds <= _LONGEST_S:
            grouped[take.label].append(take)
    known = {*check.labels, *check.akin}
    return [
        take for label, group in grouped.items() if label not in known for take in group[:: -(-len(group) // _OTHERS)]
    ]


def _share(passed: Sequence[bool]) -> float | None:
    return sum(passed) / len(passed) if passed else None
