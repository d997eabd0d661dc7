"""What stops an installation, for people: uv's and pip's words as sentences; no bpy."""

from __future__ import annotations

import re

_KNOWN = (
    (
        r"DO NOT MATCH THE HASHES|[Hh]ash mismatch",
        "a downloaded file is not the one that was pinned, so it was not installed",
        "Try again; if it stays so, ask who runs your package index or proxy.",
    ),
    (r"No space left on device|Errno 28|os error 28|WinError 112", "the disk is full", "Make room and try again."),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError|invalid peer certificate",
        "the package index could not prove who it is",
        "Give pip or uv your network's certificate, then try again.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|ReadTimeout|Max retries exceeded|name resolution|getaddrinfo failed|dns error"
        r"|Connection (?:reset|refused|aborted|broken)|error sending request|Failed to fetch|ProxyError",
        "the package index could not be reached",
        "Check the network and the proxy (HTTPS_PROXY), then try again: what was downloaded stays.",
    ),
    (
        r"No matching distribution found|Could not find a version|No solution found",
        "a package was not found where pip or uv looked",
        "Open the log for its name, and check the index in the configuration of pip or uv.",
    ),
    (
        r"No module named (?:venv|ensurepip)|ensurepip is not available",
        "Blender's Python cannot make environments: it lacks venv",
        "Install your system's venv package or uv, or name a Python of your own.",
    ),
)


class InstallError(Exception):
    """One sentence about what failed, and one about what to do next."""

    def __init__(self, sentence: str, advice: str) -> None:
        super().__init__(sentence)
        self.sentence, self.advice = sentence, advice


class Cancelled(Exception):
    """The person wants it no more."""


def failure(step: str, said: str, status: int) -> InstallError:
    """What the output of a failed program means; `step` is what it was to do, as in 'Downloading the packages'."""
    for pattern, reason, advice in _KNOWN:
        if re.search(pattern, said):
            return InstallError(f"{step} failed: {reason}.", advice)
    lines = [line for line in said.splitlines() if line.strip()]
    wrong = [line for line in lines if re.search(r"error\b", line, re.IGNORECASE)]
    last = (wrong or lines or [f"exit code {status}"])[-1].strip()[:200]
    return InstallError(f"{step} failed: {last.rstrip('.')}.", "Open the log, then try again.")
