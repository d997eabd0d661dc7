"""The project's commands: `nox -s demo`, `nox -s tests` and the others that `nox --list` shows.

Environments live in `.nox/environments`, one for the backend with torch, one with what ships, and one per Blender version (bpy, no
torch). All sessions share them, and each installs only what it needs and is not there yet. Paths a person types are
taken from where that person stands.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nox

sys.path.insert(0, str(Path(__file__).resolve().parent))  # nox runs this file, it does not import it

from tools.package.stage import stage
from tools.package.wheels import TARGETS, Target, download, this_platform
from tools.sessions.environments import (
    BPY,
    BPY_MATRIX,
    BPY_TESTED,
    OUT,
    PROJECT,
    ROOT,
    backend_environment,
    blender_environment,
    builder,
    fresh,
    lock_environment,
    python_module,
    python_of,
    require_libraries,
    runtime_environment,
    step,
)
from tools.sessions.testing import run_tests

ZIP = ROOT / "dist" / f"isodim-{PROJECT['version']}.zip"
REPOSITORY = ROOT / "dist" / "repository"
LARGEST_ZIP = 130_000_000
"""Bytes; extensions.blender.org takes 200 million."""

nox.options.sessions = ["tests"]


@nox.session(python=False)
def demo(session: nox.Session) -> None:
    """demo -- "a person walks forward and waves" [--seed N] [--seconds S]: out/demo/demo.blend, .bvh, .npz, .png, .gif."""
    require_libraries(session)
    backend_python = backend_environment(session)
    blender_python = blender_environment(session, BPY, "pictures")
    bare(session)
    profile = fresh(OUT / "profile")
    session.run(
        blender_python, "-P", "-B", "-m", "tools.demo.run", *(session.posargs or ["a person walks forward and waves"]),
        "--zip", ZIP, "--out", OUT / "demo",
        env={"PYTHONPATH": str(ROOT), "BLENDER_USER_RESOURCES": str(profile), "ISODIM_BACKEND_PYTHON": backend_python},
    )  # fmt: skip
    session.log(f"Open {OUT / 'demo' / 'demo.blend'}; the pictures are beside it.")


@nox.session(python=False)
def tests(session: nox.Session) -> None:
    """tests [-- PYTEST ARGUMENTS]: everything, in the backend's Python and in Blender 4.5's and 5.0's."""
    run_tests(session, BPY_TESTED, with_backend=True)


@nox.session(python=False)
def blender_matrix(session: nox.Session) -> None:
    """blender_matrix [-- PYTEST ARGUMENTS]: the tests of Blender's side in 4.2, 4.5, 5.0 and 5.2."""
    run_tests(session, BPY_MATRIX, with_backend=False)


@nox.session(python=False)
def backend(session: nox.Session) -> None:
    """backend -- ARGUMENTS: `python -m backend ARGUMENTS` with what the extension ships, where you stand; no torch there."""
    python_module(session, runtime_environment(session), "backend", *session.posargs)


@nox.session(python=False)
def train(session: nox.Session) -> None:
    """train -- COMMAND ARGUMENTS: `python -m training.COMMAND ARGUMENTS`, where you stand; also the published commands."""
    commands = sorted(p.stem for p in (ROOT / "training").glob("*.py") if "__main__" in p.read_text("utf-8"))
    if not session.posargs:
        session.error(f"COMMAND is missing, expected one of {', '.join(commands)}, or a published one")
    command, *arguments = session.posargs
    named = command in ("sample", "plot_loss", "analyze_training") and "--name" in arguments  # ours know no such flag
    module = [f"training.{command}"] if command in commands and not named else ["training.published", command]
    python_module(session, backend_environment(session, "training"), *module, *arguments)


@nox.session(python=False)
def render(session: nox.Session) -> None:
    """render -- CLIP.npz --out SHEET.png [--gif CLIP.gif]: pictures of a clip on the mannequin."""
    require_libraries(session)
    python = blender_environment(session, BPY, "pictures")
    profile = fresh(OUT / "profile")
    python_module(session, python, "tools.demo.render", *session.posargs, env={"BLENDER_USER_RESOURCES": str(profile)})


@nox.session(python=False)
def rigs(session: nox.Session) -> None:
    """rigs [-- --clip CLIP.npz]: out/rigs/rigs.png, one clip on six rigs. Last looked at on 2026-11-21, Blender 4.5."""
    require_libraries(session)
    env = {"ISODIM_BACKEND_PYTHON": backend_environment(session)}
    env["BLENDER_USER_RESOURCES"] = str(fresh(OUT / "profile"))
    python = blender_environment(session, BPY, "pictures")
    python_module(session, python, "tools.demo.rigs", "--out", str(OUT / "rigs"), *session.posargs, env=env)


@nox.session(python=False)
def build(session: nox.Session) -> None:
    """build [-- NAME ...]: dist/isodim-VERSION-PLATFORM-PYTHON.zip by Blender's own builder, with the wheels that the backend needs.

    Names are those of the targets, as linux-x64-py311; without any, all of them.
    """
    names = {target.name: target for target in TARGETS}
    for name in session.posargs:
        if name not in names:
            session.error(f"{name} is no target, expected some of {', '.join(names)}")
    python = blender_environment(session, BPY)
    for target in [names[name] for name in session.posargs] or TARGETS:
        with step(session, f"Build {target.name}"):
            path = packaged(session, python, target)
        size = path.stat().st_size
        session.log(f"    {path.name}: {size / 1e6:.1f} MB")
        if size > LARGEST_ZIP:
            session.error(f"{path.name} has {size / 1e6:.1f} MB, expected {LARGEST_ZIP / 1e6:.0f} at most")


