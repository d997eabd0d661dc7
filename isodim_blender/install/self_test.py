"""Whether a new environment makes motion: `python -m backend doctor`, read; no bpy."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from .errors import InstallError

_ADVICE = "Open the log, then press the button again: the environment is made anew."


@dataclasses.dataclass(frozen=True)
class Works:
    """What the doctor measured: the device that it generated on, seconds of motion, seconds that they took."""

    device: str
    clip_s: float
    generate_s: float


def command(python: str) -> list[str]:
    """The doctor's command line; its import path is in the variables."""
    return [python, "-P", "-B", "-m", "backend", "doctor"]


def read(said: str, status: int) -> Works:
    """The doctor's report among what else was printed; InstallError with the first thing that is wrong."""
    try:
        report = json.loads(said[said.index("{") : said.rindex("}") + 1])
        error = _first_error(report)
        if error is None and status == 0:
            made = report["generation"]
            return Works(str(report["device"]), float(made["clip_s"]), float(made["generate_s"]))
    except (ValueError, KeyError, TypeError):
        error = None
    last = next((line for line in reversed(said.splitlines()) if line.strip()), f"exit code {status}")
    raise InstallError(f"The self-test failed: {(error or last)[:200]}", _ADVICE)


def _first_error(report: Any) -> str | None:
    if isinstance(report, dict):
        if "error" in report:
            return str(report["error"])
        report = list(report.values())
    if isinstance(report, list):
        return next((error for item in report if (error := _first_error(item)) is not None), None)
    return None
