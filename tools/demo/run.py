"""`python -m tools.demo.run PROMPT --zip ZIP --out FOLDER`: a prompt becomes keyframes through the installed extension.

Runs in Blender's Python with Pillow; `nox -s demo` builds the zip, makes both environments and sets the variables
`BLENDER_USER_RESOURCES` (a private profile) and `ISODIM_BACKEND_PYTHON` (the backend's Python).
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from pathlib import Path

import bpy
import numpy as np

from common.motion import clip_file
from common.motion.motion import Motion
from common.motion.skeleton import JOINTS

from . import extension, pictures, stage
from .console import REPORTED, quieten, step

_AGREES_M = 1e-3


def main() -> None:
    """Every step with its time; the files lie in the folder afterwards."""
    parser = argparse.ArgumentParser(prog="demo", description="Text to keyframes through the real extension.")
    parser.add_argument("prompt", help="what the figure does, in plain English")
    parser.add_argument("--zip", type=Path, required=True, help="the extension")
    parser.add_argument("--out", type=Path, required=True, help="folder for demo.blend, .bvh, .npz, .png and .gif")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--seconds", type=float, help="length of the clip (default: chosen to fit the prompt)")
    parser.add_argument("--checkpoint", default="open", help="a bundled checkpoint: open (default) or plus")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    quieten(options.out / "blender.log")
    with step("Install and enable the extension in a private profile"):
        extension.empty_file()
        package = extension.install(options.zip)
    try:
        _demonstrate(options, package)
    except (RuntimeError, subprocess.CalledProcessError) as error:
        if not str(error).startswith(REPORTED):
            print(error, file=sys.stderr)
        extension.leave(package, 1)
    extension.leave(package)


def _demonstrate(options: argparse.Namespace, package: str) -> None:
    out = options.out
    with step("Generate through the extension and its child process, write keyframes"):
        armature = _generate(options)
    frames = pictures.clip_frames(armature)
    with step("Make the same clip on the command line: demo.npz, demo.bvh"):
        motion = _same_clip(options, package)
        clip_file.save(out / "demo.bvh", motion)
        print(
            f"    greatest distance of a joint between both: {1000 * _check(armature, frames, motion, package):.3f} mm"
        )
    with step("Build the stage: demo.blend"):
        stage.build(armature, frames)
        bpy.context.scene.frame_set(frames[0])
        bpy.ops.wm.save_as_mainfile(filepath=str(out / "demo.blend"))
    facts = motion.meta
    note = f"{motion.seconds:.1f} s, seed {facts.get('seed')}, checkpoint {facts.get('checkpoint')}"
    with step("Render the contact sheet: demo.png"):
        pictures.contact_sheet(frames, options.prompt, note, out / "demo.png")
    with step("Render the animation: demo.gif"):
        pictures.animation(frames, out / "demo.gif")


def _generate(options: argparse.Namespace) -> bpy.types.Object:
    """The armature that the extension made; RuntimeError with the extension's own sentence if it refused."""
    settings = bpy.context.scene.isodim
    settings.prompt, settings.seed = options.prompt, options.seed
    if options.seconds is not None:
        settings.use_seconds, settings.seconds = True, options.seconds
    settings.checkpoint = options.checkpoint
    bpy.ops.isodim.generate()
    return next(item for item in bpy.context.scene.objects if item.type == "ARMATURE")


def _same_clip(options: argparse.Namespace, package: str) -> Motion:
    """The clip that `python -m backend generate` makes of the same settings, from the installed extension's files."""
    root = Path(importlib.import_module(package).__file__ or "").parent
    target = options.out / "demo.npz"
    command = [os.environ["ISODIM_BACKEND_PYTHON"], "-P", "-B", "-m", "backend", "generate", options.prompt]
    command += ["--seed", str(options.seed), "--out", str(target)]
    command += [] if options.seconds is None else ["--seconds", str(options.seconds)]
    command += ["--checkpoint", options.checkpoint]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(root)}, stdout=subprocess.DEVNULL)
    return clip_file.load(target)


def _check(armature: bpy.types.Object, frames: range, motion: Motion, package: str) -> float:
    """Greatest distance (m) between the evaluated bones and the clip's joints; RuntimeError above a millimetre."""
    axes = importlib.import_module(f"{package}.isodim_blender.rig.axes")
    scene = bpy.context.scene
    expected = axes.to_blender(motion.resampled(scene.render.fps / scene.render.fps_base).positions)
    if len(frames) != len(expected):
        raise RuntimeError(f"The armature plays {len(frames)} frames, expected {len(expected)}.")
    greatest = 0.0
    for frame, joints in zip(frames, expected, strict=True):
        scene.frame_set(frame)
        heads = np.array([armature.matrix_world @ armature.pose.bones[name].head for name in JOINTS])
        greatest = max(greatest, float(np.linalg.norm(heads - joints, axis=-1).max()))
    if greatest > _AGREES_M:
        raise RuntimeError(f"A bone is {100 * greatest:.1f} cm from its joint, expected less than a millimetre.")
    return greatest


if __name__ == "__main__":
    main()
