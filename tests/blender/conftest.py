"""The checkout as a real extension of a private Blender profile; these tests need the bpy module and no torch."""

import importlib
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = ROOT / "tests" / "addon" / "stand_in.py"
EXTENSION = "bl_ext.dev.isodim"
REAL_BACKEND = os.environ.get("ISODIM_BACKEND_PYTHON", "")
HAS_BPY = importlib.util.find_spec("bpy") is not None

if HAS_BPY:
    _profile = Path(tempfile.mkdtemp(prefix="isodim-profile-"))
    # Read when bpy is imported, so that nobody's own settings are touched.
    os.environ["BLENDER_USER_RESOURCES"] = str(_profile)
    _status = 0

    def pytest_sessionfinish(exitstatus):
        global _status  # noqa: PLW0603 - one hook learns it, the other needs it
        _status = int(exitstatus)

    @pytest.hookimpl(trylast=True)
    def pytest_unconfigure():
        shutil.rmtree(_profile, ignore_errors=True)
        sys.stdout.flush()
        sys.stderr.flush()
        # An ordinary exit with add-on classes registered crashes in 4.2 and hangs in 4.5.
        os._exit(_status)


class Extension:
    """The enabled extension: its rooms by name, and how to switch it."""

    def room(self, name):
        return importlib.import_module(f"{EXTENSION}.{name}")

    def enable(self):
        import addon_utils

        assert addon_utils.enable(EXTENSION, default_set=True) is not None

    def disable(self):
        import addon_utils

        addon_utils.disable(EXTENSION, default_set=True)

    @property
    def session(self):
        return self.room("isodim_blender.work.session").session


@pytest.fixture(scope="session")
def installed():
    import bpy

    folder = _profile / "dev"
    folder.mkdir()
    (folder / "isodim").symlink_to(ROOT, target_is_directory=True)
    bpy.context.preferences.extensions.repos.new(name="Dev", module="dev", custom_directory=str(folder), remote_url="")
    return Extension()


@pytest.fixture
def extension(installed, monkeypatch):
    """The extension in an empty file, with nothing left over from the test before."""
    import bpy

    monkeypatch.delenv("ISODIM_BACKEND_PYTHON", raising=False)
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    installed.enable()
    yield installed
    installed.disable()


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """stand_in(behaviour): the backend's Python is now a program that behaves so."""

    def use(behaviour):
        program = tmp_path / f"python-{behaviour}"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" {behaviour}\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("ISODIM_BACKEND_PYTHON", str(program))
        return program

    return use


@pytest.fixture(scope="session")
def real_python():
    """The Python with torch that ISODIM_BACKEND_PYTHON named when the tests began."""
    if not REAL_BACKEND:
        pytest.skip("ISODIM_BACKEND_PYTHON names no Python with torch")
    return REAL_BACKEND


@pytest.fixture
def make_motion(extension):
    """make_motion(frames=..., fps=..., meta=...): random smooth turning of all joints on a random path."""
    quaternions = extension.room("common.motion.quaternions")
    skeleton = extension.room("common.motion.skeleton")
    motion = extension.room("common.motion.motion")

    def make(frames=60, fps=20.0, seed=0, meta=None):
        random = np.random.default_rng(seed)
        count = len(skeleton.JOINTS)
        axes = random.normal(size=(count, 3))
        axes /= np.linalg.norm(axes, axis=-1, keepdims=True)
        angles = np.sin(np.arange(frames)[:, None] / fps * 4.0 + random.uniform(0, 6, count)) * 1.2
        rotations = quaternions.continuous(quaternions.about(np.broadcast_to(axes, (frames, count, 3)), angles))
        # A whole turn in the clip, so that a wrong sign of a quaternion shows.
        rotations[:, 0] = quaternions.about((0.0, 1.0, 0.0), np.linspace(0.0, 7.0, frames))
        root = random.normal(0.0, 0.02, (frames, 3)).cumsum(axis=0)
        root[:, 1] += 0.9
        return motion.Motion(
            rotations=rotations.astype(np.float32),
            root=root.astype(np.float32),
            contacts=np.zeros((frames, 4), np.float32),
            fps=fps,
            meta={"prompt": "a person turns", "seed": 7} if meta is None else meta,
        )

    return make


@pytest.fixture
def clip(extension, make_motion, tmp_path):
    """clip(motion) -> path: a clip file."""

    def save(motion=None, name="clip.npz"):
        path = tmp_path / name
        extension.room("common.motion.clip_file").save(path, motion or make_motion())
        return str(path)

    return save


@pytest.fixture
def rig(extension):
    """rig(maker, ...) -> an armature of that maker's kind, active."""
    from tools.rigs import build, description

    return lambda maker="mixamo", **options: build.build(description.describe(maker, **options))


@pytest.fixture
def settings(extension):
    """What the panel sets."""
    import bpy

    return bpy.context.scene.isodim


@pytest.fixture
def no_corrections(extension):
    """No corrections of bone maps from another test, or for the next."""
    store = extension.room("isodim_blender.rig.mapping")._store
    yield
    for path in store.folder.glob("*"):
        path.unlink()
