"""`python -m tools.demo.rigs --out FOLDER [--clip CLIP.npz]`: one clip on six rigs, a row of pictures each.

Runs in Blender's Python with Pillow, through the checkout's own extension and `bpy.ops.isodim.apply_clip`; `nox -s rigs`
sets it up. Without --clip the backend makes one of its bundled weights (`ISODIM_BACKEND_PYTHON` is its Python).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import bpy
import numpy as np

from tools import checkout  # noqa: F401 - it makes the package `isodim`
from tools.rigs import build
from tools.rigs.description import describe

from . import extension, pictures, sheet, stage
from .console import REPORTED, quieten, step

from isodim.common.rigs.matching import match  # isort: skip
from isodim.isodim_blender.figure import mannequin  # isort: skip
from isodim.isodim_blender.rig.armature import rest_pose  # isort: skip

_ROOT = Path(__file__).resolve().parents[2]
COLUMNS = 6
_CELL, _SAMPLES = (230, 270), 16
_PROMPT, _SECONDS, _SEED = "a person walks forward and waves", 4.0, 3

RIGS: dict[str, Callable[[], bpy.types.Object]] = {
    "Mixamo, A-pose": lambda: build.build(describe("mixamo", "A"), "fbx"),
    "Rigify, generated": build.generated,
    "UE5, cm, Y up, rolls": lambda: build.build(describe("ue5", rolls_seed=1), "fbx"),
    "Daz Genesis 8": lambda: build.build(describe("daz8"), "fbx"),
    "MMD, IK legs": lambda: build.build(describe("mmd")),
    "Creature": lambda: build.build(describe("creature")),
}
"""What the row says -> how its armature is made, active and selected."""


def main() -> None:
    """Puts the clip on every rig and renders it; rigs.png and clip.npz lie in the folder afterwards."""
    parser = argparse.ArgumentParser(prog="rigs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder for rigs.png")
    parser.add_argument("--clip", type=Path, help="a clip, .npz or .bvh (default: made by the bundled weights)")
    parser.add_argument("--feet", action=argparse.BooleanOptionalAction, default=True, help="plant the feet")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    quieten(options.out / "blender.log")
    clip = options.clip or _generated(options.out / "clip.npz")
    extension.empty_file()
    with tempfile.TemporaryDirectory() as folder:
        package = extension.link(_ROOT, Path(folder))
        try:
            _sheet(clip, options.out / "rigs.png", options.feet)
        except RuntimeError as error:
            if not str(error).startswith(REPORTED):
                print(error, file=sys.stderr)
            extension.leave(package, 2)
        extension.leave(package)


def _generated(target: Path) -> Path:
    command = [os.environ["ISODIM_BACKEND_PYTHON"], "-P", "-B", "-m", "backend", "generate", _PROMPT]
    command += ["--seconds", str(_SECONDS), "--seed", str(_SEED), "--out", str(target)]
    with step("Generate the clip"):
        subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(_ROOT)}, stdout=subprocess.DEVNULL)
    return target


def _sheet(clip: Path, out: Path, feet: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths: list[Path] = []
        times: list[float] = []
        for number, (name, make) in enumerate(RIGS.items()):
            with step(name):
                clear()
                with contextlib.redirect_stdout(io.StringIO()):  # Rigify tells every step
                    armature = make()
                    bpy.ops.isodim.apply_clip(filepath=str(clip.resolve()), feet=feet)
                shown, at = row(armature, Path(folder) / str(number))
                paths += shown
                times += at
        title = f"One clip on six rigs: {clip.stem if clip.stem != 'clip' else _PROMPT}"
        note = (
            "Blue is left, orange is right; every figure stands on its own bones, sizes as seen from the same distance."
        )
        sheet.contact_sheet(paths, times, COLUMNS, title, note, out, rows=tuple(RIGS))


def row(armature: bpy.types.Object, folder: Path, lens_mm: float = stage.LENS_MM) -> tuple[list[Path], list[float]]:
    """Six moments of the clip that `armature` plays, as pictures in a new `folder`, and their times in seconds."""
    bone_map = match(rest_pose(armature).rig).bone_map
    frames = pictures.clip_frames(armature)
    if not any(child.name.startswith(mannequin.NAME) for child in armature.children):  # a new figure wears it already
        for name in (name for names in bone_map.slots.values() for name in names):
            armature.data.bones[name].use_deform = True  # Rigify's ORG bones do not, and would not move what they wear
        mannequin.dress(armature, bone_map)
    armature.hide_render = True
    stage.build(armature, frames, str(bone_map.bone("pelvis")))
    bpy.context.scene.camera.data.lens = lens_mm
    folder.mkdir()
    moments = [frames[round(index)] for index in np.linspace(0, len(frames) - 1, COLUMNS)]
    paths = [folder / f"{frame:04}.png" for frame in moments]
    for path, frame in zip(paths, moments, strict=True):
        stage.render(path, frame, _CELL, _SAMPLES)
    render = bpy.context.scene.render
    return paths, [(frame - frames[0]) * render.fps_base / render.fps for frame in moments]


def clear() -> None:
    """No object is left, and no mesh or material that a row before has made."""
    for room in (bpy.data.objects, bpy.data.meshes, bpy.data.armatures, bpy.data.actions, bpy.data.materials):
        bpy.data.batch_remove(list(room))
    bpy.data.batch_remove([item for item in bpy.data.collections if item.name != "Collection"])
    bpy.context.scene.frame_set(1)


if __name__ == "__main__":
    main()
