"""Settings of a run: frozen values from the command line, written beside the run before its first step."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any, Literal, TypeVar

from backend.generators.windows import MAX_TOKENS
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from common.errors import InputError

Settings = TypeVar("Settings", bound="RunSettings")
Precision = Literal["auto", "bf16", "fp32"]
_BOUNDS = {
    **dict.fromkeys(("width", "latent", "layers", "dims"), (1, 8192)),
    **dict.fromkeys(("dropout", "word_dropout"), (0.0, 0.99)),
    **dict.fromkeys(("composed", "turned"), (0, 1_000_000)),
    "window_size": (2 * FRAMES_PER_TOKEN, 100_000),
    **dict.fromkeys(("cond_drop_prob", "head_turns"), (0.0, 1.0)),
    "stretch": (0.0, 2.0),
    "balance": (-2.0, 2.0),
    "smoothing_tokens": (1e-3, 100.0),
    "num_experts": (1, 64),
    **dict.fromkeys(("segments", "phases"), (1, 64)),
    **dict.fromkeys(("before_noise", "input_noise"), (0.0, 2.0)),
    "kl_loss": (0.0, 100.0),
    "first_segments": (0.0, 1.0),
    **dict.fromkeys(
        ("balance_loss", "diversity_loss", "consistency_loss", "progressive_loss", "align_loss"), (0.0, 100.0)
    ),
}
"""What no network or draw can have otherwise; told before anything is loaded."""
_MAX_FRAMES = MAX_TOKENS * FRAMES_PER_TOKEN


@dataclasses.dataclass(frozen=True)
class RunSettings:
    """What every training command shares; the names are the published flags where those exist."""

    name: str
    """Run name: files go to checkpoints_dir/dataset_name/name."""
    dataset_dir: Path
    """Folder made by `prepare`."""
    dataset_name: str = "bvh"
    checkpoints_dir: Path = Path("checkpoints")
    batch_size: int = 64
    """Rows of one update, over all processes and accumulated parts."""
    accumulate: int = 1
    """Parts of a process's batch that go through the model one after the other: less memory, the same update."""
    steps: int = 3000
    """Updates in all; the rate falls over the last fifth, so a run may be resumed with fewer or more."""
    epoch: int = 0
    """Passes over the data instead of steps; 0 leaves it to steps."""
    lr: float = 2e-4
    weight_decay: float = 0.01
    warm_up_iter: int = 200
    milestones: tuple[int, ...] = ()
    """Steps at which the rate is multiplied by lr_decay, instead of the fall over the last fifth."""
    lr_decay: float = 0.1
    max_norm: float = 1.0
    """Longest gradient; longer ones are scaled down, as is usual for transformers. 0: of any length."""
    ema: float = 0.999
    seed: int = 0
    device: str = "auto"
    precision: Precision = "auto"
    """bf16 is autocast's; auto takes it where the device multiplies in it, and fp32 elsewhere."""
    fsdp: bool = False
    """Shard parameters, gradients and optimizer over the processes of torchrun instead of replicating them."""
    threads: int = 0
    """CPU threads; 0 leaves it to torch."""
    num_workers: int = 1
    """Threads that make batches ahead; they change none of them. 0 makes them in the loop."""
    unit_length: int = FRAMES_PER_TOKEN
    """Frames of a token; our tokenizers have four, but for the deep one, which has segments."""
    max_motion_length: int = _MAX_FRAMES
    """Longest motion in frames; longer ones are cut."""
    log_every: int = 20
    save_every: int = 250
    eval_every: int = 250
    need_evaluation: bool = True
    """Evaluate the average on the val split at eval_every."""
    is_continue: bool = False
    """Resume from the run's newest state; the result equals an uninterrupted run."""
    overwrite: bool = False
    """Replace the run of this name, if there is one."""

    @property
    def folder(self) -> Path:
        """The run's own folder."""
        return self.checkpoints_dir / self.dataset_name / self.name

    @property
    def fixed(self) -> dict[str, Any]:
        """The settings that a resumed run cannot change, since its weights would not fit."""
        return {}


