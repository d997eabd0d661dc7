"""The shell commands that the documents show, as words; what they mean is checked in tests/docs and tests/demo."""

from __future__ import annotations

import dataclasses
import re
import shlex
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "backend" / "weights").rglob("*.md")])
_FENCE = re.compile(r"^([ ]*)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_PYTHON = re.compile(r"(.*/)?python(3(\.\d+)?)?$")


@dataclasses.dataclass(frozen=True)
class Command:
    """A command of `page`. room: backend, train, a nox session, pip, venv, isodim_batch; unknown where it is none of them."""

    page: str
    line: str
    room: str
    arguments: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}: {self.line}"[:100]


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of that language, without their indentation."""
    found = _FENCE.findall(page.read_text("utf-8"))
    return [re.sub(rf"^{margin}", "", text, flags=re.MULTILINE) for margin, kind, text in found if kind == language]


def commands(pages: list[Path] | None = None) -> list[Command]:
    """All commands of all pages, in reading order."""
    return [
        _command(page.relative_to(ROOT).as_posix() if ROOT in page.parents else page.name, line)
        for page in (PAGES if pages is None else pages)
        for text in blocks(page, "sh")
        for line in _lines(text)
    ]


def _lines(text: str) -> list[str]:
    """One command each: continued lines joined, comments gone, `a && b` in two."""
    joined = re.sub(r"\\\n\s*", "", text)
    stripped = [re.sub(r"\s#\s.*$", "", line).strip() for line in joined.splitlines()]
    return [part.strip() for line in stripped if line and line[0] != "#" for part in line.split(" && ")]


def _command(page: str, line: str) -> Command:
    # `RUN ...` means more of the same, `[--flag]` may be left out: both are checked as if given once.
    words = [word.strip("[]") for word in shlex.split(line) if word != "..."]
    room, arguments = "unknown", words
    match words:
        case ["nox", "-s", "train", "--", *rest]:
            room, arguments = "train", rest
        case ["nox", "-s", session, "--", *rest] | ["nox", "-s", session, *rest]:
            room, arguments = session, rest
        case ["blender", "-b", _, "--command", "isodim_batch", *rest]:
            room, arguments = "isodim_batch", rest
        case [python, "-m", module, *rest] if _PYTHON.match(python) and module.startswith("training."):
            room, arguments = "train", [module.removeprefix("training."), *rest]
        case [python, "-m", ("backend" | "pip" | "venv") as module, *rest] if _PYTHON.match(python):
            room, arguments = module, rest
    return Command(page, line, room, tuple(arguments))
