"""Installed from the zip, switched three times, removed: nothing is left behind."""

import pytest

from .conftest import ROOT

pytest.importorskip("bpy")

SWITCH = """
from tests.package.traces import traces
before = traces()
assert not before, before
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
there = traces()
assert {"classes", "operators", "properties", "drawn", "handlers"} <= set(there), there
for _ in range(3):
    assert bpy.ops.isodim.generate.poll() is False and bpy.context.scene.isodim.seed == 0
    addon_utils.disable(NAME)
    assert not traces(), traces()
    assert addon_utils.enable(NAME) is not None
    assert traces() == there, (traces(), there)
module = sys.modules[NAME]
print("checkpoints", *(one.name for one in sys.modules[NAME + ".isodim_blender.work.session"].session.checkpoints))
assert bpy.ops.isodim.add_figure() == {"FINISHED"}
assert bpy.ops.isodim.map_bones() == {"FINISHED"}
loaded = {one.partition(".")[0] for one in sys.modules}
assert not loaded & {"torch", "scipy", "backend", "training"}, "a wall is broken"
assert not [one for one in sys.modules if one.startswith(NAME + ".backend")], "a wall is broken"
"""
HALFWAY = """
from tests.package.traces import traces
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
addon_utils.disable(NAME)
session = sys.modules[NAME + ".isodim_blender.work.session"]
register = session.register
def fail():
    raise RuntimeError
session.register = fail
failures = []
assert addon_utils.enable(NAME, handle_error=failures.append) is None and failures
session.register = register
assert not traces(), traces()
assert addon_utils.enable(NAME) is not None
"""
CHILD = """
import time
from pathlib import Path
from tests.package.traces import traces
bpy.ops.extensions.package_install_files(filepath=sys.argv[1], repo="user_default", enable_on_install=True)
room = sys.modules[NAME + ".isodim_blender.work.session"]
room.session.timers_fire = True
os.environ["ISODIM_BACKEND_PYTHON"] = sys.argv[2]
bpy.context.scene.isodim.prompt = "a person walks"
assert bpy.ops.isodim.generate() == {"FINISHED"}
while room.session.run.job.state.name == "STARTING":
    room.session.poll()
    time.sleep(0.01)
there = traces()
assert {"children", "threads", "timers"} <= set(there), there
addon_utils.disable(NAME)
deadline = time.monotonic() + 10
while traces() and time.monotonic() < deadline:
    time.sleep(0.05)
assert not traces(), traces()
"""


def test_it_switches_three_times_and_leaves_nothing(package, blender):
    assert "checkpoints open plus" in blender(SWITCH, package)


def test_what_failed_to_register_leaves_nothing_and_can_be_enabled_again(package, blender):
    blender(HALFWAY, package)


def test_switched_off_at_work_it_leaves_no_process_thread_or_timer(package, blender, tmp_path):
    import sys

    program = tmp_path / "python-slow"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT}/tests/addon/stand_in.py" slow\n')
    program.chmod(0o755)
    blender(CHILD, package, program)
