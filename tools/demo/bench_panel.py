"""`python -m tools.demo.bench_panel [RIG...]`: how long presses, results and redraws hold Blender before its event loop turns again.

For each: the longest slice of our own work and the sum of all, ms of the main thread's processor, and the longest that Blender needs
to bring its own dependency graph up to date between two slices. The last line of a rig says what its first frame costs in a scene
of its own, which no slice can divide. IsoDiM's figure, a rig as Mixamo's, and the one that Rigify generates, with clips of 5 s and
60 s; nothing is sampled: the answers are made by script.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import bpy

from tools.rigs import build, description
from tools.rigs.clips import walk_backwards

from . import extension

_ROOT = Path(__file__).resolve().parents[2]
_SECONDS = (5, 60)
_SPAN = (40, 70)
Room = Callable[[str], Any]
T = TypeVar("T")


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

        print(f"{'':38}{'slice':>8}{'all':>9}{'graph':>8}  ms")
        for name in chosen:
            for seconds in _SECONDS:
                bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
                armature = rigs[name](room)
                build.activate(armature)
                for what, held in _measure(room, armature, seconds).items():
                    print(
                        f"{name:8}{seconds:4} s  {what:24}{held.slice:8.1f}{held.all:9.1f}{held.graph:8.1f}", flush=True
                    )
            print(f"{name:8}        {'its first frame alone':24}{_first_frame(armature):8.1f}", flush=True)
        extension.leave(package)


@dataclasses.dataclass
class Held:
    """ms: the longest slice, all slices, and the longest that Blender's own graph takes after one."""

    slice: float = 0.0
    all: float = 0.0
    graph: float = 0.0

    def time(self, work: Callable[[], T]) -> T:
        """`work` as one slice, then what Blender makes of it before it draws."""
        began = time.thread_time()
        value = work()
        ended = time.thread_time()
        bpy.context.view_layer.update()
        self.slice = max(self.slice, 1000 * (ended - began))
        self.all += 1000 * (ended - began)
        self.graph = max(self.graph, 1000 * (time.thread_time() - ended))
        return value


def _measure(room: Room, armature: bpy.types.Object, seconds: int) -> dict[str, Held]:
    """What was done -> how long it held Blender."""
    scene, motion = bpy.context.scene, walk_backwards(20 * seconds)
    apply, requests, span = room("action.apply"), room("editing.edit_requests"), room("editing.span")
    sliced, slice_s = room("steps").Sliced, room("work.run").SLICE_S
    found: dict[str, Held] = {}

    def taken(what: str, steps: Any) -> Any:
        """In slices, as the session's polls take them."""
        held, going = found.setdefault(what, Held()), sliced(steps)
        bpy.context.view_layer.update()
        while held.time(lambda: going.go_on(slice_s)):
            pass
        return going.value

    for what, keys in (("a clip, few keys", "SPARSE"), ("a clip, every frame", "EVERY_FRAME")):
        taken(what, apply.applying(motion, armature, scene, 1, "clip", apply.Options(keys=keys)))
    action = armature.animation_data.action
    taken("the range, drawn", span.of(scene, armature, "AUTOMATIC", _SPAN))
    on = requests.Subject(scene, armature, action, apply.Options(), scene.isodim.sampling())
    meant = room("steps").one_step(span.Span)(*_SPAN, "")
    request, task = taken("redo range, press", requests.redo(on, meant, "a person waves", True, "all", 2.0))
    answer = room("editing.tasks").messages.Finished((request.clip,))
    taken("redo range, result", task.deliver(answer, scene, armature))
    return found


def _first_frame(armature: bpy.types.Object) -> float:
    """ms: Blender's own building and evaluating of the graph of a copy in a new scene, one call."""
    place, twin = bpy.data.scenes.new("alone"), armature.copy()
    place.collection.objects.link(twin)
    began = time.thread_time()
    place.frame_set(2)
    took = 1000 * (time.thread_time() - began)
    bpy.data.objects.remove(twin)
    bpy.data.scenes.remove(place)
    return took


if __name__ == "__main__":
    main()
