"""`python -m tools.demo.bench_panel [RIG...]`: how long Blender's main thread is held at one go by presses, results and redraws, in ms of its processor.

IsoDiM's figure, a rig as Mixamo's, and the one that Rigify generates, with clips of 5 s and 60 s; nothing is sampled: the answers are made by script.
"""

from __future__ import annotations

import argparse
import importlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bpy

from tools.rigs import build, description
from tools.rigs.clips import walk_backwards

from . import extension

_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = (5, 60)
_SPAN = (40, 70)
Room = Callable[[str], Any]


def main() -> None:
    """Measures in Blender's Python, through the checkout's own extension."""
    rigs: dict[str, Callable[[Room], bpy.types.Object]] = {
        "figure": lambda room: room("figure.figure").add(bpy.context.scene),
        "mixamo": lambda _: build.build(description.describe("mixamo")),
        "rigify": lambda _: build.generated(),
    }
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rigs", nargs="*", help="all if none is given")
    chosen = parser.parse_args().rigs or list(rigs)
    extension.empty_file()
    with tempfile.TemporaryDirectory() as folder:
        package = extension.link(_ROOT, Path(folder))

        def room(name: str) -> Any:
            return importlib.import_module(f"{package}.isodim_blender.{name}")

        for name in chosen:
            for seconds in _SECONDS:
                bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
                armature = rigs[name](room)
                build.activate(armature)
                for what, held_ms in _measure(room, armature, seconds).items():
                    print(f"{name:8}{seconds:4} s  {what:24}{held_ms:8.1f}", flush=True)
        extension.leave(package)


def _longest(steps: Any) -> tuple[Any, float]:
    """What steps return, and the longest of them in ms of the main thread."""
    longest = 0.0
    while True:
        began = time.thread_time()
        try:
            next(steps)
        except StopIteration as ended:
            return ended.value, max(longest, 1000 * (time.thread_time() - began))
        longest = max(longest, 1000 * (time.thread_time() - began))


def _measure(room: Room, armature: bpy.types.Object, seconds: int) -> dict[str, float]:
    """What was done -> the longest hold, ms."""
    scene, motion = bpy.context.scene, walk_backwards(20 * seconds)
    apply, requests, span = room("action.apply"), room("editing.edit_requests"), room("editing.span")
    found = {}
    for what, keys in (("a clip, few keys", "SPARSE"), ("a clip, every frame", "EVERY_FRAME")):
        options = apply.Options(keys=keys)
        _, found[what] = _longest(apply.applying(motion, armature, scene, 1, "clip", options))
    action = armature.animation_data.action
    began = time.thread_time()
    span.of(scene, armature, "AUTOMATIC", _SPAN)
    found["the range, drawn"] = 1000 * (time.thread_time() - began)
    on = requests.Subject(scene, armature, action, apply.Options(), scene.isodim.sampling())
    asked = requests.redo(on, span.Span(*_SPAN, ""), "a person waves", True, "all", 2.0)
    (request, task), found["redo range, press"] = _longest(asked)
    answer = room("editing.tasks").messages.Finished((request.clip,))
    _, found["redo range, result"] = _longest(task.deliver(answer, scene, armature))
    return found


if __name__ == "__main__":
    main()
