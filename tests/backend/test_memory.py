"""Too little memory on the device: the same request on the CPU, and one sentence; everything else is left alone."""

import gc
import sys
import weakref

import pytest
import torch

from backend import memory
from backend.serve import CAPABILITIES
from common.wire.messages import Finished, Generate, Ranked

REQUEST = Generate("a person walks")
OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has ..."),
    torch.cuda.OutOfMemoryError("CUDA out of memory."),
    RuntimeError("MPS backend out of memory (MPS allocated: 9.05 GB, other allocations: 3 GB, max allowed: 9.07 GB)."),
]


def ask(answer, ending=Finished):
    asked, steps = [], []

    def load(device):
        return lambda request: asked.append(device) or device

    work = memory.with_fallback(load("gpu"), load("cpu"), answer)(REQUEST)
    return work(REQUEST, lambda step, total, partial=None: steps.append(step)), asked, steps


@pytest.mark.parametrize("error", OUT_OF_MEMORY)
@pytest.mark.parametrize("ending", [Finished(()), Ranked((1.0,))])
def test_the_cpu_takes_over_and_the_ending_says_so(error, ending):
    def answer(device, request, report):
        report(0, 2)
        if device == "gpu":
            raise error
        report(1, 2)
        return ending

    result, asked, steps = ask(answer)
    assert (asked, steps) == (["gpu", "cpu"], [0, 0, 1])
    assert result.notice == memory.NOTICE and result.notice.count(".") == 1


@pytest.mark.parametrize(
    "error", [RuntimeError("CUDA error: device-side assert"), MemoryError(), ValueError("out of memory")]
)
def test_other_errors_are_not_hidden(error):
    def answer(device, request, report):
        raise error

    with pytest.raises(type(error)):
        ask(answer)


def test_without_an_error_nothing_is_said():
    result, asked, _ = ask(lambda device, request, report: Finished(()))
    assert (result.notice, asked) == ("", ["gpu"])


def test_the_failed_tensors_are_gone_before_the_cpu_begins(monkeypatch):
    kept, alive = [], []
    monkeypatch.setattr(memory, "release", gc.collect)

    def answer(device, request, report):
        if device == "cpu":
            alive.append(kept[0]())
            return Finished(())
        tensor = torch.zeros(3)
        kept.append(weakref.ref(tensor))
        raise torch.OutOfMemoryError("CUDA out of memory.")

    ask(answer)
    assert alive == [None]


def test_the_memory_that_is_told_is_the_memory_that_is_held():
    before = memory.measure("cpu", ["open"])
    block = torch.ones(64 * 2**20, dtype=torch.uint8)
    grown = memory.resident_bytes() - before.memory_bytes
    assert 60 * 2**20 < grown < 90 * 2**20 and block[0] == 1
    assert before.device_bytes is None and before.loaded == ("open",)
    assert "usage" in CAPABILITIES


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps memory that can be asked back")
def test_memory_that_was_used_for_a_while_is_given_back():
    pieces = [bytearray(50_000) for _ in range(2000)]  # below the size that the system is asked for directly
    kept = pieces[-1]
    del pieces
    before = memory.resident_bytes()
    memory.trim()
    assert memory.resident_bytes() <= before
    assert len(kept) == 50_000
