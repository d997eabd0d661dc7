"""Seconds of something done again and again, and how they are shown."""

from __future__ import annotations

import dataclasses
import statistics
import time
from collections.abc import Callable, Sequence


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the comparison: seconds of each repeat and floating-point operations of a clip."""

    name: str
    seconds: Sequence[float]
    flop: float

    @property
    def median(self) -> float:
        """Seconds a clip."""
        return statistics.median(self.seconds)


def timed(work: Callable[[int], object], repeat: int) -> list[float]:
    """Seconds of `work(index)` for each index below `repeat`."""
    found = []
    for index in range(repeat):
        before = time.perf_counter()
        work(index)
        found.append(time.perf_counter() - before)
    return found


def table(rows: Sequence[Row]) -> str:
    """A line a row, the first being what the others are compared with: seconds, operations, and both as ratios."""
    head = f"{'':38} {'median s':>9} {'min s':>9} {'max s':>9} {'repeats':>8} {'GFLOP':>10} {'x time':>8} {'x FLOP':>8}"
    lines = [head]
    for row in rows:
        ratios = row.median / rows[0].median, row.flop / rows[0].flop
        lines.append(
            f"{row.name:38} {row.median:9.3f} {min(row.seconds):9.3f} {max(row.seconds):9.3f} {len(row.seconds):8}"
            f" {row.flop / 1e9:10.1f} {ratios[0]:8.1f} {ratios[1]:8.1f}"
        )
    return "\n".join(lines)
