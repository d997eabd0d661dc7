"""BVH clips with captions -> one folder of features that training reads.

`python -m training.prepare --bvh DIR --captions A.jsonl [B.jsonl ...] --joint-maps joint_maps.json --out DIR`

Writes features.npy [all frames, 67], clips.jsonl (one clip a row: where its frames lie, and its captioned spans),
statistics.json (mean and std over the train split), report.md and report.json (what was kept, dropped, and why).
"""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path
from typing import Literal

import numpy as np
import tyro
from numpy.typing import NDArray
from tqdm import tqdm

from backend.motion.features import joints_to_features
from contract.errors import InputError
from contract.files import replace_file

from .captioned import CaptionedClip, load_captions, spans
from .report import Report
from .retarget import DroppedError, retarget
from .sources.bvh import JointMap, load_joint_maps, read_clip
from .statistics import feature_statistics


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
    report, rows, blocks = Report(), [], []
    total = 0
    for clip in tqdm(load_captions(settings.captions), unit="clip", mininterval=5.0):
        try:
            features, row = _prepare_clip(settings.bvh, clip, maps, report)
        except (DroppedError, InputError) as error:
            report.drop(clip.source, clip.name, str(error))
            continue
        rows.append({**row, "start": total})
        blocks.append(features.astype(settings.dtype))
        total += len(features)
    if not any(row["split"] == "train" for row in rows):
        raise InputError("captions", [str(path) for path in settings.captions], "at least one usable clip to train on")
    _write(settings, report, rows, np.concatenate(blocks))
    return report


def _prepare_clip(
    folder: Path, clip: CaptionedClip, maps: dict[str, JointMap], report: Report
) -> tuple[NDArray[np.float32], dict]:
    """Features [frame, 67] and the row of clips.jsonl, but for its start."""
    if clip.source not in maps:
        raise DroppedError("its source has no joint map")
    path = folder / clip.source / f"{clip.name}.bvh"
    result = retarget(*read_clip(path, maps[clip.source]))
    features = joints_to_features(result.positions)
    row = {
        "name": clip.name,
        "source": clip.source,
        "split": clip.split,
        "license": clip.license,
        "start": 0,
        "frames": len(features),
        "spans": spans(clip, len(features)),
    }
    if not row["spans"]:
        raise DroppedError("no caption inside the clip")
    report.keep(row, result.error_m, result.ground_shift_m)
    return features, row


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


def main() -> None:
    """The command."""
    report = prepare(tyro.cli(PrepareSettings, description=__doc__))
    print(f"{len(report.kept)} clips kept, {len(report.dropped)} dropped")


if __name__ == "__main__":
    main()
