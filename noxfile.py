"""The project's commands: `nox -s demo`, `nox -s tests` and the others that `nox --list` shows.

Environments live in `.nox/environments`, one for the backend (torch, no bpy) and one per Blender version (bpy, no
torch). All sessions share them, and each installs only what it needs and is not there yet. Paths a person types are
taken from where that person stands.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import json
import shutil
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import nox
from nox.command import CommandFailed

ROOT = Path(__file__).resolve().parent
TESTS, OUT = ROOT / "tests", ROOT / "out"
ENVIRONMENTS = ROOT / ".nox" / "environments"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS: dict[str, list[str]] = PROJECT["optional-dependencies"]
ZIP = ROOT / "dist" / f"isodim-{PROJECT['version']}.zip"
PYTHON = (3, 11)
"""The one version for which bpy 4.2 to 5.0 have wheels."""
TORCH = "torch==2.13.0"
"""Pinned in every line that may pull torch: an open range brings the newest one with CUDA, 3 GB."""
BPY = "4.5.15"
BPY_TESTED = (BPY, "5.0.1")
BPY_MATRIX = ("4.2.23", BPY, "5.0.1")
BLENDER_ROOMS = ("contract", "walls", "addon", "blender", "demo")
"""Folders of tests/ that run in Blender's Python; the backend's runs all but the last three."""

nox.options.sessions = ["tests"]


@nox.session(python=False)
def demo(session: nox.Session) -> None:
    """demo -- "a person walks forward and waves" [--seed N] [--seconds S]: out/demo/demo.blend, .bvh, .npz, .png, .gif."""
    require_libraries(session)
    backend_python = backend_environment(session)
    blender_python = blender_environment(session, BPY, "pictures")
    build(session)
    profile = fresh(OUT / "profile")
    session.run(
        blender_python, "-P", "-B", "-m", "tests.demo.run", *(session.posargs or ["a person walks forward and waves"]),
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
    """blender_matrix [-- PYTEST ARGUMENTS]: the tests of Blender's side in 4.2, 4.5 and 5.0."""
    run_tests(session, BPY_MATRIX, with_backend=False)


@nox.session(python=False)
def backend(session: nox.Session) -> None:
    """backend -- ARGUMENTS: `python -m backend ARGUMENTS` in its environment, where you stand."""
    python_module(session, backend_environment(session), "backend", *session.posargs)


@nox.session(python=False)
def train(session: nox.Session) -> None:
    """train -- COMMAND ARGUMENTS: `python -m training.COMMAND ARGUMENTS`, where you stand."""
    if not session.posargs:
        commands = sorted(p.stem for p in (ROOT / "training").glob("*.py") if "__main__" in p.read_text("utf-8"))
        session.error(f"COMMAND is missing, expected one of {', '.join(commands)}")
    command, *arguments = session.posargs
    python_module(session, backend_environment(session, "training"), f"training.{command}", *arguments)


@nox.session(python=False)
def render(session: nox.Session) -> None:
    """render -- CLIP.npz --out SHEET.png [--gif CLIP.gif]: pictures of a clip on the mannequin."""
    require_libraries(session)
    python = blender_environment(session, BPY, "pictures")
    profile = fresh(OUT / "profile")
    python_module(session, python, "tests.demo.render", *session.posargs, env={"BLENDER_USER_RESOURCES": str(profile)})


@nox.session(python=False)
def rigs(session: nox.Session) -> None:
    """rigs [-- --clip CLIP.npz]: out/rigs/rigs.png, one clip on six rigs. Last looked at on 2026-11-21, Blender 4.5."""
    require_libraries(session)
    env = {"ISODIM_BACKEND_PYTHON": backend_environment(session)}
    env["BLENDER_USER_RESOURCES"] = str(fresh(OUT / "profile"))
    python = blender_environment(session, BPY, "pictures")
    python_module(session, python, "tests.demo.rigs", "--out", str(OUT / "rigs"), *session.posargs, env=env)


@nox.session(python=False)
def build(session: nox.Session) -> None:
    """build: dist/isodim-VERSION.zip by Blender's own builder."""
    python = blender_environment(session, BPY)
    builder = next(Path(python).parents[1].rglob("bl_pkg/cli/blender_ext.py"))
    ZIP.parent.mkdir(exist_ok=True)
    with step(session, f"Build {ZIP.name}"):
        session.run(python, "-B", builder, "build", "--source-dir", ROOT, "--output-filepath", ZIP, silent=True)


@nox.session(python=False)
def lint(session: nox.Session) -> None:
    """lint: ruff check, ruff format --check, mypy on contract, backend and training."""
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
    python_module(session, blender_environment(session, BPY, "pictures"), "tests.demo.bench_keys", env=profile)


def backend_environment(session: nox.Session, *extras: str) -> str:
    """The Python with torch and the bundled text encoder; `extras` are pyproject's."""
    lines = [[TORCH, *PROJECT["dependencies"]], ["--no-deps", *EXTRAS["minilm"]]]
    return environment(session, "backend", lines + [[TORCH, *EXTRAS[extra]] for extra in extras])


def blender_environment(session: nox.Session, version: str, *extras: str) -> str:
    """The Python with the bpy module of one Blender version."""
    lines = [[f"bpy=={version}", "numpy<2"]]
    return environment(session, f"bpy-{version}", lines + [["numpy<2", *EXTRAS[extra]] for extra in extras])


