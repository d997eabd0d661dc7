"""A program in Python's place, for installations: it makes environments of itself, pretends to install, and misbehaves on request.

Beside it lies `behaviour.json`: {"kill_parent_at": 3, "torch": "hash", ...}. It appends each call to `calls.jsonl`.
"""

import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

HOME = Path(os.environ.get("FAKE_HOME", Path(__file__).parent))
BEHAVIOUR = json.loads((HOME / "behaviour.json").read_text())
CALLS = HOME / "calls.jsonl"
SAYS = {
    "hash": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "space": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "network": "WARNING: Retrying after connection broken by 'NewConnectionError(...)'\nERROR: No matching distribution found",
    "proxy": "WARNING: ProxyError('Cannot connect to proxy.')\nERROR: No matching distribution found for it",
    "missing": "ERROR: Could not find a version that satisfies the requirement",
    "refused": "ERROR: 403 Client Error: Forbidden for url: index",
    "permission": "ERROR: [Errno 13] Permission denied: 'site-packages'",
    "certificate": "SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))",
    "odd": "some words\nERROR: the moon is full\nmore words",
}


def main(arguments):
    what = "probe" if "-c" in arguments else next(word for word in ("venv", "pip", "backend") if word in arguments)
    note = {"what": what, "arguments": arguments, "environment": dict(os.environ)}
    if what == "pip" and "-r" in arguments:
        note["package"] = Path(arguments[-1]).read_text().partition("==")[0]
    with CALLS.open("a") as file:
        file.write(json.dumps(note) + "\n")
    if BEHAVIOUR.get("kill_parent_at") == len(CALLS.read_text().splitlines()):
        os.kill(os.getppid(), signal.SIGKILL)
        return 1
    return globals()[what](arguments, note)


def probe(arguments, note):
    version = BEHAVIOUR.get("version", [3, 11])
    print(json.dumps({"version": version, "bits": 64, "venv": BEHAVIOUR.get("venv", True)}))
    return 0


def venv(arguments, note):
    folder = Path(arguments[-1])
    (folder / "bin").mkdir(parents=True)
    shutil.copy(HOME / "python", folder / "bin" / "python")
    (folder / "pyvenv.cfg").write_text(f"home = {HOME}\n")
    return 0


def pip(arguments, note):
    if "--version" in arguments:
        print("pip 25.1 from somewhere (python 3.11)")
        return 0
    how = BEHAVIOUR.get(note["package"], "")
    if how == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "slow":
        time.sleep(60)
    if how in SAYS:
        print(SAYS[how], flush=True)
        return 1
    print("Progress 500 of 1000\nInstalling collected packages: one", flush=True)
    return 0


def backend(arguments, note):
    wrong = BEHAVIOUR.get("backend")
    print("a warning that is no report", file=sys.stderr)
    made = {"error": wrong} if wrong else {"clip_s": 4.0, "generate_s": 0.1}
    print(json.dumps({"device": "cpu", "generation": made}, indent=2))
    return 1 if wrong else 0


sys.exit(main(sys.argv[1:]))
