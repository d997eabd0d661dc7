"""The folder made by `prepare`, in memory: features, spans and their captions; windows for tokenizers."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.motion.features import mirror
from backend.motion.layout import Layout, of_features
from common.errors import InputError


@dataclasses.dataclass(frozen=True)
class Span:
    """A captioned stretch of a clip, in frames of the whole features array; `clip` is the clip's place in its split.

    plain: short phrasings of the `concepts` that it shows, where the corpus labels them."""

    clip: int
    start: int
    frames: int
    captions: tuple[str, ...]
    action: str
    any_crop_fits: bool
    plain: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Prepared:
    """One split of a prepared folder. features: [all frames, d] of the skeleton `layout`; clips: (start, frames) of each
    clip of the split; of each clip its `names`, its `licenses` and in `actions` the class of its first span.
    mirrored: mirror images belong to the data, and training makes them."""

    features: NDArray[np.floating]
    mean: NDArray[np.float32]
    std: NDArray[np.float32]
    clips: tuple[tuple[int, int], ...]
    actions: tuple[str, ...]
    names: tuple[str, ...]
    licenses: tuple[str, ...]
    spans: tuple[Span, ...]
    mirrored: bool

    @property
    def layout(self) -> Layout:
        """The skeleton of the features."""
        return of_features(self.features.shape[1])

    def window(self, start: int, frames: int, mirrored: bool) -> NDArray[np.float32]:
        """Features [frame, d] from an absolute frame, or their mirror image."""
        window = np.array(self.features[start : start + frames], np.float32)
        return mirror(window) if mirrored else window


def both(folder: Path, evaluated: bool) -> tuple[Prepared, Prepared]:
    """The splits `train` and `val` for a run; InputError if there is nothing to train on, or nothing to check an `evaluated` one."""
    train, val = load(folder, "train"), load(folder, "val")
    if not train.clips:
        raise InputError("dataset_dir", str(folder), "a folder with clips in its train split")
    if evaluated and not val.clips:
        allowed = "a folder with clips in its val split, or --no_need_evaluation"
        raise InputError("dataset_dir", str(folder), allowed)
    return train, val


def load(folder: Path, split: str) -> Prepared:
    """Read one split, `train` or `val`; InputError if the folder was not made by `prepare`, or is damaged."""
    for name in ("features.npy", "clips.jsonl", "statistics.json"):
        if not (folder / name).is_file():
            raise InputError("dataset_dir", str(folder), f"a folder with {name}, made by the prepare command")
    try:
        found = _read(folder, split)
    except InputError:
        raise
    except (ValueError, LookupError, TypeError, EOFError, OSError) as error:
        raise InputError(
            "dataset_dir", str(folder), f"an undamaged folder, made by the prepare command ({error})"
        ) from error
    if not np.isfinite(found.mean).all() or not (np.isfinite(found.std).all() and (found.std > 0).all()):
        raise InputError("statistics.json", "not finite or not positive", "mean and std as prepare writes them")
    if not np.isfinite(found.features).all():
        raise InputError("features.npy", "not finite", "numbers as prepare writes them")
    return found


def _read(folder: Path, split: str) -> Prepared:
    every = [json.loads(line) for line in (folder / "clips.jsonl").read_text("utf-8").splitlines()]
    rows = [row for row in every if row["split"] == split]
    statistics = json.loads((folder / "statistics.json").read_text("utf-8"))
    spans = [
        Span(
            clip=clip,
            start=row["start"] + span["start"],
            frames=span["frames"],
            captions=tuple(span["captions"]),
            action=span["action"],
            any_crop_fits=span["any_crop_fits"],
            plain=tuple(span.get("plain", ())),
            concepts=tuple(span.get("concepts", ())),
        )
        for clip, row in enumerate(rows)
        for span in row["spans"]
    ]
    features = np.load(folder / "features.npy", mmap_mode="r", allow_pickle=False)
    width = features.shape[1]
    of_features(width)  # refused here, not in the midst of a run
    mean, std = (np.asarray(statistics[name], np.float32) for name in ("mean", "std"))
    if mean.shape != (width,) or std.shape != (width,) or sum(row["frames"] for row in every) != len(features):
        raise InputError("dataset_dir", str(folder), "files of one run of prepare; make the folder anew")
    return Prepared(
        features=features,
        mean=mean,
        std=std,
        clips=tuple((row["start"], row["frames"]) for row in rows),
        actions=tuple(row["spans"][0]["action"] for row in rows),
        names=tuple(f"{row['source']}/{row['name']}" for row in rows),
        licenses=tuple(row["license"] for row in rows),
        spans=tuple(spans),
        mirrored=statistics.get("mirrored", True),
    )


def balanced_chance(lengths: NDArray[np.floating], actions: Sequence[str], balance: float) -> NDArray[np.float64]:
    """Chance of each motion [motion]: the square root of its length, so that long takes do not crowd out the rest, times
    a power of its action's mass: `balance` 1 draws actions as the data lies, 0 all actions alike."""
    _, place = np.unique(list(actions), return_inverse=True)
    weight = np.sqrt(np.maximum(lengths, 1))
    weight = weight * (np.bincount(place, weights=weight) ** (balance - 1))[place]
    return weight / weight.sum()


def windows(
    data: Prepared, rng: np.random.Generator, batch: int, frames: int, stretch: float = 0.0, balance: float = 1.0
) -> NDArray[np.float32]:
    """Random windows [batch, frames, d], half of them mirrored, played up to exp(`stretch`) times faster or slower.

    None is mirrored where the data forbids it. Clips are drawn by `balanced_chance`; those shorter than the window repeat
    their last frame at rest.
    """
    chance = balanced_chance(np.array([count for _, count in data.clips], float), data.actions, balance)
    picks = rng.choice(len(chance), size=batch, p=chance)
    out = np.empty((batch, frames, data.features.shape[1]), np.float32)
    for row, pick in enumerate(picks):
        start, count = data.clips[pick]
        pace = float(np.exp(rng.uniform(-stretch, stretch)))
        wanted = math.ceil(frames * pace) + 1
        begin = start + int(rng.integers(0, max(1, count - wanted + 1)))
        window = data.window(begin, min(wanted, count), bool(rng.integers(2)) and data.mirrored)
        out[row] = at_rest(played(window, pace), frames)
    return out


def played(features: NDArray[np.float32], pace: float) -> NDArray[np.float32]:
    """`features` [frame, d] played `pace` times as fast: straight lines between frames, velocities scaled."""
    time = np.arange(0, len(features) - 1, pace)
    before = time.astype(int)
    amount = (time - before)[:, None].astype(np.float32)
    made = features[before] * (1 - amount) + features[before + 1] * amount
    made[:, :3] *= pace
    return made


def at_rest(features: NDArray[np.float32], frames: int) -> NDArray[np.float32]:
    """`features` [frame, d] continued to `frames` by holding the last pose still (no turn, no travel)."""
    missing = frames - len(features)
    if missing <= 0:
        return features[:frames]
    still = np.repeat(features[-1:], missing, axis=0)
    still[:, :3] = 0.0
    return np.concatenate([features, still])
