"""`python -m tools.fuzz [--minutes M] [--seed S] [--only TARGET]`: damaged input for everything that reads from outside.

A finding is any exception but InputError, a call above a second of the processor or ten by the clock, or memory that grows. Its input is kept under out/fuzz.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import logging
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from common.errors import InputError
from tools.fuzz.mutate import mutated
from tools.fuzz.targets import Target, every

SLOW_S, HANG_S = 1.0, 10
_ROOM_BYTES = 2 * 2**30
_GROWTH_BYTES = 200 * 2**20


class Hang(BaseException):
    """Raised by the alarm; no handler for ordinary errors catches it."""


@dataclasses.dataclass
class Tally:
    """What happened to one target's inputs. `slowest_s` is the longest call, `grown_bytes` the process's peak against the start."""

    inputs: int = 0
    accepted: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    grown_bytes: int = 0
    findings: list[str] = dataclasses.field(default_factory=list)


def fuzz(target: Target, source: random.Random, seconds: float, most: int = 10**9, keep: Path | None = None) -> Tally:
    """Feeds a target for so long or so often; the findings' inputs go to the folder `keep`."""
    tally, peak = Tally(), _peak_bytes()
    for seed in target.seeds:
        target.read(seed)  # a seed that is refused would make all the rest worthless
    deadline = time.monotonic() + seconds
    while tally.inputs < most and time.monotonic() < deadline:
        data = mutated(source, target.seeds)
        began = time.process_time()  # the work itself: what else runs on this machine is nobody's finding
        finding = _try(target, data, tally)
        took = time.process_time() - began
        tally.inputs, tally.slowest_s = tally.inputs + 1, max(tally.slowest_s, took)
        if finding is None and took > SLOW_S:
            finding = f"took {took:.1f} s"
        if finding is not None:
            tally.findings.append(finding)
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / hashlib.sha256(data).hexdigest()[:12]).write_bytes(data)
    tally.grown_bytes = _peak_bytes() - peak
    if tally.grown_bytes > _GROWTH_BYTES:
        tally.findings.append(f"the process's peak memory grew by {tally.grown_bytes} bytes")
    return tally


def _try(target: Target, data: bytes, tally: Tally) -> str | None:
    signal.alarm(HANG_S)
    try:
        target.read(data)
        tally.accepted += 1
    except InputError:
        tally.refused += 1
    except Hang:
        return f"hung for {HANG_S} s"
    except Exception:  # whatever else comes is what is looked for
        return traceback.format_exc()
    finally:
        signal.alarm(0)
    return None


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def guard() -> None:
    """Limits the address space, so that an allocation without bounds fails at once, and lets the alarm raise."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + _ROOM_BYTES, resource.RLIM_INFINITY))
    signal.signal(signal.SIGALRM, _hang)


def _hang(*_: object) -> None:
    raise Hang


def _report(results: Iterator[tuple[str, Tally]]) -> int:
    findings = 0
    for name, tally in results:
        print(
            f"{name:12} {tally.inputs:8} inputs {tally.accepted:7} accepted {tally.refused:8} refused   "
            f"slowest {tally.slowest_s:.3f} s   peak +{tally.grown_bytes / 2**20:.0f} MB   {len(tally.findings)} findings",
            flush=True,
        )
        for finding in list(dict.fromkeys(tally.findings))[:3]:
            print(finding)
        findings += len(tally.findings)
    return findings


def main() -> int:
    """All targets in turn, each for its share of the minutes; 1 if there were findings."""
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz")
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only")
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        targets = every(Path(folder))
        guard()
        names = [options.only] if options.only else list(targets)
        share = options.minutes * 60 / len(names)
        out = Path("out/fuzz")
        results = ((n, fuzz(targets[n], random.Random(f"{n}{options.seed}"), share, keep=out / n)) for n in names)
        return 1 if _report(results) else 0


if __name__ == "__main__":
    sys.exit(main())
