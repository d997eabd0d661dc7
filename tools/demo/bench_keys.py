"""`python -m tools.demo.bench_keys`: how long 200 frames of 22 bones take to become an Action; the median of five, in seconds."""

from __future__ import annotations

import importlib
import statistics
import tempfile
import time
from pathlib import Path

import bpy
import numpy as np

from . import extension

_ROOT = Path(__file__).resolve().parents[2]
_FRAMES, _REPEAT = 200, 5


def main() -> None:
    """Measures in Blender's Python, through the checkout's own extension."""
    extension.empty_file()
    with tempfile.TemporaryDirectory() as folder:
        package = extension.link(_ROOT, Path(folder))
        print(f"{'keys_write_s':20} {_measure(package):.4f}", flush=True)
        extension.leave(package)


def _measure(package: str) -> float:
    """Seconds of `apply`: resampling, bone space, Action and keys, on an armature that is there."""
    room = {
        name: importlib.import_module(f"{package}.{name}")
        for name in ("common.motion.motion", "common.motion.skeleton")
    }
    rig = importlib.import_module(f"{package}.isodim_blender.rig.armature")
    apply = importlib.import_module(f"{package}.isodim_blender.action.apply")
    skeleton, scene = room["common.motion.skeleton"], bpy.context.scene
    angles = np.linspace(0.0, 3.0, _FRAMES)[:, None] * np.linspace(0.1, 1.0, len(skeleton.JOINTS))
    rotations = np.stack([np.cos(angles / 2), np.sin(angles / 2), 0 * angles, 0 * angles], axis=-1)
    root = np.tile((0.0, skeleton.HIP_HEIGHT, 0.0), (_FRAMES, 1))
    arrays = [array.astype(np.float32) for array in (rotations, root, np.zeros((_FRAMES, 4)))]
    motion = room["common.motion.motion"].Motion(*arrays, fps=scene.render.fps / scene.render.fps_base)
    armature = rig.make(scene)
    times = []
    for _ in range(_REPEAT):
        before = time.perf_counter()
        apply.apply(motion, armature, scene, 1, "bench")
        times.append(time.perf_counter() - before)
    return statistics.median(times)


if __name__ == "__main__":
    main()
