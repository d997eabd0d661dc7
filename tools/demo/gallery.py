"""`python -m tools.demo.gallery [--only NAME]`: docs/gallery.md and its pictures, from the bundled weights.

Runs in Blender's Python with Pillow, through the checkout's own extension; `nox -s gallery` sets it up. The clips are
made by `python -m backend` (`ISODIM_BACKEND_PYTHON` is its Python).
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import bpy

from . import extension, rigs, sheet
from .console import REPORTED, quieten, step

_ROOT = Path(__file__).resolve().parents[2]
PAGE = _ROOT / "docs" / "gallery.md"
PICTURES = _ROOT / "docs" / "pictures" / "gallery"
MOST_BYTES = 3_000_000
_COLOURS, _LENS_MM = 160, 60.0


@dataclasses.dataclass(frozen=True)
class Exhibit:
    """A picture: `title` and `note`, below them rows of moments, a clip each. rig: of `rigs.RIGS`; None: the mannequin.

    clips: what the row says -> the arguments of `python -m backend`, without --out; `{name}` is the clip of that row.
    """

    name: str
    title: str
    clips: dict[str, str]
    note: str
    rig: str | None = None


def _prompt(name: str, words: str, checkpoint: str, seed: int, seconds: float, rig: str | None = None) -> Exhibit:
    command = f'generate "{words}" --checkpoint {checkpoint} --seed {seed} --seconds {seconds:g}'
    return Exhibit(name, words, {name: command}, f"{checkpoint}, seed {seed}", rig)


EXHIBITS = (
    _prompt("walk", "a person walks forward", "open", 0, 4),
    _prompt("run", "a person runs forward", "open", 0, 3),
    _prompt("turn", "a person walks and turns left", "open", 0, 4),
    _prompt("jump", "a person jumps", "open", 0, 3),
    _prompt("kick", "a person kicks", "open", 0, 3),
    _prompt("wave", "a person waves the right hand", "plus", 0, 4),
    _prompt("dance", "a person dances", "plus", 1, 4),
    _prompt("tired", "a person walks forward exhaustedly", "plus", 0, 4),
    _prompt("rigify", "a person walks forward and waves", "plus", 3, 4, "Rigify, generated"),
    Exhibit(
        "edit",
        "An edit: from 2 s to 4 s the walk becomes a jump, the rest stays",
        {
            "before": 'generate "a person walks forward" --checkpoint open --seed 0 --seconds 6',
            "after": 'edit {before} "a person jumps" --start 2 --end 4 --checkpoint open --seed 0',
        },
        "open, seed 0",
    ),
)


def main() -> None:
    """Makes, renders and writes the page."""
    parser = argparse.ArgumentParser(prog="gallery", description=(__doc__ or "").splitlines()[0])
    names = [exhibit.name for exhibit in EXHIBITS]
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names))
    chosen = parser.parse_args().only
    quieten(Path(os.devnull))
    extension.empty_file()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        package = extension.link(_ROOT, Path(folder) / "repository")
        try:
            for exhibit in EXHIBITS:
                if exhibit.name in chosen:
                    with step(exhibit.title):
                        _render(exhibit, Path(folder) / exhibit.name)
        except (RuntimeError, subprocess.CalledProcessError) as error:
            if not str(error).startswith(REPORTED):
                print(error, file=sys.stderr)
            extension.leave(package, 2)
        PAGE.write_text(page(), "utf-8")
        size = sum(path.stat().st_size for path in PICTURES.iterdir())
        print(f"{size / 1e6:.1f} MB of pictures, {MOST_BYTES / 1e6:.0f} MB at most")
        extension.leave(package, int(size > MOST_BYTES))


def _render(exhibit: Exhibit, folder: Path) -> None:
    folder.mkdir()
    clips: dict[str, Path] = {}
    paths: list[Path] = []
    times: list[float] = []
    for row, command in exhibit.clips.items():
        clips[row] = _made(command, clips, folder / f"{len(clips)}.npz")
        rigs.clear()
        if exhibit.rig:
            rigs.RIGS[exhibit.rig]()
        bpy.ops.isodim.apply_clip(filepath=str(clips[row]))
        armature = next(item for item in bpy.data.objects if item.type == "ARMATURE" and item.animation_data)
        shown, at = rigs.row(armature, folder / row, _LENS_MM)
        paths += shown
        times += at
    note = f"{exhibit.note}; {exhibit.rig or 'mannequin'}; blue is left, orange is right"
    out = PICTURES / f"{exhibit.name}.png"
    rows = tuple(exhibit.clips) if len(exhibit.clips) > 1 else ()
    sheet.contact_sheet(paths, times, rigs.COLUMNS, exhibit.title, note, out, rows, _COLOURS)


def _made(command: str, clips: dict[str, Path], out: Path) -> Path:
    arguments = [str(clips[part[1:-1]]) if part.startswith("{") else part for part in shlex.split(command)]
    line = [os.environ["ISODIM_BACKEND_PYTHON"], "-P", "-B", "-m", "backend", *arguments, "--out", str(out)]
    subprocess.run(line, check=True, env=os.environ | {"PYTHONPATH": str(_ROOT)}, stdout=subprocess.DEVNULL)
    return out


def page() -> str:
    """docs/gallery.md: every picture with the commands that make its clips."""
    parts = [
        "# Gallery",
        "Clips of the bundled checkpoints, as `nox -s gallery` makes them: the first take of seed 0, except for the dance and the wave\non a "
        "rig, where another seed was chosen by eye. The commands make the same clips as files; `plus` is for non-commercial use.",
    ]
    for exhibit in EXHIBITS:
        lines = []
        for row, command in exhibit.clips.items():
            for name in exhibit.clips:
                command = command.replace(f"{{{name}}}", f"{name}.npz")  # noqa: PLW2901 - it is the same command
            lines.append(f"nox -s backend -- {command} --out {row}.npz")
        parts += [
            f"## {exhibit.title}",
            f"Checkpoint {exhibit.note}, {exhibit.rig or 'mannequin'}.",
            f"![{exhibit.title}](pictures/gallery/{exhibit.name}.png)",
        ]
        parts += ["```sh\n" + "\n".join(lines) + "\n```"]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
