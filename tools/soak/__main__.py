"""`python -m tools.soak [--requests N] [--real M]`: N disturbed requests to a stand-in, then M to the real backend.

Runs in Blender's Python; `nox -s soak` sets BLENDER_USER_RESOURCES (a private profile) and ISODIM_BACKEND_PYTHON (the
real backend's Python). The real backend has the tests' tiny checkpoint.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import bpy  # noqa: F401 - extension's addon_utils is there once this is

from tools.demo import extension
from tools.demo.console import quieten
from tools.soak.soak import DISTURBANCES, WEIGHTS, Figures, Soak, growth, settled

ROOT = Path(__file__).resolve().parents[2]
CHILD = Path(__file__).with_name("child.py")
REAL_DISTURBANCES = {"none": 80, "cancel": 20}
MOST_GROWTH, ENOUGH = 0.05, 200


def main() -> None:
    """Both parts, their figures, and 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak")
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--real", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="isodim-soak-"))
    quieten(folder / "blender.log")
    extension.empty_file()
    package = extension.link(ROOT, folder / "extensions")
    wrong = []
    if options.requests:
        wrong += stand_in(package, folder, options.requests, random.Random(options.seed))
    if options.real:
        wrong += real(package, folder, options.real, random.Random(options.seed))
    print(*wrong[:20], sep="\n")
    print(f"{len(wrong)} findings")
    shutil.rmtree(folder, ignore_errors=True)
    extension.leave(package, 1 if wrong else 0)


def soaked(package: str, python: str, weights: str = "") -> Soak:
    """A soak over an enabled extension."""

    def reload() -> None:
        import addon_utils  # there once bpy is

        addon_utils.disable(package)
        addon_utils.enable(package)

    return Soak(lambda name: importlib.import_module(f"{package}.{name}"), reload, python, weights)


def program(folder: Path, mark: str) -> str:
    """A program in the place of the backend's Python that is the stand-in."""
    path = folder / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -B "{CHILD}" {mark}\n')
    path.chmod(0o755)
    return str(path)


def stand_in(package: str, folder: Path, requests: int, source: random.Random) -> list[str]:
    """The part with everything that can go wrong."""
    mark = f"mark-{folder.name}"
    soak = soaked(package, program(folder, mark))
    soak.run(20, source, {"good": 1}, {"none": 1})
    soak.session.stop()
    soak.figures = Figures()
    before = settled()
    soak.run(requests, source, WEIGHTS, DISTURBANCES)
    soak.finish(mark)
    after = settled()
    told("Stand-in", soak.figures, before, after)
    return judged(soak.figures, before, after, [soak.figures.own_mb])


def real(package: str, folder: Path, requests: int, source: random.Random) -> list[str]:
    """The part with torch: one child for all requests, whose memory can be looked at."""
    python = os.environ["ISODIM_BACKEND_PYTHON"]
    make = f"from pathlib import Path; from tests.tiny import make_checkpoint; make_checkpoint(Path({str(folder / 'open')!r}), 'open')"
    subprocess.run([python, "-P", "-B", "-c", make], check=True, env=os.environ | {"PYTHONPATH": str(ROOT)})
    soak = soaked(package, python, str(folder))
    soak.silence_s = 60.0  # the first request waits for torch
    before = settled()
    soak.run(requests, source, {"good": 1}, REAL_DISTURBANCES)
    soak.finish(str(folder))
    after = settled()
    told("Real backend", soak.figures, before, after)
    wrong = judged(soak.figures, before, after, [soak.figures.own_mb, soak.figures.child_mb])
    return wrong if soak.figures.children == 1 else [*wrong, f"{soak.figures.children} children, expected 1"]


def told(name: str, figures: Figures, before: tuple[int, int], after: tuple[int, int]) -> None:
    """Prints what was counted."""
    print(f"{name}: {figures.requests} requests in {figures.seconds:.0f} s, {figures.children} children")
    print(
        f"    disturbed: {dict(figures.disturbances)}; endings: {dict(figures.endings)}, delivered {figures.delivered}"
    )
    print(
        f"    slowest {figures.slowest_s:.2f} s; handles {before[0]} -> {after[0]}, threads {before[1]} -> {after[1]}"
    )
    for whose, samples in (("this process", figures.own_mb), ("the child", figures.child_mb)):
        if figures.requests < ENOUGH:
            print(f"    memory of {whose}: fewer than {ENOUGH} requests do not tell", flush=True)
            continue
        early, late, grown = growth(samples)
        print(f"    memory of {whose}: {early:.1f} -> {late:.1f} MB ({grown:+.1%})", flush=True)


def judged(
    figures: Figures, before: tuple[int, int], after: tuple[int, int], memories: list[list[tuple[int, float]]]
) -> list[str]:
    """Findings: of single requests, of the counts, of leaks."""
    wrong = list(figures.wrong)
    if sum(figures.endings.values()) != figures.requests:
        wrong.append(f"{sum(figures.endings.values())} endings of {figures.requests} requests")
    if after[0] > before[0] or after[1] > before[1]:
        wrong.append(f"handles and threads were {before} and are {after}")
    for samples in memories if figures.requests >= ENOUGH else ():
        if (grown := growth(samples)[2]) > MOST_GROWTH:
            wrong.append(f"memory grew by {grown:.1%}, expected at most {MOST_GROWTH:.0%}")
    return wrong


if __name__ == "__main__":
    main()
