"""AMASS clips named by HumanML3D's index.csv -> positions of the 22 joints, through smplx and the user's SMPL-H files.

What is cut from which subset, the axes, and the meaning of start_frame and end_frame are those of HumanML3D's
raw_pose_processing (Guo et al., CVPR 2022): frames are counted after keeping every int(fps / 20)-th one.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray

from common.errors import InputError
from common.motion import npy
from common.motion.skeleton import JOINTS
from training.data.captioned import CaptionedClip
from training.data.retarget import DroppedError

from .captured import Captured, Joints
from .smplh import body_of, joints_of
from .texts import few, listed_clips, read_lists, read_texts, spans_of

Array = NDArray[np.float64]

_INDEX = "index.csv"
_COLUMNS = ("source_path", "start_frame", "end_frame", "new_name")
_FPS = 20
_BEGIN_S = {
    "Eyes_Japan_Dataset": 3.0,
    "MPI_HDM05": 3.0,
    "TotalCapture": 1.0,
    "MPI_Limits": 1.0,
    "Transitions_mocap": 0.5,
}
"""Seconds cut from the beginning of a subset's clips, which hold its T-pose."""
_JOINT_FILES = "humanact12"
_LICENSE = "AMASS (non-commercial research), captions of HumanML3D"
_Y_UP = np.array([[-1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
"""Rows: AMASS's x, y, z (z up) -> -x, z, y: the published swap of y and z, and the published change of x's sign."""


@dataclasses.dataclass(frozen=True)
class Cut:
    """A row of index.csv: a file below AMASS's folder, and the frames at 20 a second to take, the end exclusive."""

    path: PurePosixPath
    start: int
    end: int


def find(folder: Path, annotations: Path | None, body_models: Path | None, mirror: bool) -> Captured:
    """The clips of HumanML3D's lists whose rows index.csv holds; InputError naming what is missing."""
    if annotations is None or not (annotations / _INDEX).is_file():
        raise InputError(
            "annotations", str(annotations or "missing"), f"HumanML3D's folder with {_INDEX}, texts and lists"
        )
    if body_models is None or not body_models.is_dir():
        raise InputError("body_models", str(body_models or "missing"), "a folder with smplh/male/model.npz and female")
    cuts = read_index(annotations / _INDEX)
    listed, refused, skipped = listed_clips(annotations, "amass", _LICENSE, mirror)
    clips = [dataclasses.replace(clip, source=cuts[clip.name].path.parts[0]) for clip in listed if clip.name in cuts]
    without = tuple((clip.source, clip.name, f"no row in {_INDEX}") for clip in listed if clip.name not in cuts)
    clips.sort(key=lambda clip: (clip.source, clip.name))
    alone = sorted(cuts.keys() - read_lists(annotations)[0].keys())
    if alone:
        skipped |= {f"rows of {_INDEX} that are in no list ({few(alone)})": len(alone)}
    return Captured(
        Reader(folder, body_models, cuts), Spans(annotations / "texts"), tuple(clips), 1.0, refused + without, skipped
    )


def read_index(path: Path) -> dict[str, Cut]:
    """Clip name -> its row; InputError naming the line of a bad one."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(_INDEX, str(path), "a readable table in UTF-8") from error
    with io.StringIO(text, newline="") as stream:
        reader = csv.DictReader(stream)
        if not set(_COLUMNS) <= set(reader.fieldnames or ()):
            raise InputError(_INDEX, list(reader.fieldnames or ()), f"the columns {', '.join(_COLUMNS)}")
        cuts = {}
        for row in reader:
            source = PurePosixPath(row["source_path"] or "")
            parts = source.parts[1:] if source.parts[:1] == ("pose_data",) else source.parts
            try:
                cut = Cut(PurePosixPath(*parts), int(row["start_frame"]), int(row["end_frame"]))
            except (TypeError, ValueError):
                raise InputError(f"{_INDEX} line {reader.line_num}", row, "two frame numbers") from None
            if source.is_absolute() or ".." in parts or len(parts) < 2:
                raise InputError(f"{_INDEX} line {reader.line_num}", str(source), "a path below pose_data")
            cuts[(row["new_name"] or "").removesuffix(".npy")] = cut
    return cuts


@dataclasses.dataclass(frozen=True)
class Spans:
    """The captions of a clip: a callable that worker processes can be given."""

    texts: Path

    def __call__(self, clip: CaptionedClip, frames: int) -> tuple[list[dict], tuple[str, ...]]:
        """Rows for clips.jsonl and notes on what was left out."""
        annotations, notes = read_texts(self.texts / f"{clip.name}.txt")
        spans, beyond = spans_of(annotations, clip.name, frames, _FPS, "humanml3d")
        return spans, notes + beyond


@dataclasses.dataclass(frozen=True)
class Reader:
    """Reads a clip's joints."""

    folder: Path
    body_models: Path
    cuts: dict[str, Cut]

    def __call__(self, clip: CaptionedClip) -> Joints:
        """The clip's joints; DroppedError naming a missing or broken file."""
        cut = self.cuts[clip.name]
        if _JOINT_FILES in cut.path.parts[0]:
            return Joints(_joint_file(self.folder / cut.path), _FPS)
        return self._captured(cut)

    def _captured(self, cut: Cut) -> Joints:
        path = cut.path.with_suffix(".npz")
        try:
            with np.load(self.folder / path, allow_pickle=False) as file:
                fps = float(file["mocap_framerate"])
                gender = str(file["gender"].astype(str))
                poses, trans, betas = (np.asarray(file[key], np.float64) for key in ("poses", "trans", "betas"))
        except FileNotFoundError:
            raise DroppedError(f"{path} is missing") from None
        except (
            OSError,
            ValueError,
            KeyError,
            EOFError,
            TypeError,
            zipfile.BadZipFile,
            zlib.error,
            NotImplementedError,
        ) as error:
            raise DroppedError(f"{path} is not an AMASS file with poses and mocap_framerate") from error
        if poses.ndim != 2 or poses.shape[1] < 3 * len(JOINTS) or trans.shape != (len(poses), 3) or betas.ndim != 1:
            shapes = ", ".join(
                f"{name} {list(part.shape)}" for name, part in (("poses", poses), ("trans", trans), ("betas", betas))
            )
            raise DroppedError(f"{path} holds {shapes}, not poses of SMPL-H")
        step = int(fps / _FPS) if np.isfinite(fps) else 0
        begin = next((seconds for name, seconds in _BEGIN_S.items() if name in cut.path.parts), 0.0)
        first = (int(begin * _FPS) + cut.start) * step
        last = min((int(begin * _FPS) + cut.end - 1) * step, len(trans) - 1)
        if step < 1 or len(poses) != len(trans) or not 0 <= first < last:
            raise DroppedError(f"{path} has {len(trans)} frames at {fps:g} fps, too few for its row of {_INDEX}")
        body = body_of(self.body_models, "male" if gender == "male" else "female")  # as the published script does
        part = slice(first, last + 1)
        return Joints(joints_of(body, poses[part], trans[part], betas) @ _Y_UP, fps)


def _joint_file(path: Path) -> Array:
    """HumanAct12's own joints [frame, 22, 3], which HumanML3D ships and takes as they are."""
    try:
        joints = npy.load(path.with_suffix(".npy"))
    except InputError:
        raise DroppedError(f"{path.name} is missing or not a numpy array file") from None
    if joints.ndim != 3 or joints.shape[1] < len(JOINTS) or joints.shape[2] != 3:
        raise DroppedError(f"{path.name} is {list(joints.shape)}, not [frame, {len(JOINTS)} or more, 3]")
    return np.asarray(joints[:, : len(JOINTS)], np.float64)
