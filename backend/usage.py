"""What this process takes of the machine, and what to do where the device has too little memory; imports no torch by itself."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Sequence
from pathlib import Path

from common.wire.messages import Usage

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