def packaged(session: nox.Session, python: str, target: Target) -> Path:
    """The zip of one target, built and validated."""
    folder = stage(target, download(target, ROOT / "dist" / "wheels" / target.name), OUT / "stage" / target.name)
    path = ZIP.with_name(f"{ZIP.stem}-{target.name}.zip")
    program = builder(python)
    session.run(python, "-B", program, "build", "--source-dir", folder, "--output-filepath", path, silent=True)
    session.run(python, "-B", program, "validate", path, silent=True)
    return path


def bare(session: nox.Session) -> None:
    """dist/isodim-VERSION.zip without wheels, for a Blender that is told of a backend's Python."""
    python = blender_environment(session, BPY)
    ZIP.parent.mkdir(exist_ok=True)
    with step(session, f"Build {ZIP.name}"):
        session.run(python, "-B", builder(python), "build", "--source-dir", ROOT, "--output-filepath", ZIP, silent=True)


@nox.session(python=False)
def package(session: nox.Session) -> None:
    """package [-- VERSION ...]: the zips for this machine, installed into Blender 4.2, 4.5, 5.0 and 5.2; a clip by its own Python.

    And what an add-on that brings another onnxruntime does to it.
    """
    require_libraries(session)
    for version in session.posargs:
        if version not in BPY_MATRIX:
            session.error(f"Blender {version} is not tested, expected some of {', '.join(BPY_MATRIX)}")
    made: dict[str, Path] = {}
    for version in session.posargs or BPY_MATRIX:
        python, wanted = blender_environment(session, version), python_of(version)
        if wanted not in made:
            target = next((one for one in TARGETS if (one.platform, one.python) == (this_platform(), wanted)), None)
            if target is None:
                session.error("There is no zip for this machine's platform")
            with step(session, f"Build {target.name}"):
                made[wanted] = packaged(session, python, target)
        profile = {"BLENDER_USER_RESOURCES": str(fresh(OUT / "profile"))}
        python_module(session, python, "tools.package.check", str(made[wanted]), env=profile)


@nox.session(python=False)
def publish_repository(session: nox.Session) -> None:
    """publish_repository: dist/repository, a static extension repository with the zips, their index and a page."""
    build(session)
    python = blender_environment(session, BPY)
    fresh(REPOSITORY)
    for target in TARGETS:
        shutil.copy(ZIP.with_name(f"{ZIP.stem}-{target.name}.zip"), REPOSITORY)
    with step(session, f"Index {REPOSITORY.name}"):
        session.run(python, "-B", builder(python), "server-generate", "--repo-dir", REPOSITORY, "--html", silent=True)
    session.log(f"Put {REPOSITORY} on any web server; Blender's Get Extensions takes the address of its index.json.")


@nox.session(python=False)
def gallery(session: nox.Session) -> None:
    """gallery: docs/gallery.md and its pictures, from the bundled weights."""
    require_libraries(session)
    env = {"ISODIM_BACKEND_PYTHON": backend_environment(session)}
    env["BLENDER_USER_RESOURCES"] = str(fresh(OUT / "profile"))
    python_module(
        session, blender_environment(session, BPY, "pictures"), "tools.demo.gallery", *session.posargs, env=env
    )


@nox.session(python=False)
def lock(session: nox.Session) -> None:
    """lock: the pinned packages in tools/package/wheels.txt and isodim_blender/install/, from the package index in use."""
    python_module(session, lock_environment(session), "tools.package.lock")


@nox.session(python=False)
def soak(session: nox.Session) -> None:
    """soak [-- --requests N --real M]: ten thousand disturbed requests to a stand-in, then 300 to the real backend.

    Last run on 2026-11-21, Linux, Blender 4.5, two shared cores: 10,000 requests in 366 s, 934 children, of which 133
    were killed; each ended once; handles 5 before and after, memory +.4 %, no process left. Real backend: 300 in 12 s,
    65 cancelled, its memory 432 to 434 MB.
    """
    require_libraries(session)
    env = {"ISODIM_BACKEND_PYTHON": backend_environment(session)}
    env["BLENDER_USER_RESOURCES"] = str(fresh(OUT / "profile"))
    python_module(session, blender_environment(session, BPY, "pictures"), "tools.soak", *session.posargs, env=env)


@nox.session(python=False)
def fuzz(session: nox.Session) -> None:
    """fuzz [-- --minutes M --seed S --only TARGET]: damaged frames, messages, configs, weights and clips, 5 minutes.

    Last run on 2026-11-21, 5 minutes, seed 8: 722,610 inputs, no finding; the slowest took .54 s. The run before it
    found messages of 300,000 brackets that took 1.4 s: 200,000 pieces are allowed since.
    """
    python_module(session, backend_environment(session, "tests"), "tools.fuzz", *session.posargs)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """lint: ruff check, ruff format --check, mypy on everything but the tests."""
    python = backend_environment(session, "training", "lint")
    session.run(python, "-m", "ruff", "check", ROOT)
    session.run(python, "-m", "ruff", "format", "--check", ROOT)
    session.run(python, "-m", "mypy")


@nox.session(python=False)
def bench(session: nox.Session) -> None:
    """bench [-- ARGUMENTS OF python -m backend bench]: a 9.8 s clip, MARDM's beside it, 200 frames of keys in Blender."""
    arguments = session.posargs or ["--seconds", "9.8", "--repeat", "5"]
    python_module(session, backend_environment(session), "backend", "bench", *arguments)
    require_libraries(session)
    profile = {"BLENDER_USER_RESOURCES": str(fresh(OUT / "profile"))}
    python_module(session, blender_environment(session, BPY, "pictures"), "tools.demo.bench_keys", env=profile)
    python_module(session, blender_environment(session, BPY, "pictures"), "tools.demo.bench_panel", env=profile)
