"""What a run tells while it trains: log.jsonl, TensorBoard and one printed line, by its first process alone."""

from __future__ import annotations

import json
import math
from pathlib import Path

from torch.utils.tensorboard import SummaryWriter


class Journal:
    """Curves of a run folder. Rows after `step`, or cut off, are dropped: a resumed run makes them again."""

    def __init__(self, folder: Path, step: int, steps: int) -> None:
        self.steps, path = steps, folder / "log.jsonl"
        rows = path.read_text().splitlines(keepends=True) if step and path.is_file() else []
        path.write_text("".join(row for row in rows if row.endswith("\n") and json.loads(row)["step"] <= step))
        self.kept = [json.loads(row) for row in path.read_text().splitlines()]
        self.stream = path.open("a")
        self.board = SummaryWriter(folder / "eval", purge_step=step)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.board.close()

    def lowest(self, name: str) -> float:
        """The lowest value of a metric in the rows that a resumed run goes on from; infinity where there is none."""
        return min((float(row[name]) for row in self.kept if name in row), default=math.inf)

    def write(self, step: int, metrics: dict[str, float], pace: float) -> None:
        """One row; `pace` is the mean seconds per step."""
        minutes = pace * (self.steps - step) / 60
        shown = "  ".join(f"{name} {value:.4g}" for name, value in metrics.items())
        print(f"step {step}/{self.steps}  {shown}  {pace:.3f} s/step  {minutes:.1f} min left", flush=True)
        for name, value in metrics.items():
            self.board.add_scalar(name, value, step)
        self.stream.write(json.dumps({"step": step, **metrics}) + "\n")
        self.stream.flush()
