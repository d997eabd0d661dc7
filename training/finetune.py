"""Teach a checkpoint your own clips: `python -m training.finetune --checkpoint open --dataset_dir data/mine --name mine --out mine`.

The generator learns on, from the clips in `dataset_dir` alone; tokenizer, length estimator, statistics and sampling stay the
checkpoint's. `out` is a checkpoint that the panel can use at once. Terms are inherited: what may not be used commercially
before may not be afterwards.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from backend.weights.load import load
from backend.weights.locate import Checkpoint, find
from common.errors import InputError
from common.files import read_small, replace_file, require_folder

from . import train_isodim
from .data import dataset
from .data.licences import forbids_commercial_use
from .engine.command import run
from .engine.config import Precision
from .engine.isodim_settings import IsoDiMSettings
from .export import ExportSettings, bundle

_CONFIG, _CARD = "config.json", "MODEL_CARD.md"


@dataclasses.dataclass(frozen=True)
class FinetuneSettings:
    """Command line of `finetune`."""

    name: str
    """Of the new checkpoint, and of the run under checkpoints_dir."""
    dataset_dir: Path
    """Folder made by `prepare`."""
    out: Path
    """Folder of the new checkpoint."""
    checkpoint: str = "open"
    """Name or folder of the checkpoint to start from."""
    title: str = ""
    """What the panel shows; empty is the name."""
    steps: int = 300
    batch_size: int = 16
    lr: float = 1e-4
    warm_up_iter: int = 20
    composed: int = 0
    """Training examples made by joining the legs of one clip and the arms of another."""
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"
    threads: int = 0
    log_every: int = 10
    eval_every: int = 50
    checkpoints_dir: Path = Path("checkpoints")
    need_evaluation: bool = True
    """Evaluate on the val split at eval_every."""
    is_continue: bool = False
    """Resume an interrupted run; the checkpoint that it wrote is written anew."""
    overwrite: bool = False
    """Replace the run and the checkpoint of this name, if there are any."""


def main(settings: FinetuneSettings) -> None:
    """Train on, then write the checkpoint."""
    base = find(settings.checkpoint)
    _require_place(settings, base)
    shared = {field.name for field in dataclasses.fields(IsoDiMSettings)}
    given = {key: value for key, value in vars(settings).items() if key in shared}
    training = IsoDiMSettings(**given, init=settings.checkpoint, save_every=settings.eval_every)
    train_isodim.main(training)
    checkpoint = write(settings, base, training.folder)
    print(f"{checkpoint.folder}: {checkpoint.info.licence}. Try it: --checkpoint {checkpoint.folder}")


def _require_place(settings: FinetuneSettings, base: Checkpoint) -> None:
    """InputError, before anything is trained, unless `out` can take the checkpoint and holds no other one."""
    require_folder("out", settings.out)
    if settings.out.resolve() == base.folder.resolve():
        raise InputError("out", str(settings.out), "another folder than that of the checkpoint to start from")
    if not (settings.out / _CONFIG).exists() or settings.overwrite:
        return
    if not settings.is_continue or _described(settings.out).get("name") != settings.name:
        allowed = f"a folder without a checkpoint; --overwrite replaces the one that is there, --is_continue that of {settings.name}"
        raise InputError("out", str(settings.out), allowed)


def _described(folder: Path) -> dict[str, Any]:
    """config.json of a checkpoint that may be anything; empty if it cannot be read."""
    try:
        found = json.loads(read_small(folder / _CONFIG))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _digest(card: bytes) -> str:
    return hashlib.sha256(card).hexdigest()


def _is_by_hand(settings: FinetuneSettings) -> bool:
    """Whether a person wrote, or went on with, the model card that is there: it is not the stub that this command left."""
    card, origin = settings.out / _CARD, _described(settings.out).get("origin")
    return card.is_file() and (not isinstance(origin, dict) or origin.get("card") != _digest(card.read_bytes()))


def write(settings: FinetuneSettings, base: Checkpoint, generator: Path) -> Checkpoint:
    """The checkpoint `settings.out` of the run in `generator` and of the rest of `base`, with its terms and a model card."""
    data = [dataset.load(settings.dataset_dir, split) for split in ("train", "val")]
    theirs = sorted({licence for split in data for licence in split.licenses})
    start = f"`{base.info.name}` ({base.info.licence})"
    terms = (
        f"Fine-tuned from {start}, whose terms hold for these weights too; "
        f"the clips they learnt from are under: {', '.join(theirs)}."
    )
    config = load(base.folder, "cpu").config
    card = _card(settings, terms, data).encode()
    origin = {
        "checkpoint": base.info.name,
        "sha256": base.info.sha256,
        "licence": base.info.licence,
        "clip_licences": theirs,
        "clips": len(data[0].clips),
        "steps": settings.steps,
        "card": _digest(card),
    }
    by_hand = _is_by_hand(settings)
    checkpoint = bundle(
        ExportSettings(
            name=settings.name,
            title=settings.title or settings.name,
            licence=inherited(base.info.licence, theirs),
            tokenizer=str(base.folder),
            generator=str(generator),
            length=str(base.folder),
            out=settings.out,
            dataset_dir=settings.dataset_dir,
        ),
        config["sampling"],
        {"terms": terms, "origin": origin},
    )
    if by_hand:
        print(f"{settings.out / _CARD} stays as it was written by hand; look whether it is still true")
    else:
        replace_file(settings.out / _CARD, card)
    return checkpoint


def inherited(base: str, clips: list[str]) -> str:
    """The checkpoint's licence; joined by those of the clips that forbid commercial use, if it does not forbid it itself."""
    stricter = [] if forbids_commercial_use(base) else [one for one in clips if forbids_commercial_use(one)]
    return " AND ".join([base, *stricter])


def _card(settings: FinetuneSettings, terms: str, data: list[dataset.Prepared]) -> str:
    """A stub of a model card, for the person to go on with."""
    train, val = data
    minutes = sum(frames for _, frames in train.clips) / train.layout.fps / 60
    flags: dict[str, Any] = {
        name: getattr(settings, name) for name in ("steps", "batch_size", "lr", "seed", "composed")
    }
    command = " ".join(f"--{name} {value}" for name, value in flags.items())
    return f"""# Checkpoint `{settings.name}`

{terms}

| | |
|---|---|
| data | {len(train.clips)} training clips, {minutes:.1f} minutes; {len(val.clips)} clips held back |
| made by | `python -m training.finetune --checkpoint {settings.checkpoint} {command}` |

## What to expect

To be written: what it learnt, what it forgot, which prompts work. `training.evaluate_isodim` gives metrics.
"""


if __name__ == "__main__":
    run(main, FinetuneSettings, __doc__)
