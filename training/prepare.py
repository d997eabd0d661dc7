"""BVH clips with captions -> one folder of features that training reads.

`python -m training.prepare --bvh DIR --captions A.jsonl [B.jsonl ...] --joint-maps joint_maps.json --out DIR`

Writes features.npy [all frames, 67], clips.jsonl (one clip a row: where its frames lie, and its captioned spans),
statistics.json (mean and std over the train split), report.md and report.json (what was kept, dropped, and why).
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.motion.features import joints_to_features
from contract.errors import InputError
from contract.files import replace_file
from contract.skeleton import REST_OFFSETS

from .captioned import CaptionedClip, load_captions, spans
from .command import run
from .report import Report
from .rest_pose import estimate_rest
from .retarget import DroppedError, retarget, scaled_clip
from .sources.bvh import JointMap, load_joint_maps, read_clip
from .statistics import feature_statistics

_REST_CLIPS = 100


@dataclasses.dataclass(frozen=True)
class PrepareSettings:
    """Command line of `prepare`."""

    bvh: Path
    """Folder with SOURCE/CLIP.bvh."""
    captions: tuple[Path, ...]
    """Files of JSON lines, one captioned span a row."""
    joint_maps: Path
    """JSON: each source's joints -> the 22 canonical joints."""
    out: Path
    """Folder to write."""
    mirror: bool = True
    """Statistics over the clips and their mirror images, which training then adds."""
    dtype: Literal["float32", "float16"] = "float32"
    """Of features.npy."""


def prepare(settings: PrepareSettings) -> Report:
    """Makes the folder; InputError if an input as a whole is unusable, a dropped clip (see the report) if one clip is."""
    maps = load_joint_maps(settings.joint_maps)
    clips = load_captions(settings.captions)
    report, rows, blocks = Report(), [], []
    total, source, rest = 0, None, REST_OFFSETS
    for clip in tqdm(clips, unit="clip", mininterval=5.0):
        if clip.source != source:
            source = clip.source
            rest = _rest_of(settings.bvh, [other for other in clips if other.source == source], maps)
        try:
            result = retarget(_scaled(settings.bvh, clip, maps), rest)
            features = joints_to_features(result.positions)
            rows.append(_row(clip, len(features), total))
        except (DroppedError, InputError) as error:
            report.drop(clip.source, clip.name, str(error))
            continue
        report.keep(rows[-1], result.error_m, result.ground_shift_m)
        blocks.append(features.astype(settings.dtype))
        total += len(features)
    if not any(row["split"] == "train" for row in rows):
        raise InputError("captions", [str(path) for path in settings.captions], "at least one usable clip to train on")
    _write(settings, report, rows, np.concatenate(blocks))
    return report


def _scaled(folder: Path, clip: CaptionedClip, maps: dict[str, JointMap]) -> NDArray[np.float64]:
    if clip.source not in maps:
        raise DroppedError("its source has no joint map")
    return scaled_clip(*read_clip(folder / clip.source / f"{clip.name}.bvh", maps[clip.source]))


def _rest_of(folder: Path, clips: list[CaptionedClip], maps: dict[str, JointMap]) -> NDArray[np.float64]:
    """Rest pose of a source from at most 100 of its train clips, evenly chosen; the canonical one if none can be used."""
    train = [clip for clip in clips if clip.split == "train"] or clips
    found = []
    for clip in train[:: -(-len(train) // _REST_CLIPS)]:
        with contextlib.suppress(DroppedError, InputError):  # reported when its turn comes
            found.append(_scaled(folder, clip, maps))
    return estimate_rest(found) if found else REST_OFFSETS


def _row(clip: CaptionedClip, frames: int, start: int) -> dict:
    """The row of clips.jsonl."""
    captioned = spans(clip, frames)
    if not captioned:
        raise DroppedError("no caption inside the clip")
    facts = {"name": clip.name, "source": clip.source, "split": clip.split, "license": clip.license}
    return {**facts, "start": start, "frames": frames, "spans": captioned}


def _write(settings: PrepareSettings, report: Report, rows: list[dict], features: NDArray[np.floating]) -> None:
    train = [features[row["start"] : row["start"] + row["frames"]] for row in rows if row["split"] == "train"]
    mean, std = feature_statistics(np.concatenate(train).astype(np.float32), settings.mirror)
    out = settings.out
    out.mkdir(parents=True, exist_ok=True)
    array = io.BytesIO()
    np.save(array, features)
    statistics = {"mean": mean.tolist(), "std": std.tolist(), "mirrored": settings.mirror}
    page = {**report.summary(), "kept": report.kept, "dropped": report.dropped}
    # Replaced whole: a training run that has mapped the old features keeps them.
    replace_file(out / "features.npy", array.getvalue())
    replace_file(out / "clips.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())
    replace_file(out / "statistics.json", (json.dumps(statistics, indent=1) + "\n").encode())
    replace_file(out / "report.json", (json.dumps(page, indent=1) + "\n").encode())
    replace_file(out / "report.md", report.markdown().encode())


def main(settings: PrepareSettings) -> None:
    """Makes the folder and says how much was kept."""
    report = prepare(settings)
    print(f"{len(report.kept)} clips kept, {len(report.dropped)} dropped")


if __name__ == "__main__":
    run(main, PrepareSettings, __doc__)
