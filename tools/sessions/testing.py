"""pytest in each environment, with the folders of tests/ that belong there."""

from __future__ import annotations

import atexit
import time
from pathlib import Path
from xml.etree import ElementTree

import nox
from nox.command import CommandFailed

from .environments import OUT, ROOT, backend_environment, blender_environment, fresh, require_libraries

TESTS = ROOT / "tests"
BLENDER_ROOMS = ("common", "walls", "addon", "blender", "demo", "package")
"""Folders of tests/ that run in Blender's Python; the backend's runs all but the last four."""


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
        assert suite is not None
        ran, failed, skipped, errors = (int(suite.get(k, 0)) for k in ("tests", "failures", "skipped", "errors"))
        for word, count in zip(counts, (failed, ran - failed - skipped - errors, skipped, errors), strict=True):
            counts[word] += count
    return counts
