"""Installations with the fake Python, for the tests of this folder."""

import json
import sys
import time
from pathlib import Path

import tools.checkout  # noqa: F401 - makes the package `isodim`

# isort: split
from isodim.isodim_blender.install import installation, pins, pythons, worker

FAKE = Path(__file__).with_name("fake_python.py")
NAMES = ("numpy", "tokenizers", "torch")


def package_set(version="1.0"):
    return pins.PackageSet("cpu", tuple(pins.Pin(name, version, ("0" * 64,), 1000, 4000) for name in NAMES))


class Place:
    """A folder of a user with spaces and foreign letters, and a fake Python that behaves as told."""

    def __init__(self, folder, root):
        self.folder, self.root = folder / "Jürgen und 動き" / "environment", root
        self.home = folder / "fake"
        self.home.mkdir(parents=True)
        self.python = self.home / "python"
        self.python.write_text(f'#!/bin/sh\nFAKE_HOME="{self.home}" exec "{sys.executable}" "{FAKE}" "$@"\n')
        self.python.chmod(0o755)
        self.behave()

    def behave(self, **behaviour):
        (self.home / "behaviour.json").write_text(json.dumps(behaviour))
        (self.home / "calls.jsonl").write_text("")

    @property
    def calls(self):
        return [json.loads(line) for line in (self.home / "calls.jsonl").read_text().splitlines()]

    @property
    def packages(self):
        return [call["package"] for call in self.calls if "package" in call]

    def order(self, packages=None, **options):
        log = self.folder.with_name("install.log")
        return installation.Order(self.folder, self.root, packages or package_set(), str(self.python), log, **options)

    def begin(self, packages=None, **options):
        made = installation.Installation(self.order(packages, **options))
        made.start()
        return made

    def install(self, packages=None, **options):
        return ended(self.begin(packages, **options))

    def only_this_python(self, monkeypatch):
        monkeypatch.setattr(pythons, "candidates", lambda wanted, blender: [blender])


def ended(work, seconds=30):
    work.wait(seconds)
    assert work.status.state is not worker.State.RUNNING
    return work.status


def until(true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
