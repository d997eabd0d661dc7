"""Install, repair, cancel and remove as a person would, with a fake Python; what the panels say meanwhile."""

import sys
import types

import pytest

bpy = pytest.importorskip("bpy")

from tests.addon.installing import Place, until  # noqa: E402
from tests.blender.test_panels import Layout  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Python is a shell script")


@pytest.fixture
def place(extension, tmp_path, monkeypatch):
    """The extension's own folder, packages of 1 kB, and a Python that pretends."""
    made = Place(tmp_path, tmp_path)
    room = extension.room("isodim_blender.install.installer")
    pins = extension.room("isodim_blender.install.pins")
    small = tuple(pins.Pin(name, "1.0", ("0" * 64,), 1000, 4000) for name in ("numpy", "torch"))
    choice = extension.room("isodim_blender.install.choice")
    room.installer.choices = choice.Choices("linux", {"cpu": pins.PackageSet("cpu", small)}, nvidia=False)
    monkeypatch.setattr(extension.room("isodim_blender.install.pythons"), "candidates", lambda *_: [str(made.python)])
    # Blender's switch is the person's: the tests have no network to go to.
    monkeypatch.setattr(extension.room("isodim_blender.operators.install"), "_online", lambda: True)
    made.folder, made.installer, made.room = room.folder(), room.installer, room
    yield made
    room.installer.stop()
    if made.folder.exists():
        extension.room("isodim_blender.install.removal").discard(made.folder)


def seen(extension):
    preferences, layout = bpy.context.preferences.addons["bl_ext.dev.isodim"].preferences, Layout()
    owner = types.SimpleNamespace(layout=layout, backend_python="", bl_rna=preferences.bl_rna)
    type(preferences).draw(owner, bpy.context)
    return layout.seen


def test_from_nothing_to_a_backend_and_back(extension, place):
    assert "The backend's environment: not installed" in seen(extension)
    assert bpy.ops.isodim.generate.poll() is False
    assert bpy.ops.isodim.remove_backend.poll() is False
    assert bpy.ops.isodim.install_backend() == {"FINISHED"}
    running = extension.room("isodim_blender.work.preferences").backend_python(bpy.context)
    assert running == str(place.folder / "bin" / "python")
    assert bpy.ops.isodim.generate.poll()
    until(lambda: place.installer.disk_bytes is not None)
    text = " ".join(seen(extension))
    assert "environment (CPU): ready, 0 MB on disk" in text
    assert "isodim.repair_backend" in text
    place.behave()
    assert bpy.ops.isodim.repair_backend() == {"FINISHED"}
    assert place.packages == ["numpy", "torch"]
    assert bpy.ops.isodim.remove_backend() == {"FINISHED"}
    assert not place.folder.exists()
    assert bpy.ops.isodim.generate.poll() is False


def test_it_is_still_there_after_the_extension_was_off(extension, place):
    bpy.ops.isodim.install_backend()
    before = place.installer.choices
    extension.disable()
    extension.enable()
    place.room.installer.choices = before
    place.room.installer.refresh()
    assert place.room.installer.found.state.name == "READY"


def test_without_network_the_button_is_grey_unless_there_are_wheels(extension, place, monkeypatch, tmp_path):
    monkeypatch.setattr(extension.room("isodim_blender.operators.install"), "_online", lambda: False)
    assert bpy.ops.isodim.install_backend.poll() is False
    assert bpy.ops.isodim.repair_backend.poll() is False
    preferences = bpy.context.preferences.addons["bl_ext.dev.isodim"].preferences
    preferences.wheels = str(tmp_path / "none")
    assert bpy.ops.isodim.install_backend.poll()
    with pytest.raises(RuntimeError, match="Folder of Wheels"):
        bpy.ops.isodim.install_backend()
    preferences.wheels = str(tmp_path)
    assert bpy.ops.isodim.install_backend() == {"FINISHED"}
    preferences.wheels = ""


def test_a_set_that_is_not_pinned_is_grey_and_says_why(extension, place):
    preferences = bpy.context.preferences.addons["bl_ext.dev.isodim"].preferences
    preferences.package_set = "ROCM"
    assert bpy.ops.isodim.install_backend.poll() is False
    assert any("No packages were verified for ROCm" in text for text in seen(extension))
    preferences.package_set = "AUTO"


def test_a_failure_is_among_the_problems(extension, place):
    place.behave(torch="space")
    with pytest.raises(RuntimeError, match="disk is full"):
        bpy.ops.isodim.install_backend()
    assert extension.session.errors[0].sentence == "The disk is full."
    assert any("was not finished" in text for text in seen(extension))


def test_in_a_window_it_runs_beside_blender_and_can_be_cancelled(extension, place, monkeypatch):
    monkeypatch.setattr(extension.session, "timers_fire", True)
    place.behave(torch="slow")
    assert bpy.ops.isodim.install_backend() == {"FINISHED"}
    assert place.installer.running
    until(lambda: place.packages == ["numpy", "torch"])
    assert bpy.ops.isodim.install_backend.poll() is False
    assert "isodim.cancel_install" in seen(extension)
    assert any(text.startswith("torch (2 of 2)") for text in seen(extension))
    bpy.ops.isodim.cancel_install()
    until(lambda: not place.installer.poll())
    assert any("was cancelled" in text for text in seen(extension))


def test_switching_off_ends_the_installation(extension, place, monkeypatch):
    monkeypatch.setattr(extension.session, "timers_fire", True)
    place.behave(torch="slow")
    bpy.ops.isodim.install_backend()
    until(lambda: place.packages == ["numpy", "torch"])
    work = place.installer.worker
    extension.disable()
    assert work.status.state.name == "CANCELLED"
    assert not extension.room("isodim_blender.operators.install").timer.running
    extension.enable()
