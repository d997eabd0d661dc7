"""Motion with captions -> one folder of features that training reads.

`python -m training.prepare --bvh DIR --out OUT`: BVH clips with captions.jsonl or captions.csv
`python -m training.prepare --t2m DIR --out OUT`: HumanML3D in its published layout; `--kit DIR` KIT-ML in the same
`python -m training.prepare --amass DIR --annotations HUMANML3D --body_models DIR --out OUT`: AMASS by index.csv

Writes features.npy [all frames, 67; KIT-ML 64], clips.jsonl (one clip a row: where its frames lie, and its captioned
spans), statistics.json (mean and std over the train split, and the skeleton), report.md and report.json (what was kept,
dropped, and why).
"""

from __future__ import annotations

import dataclasses
import functools
import io
import json
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from common.errors import InputError
from common.files import replace_file, require_folder
from common.motion.bvh_axes import Given

from .data import phrasings
from .data.report import PrepareReport
from .data.sources import Source, attempt, bvh, published
from .data.statistics import feature_statistics
from .data.workers import mapped
from .engine.command import run


@dataclasses.dataclass(frozen=True)
class PrepareSettings:
    """Command line of `prepare`: one of the four folders to read, and the folder to write."""

    out: Path
    """Folder to write."""
    bvh: Path | None = None
    """Folder with SOURCE/CLIP.bvh or CLIP.bvh."""
    t2m: Path | None = None
    """HumanML3D's folder: new_joint_vecs, texts, train.txt, val.txt, test.txt."""
    kit: Path | None = None
    """KIT-ML's folder in the same layout."""
    amass: Path | None = None
    """AMASS's folder with SET/SUBJECT/CLIP.npz (SMPL-H)."""
    captions: tuple[Path, ...] = ()
    """bvh: JSON lines or CSV files, one captioned span a row; if absent captions.jsonl or captions.csv of the folder."""
    lexicon: Path | None = None
    """bvh: JSON lines, short phrasings of concepts; with `concepts` (and `paraphrases`) they become further captions."""
    concepts: Path | None = None
    """bvh: JSON lines, which concepts of the lexicon a span shows."""
    paraphrases: tuple[Path, ...] = ()
    """bvh: JSON lines, further sentences for a caption or a span."""
    joint_maps: Path | None = None
    """bvh: JSON, each source's joints -> the 22 canonical ones; if absent joint_maps.json of the folder, or a guess."""
    up: str | None = None
    """bvh: the axis that is up in all files (X, Y, Z, -X, -Y, -Z); found from the motion if absent."""
    unit: str | None = None
    """bvh: the unit of all files (m, cm, mm, inch); found from the legs' length if absent."""
    annotations: Path | None = None
    """amass: HumanML3D's folder with index.csv, texts, train.txt, val.txt, test.txt."""
    body_models: Path | None = None
    """amass: folder with smplh/male/model.npz and smplh/female/model.npz."""
    published_lengths: bool = True
    """t2m, kit: leave out the short and long clips that the published loaders leave out."""
    plant_feet: bool = False
    """bvh, amass: fix standing feet before features are made; the report tells how far they slid before and after."""
    mirror: bool = True
    """Statistics over the clips and their mirror images, which training then adds; published mirrored files go."""
    strict: bool = False
    """End with the first broken or missing file instead of leaving it out."""
    num_workers: int = 1
    """Processes; the result does not depend on their number."""
    dtype: Literal["float32", "float16"] = "float32"
    """Of features.npy."""


_BELONG = {
    **dict.fromkeys(("captions", "lexicon", "concepts", "paraphrases", "joint_maps", "up", "unit"), ("bvh",)),
    **dict.fromkeys(("annotations", "body_models"), ("amass",)),
    "published_lengths": ("t2m", "kit"),
    "plant_feet": ("bvh", "amass"),
}
"""Setting -> the corpora that it belongs to."""


