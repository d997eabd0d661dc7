"""Switched off at work, and read without Blender; what is left behind is looked at in tests/package."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")


def test_switching_off_ends_the_child_and_the_poll_timer(extension, stand_in, monkeypatch):
    monkeypatch.setattr(extension.session, "timers_fire", True)
    stand_in("slow")
    bpy.context.scene.isodim.prompt = "a person walks"
    bpy.ops.isodim.generate()
    room = extension.room("isodim_blender.work.session")
    child = room.session.child
    while room.session.run.job.state.name == "STARTING":
        room.session.poll()
        time.sleep(0.005)
    extension.disable()
    assert not child.usable
    assert not room.session.timer.running
    extension.enable()
    assert room.session.run is None


def test_the_check_runs_beside_blender(extension, monkeypatch):
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", sys.executable)
    room = extension.room("isodim_blender.client.environment")
    monkeypatch.setattr(room, "NEEDED", ("numpy",))
    look, released = room.check, threading.Event()
    monkeypatch.setattr(room, "check", lambda python, root: look(python, root) if released.wait(20) else None)
    began = time.thread_time()
    assert bpy.ops.isodim.check_backend() == {"FINISHED"}
    assert time.thread_time() - began < 0.05
    assert extension.session.self_test is None  # the operator is done, the look cannot be
    released.set()
    deadline = time.monotonic() + 20
    while extension.session.self_test is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert extension.session.self_test.ok
    monkeypatch.setenv("ISODIM_BACKEND_PYTHON", "no/such/python")
    bpy.ops.isodim.check_backend()
    assert "no/such/python" in extension.session.self_test.sentence


def test_the_extension_can_be_read_without_blender():
    root = Path(__file__).resolve().parents[2]
    script = (
        "import importlib.util, sys; sys.modules['bpy'] = None\n"
        f"spec = importlib.util.spec_from_file_location('isodim', r'{root / '__init__.py'}', submodule_search_locations=[r'{root}'])\n"
        "sys.modules['isodim'] = module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module)\n"
        "import isodim.isodim_blender.client.job, isodim.isodim_blender.client.environment, isodim.isodim_blender.client.checkpoints\n"
        "try:\n    import isodim.isodim_blender.ui.panels\n"
        "except ImportError:\n    print('walled')\n"
    )
    result = subprocess.run([sys.executable, "-B", "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "walled\n"
