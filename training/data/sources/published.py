"""HumanML3D and KIT-ML in their published folder layout: new_joint_vecs, texts, train.txt, val.txt, test.txt.

The first 67 (KIT-ML: 64) of the 263 (251) published numbers are the essential features; KIT-ML's millimetres become
metres. Mean.npy and Std.npy are not read: the statistics are made anew over what is kept, in this project's groups.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.motion.layout import HUMANML3D, KIT, Layout
from common.errors import InputError
from common.files import is_folder
from common.motion import npy
from training.data.captioned import CaptionedClip
from training.data.retarget import MAX_REACH, MAX_SPEED, DroppedError

from . import Made
from .texts import listed_clips, read_lists, read_texts, spans_of, unlisted

_LEG = (("hip", "knee"), ("knee", "ankle"))
_LEGS_M = (0.4, 1.4)
"""Hip to knee to ankle: from a small child's to a giant's."""
_MAX_TURN_RAD = np.pi / 2
"""Of the first feature, which is half the turn of a frame."""
_MAX_HEIGHT_M = 5.0
_SHRUNK = 0.5
"""Of the longest bone: no skeleton changes by so much."""


@dataclasses.dataclass(frozen=True)
class Corpus:
    """What differs between the two. shortest, longest: frames of a clip that the published loaders use (Guo et al.)."""

    layout: Layout
    unit_m: float
    shortest: int
    longest: int
    license: str


CORPORA = {
    "t2m": Corpus(HUMANML3D, 1.0, 40, 199, "HumanML3D (motions of AMASS and HumanAct12: non-commercial research)"),
    "kit": Corpus(KIT, 0.001, 24, 199, "KIT-ML (its authors' terms)"),
}
"""Published name of the data set -> what it is."""
FOLDERS = {"t2m": "HumanML3D", "kit": "KIT-ML"}
"""Published name of the data set -> its folder in the published `--dataset_dir`."""


@dataclasses.dataclass(frozen=True)
class Published:
    """One of the two corpora in a folder."""

    folder: Path
    corpus: Corpus
    published_lengths: bool
    clips: tuple[CaptionedClip, ...]
    refused: tuple[tuple[str, str, str], ...]
    skipped: dict[str, int]

    @property
    def layout(self) -> Layout:
        """The corpus's skeleton."""
        return self.corpus.layout

    @property
    def unit_m(self) -> float:
        """Metres that one unit of its files was."""
        return self.corpus.unit_m

    def make(self, clip: CaptionedClip) -> Made:
        """The clip's essential features in metres and its captions."""
        features = essential(self.folder / "new_joint_vecs" / f"{clip.name}.npy", self.corpus)
        if self.published_lengths and not self.corpus.shortest <= len(features) <= self.corpus.longest:
            allowed = f"{self.corpus.shortest} to {self.corpus.longest} that the published loaders use"
            raise DroppedError(f"{len(features)} frames, not the {allowed}")
        annotations, notes = read_texts(self.folder / "texts" / f"{clip.name}.txt")
        spans, beyond = spans_of(annotations, clip.name, len(features), self.layout.fps, clip.source)
        return Made(features, spans, notes=notes + beyond)


def raw_folder(dataset_dir: Path, dataset_name: str) -> Path | None:
    """The corpus of that name in the published layout: `dataset_dir`, or in it; None where there is none."""
    folders = [dataset_dir / FOLDERS[dataset_name], dataset_dir] if dataset_name in FOLDERS else []
    return next((folder for folder in folders if (folder / "new_joint_vecs").is_dir()), None)


def find(dataset_name: str, folder: Path, mirror: bool, published_lengths: bool) -> Published:
    """The corpus `t2m` or `kit` in `folder`; InputError if the folder is not in the published layout.

    With `mirror`, the mirrored files are left out, since training adds mirror images itself.
    """
    for name in ("new_joint_vecs", "texts"):
        if not is_folder(folder / name):
            raise InputError("data", str(folder), f"a folder with {name} in the published layout")
    corpus = CORPORA[dataset_name]
    clips, refused, skipped = listed_clips(folder, corpus.layout.name, corpus.license, mirror)
    skipped |= unlisted(folder / "new_joint_vecs", {*read_lists(folder)[0]}, mirror, skipped)
    return Published(folder, corpus, published_lengths, clips, refused, skipped)


def essential(path: Path, corpus: Corpus) -> NDArray[np.float32]:
    """Essential features [frame, d] (m) of a file of published ones; DroppedError naming what is wrong with it."""
    name = f"new_joint_vecs/{path.name}"
    if not path.is_file():
        raise DroppedError(f"{name} is missing")
    try:
        vectors = npy.load(path)
    except InputError:
        raise DroppedError(f"{name} is not a numpy array file") from None
    layout = corpus.layout
    if vectors.dtype.kind not in "fiu":
        raise DroppedError(f"{name} holds no numbers but {vectors.dtype}")
    if vectors.ndim != 2 or vectors.shape[1] not in (layout.classic_features, layout.features):
        widths = f"[frame, {layout.classic_features} or {layout.features}]"
        raise DroppedError(f"{name} is {list(vectors.shape)}, not {widths}")
    with np.errstate(over="ignore"):
        features = np.array(vectors[:, : layout.features], np.float32)
    if len(features) < 2 or not np.isfinite(features).all():
        raise DroppedError(f"{name} holds numbers that are not finite" if len(features) > 1 else f"{name} is empty")
    features[:, 1:] *= corpus.unit_m
    if wrong := implausible(features, layout):
        raise DroppedError(f"{name} is no person in {'metres' if corpus.unit_m == 1.0 else 'millimetres'}: {wrong}")
    return features


def implausible(features: NDArray[np.float32], layout: Layout) -> str:
    """Why features [frame, d] (m) cannot be a person's motion; empty if they can. One such clip would ruin mean and std of all."""
    rows = features.astype(np.float64)
    turn, speed, height = np.abs(rows[:, 0]).max(), np.linalg.norm(rows[:, 1:3], axis=1).max() * layout.fps, rows[:, 3]
    joints = rows[:, 4:].reshape(len(rows), -1, 3) - height[:, None, None] * (0.0, 1.0, 0.0)
    reach = np.linalg.norm(joints, axis=-1).max()
    joints = np.concatenate([np.zeros_like(joints[:, :1]), joints], axis=1)
    bones = np.stack([_bones(joints, layout, side, *ends) for side in ("left", "right") for ends in _LEG], axis=-1)
    usual = np.median(bones, axis=0)
    legs = usual.sum() / 2
    for wrong, words in (
        (not _LEGS_M[0] <= legs <= _LEGS_M[1], f"legs of {legs:.3g} m"),
        (reach > MAX_REACH, f"a joint {reach:.3g} m from the pelvis"),
        (speed > MAX_SPEED, f"the root moves at {speed:.3g} m/s"),
        (turn > _MAX_TURN_RAD, f"a turn of {2 * turn:.3g} rad in a frame"),
        (np.abs(height).max() > _MAX_HEIGHT_M, f"the pelvis {np.abs(height).max():.3g} m above the ground"),
        (np.abs(bones - usual).max() > _SHRUNK * usual.max(), "legs that change their length"),
    ):
        if wrong:
            return words
    return ""


def _bones(joints: NDArray[np.float64], layout: Layout, side: str, above: str, below: str) -> NDArray[np.float64]:
    """[frame]: length of a bone."""
    ends = joints[:, layout.index[f"{side}_{below}"]] - joints[:, layout.index[f"{side}_{above}"]]
    return np.asarray(np.linalg.norm(ends, axis=-1))
