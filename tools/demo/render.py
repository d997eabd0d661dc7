"""`python -m tools.demo.render CLIP --out SHEET.png`: a clip file (.npz or .bvh) on the mannequin, as a contact sheet.

Runs in Blender's Python with Pillow, through the checkout's own extension; `nox -s render` sets it up.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

import bpy

from . import extension, pictures, stage
from .console import REPORTED, quieten, step

_ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Renders and says where the pictures are."""
    parser = argparse.ArgumentParser(prog="render", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clip", type=Path, help="a clip, .npz or .bvh")
    parser.add_argument("--out", type=Path, required=True, help="the contact sheet, .png")
    parser.add_argument("--gif", type=Path, help="an animation as well, .gif")
    parser.add_argument("--title", help="a line above the pictures (default: the clip's prompt)")
    options = parser.parse_args()
    quieten(Path(os.devnull))
    extension.empty_file()
    with tempfile.TemporaryDirectory() as folder:
        package = extension.link(_ROOT, Path(folder))
        try:
            bpy.ops.isodim.apply_clip(filepath=str(options.clip.resolve()))
        except RuntimeError as error:
            if not str(error).startswith(REPORTED):
                print(error, file=sys.stderr)
            extension.leave(package, 2)
        armature = next(item for item in bpy.data.objects if item.type == "ARMATURE")
        _render(armature, options)
        extension.leave(package)


def _render(armature: bpy.types.Object, options: argparse.Namespace) -> None:
    frames = pictures.clip_frames(armature)
    stage.build(armature, frames)
    title = options.title or armature.animation_data.action.name
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with step(f"Render {options.out.name}"):
        pictures.contact_sheet(frames, title, options.clip.name, options.out)
    if options.gif:
        options.gif.parent.mkdir(parents=True, exist_ok=True)
        with step(f"Render {options.gif.name}"):
            pictures.animation(frames, options.gif)


if __name__ == "__main__":
    main()
