"""Options that several commands share, and how their text becomes checked values."""

from __future__ import annotations

import argparse
from pathlib import Path

from backend.device import CHOICES
from common.wire import requests


def add_device(parser: argparse.ArgumentParser) -> None:
    """`--device` and `--weights`: where to compute, and where else to look for checkpoints."""
    parser.add_argument(
        "--device", choices=CHOICES, default="auto", help="auto is CUDA where there is one, else the CPU"
    )
    parser.add_argument(
        "--weights", type=Path, action="append", default=[], metavar="DIR", help="one more folder of checkpoints"
    )


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """The options of a generation; what is left out is the checkpoint's own choice."""
    parser.add_argument("--seed", type=number, default=0, help="the first clip's seed (default 0)")
    parser.add_argument("--checkpoint", metavar="NAME|DIR", help="a name that `doctor` lists, or a checkpoint's folder")
    parser.add_argument("--steps", type=number, metavar="K", help="sampling steps")
    parser.add_argument("--guidance", type=number, metavar="G", help="strength of the prompt")
    parser.add_argument("--mar-steps", type=number, metavar="R", help="rounds of the unmask schedule")
    parser.add_argument("--solver", metavar="|".join(requests.SOLVERS), help="how a sampling step is taken")
    parser.add_argument("--snap", metavar="|".join(requests.SNAPS), help="when predicted tokens go to the nearest code")


SAMPLING = ("seed", "checkpoint", "steps", "guidance", "mar_steps", "solver", "snap")
"""Fields of `messages.Generate` that `add_sampling` fills."""


def number(text: str) -> int | float | str:
    """The number that a text spells; else the text itself, for `messages.Generate` to refuse in its own words."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def seconds(text: str) -> int | float | str | None:
    """As `number`; `auto` is None."""
    return None if text == "auto" else number(text)
