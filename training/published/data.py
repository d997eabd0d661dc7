"""The published `--dataset_dir`: a folder that `prepare` made, or the raw data set, which is then prepared once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from common.errors import InputError
from training.data.sources.published import FOLDERS, raw_folder
from training.prepare import PrepareSettings, prepare

PREPARED = "prepared"
_ORIGIN = "prepared_from.txt"


def prepared(dataset_dir: Path, dataset_name: str, checkpoints_dir: Path) -> Path:
    """The prepared folder of a data set; of a raw one it is made beside the runs, with a line that says so.

    InputError where there is neither.
    """
    if (dataset_dir / "features.npy").is_file():
        return dataset_dir
    raw = raw_folder(dataset_dir, dataset_name)
    if raw is None:
        allowed = f"a folder made by prepare, or one with {FOLDERS.get(dataset_name, 'the data set')}/new_joint_vecs"
        raise InputError("dataset_dir", str(dataset_dir), allowed)
    out = checkpoints_dir / dataset_name / PREPARED
    origin = out / _ORIGIN
    if origin.is_file() and origin.read_text("utf-8") == str(raw.resolve()):
        print(f"{raw}: prepared before, in {out}; delete that folder when the data have changed", flush=True)
        return out
    print(f"{raw}: prepared once, into {out}", flush=True)
    where: dict[str, Any] = {dataset_name: raw}
    report = prepare(PrepareSettings(out=out, **where))
    print(f"{len(report.kept)} clips kept, {len(report.dropped)} dropped: {out / 'report.md'}", flush=True)
    origin.write_text(str(raw.resolve()), "utf-8")
    return out
