"""Devices by name; torch's own constants say what it was built for."""

from __future__ import annotations

import pytest
import torch

from backend import device
from common.errors import InputError


def test_version_is_read_without_importing():
    assert device.torch_version()["__version__"] == torch.__version__
    assert device.torch_version()["cuda"] == torch.version.cuda


def test_auto_is_cuda_where_there_is_one():
    assert device.choose("auto") == ("cuda" if torch.cuda.is_available() else "cpu")
    assert device.choose("cpu") == "cpu"


@pytest.mark.parametrize(
    ("name", "there"), [("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())]
)
def test_devices_that_are_not_there_are_refused(name, there):
    if there:
        assert device.choose(name) == name
    else:
        with pytest.raises(InputError, match=f"^device is '{name}', expected a device that this machine"):
            device.choose(name)


def test_unknown_names_and_no_torch(monkeypatch):
    with pytest.raises(InputError, match=r"^device is 'tpu', expected one of auto, cpu, cuda, mps"):
        device.choose("tpu")
    monkeypatch.setattr(device.importlib.util, "find_spec", lambda name: None)
    assert device.choose("auto") == device.choose("cpu") == "cpu"
    with pytest.raises(InputError, match=r"^torch is 'not installed'"):
        device.choose("cuda")
