"""A program: `python -I -B alive.py MODULE ARGUMENTS` runs `python -m MODULE ARGUMENTS` and ends at once when stdin closes.

Its parent holds the other end of stdin: if Blender is killed, the package installer ends too, instead of working on unseen.
"""

import io
import os
import runpy
import sys
import threading

PARENT_GONE = 99


def _watch() -> None:
    while os.read(0, 4096):
        pass
    os._exit(PARENT_GONE)


if __name__ == "__main__":
    threading.Thread(target=_watch, daemon=True).start()
    for stream in (sys.stdout, sys.stderr):
        # File names may have any letters, and a pipe's encoding may be the system's oldest one.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    sys.argv = sys.argv[1:]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
