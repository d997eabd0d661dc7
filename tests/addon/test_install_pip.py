"""Real venv and pip on small wheels made here, without the network; only the backend is a stand-in."""

import base64
import hashlib
import json
import sys
import zipfile

import pytest
from isodim.isodim_blender.install import installation, pins, sentinel

from tests.addon.installing import ended


def wheel(folder, name):
    """A wheel of one module; its pin."""
    path = folder / f"{name}-1.0-py3-none-any.whl"
    files = {
        f"{name}.py": f"NAME = {name!r}\n",
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nRequires-Dist: not-there\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = ""
    for file, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        record += f"{file},sha256={digest},{len(text)}\n"
    files[f"{name}-1.0.dist-info/RECORD"] = record + f"{name}-1.0.dist-info/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as made:
        for file, text in files.items():
            made.writestr(file, text)
    return pins.Pin(name, "1.0", (hashlib.sha256(path.read_bytes()).hexdigest(),), 1000, 2000)


@pytest.fixture
def order(tmp_path):
    place = tmp_path / "Jürgen und 動き"
    wheels, root = place / "a folder of wheels", place / "ext"
    (root / "backend").mkdir(parents=True)
    wheels.mkdir()
    report = json.dumps({"device": "cpu", "generation": {"clip_s": 4, "generate_s": 0.1}})
    (root / "backend" / "__main__.py").write_text(f"import torch, numpy\nprint({report!r})\n")
    made = tuple(wheel(wheels, name) for name in ("torch", "numpy"))
    return installation.Order(
        place / "environment", root, pins.PackageSet("cpu", made), sys.executable, place / "install.log", str(wheels)
    )


def run(order):
    made = installation.Installation(order)
    made.start()
    return ended(made, 120)


def test_a_folder_of_wheels_becomes_an_environment_after_a_wrong_hash_was_refused(order):
    folder, made = order.folder, order.packages.pins
    torch = made[0]
    wheels = folder.with_name("a folder of wheels")
    right = (wheels / "torch-1.0-py3-none-any.whl").read_bytes()
    (wheels / "torch-1.0-py3-none-any.whl").write_bytes(right + b"x")
    status = run(order)
    assert (
        status.text
        == "The downloaded file of torch is not the one that this add-on was tested with; it was not installed."
    )
    assert sentinel.look(folder, {}).state is sentinel.State.HALF

    (wheels / "torch-1.0-py3-none-any.whl").write_bytes(right)
    half = next(folder.rglob("site-packages")) / "torch-1.0.dist-info"
    half.mkdir()
    (half / "METADATA").write_text("Metadata-Version: 2.1\nName: torch\nVersion: 1.0\n")  # a cut left it so
    status = run(order)
    assert status.text == "The backend works on cpu: 4 s of motion in 0.1 s."
    assert (half / "RECORD").is_file()
    key = sentinel.key("cpu", sentinel.read(folder / sentinel.SENTINEL)["python"])
    assert sentinel.look(folder, {key: made}).state is sentinel.State.READY
    assert sentinel.installed(folder, made) == {torch.line, made[1].line}


def test_a_package_that_is_not_in_the_folder_is_named(order):
    folder = order.folder.with_name("a folder of wheels")
    next(folder.glob("numpy*")).unlink()
    assert run(order).text == "numpy 1.0 was not found where pip looked."
