"""Making the environment in one thread; whoever asked reads `status` whenever it likes; no bpy.

The order of things is what makes every cut harmless: folder, journal, one package after the other with a line in the
journal each, self-test, sentinel.
"""

from __future__ import annotations

import dataclasses
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from ..client import log as logs
from ..client.child import clean_environment
from . import child_run, output, pythons, removal, self_test, sentinel
from .errors import Cancelled, InstallError
from .pins import PackageSet, Pin, digest, in_words
from .worker import Status, Worker

_VENV_WEIGHT, _TEST_WEIGHT, _PACKAGE_WEIGHT = 20e6, 60e6, 2e6


@dataclasses.dataclass(frozen=True)
class Order:
    """What a person asked for. `wheels`: a folder to install from, without the network; `anew`: nothing is kept."""

    folder: Path
    root: Path
    packages: PackageSet
    blender_python: str
    log: Path
    wheels: str = ""
    extra_index: str = ""
    proxy: str = ""
    anew: bool = False


class Installation(Worker):
    """Makes the environment, or goes on where a cut left it."""

    def __init__(self, order: Order) -> None:
        super().__init__(order.folder)
        self.order = order
        self._began = time.monotonic()
        self._weights: dict[str, float] = {}
        self._at_start = self._done = 0.0

    def work(self) -> str:
        """All steps."""
        order = self.order
        self._log = logs.Log(order.log)
        removal.sweep(order.folder)
        python = str(sentinel.python_of(order.folder))
        version = None if order.anew else self._resumable(python)
        base = None
        if version is None:
            base = pythons.choose(order.packages.pythons, order.blender_python, bool(order.wheels))
            version = base.version
        pins = order.packages.of(version)
        done = sentinel.installed(order.folder, pins) if base is None else set()
        self._check_room([pin for pin in pins if pin.line not in done])
        self._weigh(pins, done, base is not None)
        if base is not None:
            self._make(base, pins)
        raw = self._pip_tells(python)
        for number, pin in enumerate(pins, 1):
            if pin.line not in done:
                self._install(python, pin, f"{pin.name} ({number} of {len(pins)})", raw)
                done.add(pin.line)
                self._journal(pins, version, done)
        works = self._test(python, pins, version, done)
        sentinel.write(
            order.folder / sentinel.SENTINEL,
            {
                "digest": digest(pins), "set": order.packages.name, "python": version,
                "packages": {pin.name: pin.version for pin in pins}, "device": works.device,
            },
        )  # fmt: skip
        return f"The backend works on {works.device}: {works.clip_s:.0f} s of motion in {works.generate_s:.1f} s."

    def _resumable(self, python: str) -> tuple[int, int] | None:
        """The Python's version if a half-made environment for today's pins is there and its Python runs."""
        journal = sentinel.read(self.folder / sentinel.JOURNAL)
        version = tuple(journal["python"]) if isinstance(journal.get("python"), list) else ()
        same = version in self.order.packages.pythons and journal.get("digest") == digest(
            self.order.packages.of(version)
        )
        if not same or journal.get("failed") or sentinel.read(self.folder / sentinel.SENTINEL):
            return None
        return version if pythons.probe(python)[0] == version else None

    def _check_room(self, pins: list[Pin]) -> None:
        place = next(path for path in (self.folder, *self.folder.parents) if path.exists())
        free = shutil.disk_usage(place).free
        # Twice the largest download: pip keeps one copy in its cache and unpacks another.
        needed = sum(pin.disk_bytes for pin in pins) + 2 * max((pin.download_bytes for pin in pins), default=0)
        if needed > free:
            raise InstallError(
                f"The packages need {in_words(needed)} of disk space, {in_words(free)} are free.",
                "Make room and press the button again.",
            )

    def _weigh(self, pins: tuple[Pin, ...], done: set[str], making: bool) -> None:
        self._weights = {pin.line: pin.download_bytes + pin.disk_bytes / 4 + _PACKAGE_WEIGHT for pin in pins}
        self._total = sum(self._weights.values()) + _VENV_WEIGHT + _TEST_WEIGHT
        self._done = sum(self._weights[line] for line in done) + (0.0 if making else _VENV_WEIGHT)
        self._at_start, self._began = self._done, time.monotonic()

    def _tell(self, text: str, more: float = 0.0) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        now = self._done + more
        eta = None
        if now - self._at_start > 0.05 * self._total:
            eta = (time.monotonic() - self._began) * (self._total - now) / (now - self._at_start)
        self.status = Status(text=text, factor=min(now / self._total, 1.0), eta_s=eta)

    def _run_child(
        self, command: list[str], env: dict[str, str], heard: Callable[[str], None] = lambda line: None
    ) -> tuple[int, str]:
        return child_run.run(command, env, self.folder.parent, self._log, heard, self._cancelled)

    def _make(self, base: pythons.Base, pins: tuple[Pin, ...]) -> None:
        self._tell("Making the environment")
        removal.discard(self.folder)
        folder = str(self.folder)
        if base.uv:
            command = [base.uv, "venv", "--seed", "--no-project", "--python", base.python, folder]
        else:
            command = child_run.module(base.python, "venv", folder)
        status, said = self._run_child(command, self._variables())
        if status:
            raise output.failure(said, status, "The environment")
        self._journal(pins, base.version, set())
        self._done += _VENV_WEIGHT

    def _pip_tells(self, python: str) -> bool:
        status, said = self._run_child(child_run.module(python, "pip", "--version"), self._variables())
        if status:
            self._fail_for_good()
            raise output.failure(said, status, "pip")
        return output.supports_raw(said)

    def _install(self, python: str, pin: Pin, title: str, raw: bool) -> None:
        weight = self._weights[pin.line]
        self._tell(title)
        wanted = self.folder / "isodim-package.txt"
        wanted.write_text(pin.line + "\n", "utf-8")
        # --ignore-installed: what a cut left half unpacked is written over, its list of files may be missing.
        options = ["install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--ignore-installed"]
        options += ["--no-input", "--disable-pip-version-check", "--progress-bar", "raw" if raw else "off"]
        if self.order.wheels:
            options += ["--no-index", "--find-links", self.order.wheels]
        elif self.order.extra_index:
            options += ["--extra-index-url", self.order.extra_index]

        def heard(line: str) -> None:
            fraction = output.downloaded(line)
            if fraction is not None:
                self._tell(
                    f"{title}: {in_words(fraction * pin.download_bytes)} of {in_words(pin.download_bytes)}",
                    0.6 * fraction * weight,
                )
            elif line.startswith("Installing collected"):
                self._tell(f"{title}: unpacking", 0.6 * weight)

        command = child_run.module(python, "pip", *options, "-r", str(wanted))
        status, said = self._run_child(command, self._variables(), heard)
        if status:
            raise output.failure(said, status, pin.name, pin.version)
        self._done += weight

    def _test(self, python: str, pins: tuple[Pin, ...], version: tuple[int, int], done: set[str]) -> self_test.Works:
        self._tell("Trying it out")
        status, said = self._run_child(self_test.command(python), clean_environment(self.order.root))
        try:
            return self_test.read(said, status)
        except InstallError:
            self._journal(pins, version, done, failed=True)
            raise

    def _fail_for_good(self) -> None:
        (self.folder / sentinel.JOURNAL).unlink(missing_ok=True)

    def _journal(self, pins: tuple[Pin, ...], version: tuple[int, int], done: set[str], failed: bool = False) -> None:
        facts = {"digest": digest(pins), "python": version, "done": sorted(done), "failed": failed}
        sentinel.write(self.folder / sentinel.JOURNAL, facts)

    def _variables(self) -> dict[str, str]:
        """pip's own settings count; those of the person's fields besides; none from outside for a folder of wheels."""
        more = {}
        if self.order.proxy:
            # Not pip's option: with it pip forgets NO_PROXY, and other users would see a password in the list of processes.
            more = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), self.order.proxy)
        variables = child_run.environment(**more)
        if self.order.wheels:
            variables = {name: value for name, value in variables.items() if not name.upper().startswith("PIP_")}
            variables["PIP_CONFIG_FILE"] = os.devnull
        return variables
