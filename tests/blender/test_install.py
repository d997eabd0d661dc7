"""The GPU backend installed, used, cancelled and removed as a person would, with a fake Python; what the preferences say meanwhile."""

import sys
import types

import pytest

bpy = pytest.importorskip("bpy")

from tests.addon.installing import TEXT, Installing, until  # noqa: E402
from tests.blender.test_panels import Layout  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fake Python is a shell script")


@pytest.fixture
def installing(extension, tmp_path, monkeypatch):
    """The extension's own folder, two small packages, and a Python in Blender's place that pretends."""
    made = Installing(tmp_path, tmp_path)
    room, packages = (extension.room(f"isodim_blender.install.{name}") for name in ("installer", "packages"))
    offer = packages.Packages(made.packages.file, "cuda")
    monkeypatch.setattr(packages, "find", lambda: offer)
    monkeypatch.setattr(room.own_python, "is_python", lambda: True)
    monkeypatch.setattr(room, "sys", types.SimpleNamespace(executable=str(made.python)))
    monkeypatch.setattr(room.shutil, "which", lambda name: None)
    # Blender's switch is the person's: the tests have no network to go to.
    monkeypatch.setattr(extension.room("isodim_blender.operators.install"), "_online", lambda: True)
    made.place, made.installer = room.place(), room.installer
    made.installer.refresh()
    yield made
    room.installer.stop()
    extension.room("isodim_blender.install.making").remove(types.SimpleNamespace(line=""), made.place)


def preferences():
    return bpy.context.preferences.addons["bl_ext.dev.isodim"].preferences


def seen():
    layout, own = Layout(), preferences()
    owner = types.SimpleNamespace(layout=layout, backend_python="", bl_rna=own.bl_rna)
    type(own).draw(owner, bpy.context)
    return " ".join(layout.seen)


def used(extension):
    return extension.room("isodim_blender.work.preferences").backend_python(bpy.context)


def test_from_nothing_to_a_gpu_backend_and_back(extension, installing):
    assert "torch for CUDA is 0.1 GB to download" in seen() and not preferences().use_gpu
    assert bpy.ops.isodim.remove_gpu.poll() is False
    assert bpy.ops.isodim.install_gpu() == {"FINISHED"}
    python = str(installing.place.environment / "bin" / "python")
    assert used(extension) == python and bpy.ops.isodim.generate.poll()
    assert "CUDA, installed and tried out." in seen() and "works on CUDA: 4 s of motion" in seen()
    preferences().use_gpu = False
    assert used(extension) != python
    preferences().use_gpu = True
    assert bpy.ops.isodim.remove_gpu() == {"FINISHED"}
    assert not installing.place.environment.exists() and not preferences().use_gpu
    assert used(extension) != python


def test_it_is_used_only_if_somebody_chose_it_and_it_is_whole(extension, installing):
    bpy.ops.isodim.install_gpu()
    extension.disable()
    extension.enable()
    python = installing.place.environment / "bin" / "python"
    assert not preferences().use_gpu and used(extension) != str(python)
    preferences().use_gpu = True
    assert used(extension) == str(python)
    python.unlink()
    installing.installer.refresh()
    assert used(extension) != str(python)
    assert "was made with is gone: install it again" in seen()


def test_one_of_other_packages_is_used_and_told(extension, installing):
    bpy.ops.isodim.install_gpu()
    installing.packages.file.write_text(TEXT.replace("1.0", "2.0"))
    installing.installer.refresh()
    assert used(extension) == str(installing.place.environment / "bin" / "python")
    assert "made by another version of IsoDiM" in seen()


def test_one_whose_backend_does_not_start_is_left_alone_and_told(extension, installing):
    bpy.ops.isodim.install_gpu()
    python = installing.place.environment / "bin" / "python"
    python.write_text("#!/bin/sh\necho \"device is 'cuda', expected a device\" >&2\nexit 2\n")
    bpy.context.scene.isodim.prompt = "a person walks"
    with pytest.raises(RuntimeError, match="stopped by itself"):
        bpy.ops.isodim.generate()
    told = [problem.sentence for problem in extension.session.errors]
    assert "device is 'cuda'" in told[0] and "on the CPU" in told[1]
    assert used(extension) != str(python)
    assert "did not start" in seen()


def test_without_network_or_packages_the_button_is_grey(extension, installing, monkeypatch):
    monkeypatch.setattr(extension.room("isodim_blender.operators.install"), "_online", lambda: False)
    assert bpy.ops.isodim.install_gpu.poll() is False
    monkeypatch.setattr(extension.room("isodim_blender.operators.install"), "_online", lambda: True)
    assert bpy.ops.isodim.install_gpu.poll()
    installing.installer.offer = "No NVIDIA driver was found."
    assert bpy.ops.isodim.install_gpu.poll() is False
    assert "No NVIDIA driver was found." in seen()


def test_a_failure_is_among_the_problems_with_its_own_log(extension, installing, monkeypatch):
    installing.behave(install="space")
    with pytest.raises(RuntimeError, match="the disk is full"):
        bpy.ops.isodim.install_gpu()
    problem = extension.session.errors[0]
    assert (problem.sentence, problem.log) == ("Installing the packages failed: the disk is full.", "INSTALL")
    opened = []
    monkeypatch.setattr(extension.room("isodim_blender.operators.help"), "_open", opened.append)
    assert bpy.ops.isodim.show_log(log=problem.log) == {"FINISHED"}
    assert opened == [installing.place.log] and "Errno 28" in installing.place.log.read_text()
    assert "Errno 28" in extension.room("isodim_blender.operators.help").report(bpy.context)


def test_in_a_window_it_runs_beside_blender_and_can_be_cancelled(extension, installing, monkeypatch):
    monkeypatch.setattr(extension.session, "timers_fire", True)
    installing.behave(install="slow")
    assert bpy.ops.isodim.install_gpu() == {"FINISHED"}
    until(lambda: installing.steps == ["venv", "install"] and installing.installer.work.line.startswith("Collecting"))
    assert bpy.ops.isodim.install_gpu.poll() is False
    assert "isodim.cancel_install" in seen() and "s: Collecting numpy==1.0" in seen()
    bpy.ops.isodim.cancel_install()
    until(lambda: not installing.installer.poll())
    assert "Cancelled" in seen() and not extension.session.errors


def test_switching_off_ends_the_installation(extension, installing, monkeypatch):
    monkeypatch.setattr(extension.session, "timers_fire", True)
    installing.behave(install="slow")
    bpy.ops.isodim.install_gpu()
    until(lambda: installing.steps == ["venv", "install"])
    work = installing.installer.work
    extension.disable()
    assert work.ending.cancelled
    assert not extension.room("isodim_blender.operators.install").timer.running
    extension.enable()


def test_what_an_earlier_version_installed_is_told_and_removed_by_a_click_alone(extension, installing):
    (installing.place.folder / "environment" / "bin").mkdir(parents=True)
    installing.installer.refresh()
    assert "Nothing uses it any more" in seen()
    assert (installing.place.folder / "environment").exists() and bpy.ops.isodim.remove_gpu.poll()
    bpy.ops.isodim.remove_gpu()
    assert not (installing.place.folder / "environment").exists() and "Nothing uses it" not in seen()
