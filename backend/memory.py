"""What this process takes of the machine; where the device has too little memory, a request is worked on again on the CPU.

Imports no torch by itself.
"""

from __future__ import annotations

import ctypes
import dataclasses
import gc
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from backend.serve import Answer, Load, OnProgress
from common.wire.messages import Finished, Ranked, Usage
from common.wire.requests import Request

NOTICE = "The GPU had too little free memory, so this was made on the CPU."
_log = logging.getLogger(__name__)
_STATM = Path("/proc/self/statm")


def measure(device: str, loaded: Sequence[str]) -> Usage:
    """The memory of this process now; `loaded` are the names of the checkpoints in it."""
    return Usage(device, resident_bytes(), device_bytes(device), tuple(loaded))


def resident_bytes() -> int:
    """Main memory that this process holds; on systems without a cheap answer (macOS) the most it has held."""
    system: str = sys.platform
    if system == "win32":
        return _working_set()
    import resource

    if system == "linux":
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def device_bytes(device: str) -> int | None:
    """What torch holds of the device's own memory; None for the CPU and before torch is imported."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    if device == "cuda" and torch.cuda.is_initialized():
        return int(torch.cuda.memory_reserved())
    return int(torch.mps.driver_allocated_memory()) if device == "mps" else None


def is_out_of_device_memory(error: BaseException) -> bool:
    """Whether torch said that a GPU has too little memory: CUDA by a class of its own, MPS by words alone."""
    torch = sys.modules.get("torch")
    kind = getattr(torch, "OutOfMemoryError", None)
    if kind is not None and isinstance(error, kind):
        return True
    return isinstance(error, RuntimeError) and "MPS backend out of memory" in str(error)


def release() -> None:
    """Gives what torch keeps of the device's memory and no longer needs back to other programs."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is None:
        return
    torch.cuda.empty_cache()  # does nothing where CUDA is not in use
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def trim() -> bool:
    """Gives main memory that was used for a while, as by weights on their way to float32, back to the system; whether some was.

    Only glibc keeps so much (100 MB after loading), and only it can be asked.
    """
    system: str = sys.platform
    if system != "linux":
        return False
    ask = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return ask is not None and bool(ask(0))


def with_fallback(
    load: Callable[[Request], Any], load_on_cpu: Callable[[Request], Any], answer: Callable[..., Finished | Ranked]
) -> Load:
    """What answers a request by `answer(pipeline, request, report)`, its pipeline from `load`, else from `load_on_cpu`.

    Each request tries the device first: memory that another program held may be free again.
    """

    def work(request: Request, report: OnProgress) -> Finished | Ranked:
        try:
            return answer(load(request), request, report)
        except Exception as error:
            if not is_out_of_device_memory(error):
                raise
            _log.warning("Too little memory on the device: %s", next(iter(str(error).splitlines()), ""))
        # Outside of the handler: the error holds the frames, and they the tensors that have to go.
        release()
        return dataclasses.replace(answer(load_on_cpu(request), request, report), notice=NOTICE)

    def loaded(request: Request) -> Answer:
        return work

    return loaded


class _Counters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of the Windows API (psapi.h)."""

    _fields_ = [("cb", ctypes.c_uint32), ("PageFaultCount", ctypes.c_uint32)] + [
        (name, ctypes.c_size_t)
        for name in (
            "PeakWorkingSetSize", "WorkingSetSize", "QuotaPeakPagedPoolUsage", "QuotaPagedPoolUsage",
            "QuotaPeakNonPagedPoolUsage", "QuotaNonPagedPoolUsage", "PagefileUsage", "PeakPagefileUsage",
        )
    ]  # fmt: skip


def _working_set() -> int:
    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009 - mypy knows it on Windows only
    kernel.GetCurrentProcess.restype = ctypes.c_void_p
    counters = _Counters(cb=ctypes.sizeof(_Counters))
    kernel.K32GetProcessMemoryInfo(ctypes.c_void_p(kernel.GetCurrentProcess()), ctypes.byref(counters), counters.cb)
    return int(counters.WorkingSetSize)
