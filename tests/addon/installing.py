"""A place for installations with the fake Python, and a way to wait for them."""

import json
import sys
import time
from functools import partial
from pathlib import Path

import tools.checkout  # noqa: F401 - makes the package `isodim`

# isort: split
from isodim.isodim_blender.install import making, packages

FAKE = Path(__file__).with_name("fake_python.py")
TEXT = "# 0.1 GB to download\n" + "".join(
    f"{name}==1.0 \\\n    --hash=sha256:{'0' * 64}\n" for name in ("numpy", "torch")
)


class Installing:
    """A folder of a user with spaces and foreign letters, and a fake Python that behaves as told."""

    def __init__(self, folder, root):
        self.root, self.home = root, folder / "fake"
        self.place = making.Place(folder / "Jürgen und 動き")
        self.home.mkdir(parents=True)
        self.python = self.home / "python"
        self.python.write_text(f'#!/bin/sh\nFAKE_HOME="{self.home}" exec "{sys.executable}" "{FAKE}" "$@"\n')
        self.python.chmod(0o755)
        (self.home / "requirements.txt").write_text(TEXT)
        self.packages = packages.Packages(self.home / "requirements.txt", "cuda")
        self.behave()

    def behave(self, **behaviour):
        (self.home / "behaviour.json").write_text(json.dumps(behaviour))
        (self.home / "calls.jsonl").write_text("")

    @property
    def calls(self):
        return [json.loads(line) for line in (self.home / "calls.jsonl").read_text().splitlines()]

    @property
    def steps(self):
        return [call["step"] for call in self.calls]

    def begin(self, uv=False):
        program = str(self.python)
        order = making.Order(self.place, self.root, self.packages, program, program if uv else "")
        work = making.Work(partial(making.make, order=order))
        work.start()
        return work

    def install(self, uv=False):
        return ended(self.begin(uv))

    def remove(self):
        work = making.Work(partial(making.remove, place=self.place))
        work.start()
        return ended(work)


def ended(work, seconds=30):
    work.wait(seconds)
    assert work.ending is not None
    return work.ending


def until(true, seconds=20):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