def check(settings: RunSettings) -> None:
    """Refuse values that no run can have."""
    for name in ("name", "dataset_name"):
        if (folder := getattr(settings, name)) in ("", "..") or Path(folder).name != folder:
            raise InputError(name, folder, "the name of a folder, not a path")
    for name in ("batch_size", "accumulate", "steps", "log_every", "save_every", "eval_every"):
        if (value := getattr(settings, name)) < 1:
            raise InputError(name, value, "1 or more")
    for name in ("epoch", "num_workers", "warm_up_iter", "threads", "weight_decay", "lr_decay", "max_norm"):
        if (value := getattr(settings, name)) < 0:
            raise InputError(name, value, "0 or more")
    if not (math.isfinite(settings.lr) and settings.lr > 0):
        raise InputError("lr", settings.lr, "a number above 0")
    if not 0 <= settings.ema < 1:
        raise InputError("ema", settings.ema, "0 or more and below 1")
    _check_bounds(settings)
    if settings.unit_length != FRAMES_PER_TOKEN:
        raise InputError(
            "unit_length", settings.unit_length, "4, the frames of a token in every tokenizer without segments"
        )
    if not FRAMES_PER_TOKEN <= settings.max_motion_length <= _MAX_FRAMES:
        raise InputError("max_motion_length", settings.max_motion_length, f"{FRAMES_PER_TOKEN} to {_MAX_FRAMES} frames")
    if settings.epoch and settings.steps != _default(settings, "steps"):
        raise InputError("steps", settings.steps, f"none beside epoch {settings.epoch}: one of the two says how long")


def _check_bounds(settings: RunSettings) -> None:
    for name, (low, high) in _BOUNDS.items():
        value = getattr(settings, name, None)
        if value is not None and not low <= value <= high:
            raise InputError(name, value, f"{low:g} to {high:g}")
    window = getattr(settings, "window_size", FRAMES_PER_TOKEN)
    if window % FRAMES_PER_TOKEN:
        raise InputError("window_size", window, f"a multiple of {FRAMES_PER_TOKEN}, the frames of a token")


def updates_an_epoch(settings: RunSettings, examples: int) -> int:
    """Updates of a pass over so many examples, the last batch filled up."""
    return math.ceil(examples / settings.batch_size)


def planned(settings: Settings, examples: int) -> Settings:
    """The settings with `steps` set for `epoch` passes over `examples`, the last batch of a pass filled up."""
    if not settings.epoch:
        return settings
    return dataclasses.replace(settings, steps=settings.epoch * updates_an_epoch(settings, examples))


def _default(settings: RunSettings, name: str) -> object:
    return {field.name: field.default for field in dataclasses.fields(settings)}[name]


def save(settings: RunSettings, folder: Path) -> None:
    """Write settings.json beside the run."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {
        key: str(value) if isinstance(value, Path) else value for key, value in dataclasses.asdict(settings).items()
    }
    (folder / "settings.json").write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n")


def load(kind: type[Settings], folder: Path) -> Settings:
    """Read settings.json of a run back as `kind`; unknown keys are refused."""
    path = folder / "settings.json"
    if not path.is_file():
        raise InputError("run folder", str(folder), "a folder with settings.json, written by a training command")
    try:
        rows = json.loads(path.read_text())
    except ValueError as error:
        raise InputError(path.name, f"broken ({error})", "JSON as a training command writes it") from error
    known = {field.name: field for field in dataclasses.fields(kind)}
    unknown = sorted(set(rows) - set(known))
    if unknown:
        raise InputError(f"{path.name} key", unknown[0], f"one of {', '.join(known)}")
    return kind(**{key: _read(value, str(known[key].type)) for key, value in rows.items()})


def _read(value: Any, kind: str) -> Any:
    if isinstance(value, list):
        return tuple(value)
    return Path(value) if isinstance(value, str) and "Path" in kind and value else value
