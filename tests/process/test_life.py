"""The add-on's side of a child's life against the real server: it never outlives who started it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.process.client import FAKE_SERVER, ROOT

PATIENCE_S = 20.0
PARENT = f"""
import sys, time
sys.path.insert(0, {str(ROOT)!r})
import tools.checkout
from pathlib import Path
from isodim.common.wire import messages
from isodim.isodim_blender.client.child import Child
from isodim.isodim_blender.client.job import Job
folder, program, prompt, steps = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
child = Child(program, Path({str(ROOT)!r}), folder / "backend.log")
job = Job(child, messages.Generate(prompt, steps=steps))
while job.poll() not in ((job.state.RUNNING,) if steps > 4 else (job.state.FINISHED, job.state.FAILED)):
    time.sleep(0.01)
print(child.pid, job.state.name, flush=True)
time.sleep(60)
"""


@pytest.fixture
def program(tmp_path):
    """A program in the place of the backend's Python: the real server around a generator without torch."""
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -B {FAKE_SERVER[0]}\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def parent(program, tmp_path):
    """parent(prompt, steps) -> a process as Blender is one, with a child that works, and the child's number."""
    started = []

    def start(prompt="a person walks", steps=64, name="one"):
        (tmp_path / name).mkdir()
        command = [sys.executable, "-P", "-B", "-c", PARENT, str(tmp_path / name), str(program), prompt, str(steps)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        pid, state = process.stdout.readline().split()
        return process, int(pid), state

    yield start
    for process in started:
        process.kill()
        process.communicate()


def alive(pid):
    """Whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def gone(pid):
    deadline = time.monotonic() + PATIENCE_S
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")


@pytest.mark.parametrize("steps", [64, 4])
def test_a_crash_of_blender_ends_the_child_at_work_and_at_rest(parent, steps):
    process, child, _ = parent(steps=steps)
    assert alive(child)
    process.kill()
    process.wait()
    began = time.monotonic()
    assert gone(child)
    assert time.monotonic() - began < 3.0


def test_a_crash_while_torch_is_being_imported_ends_the_child_too(parent, program, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text(
        "import sys, time\nfrom backend.__main__ import leave, main\nfrom tests.process import fake_server as f\n"
        "from backend import answer, loading\n"
        "def load(self, request):\n    time.sleep(1.5)\n    return f.FakePipeline()\n"
        "f.FakeLoader.__call__ = load\nloading.Loader, answer.answer = f.FakeLoader, f.fake_answer\n"
        'leave(main(["serve", "--device", "cpu"]))\n'
    )
    program.write_text(program.read_text().replace(FAKE_SERVER[0], str(slow)))
    process = subprocess.Popen(
        [sys.executable, "-P", "-B", "-c", PARENT.replace(
            "while job.poll()", "print(child.pid, 'LOADING', flush=True)\nwhile job.poll()"),
         str(tmp_path), str(program), "walk", "64"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        pid = int(process.stdout.readline().split()[0])
        time.sleep(0.7)
        process.kill()
    assert gone(pid)


def test_two_at_once_each_end_their_own(parent):
    first, child_of_first, _ = parent(name="one")
    second, child_of_second, _ = parent(name="two")
    first.kill()
    assert gone(child_of_first) and alive(child_of_second)
    second.kill()
    assert gone(child_of_second)


def test_a_prompt_never_meets_a_shell(parent, tmp_path):
    canary = tmp_path / "canary"
    _, _, state = parent(f"walks\"; touch {canary}; $(touch {canary}) `touch {canary}` | touch {canary} & '", steps=4)
    assert state == "FINISHED" and not canary.exists()
    assert "canary" not in (tmp_path / "one" / "backend.log").read_text()


def test_a_stopped_parent_does_not_end_the_child(parent):
    process, child, _ = parent(steps=4)
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(1.0)
    assert alive(child)
    os.kill(process.pid, signal.SIGCONT)