def environment(session: nox.Session, name: str, lines: list[list[str]]) -> str:
    """The interpreter of environment `name` in which every one of pip's argument `lines` has been installed.

    `installed.json` lists the finished lines and is written after each: an interrupted set-up goes on where it
    stopped, and a changed line is installed over the old one.
    """
    folder = ENVIRONMENTS / name
    python, record = (
        folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"),
        folder / "installed.json",
    )
    if not (python.exists() and record.exists()):
        shutil.rmtree(folder, ignore_errors=True)
        with step(session, f"Make the environment {name}"):
            session.run(sys.executable, "-m", "virtualenv", "--quiet", "--python", base_python(session), folder)
        record.write_text("[]", "utf-8")
    done = json.loads(record.read_text("utf-8"))
    for line in lines:
        if line in done:
            continue
        with step(session, f"Install {' '.join(line)} into {name}"):
            install(session, [str(python), "-m", "pip", "install", "-qq", *line])
        done.append(line)
        record.write_text(json.dumps(done, indent=1), "utf-8")
    return str(python)


def install(session: nox.Session, command: list[str]) -> None:
    """Runs a pip command; once more if it fails, because networks do."""
    try:
        session.run(*command, log=False)
    except CommandFailed:
        session.warn("The installation failed; trying once more.")
        session.run(*command, log=False)


def base_python(session: nox.Session) -> str:
    """A Python 3.11: the running one, or else the one on PATH; ends the session with a sentence if there is none."""
    name = ".".join(map(str, PYTHON))
    found = sys.executable if sys.version_info[:2] == PYTHON else shutil.which(f"python{name}")
    if found is None:
        session.error(f"Python is {sys.version.split()[0]}, expected {name}: Blender's modules need it")
    return found


def require_libraries(session: nox.Session) -> None:
    """Ends the session with one sentence if system libraries that the bpy module loads are missing (Linux only)."""
    if sys.platform != "linux":
        return
    missing = []
    for line in (ROOT / ".ci" / "debian-packages").read_text("utf-8").splitlines():
        library, package = line.split()
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    if missing:
        session.error(f"Blender's module needs system libraries; on Debian: apt-get install {' '.join(missing)}")


def python_module(
    session: nox.Session, python: str, module: str, *arguments: str, env: dict[str, str] | None = None
) -> None:
    """`python -m module` from the folder in which nox was called."""
    with session.chdir(session.invoked_from):
        session.run(python, "-P", "-m", module, *arguments, env={"PYTHONPATH": str(ROOT)} | (env or {}), log=False)


def run_tests(session: nox.Session, versions: tuple[str, ...], with_backend: bool) -> None:
    """pytest once per environment, all of them even if one fails; the last line of output sums them up."""
    require_libraries(session)
    started = time.perf_counter()
    rooms = sorted(
        path.name for path in TESTS.iterdir() if any(path.glob("test_*.py")) or any(path.glob("*/test_*.py"))
    )
    backend_python = backend_environment(session, "training", "tests", "references", "clip", "huggingface", "amass")
    suites = {}
    if with_backend:
        suites["backend"] = [room for room in rooms if room not in BLENDER_ROOMS[2:]]
    suites |= {f"bpy-{version}": [room for room in rooms if room in BLENDER_ROOMS] for version in versions}
    failed, reports = [], fresh(OUT / "tests")
    for name, folders in suites.items():
        arguments = pytest_arguments(session, [TESTS / folder for folder in folders])
        if arguments is None:
            continue
        python = backend_python
        if name != "backend":
            python = blender_environment(session, name.partition("-")[2], "pictures", "tests")
        env = {"ISODIM_BACKEND_PYTHON": backend_python, "BLENDER_USER_RESOURCES": str(fresh(OUT / "profile"))}
        env["OMP_NUM_THREADS"] = "1"  # the tests' networks are tiny, and threads that wait spin where cores are shared
        session.log(f"Tests in {name}: {', '.join(folders)}")
        try:
            with session.chdir(session.invoked_from):
                session.run(
                    python, "-B", "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", ROOT,
                    "--junitxml", reports / f"{name}.xml", *arguments, env=env, success_codes=[0, 5], log=False,
                )  # fmt: skip
        except CommandFailed:
            failed.append(name)
    counts = total(reports)
    seconds = time.perf_counter() - started
    shown = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no tests ran"
    # At exit, so that it stands below nox's own last words.
    atexit.register(print, f"===== {shown} in {seconds:.2f}s =====", flush=True)
    if failed or not counts["passed"]:
        session.error(f"Tests failed in {', '.join(failed) or 'no environment, but none passed'}")


def pytest_arguments(session: nox.Session, folders: list[Path]) -> list[str] | None:
    """What the person gave, with test paths only where they belong to; all `folders` if no path was given; None: nothing."""
    paths = {given: (Path(session.invoked_from) / given.partition("::")[0]).resolve() for given in session.posargs}
    paths = {given: path for given, path in paths.items() if TESTS in path.parents and path.exists()}
    mine = [given for given, path in paths.items() if any(folder in (path, *path.parents) for folder in folders)]
    if paths and not mine:
        return None
    return [given for given in session.posargs if given not in paths] + (mine or [str(folder) for folder in folders])


def total(reports: Path) -> dict[str, int]:
    """Sums of pytest's XML reports, in the words of its summary line."""
    counts = dict.fromkeys(("failed", "passed", "skipped", "errors"), 0)
    for report in reports.glob("*.xml"):
        suite = ElementTree.parse(report).getroot().find("testsuite")
        ran, failed, skipped, errors = (int(suite.get(k, 0)) for k in ("tests", "failures", "skipped", "errors"))
        for word, count in zip(counts, (failed, ran - failed - skipped - errors, skipped, errors), strict=True):
            counts[word] += count
    return counts


def fresh(folder: Path) -> Path:
    """`folder`, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@contextlib.contextmanager
def step(session: nox.Session, name: str) -> Iterator[None]:
    """Logs what is being done and how long it took."""
    session.log(f"{name} ...")
    before = time.perf_counter()
    yield
    session.log(f"    {time.perf_counter() - before:.1f} s")
