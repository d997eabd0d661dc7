"""What `prepare` kept and dropped, as numbers (report.json) and as a page to read (report.md)."""

from __future__ import annotations

import dataclasses
from collections import defaultdict

from contract import FPS


@dataclasses.dataclass
class Report:
    """Grows while clips are prepared."""

    kept: list[dict] = dataclasses.field(default_factory=list)
    dropped: list[dict] = dataclasses.field(default_factory=list)

    def keep(self, row: dict, error_m: float, ground_shift_m: float) -> None:
        """Notes a clip of clips.jsonl with its solve error and the shift that put it on the ground."""
        actions = sorted({span["action"] for span in row["spans"]})
        facts = {key: row[key] for key in ("source", "name", "split", "frames")}
        self.kept.append({**facts, "actions": actions, "error_m": error_m, "ground_shift_m": ground_shift_m})

    def drop(self, source: str, name: str, reason: str) -> None:
        """Notes a clip that was left out and why."""
        self.dropped.append({"source": source, "name": name, "reason": reason})

    def summary(self) -> dict:
        """Minutes of clips per split and source, minutes per split and action (a clip with two classes counts in both),
        and the mean solve error per source in cm."""
        minutes: dict[str, dict[str, float]] = {"source": defaultdict(float), "action": defaultdict(float)}
        errors = defaultdict(list)
        for row in self.kept:
            share = row["frames"] / FPS / 60
            minutes["source"][f"{row['split']} {row['source']}"] += share
            for action in row["actions"]:
                minutes["action"][f"{row['split']} {action}"] += share
            errors[row["source"]].append(row["error_m"] * 100)
        return {
            "clips_kept": len(self.kept),
            "clips_dropped": len(self.dropped),
            "minutes_by_source": {key: round(value, 2) for key, value in sorted(minutes["source"].items())},
            "minutes_by_action": {key: round(value, 2) for key, value in sorted(minutes["action"].items())},
            "solve_error_cm": {key: round(sum(value) / len(value), 2) for key, value in sorted(errors.items())},
        }

    def markdown(self) -> str:
        """The page."""
        summary = self.summary()
        lines = ["# Prepared motion", "", f"{len(self.kept)} clips kept, {len(self.dropped)} dropped.", ""]
        for title, key in (
            ("Minutes by split and source", "minutes_by_source"),
            ("Minutes by split and action", "minutes_by_action"),
            (
                "Mean distance in cm between the solved joints and the source's, scaled to the same legs",
                "solve_error_cm",
            ),
        ):
            lines += [f"## {title}", "", "| | |", "|---|---:|"]
            lines += [f"| {name} | {value:.2f} |" for name, value in summary[key].items()] + [""]
        lines += ["## Dropped", "", *(f"- {row['source']}/{row['name']}: {row['reason']}" for row in self.dropped)]
        return "\n".join(lines if self.dropped else [*lines, "Nothing."]) + "\n"
