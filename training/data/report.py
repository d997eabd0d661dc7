"""What `prepare` kept and dropped, as numbers (report.json) and as a page to read (report.md)."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict

from backend.motion.layout import HUMANML3D


@dataclasses.dataclass
class PrepareReport:
    """Grows while clips are prepared."""

    fps: float = HUMANML3D.fps
    kept: list[dict] = dataclasses.field(default_factory=list)
    dropped: list[dict] = dataclasses.field(default_factory=list)
    notes: list[dict] = dataclasses.field(default_factory=list)
    skipped: dict[str, int] = dataclasses.field(default_factory=dict)
    read: dict[str, Counter[str]] = dataclasses.field(default_factory=lambda: defaultdict(Counter))

    def keep(self, row: dict, facts: dict[str, float], told: str = "") -> None:
        """Notes a clip of clips.jsonl with its metrics, if its source has any (solve error, shift onto the ground), and how its
        file was understood."""
        if told:
            self.read[row["source"]][told] += 1
        actions = sorted({span["action"] for span in row["spans"]})
        known = {key: row[key] for key in ("source", "name", "split", "frames")}
        self.kept.append({**known, "actions": actions, **facts})

    def note(self, source: str, name: str, reason: str) -> None:
        """Notes what was left out of a clip that was kept, or repaired in it."""
        self.notes.append({"source": source, "name": name, "reason": reason})

    def drop(self, source: str, name: str, reason: str) -> None:
        """Notes a clip that was left out and why."""
        self.dropped.append({"source": source, "name": name, "reason": reason})

    def summary(self) -> dict:
        """Minutes of clips per split and source, minutes per split and action (a clip with two classes counts in both),
        and the mean solve error per source in cm."""
        minutes: dict[str, dict[str, float]] = {"source": defaultdict(float), "action": defaultdict(float)}
        errors: dict[str, list[float]] = defaultdict(list)
        slides: dict[str, list[float]] = defaultdict(list)
        for row in self.kept:
            share = row["frames"] / self.fps / 60
            minutes["source"][f"{row['split']} {row['source']}"] += share
            for action in row["actions"]:
                minutes["action"][f"{row['split']} {action}"] += share
            if "error_m" in row:
                errors[row["source"]].append(row["error_m"] * 100)
            for when in ("before", "after"):
                if f"slide_{when}_cm_s" in row:
                    slides[f"{row['source']} {when}"].append(row[f"slide_{when}_cm_s"])
        return {
            "clips_kept": len(self.kept),
            "clips_dropped": len(self.dropped),
            "clips_skipped": self.skipped,
            "read_as": {source: dict(sorted(told.items())) for source, told in sorted(self.read.items())},
            "minutes_by_source": {key: round(value, 2) for key, value in sorted(minutes["source"].items())},
            "minutes_by_action": {key: round(value, 2) for key, value in sorted(minutes["action"].items())},
            "solve_error_cm": _means(errors),
            "slide_cm_s": _means(slides),
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
            ("Mean speed of standing feet in cm/s, before and after they were planted", "slide_cm_s"),
        ):
            if summary[key]:
                lines += [f"## {title}", "", "| | |", "|---|---:|"]
                lines += [f"| {name} | {value:.2f} |" for name, value in summary[key].items()] + [""]
        if self.read:
            ways = [
                f"- {source}: {n} clips with {way}"
                for source, told in summary["read_as"].items()
                for way, n in told.items()
            ]
            lines += ["## Axes and units of the files", "", *ways, ""]
        if self.skipped:
            lines += ["## Not taken", "", *(f"- {n} {why}" for why, n in self.skipped.items()), ""]
        if self.notes:
            lines += ["## Captions left out, and repairs", "", *_named(self.notes), ""]
        return "\n".join([*lines, "## Dropped", "", *(_named(self.dropped) or ["Nothing."])]) + "\n"


def _means(rows: dict[str, list[float]]) -> dict[str, float]:
    return {key: round(sum(values) / len(values), 2) for key, values in sorted(rows.items())}


def _named(rows: list[dict]) -> list[str]:
    return [f"- {row['source']}/{row['name']}: {row['reason']}" for row in rows]