def source_of(settings: PrepareSettings) -> Source:
    """The corpus that the settings name; InputError unless it is exactly one."""
    named = [name for name in ("bvh", "t2m", "kit", "amass") if getattr(settings, name) is not None]
    if len(named) != 1:
        raise InputError("folder to read", " and ".join(named) or "missing", "one of --bvh, --t2m, --kit, --amass")
    for name, owners in _BELONG.items():
        if getattr(settings, name) != PrepareSettings.__dataclass_fields__[name].default and named[0] not in owners:
            raise InputError(name, str(getattr(settings, name)), f"nothing beside --{named[0]}, which does not read it")
    if settings.bvh:
        given = Given.of("", settings.up, settings.unit)
        found = bvh.find(settings.bvh, settings.captions, settings.joint_maps, given)
        words = phrasings.load(settings.lexicon, settings.concepts, settings.paraphrases)
        found = dataclasses.replace(
            found, clips=tuple(words.enriched(clip) for clip in found.clips), plant=settings.plant_feet
        )
        return found.with_rests(settings.num_workers)
    if settings.amass:
        from .data.sources import amass  # it needs torch, and the others start faster without

        found = amass.find(settings.amass, settings.annotations, settings.body_models, settings.mirror)
        found = dataclasses.replace(found, plant=settings.plant_feet)
        return found.with_rests(settings.num_workers)
    folder = settings.t2m or settings.kit or Path()
    return published.find(named[0], folder, settings.mirror, settings.published_lengths)


def prepare(settings: PrepareSettings) -> PrepareReport:
    """Makes the folder; InputError if an input as a whole is unusable; single clips are dropped (see the report)."""
    require_folder("out", settings.out)
    source = source_of(settings)
    report, rows, blocks, total = PrepareReport(source.layout.fps, skipped=source.skipped), [], [], 0
    for refusal in source.refused:
        _drop(settings, report, *refusal)
    made = mapped(functools.partial(attempt, source), source.clips, settings.num_workers)
    for clip, result in tqdm(zip(source.clips, made, strict=True), total=len(source.clips), unit="clip", mininterval=5):
        if isinstance(result, str):
            _drop(settings, report, clip.source, clip.name, result)
            continue
        facts = {"name": clip.name, "source": clip.source, "split": clip.split, "license": clip.license}
        rows.append({**facts, "start": total, "frames": len(result.features), "spans": result.spans})
        report.keep(rows[-1], result.facts, result.told)
        for note in result.notes:
            report.note(clip.source, clip.name, note)
        blocks.append(result.features.astype(settings.dtype))
        total += len(result.features)
    if not any(row["split"] == "train" for row in rows):
        reason = f"; the first dropped: {report.dropped[0]['reason'].rstrip('.')}" if report.dropped else ""
        raise InputError("clips to train on", 0, f"at least one usable clip of the train split{reason}")
    _write(settings, source, report, rows, np.concatenate(blocks))
    return report


def _drop(settings: PrepareSettings, report: PrepareReport, source: str, name: str, reason: str) -> None:
    if settings.strict:
        raise InputError(f"clip {source}/{name}", reason, "a sound clip; without --strict it is left out")
    report.drop(source, name, reason)


def _write(
    settings: PrepareSettings, source: Source, report: PrepareReport, rows: list[dict], features: NDArray[np.floating]
) -> None:
    train = [features[row["start"] : row["start"] + row["frames"]] for row in rows if row["split"] == "train"]
    mean, std = feature_statistics(np.concatenate(train).astype(np.float32), settings.mirror)
    out = settings.out
    out.mkdir(parents=True, exist_ok=True)
    array = io.BytesIO()
    np.save(array, features)
    layout = source.layout
    skeleton = {"name": layout.name, "joints": len(layout.joints), "fps": layout.fps, "unit_m": source.unit_m}
    statistics = {"mean": mean.tolist(), "std": std.tolist(), "mirrored": settings.mirror, "skeleton": skeleton}
    page = {**report.summary(), "kept": report.kept, "dropped": report.dropped, "notes": report.notes}
    # Replaced whole: a training run that has mapped the old features keeps them.
    replace_file(out / "features.npy", array.getvalue())
    replace_file(out / "clips.jsonl", "".join(json.dumps(row) + "\n" for row in rows).encode())
    replace_file(out / "statistics.json", (json.dumps(statistics, indent=1) + "\n").encode())
    replace_file(out / "report.json", (json.dumps(page, indent=1) + "\n").encode())
    replace_file(out / "report.md", report.markdown().encode())


def main(settings: PrepareSettings) -> None:
    """Makes the folder and says how much was kept."""
    report = prepare(settings)
    print(
        f"{len(report.kept)} clips kept, {len(report.dropped)} dropped; why, and all else: {settings.out / 'report.md'}"
    )
    for reason, count in report.skipped.items():
        print(f"not taken: {count} {reason}")


if __name__ == "__main__":
    run(main, PrepareSettings, __doc__)
