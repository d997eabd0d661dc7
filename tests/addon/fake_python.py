"""A program in the place of uv, of Blender's Python and of an environment's, which makes, installs and misbehaves as `behaviour.json` beside it says.

Each call is a line of `calls.jsonl`.
"""

import json
import os
import shutil
import sys
import time
from pathlib import Path

HOME = Path(os.environ["FAKE_HOME"])
BEHAVIOUR = json.loads((HOME / "behaviour.json").read_text())
SAYS = {
    "hash": "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.",
    "uv hash": "error: Failed to download `torch==2.13.0`\n  Caused by: Hash mismatch for `torch==2.13.0`",
    "space": "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "network": "WARNING: Retrying after connection broken by 'NewConnectionError(...)'\nERROR: No matching distribution found",
    "uv network": "error: Failed to fetch: `somewhere`\n  Caused by: dns error",
    "missing": "ERROR: Could not find a version that satisfies the requirement",
    "certificate": "SSLError(SSLCertVerificationError(1, 'CERTIFICATE_VERIFY_FAILED'))",
    "odd": "some words\nERROR: the moon is full\nmore words",
}


def main(arguments):
    step = next(word for word in ("install", "venv", "backend") if word in arguments)
    with (HOME / "calls.jsonl").open("a") as file:
        file.write(json.dumps({"step": step, "arguments": arguments, "environment": dict(os.environ)}) + "\n")
    how = BEHAVIOUR.get(step, "")
    if how == "slow":
        print("Collecting numpy==1.0", flush=True)
        time.sleep(60)
    if how in SAYS:
        print(SAYS[how], flush=True)
        return 1
    return globals()[step](arguments, how)


def venv(arguments, how):
    folder = Path(arguments[-1])
    (folder / "bin").mkdir(parents=True)
    shutil.copy(HOME / "python", folder / "bin" / "python")
    return 0


def install(arguments, how):
    print("Collecting numpy==1.0\n  Downloading numpy-1.0.whl\nCollecting torch==1.0", flush=True)
    return 0


def backend(arguments, how):
    print("a warning that is no report", file=sys.stderr)
    made = {"error": how} if how else {"clip_s": 4.0, "generate_s": 0.1}
    print(json.dumps({"device": "cuda", "checkpoints": [{"name": "open"}], "generation": made}, indent=2))
    return 1 if how else 0


sys.exit(main(sys.argv[1:]))
