"""Clips from prompts: `python -m training.sample --checkpoint open --prompt "a person walks" --out samples`.

`--checkpoint` is a checkpoint's name or folder, or a generator's run folder. `--prompts FILE` holds a prompt a line, as
published `text#length` with the length in frames at 20 fps (`#NA` leaves it to the length estimator, `#4.5s` is seconds).
Each clip becomes NAME.npy (joint positions [frame, 22, 3], metres, Y up), NAME.bvh and a film of a stick figure.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from backend.device import choose
from backend.generate import Pipeline
from backend.generators.hifigpt import HiFiGPT
from backend.generators.sampling import changed
from backend.generators.windows import MAX_TOKENS
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from common import FPS
from common.errors import InputError
from common.files import require_folder
from common.motion import clip_file
from common.motion.motion import Motion
from common.wire.messages import Generate

from .engine import runs
from .engine.command import run
from .evaluation import stick_figure

_NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9]+")
_NAME_CHARACTERS = 40

PromptLine = tuple[str, float | None]
"""A prompt, and seconds (None: as estimated)."""


@dataclasses.dataclass(frozen=True)
class SampleSettings:
    """Command line of `sample`; what is left out is the checkpoint's own choice."""

    out: Path
    """Folder to write; made if it is not there."""
    checkpoint: str = "open"
    prompt: str = ""
    prompts: Path | None = None
    """File with a prompt a line."""
    seconds: float | None = None
    """Length where a prompt names none; a run folder, which has no length estimator, makes 5 s."""
    length: Literal["estimated", "end"] = "estimated"
    """What ends a clip without seconds: the length estimator, or the end that T2M-HiFiGPT itself has learned."""
    repeats: int = 1
    """Clips of each prompt, with seeds counting up."""
    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    mar_steps: int | None = None
    solver: str | None = None
    snap: str | None = None
    formats: tuple[Literal["npy", "bvh", "gif", "mp4"], ...] = ("npy", "bvh", "gif")
    device: str = "auto"


def main(settings: SampleSettings) -> None:
    """Checks everything, loads, samples, writes."""
    require_folder("out", settings.out)
    asked = requests(settings)
    for ending in settings.formats:
        if f".{ending}" in stick_figure.ENDINGS:
            stick_figure.check(Path(f"clip.{ending}"))
    pipeline = runs.load_pipeline(settings.checkpoint, choose(settings.device))
    settings.out.mkdir(parents=True, exist_ok=True)
    if settings.length == "end":
        asked = [ended(pipeline, request) for request in asked]
    for number, request in enumerate(asked, start=1):
        for motion in pipeline.generate(request, lambda step, total: None):
            words = _NOT_IN_A_NAME.sub("_", request.prompt)[:_NAME_CHARACTERS].strip("_")
            name = f"{number:03}_{words}_seed{motion.meta['seed']}"
            write(settings.out / name, motion, settings.formats)
            print(f"{settings.out / name}: {motion.seconds:.1f} s", flush=True)


def requests(settings: SampleSettings) -> list[Generate]:
    """One request a prompt; InputError if there is none, or naming the line that is wrong."""
    if bool(settings.prompt) == (settings.prompts is not None):
        raise InputError("prompt", settings.prompt or "missing", "either --prompt or --prompts")
    prompts = [parse(settings.prompt, "--prompt")] if settings.prompts is None else read(settings.prompts)
    otherwise = settings.seconds
    if otherwise is None and settings.length == "estimated":
        otherwise = runs.default_seconds(settings.checkpoint)
    return [
        Generate(
            prompt=words,
            seconds=otherwise if seconds is None else seconds,
            seed=settings.seed,
            count=settings.repeats,
            steps=settings.steps,
            guidance=settings.guidance,
            mar_steps=settings.mar_steps,
            solver=settings.solver,
            snap=settings.snap,
        )
        for words, seconds in prompts
    ]


def ended(pipeline: Pipeline, request: Generate) -> Generate:
    """The request with the seconds after which the generator ends its first clip; InputError if it knows no end."""
    generator = getattr(pipeline.networks.generator, "model", None)
    if not isinstance(generator, HiFiGPT):
        raise InputError("length", "end", "estimated: only T2M-HiFiGPT learns where a motion ends")
    if request.seconds is not None:
        return request
    parts = (*pipeline.text_states(request.prompt), pipeline.noise(request.seed, 1, MAX_TOKENS))
    sampling = changed(pipeline.networks.sampling, request)
    with torch.inference_mode():
        states, mask, noise = (torch.from_numpy(part).to(generator.mean.device) for part in parts)
        tokens = int(generator.lengths((states, mask), noise, sampling)[0])
    return dataclasses.replace(request, seconds=max(1.0, tokens * FRAMES_PER_TOKEN / FPS))


def read(path: Path) -> list[PromptLine]:
    """The prompts of a file, empty lines left out."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("prompts", str(path), f"a text file that can be read ({error})") from None
    found = [parse(line, f"{path.name} line {number}") for number, line in enumerate(lines, start=1) if line.strip()]
    if not found:
        raise InputError("prompts", str(path), "at least one prompt")
    return found


def parse(line: str, where: str) -> PromptLine:
    """Prompt and seconds of `text`, `text#NA`, `text#FRAMES` or `text#SECONDSs`."""
    words, mark, length = line.rpartition("#")
    if not mark:
        return line.strip(), None
    length = length.strip()
    if length.upper() == "NA":
        return words.strip(), None
    try:
        seconds = float(length[:-1]) if length.endswith("s") else int(length) / FPS
    except ValueError:
        raise InputError(f"{where}, length", length, "frames at 20 fps, seconds as in 4.5s, or NA") from None
    return words.strip(), seconds


def write(path: Path, motion: Motion, formats: tuple[str, ...]) -> None:
    """`path` with each ending of `formats`."""
    for ending in formats:
        file = path.with_name(f"{path.name}.{ending}")
        if ending == "npy":
            np.save(file, motion.positions)
        elif ending == "bvh":
            clip_file.save(file, motion)
        else:
            stick_figure.film(file, motion.positions, motion.fps, str(motion.meta["prompt"]))


if __name__ == "__main__":
    run(main, SampleSettings, __doc__)
