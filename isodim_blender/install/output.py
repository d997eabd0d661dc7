"""pip's words: as progress, and as sentences for people when it fails; no bpy."""

from __future__ import annotations

import re

from .errors import InstallError

_RAW = re.compile(r"Progress (\d+) of (\d+)")
_KNOWN = (
    (
        r"DO NOT MATCH THE HASHES",
        "The downloaded file of {name} is not the one that this add-on was tested with; it was not installed.",
        "Press the button again; if it stays so, ask who runs your package index or proxy.",
    ),
    (
        r"No space left on device|Errno 28|WinError 112",
        "The disk is full.",
        "Make room and press the button again; what is installed already stays.",
    ),
    (
        r"ProxyError|Tunnel connection failed|407 Proxy",
        "The proxy refused the connection.",
        "Check Proxy in the add-on's preferences, then press the button again.",
    ),
    (
        r"CERTIFICATE_VERIFY_FAILED|SSLError",
        "The package index could not prove who it is (certificate).",
        "Give pip your network's certificate (pip config set global.cert FILE), then press the button again.",
    ),
    (
        r"NewConnectionError|ConnectTimeout|ReadTimeout|Max retries exceeded|Temporary failure in name resolution"
        r"|getaddrinfo failed|Connection (?:reset|refused|aborted|broken)|IncompleteRead|Network is unreachable",
        "The package index could not be reached.",
        "Check the network and the proxy, then press the button again; it goes on where it stopped.",
    ),
    (
        r"401 Client Error|403 Client Error|Forbidden|Unauthorized",
        "The package index refused the download.",
        "Check the index in pip's configuration, then press the button again.",
    ),
    (
        r"No matching distribution found|Could not find a version",
        "{name} {version} was not found where pip looked.",
        "Choose another set of packages, name an index or a folder that has it, then press the button again.",
    ),
    (
        r"Permission denied|Errno 13|WinError 5\b|Read-only file system|Access is denied",
        "The environment's folder cannot be written.",
        "Close other Blender windows and check the folder's permissions, then press the button again.",
    ),
)


def failure(said: str, status: int, name: str, version: str = "") -> InstallError:
    """What a failed program's output means. `name` and `version`: the package, or what else was being made."""
    for pattern, sentence, advice in _KNOWN:
        if re.search(pattern, said):
            return InstallError(sentence.format(name=name, version=version), advice)
    lines = [line for line in said.splitlines() if line.strip()]
    wrong = [line for line in lines if "ERROR" in line or "Error:" in line]
    last = (wrong or lines or [f"exit code {status}"])[-1].removeprefix("ERROR: ")[:200]
    return InstallError(f"{name} could not be installed: {last}", "Open the log, then press the button again.")


def downloaded(line: str) -> float | None:
    """The fraction of a download that a line of pip's raw progress tells; None for any other line."""
    found = _RAW.fullmatch(line)
    return min(int(found[1]) / max(int(found[2]), 1), 1.0) if found else None


def supports_raw(version_line: str) -> bool:
    """Whether `pip --version`'s answer is a pip that tells progress in raw lines (24.1 and later)."""
    found = re.match(r"pip (\d+)\.(\d+)", version_line)
    return found is not None and (int(found[1]), int(found[2])) >= (24, 1)
