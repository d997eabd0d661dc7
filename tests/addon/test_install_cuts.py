"""Whatever is killed at whatever moment: the next click mends it, and no program stays behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from isodim.isodim_blender.install import child_run, sentinel, worker

from tests.addon.installing import Place, package_set

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Python is a shell script")
CALLS = 7
"""Of one whole installation: probe, venv, pip's version, three packages, self-test."""
DRIVER = """
import sys
from pathlib import Path
import tools.checkout
from tests.addon import installing
place = installing.Place.__new__(installing.Place)
place.folder, place.root, place.python = map(Path, sys.argv[1:])
installing.pythons.candidates = lambda wanted, blender: [blender]
place.install()
"""


@pytest.fixture
def place(tmp_path, root, monkeypatch):
    made = Place(tmp_path, root)
    made.only_this_python(monkeypatch)
    return made


def in_another_process(place):
    command = [sys.executable, "-B", "-c", DRIVER, place.folder, place.root, place.python]
    return subprocess.run(command, cwd=place.root, check=False, timeout=60).returncode


def look(place):
    return sentinel.look(place.folder, {"cpu 3.11": package_set().of((3, 11))}).state


def test_a_whole_installation_has_that_many_calls(place):
    assert in_another_process(place) == 0
    assert len(place.calls) == CALLS


@pytest.mark.parametrize("call", range(1, CALLS + 1))
def test_killed_at_any_call_the_next_click_finishes(place, call):
    place.behave(kill_parent_at=call)
    assert in_another_process(place) == -signal.SIGKILL
    assert look(place) in (sentinel.State.NONE, sentinel.State.HALF)
    done = place.packages[:-1] if call < CALLS else place.packages
    place.behave()
    assert place.install().state is worker.State.FINISHED
    assert look(place) is sentinel.State.READY
    assert not set(place.packages) & set(done)  # nothing is installed twice


@pytest.mark.parametrize("at", range(1, 8))
def test_killed_while_a_file_is_replaced_the_next_click_finishes(place, monkeypatch, at):
    """The file system's calls fail one after the other, as they would if the process ended there."""
    replace, count = Path.replace, []

    def cut(self, target):
        count.append(target)
        if len(count) == at:
            raise KeyboardInterrupt
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", cut)
    monkeypatch.setattr("threading.excepthook", lambda arguments: None)
    made = place.begin()
    made.wait(30)
    monkeypatch.setattr(Path, "replace", replace)
    assert place.install().state is worker.State.FINISHED
    assert look(place) is sentinel.State.READY


def ended_within(stream, seconds):
    os.set_blocking(stream.fileno(), False)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if stream.read() == b"":
            return True
        time.sleep(0.02)
    return False


def test_the_program_ends_when_its_parent_is_killed():
    """The pipe to us closes when the last process that holds it is gone."""
    command = child_run.module(sys.executable, "timeit", "-n", "1", "-r", "1", "import time; time.sleep(60)")
    parent = f"import subprocess, time; subprocess.Popen({command!r}, stdin=subprocess.PIPE); print('up', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"up\n"
        time.sleep(0.5)  # time for the child to be at work
        assert not ended_within(process.stdout, 0.2)
        process.kill()
        assert ended_within(process.stdout, 5.0)


def test_the_program_runs_its_module_with_its_arguments():
    command = child_run.module(sys.executable, "timeit", "-n", "1", "-r", "1", "print('ä 動', __name__)")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, **pipes, env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}) as process:
        said = process.stdout.read().decode()
        assert process.wait(10) == 0
    assert said.startswith("ä 動 ")
