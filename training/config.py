"""Settings of a run: frozen values from the command line, written beside the run before its first step."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TypeVar

from contract.errors import InputError

Settings = TypeVar("Settings")


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
    steps: int = 3000
    """Updates in all; the rate falls over the last fifth, so a run may be resumed with fewer or more."""
    lr: float = 2e-4
    weight_decay: float = 0.01
    warm_up_iter: int = 200
    ema: float = 0.999
    seed: int = 0
    device: str = "auto"
    precision: str = "bf16"
    """bf16 (autocast) or fp32."""
    threads: int = 0
    """CPU threads; 0 leaves it to torch."""
    log_every: int = 20
    save_every: int = 250
    eval_every: int = 250
    is_continue: bool = False
    """Resume from the run's newest state; the result equals an uninterrupted run."""

    @property
    def folder(self) -> Path:
        """The run's own folder."""
        return self.checkpoints_dir / self.dataset_name / self.name


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
    rows = json.loads(path.read_text())
    known = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(rows) - set(known))
    if unknown:
        raise InputError(f"{path.name} key", unknown[0], f"one of {', '.join(known)}")
    return kind(
        **{key: Path(value) if "Path" in str(known[key].type) and value else value for key, value in rows.items()}
    )
