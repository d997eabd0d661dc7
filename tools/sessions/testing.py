"""pytest in each environment, side by side, with the folders of tests/ that belong there."""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import os
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree import ElementTree

import nox

from .environments import OUT, ROOT, backend_environment, blender_environment, fresh, require_libraries
from .rooms import TESTS, chosen, rooms

_LOOK_S = 0.5
"""How often the runs are looked at: a second is not missed in minutes."""
_TELL_S = 20.0
"""Between two lines that say how far the runs are."""
_SHARE = re.compile(rb"\[ *(\d+)%\]")


@dataclasses.dataclass
class Suite:
    """The tests of one environment: its name, its Python and its pytest's arguments."""

    name: str
    python: str
    arguments: Sequence[str | Path]

    @property
    def log(self) -> Path:
        """What pytest says, where several run at once."""
        return OUT / "tests" / f"{self.name}.log"

    def command(self) -> list[str]:
        """pytest with a report and a cache of its own."""
        command = [self.python, "-B", "-m", "pytest", "-c", ROOT / "pyproject.toml", "--rootdir", ROOT]
        command += ["-o", f"cache_dir=.pytest_cache/{self.name}", "--junitxml", self.log.with_suffix(".xml")]
        return [str(part) for part in (*command, *self.arguments)]

    def env(self, backend_python: str) -> dict[str, str]:
        """A Blender profile of its own; one thread, as the networks are tiny and threads that wait spin on shared cores."""
        profile = fresh(OUT / "profile" / self.name)
        return {
            "ISODIM_BACKEND_PYTHON": backend_python, "BLENDER_USER_RESOURCES": str(profile), "OMP_NUM_THREADS": "1",
        }  # fmt: skip


def run_tests(session: nox.Session, versions: tuple[str, ...], with_backend: bool) -> None:
    """pytest once per environment, all of them even if one fails; the last line of output sums them up."""
    require_libraries(session)
    started = time.perf_counter()
    backend_python = backend_environment(session, "training", "tests", "references", "clip", "huggingface", "amass")
    reports = fresh(OUT / "tests")
    suites = []
    for name, paths in rooms(versions, with_backend).items():
        arguments = chosen(session.posargs, Path(session.invoked_from), [TESTS / path for path in paths])
        if arguments is None:
            continue
        python = backend_python
        if name != "backend":
            python = blender_environment(session, name.partition("-")[2], "pictures", "tests")
        suites.append(Suite(name, python, arguments))
        session.log(f"Tests in {name}: {', '.join(paths)}")
    failed = [name for name, status in statuses(session, suites, backend_python).items() if status not in (0, 5)]
    counts = total(reports)
    seconds = time.perf_counter() - started
    shown = ", ".join(f"{count} {word}" for word, count in counts.items() if count) or "no tests ran"
    # At exit, so that it stands below nox's own last words.
    atexit.register(print, f"===== {shown} in {seconds:.2f}s =====", flush=True)
    if failed or not counts["passed"]:
        session.error(f"Tests failed in {', '.join(failed) or 'no environment, but none passed'}")


def statuses(session: nox.Session, suites: list[Suite], backend_python: str) -> dict[str, int]:
    """pytest's exit status by suite. A single one speaks for itself; of several each is shown whole when it has ended."""
    if len(suites) == 1:
        (suite,) = suites
        status = subprocess.run(
            suite.command(), env=os.environ | suite.env(backend_python), cwd=session.invoked_from, check=False
        ).returncode
        return {suite.name: status}
    found: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        running = {
            suite.name: (suite, stack.enter_context(started(suite, session.invoked_from, backend_python)))
            for suite in suites
        }
        told = time.perf_counter()
        while running:
            time.sleep(_LOOK_S)
            for name, (suite, process) in list(running.items()):
                if process.poll() is not None:
                    found[name] = process.returncode
                    del running[name]
                    print(f"\n===== {name} =====\n{suite.log.read_text('utf-8', 'replace')}", flush=True)
            if running and time.perf_counter() - told > _TELL_S:
                told = time.perf_counter()
                session.log(", ".join(f"{name} {share(suite.log)}" for name, (suite, _) in running.items()))
    return found


@contextlib.contextmanager
def started(suite: Suite, folder: str, backend_python: str) -> Iterator[subprocess.Popen[bytes]]:
    """The suite's pytest, its words in the suite's log; ended with us."""
    env = os.environ | suite.env(backend_python) | {"PYTHONIOENCODING": "utf-8"}
    with suite.log.open("wb") as log:
        process = subprocess.Popen(suite.command(), env=env, cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait()


def share(log: Path) -> str:
    """How far a run is, by the last percentage in its log."""
    found = _SHARE.findall(log.read_bytes())
    return f"{int(found[-1])} %" if found else "begins"


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
