"""A minute and more from a DiCoDe: `python -m training.demo_llm --checkpoint RUN --prompts "a person walks" "a person waves" --seconds 60`.

The prompts share the time in their order, in whole segments. Each segment is told as it is made; at the end stand clip.npz,
figures.json (seams, and how the last seconds differ from the first) and clip.png.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from backend import text
from backend.device import choose
from backend.dicode import streaming
from backend.dicode.language import SAMPLING
from backend.generators.sampling import Sampling
from backend.motion.features import FEATURES, features_to_joints
from backend.motion.finish import finish
from common import FPS, checks
from common.errors import InputError
from common.files import require_folder
from common.motion import clip_file

from .engine.command import run
from .engine.dicode_settings import load_dicode
from .evaluation.poses import PoseRow, picture
from .evaluation.segments import seams
from .metrics.drift import SECONDS, drift

_ROW = 10
_WORDS = 19
_MOST_SECONDS = 3600.0


@dataclasses.dataclass(frozen=True)
class LongSettings:
    """Command line of `demo_llm`."""

    checkpoint: Path
    """Run folder of a DiCoDe, as `train_dicode` leaves it; its tokenizer's run lies beside it."""
    prompts: tuple[str, ...]
    """One after another."""
    seconds: float = 60.0
    output_dir: Path = Path("results")
    seed: int = 0
    steps: int = SAMPLING.steps
    """Diffusion steps of the decoder."""
    guidance: float = SAMPLING.guidance
    """Weight of the prompt against the null prompt; 1 is none."""
    temperature: float = SAMPLING.temperature
    """Below 1 likely tokens become likelier."""
    device: str = "auto"


def shared(prompts: tuple[str, ...], segments: int) -> list[str]:
    """The prompt of each segment: each gets its share, to a whole segment."""
    return [prompts[segment * len(prompts) // segments] for segment in range(segments)]


def main(settings: LongSettings) -> None:
    """Stream one clip, measure it, write it."""
    require_folder("output_dir", settings.output_dir)
    sampling = Sampling(steps=settings.steps, guidance=settings.guidance, temperature=settings.temperature)
    checks.number(1.0, _MOST_SECONDS)("seconds", settings.seconds)
    if not settings.prompts or not all(words.strip() for words in settings.prompts):
        raise InputError("prompts", list(settings.prompts), "at least one, none of them empty")
    device = choose(settings.device)
    model, tokenizer, encoder_name = load_dicode(settings.checkpoint)
    if tokenizer.config.features != FEATURES:
        raise InputError("checkpoint", str(settings.checkpoint), f"one of {FEATURES} features a frame")
    frames = round(settings.seconds * FPS)
    told = shared(settings.prompts, math.ceil(frames / tokenizer.segment_frames))
    if missing := [words for words in settings.prompts if words not in told]:
        raise InputError("seconds", settings.seconds, f"a segment for each prompt; none is left for {missing[0]!r}")
    encoder = text.load(encoder_name, device)
    states = {words: encoder.encode([words]) for words in settings.prompts}

    def prompts() -> Iterator[text.TextStates]:
        for words in told:
            yield states[words]

    begun = time.perf_counter()
    found = []
    stream = streaming.segments(model.to(device), tokenizer.to(device), prompts(), settings.seed, sampling)
    for number, features in enumerate(stream):
        found.append(features.float().cpu())
        print(f"segment {number + 1} of {len(told)} at {time.perf_counter() - begun:.1f} s: {told[number]}", flush=True)
    seconds = time.perf_counter() - begun
    features = torch.cat(found)[:frames].numpy()
    _write(settings, features, told, tokenizer.segment_frames, seconds)


def _write(
    settings: LongSettings, features: np.ndarray, told: list[str], segment_frames: int, sampled_s: float
) -> None:
    """Clip, figures and picture of features [frame, 67]."""
    joints = features_to_joints(features)
    facts: dict[str, float] = {"seconds": len(features) / FPS, "sampled_s": sampled_s}
    facts |= seams(features, segment_frames)
    if len(features) >= 2 * SECONDS * FPS:
        facts |= {f"drift_{name}": value for name, value in drift(joints, FPS).items()}
    settings.output_dir.mkdir(parents=True, exist_ok=True)
    meta: dict[str, object] = {
        "prompt": "; ".join(settings.prompts),
        "seed": settings.seed,
        "checkpoint": settings.checkpoint.name,
    }
    clip_file.save(settings.output_dir / "clip.npz", finish(joints, FPS, meta))
    (settings.output_dir / "figures.json").write_text(json.dumps(facts, indent=1) + "\n")
    middles = np.minimum(np.arange(len(told)) * segment_frames + segment_frames // 2, len(joints) - 1)
    rows = [
        PoseRow(
            f"the middles of segments {first + 1} to {min(first + _ROW, len(told))}",
            joints[middles[first : first + _ROW]],
            [words[:_WORDS] for words in told[first : first + _ROW]],
        )
        for first in range(0, len(told), _ROW)
    ]
    steps = np.linalg.norm(np.diff(joints, axis=0), axis=-1).mean(axis=-1) * FPS
    curves = {"height of the pelvis, m": joints[:, 0, 1], "mean speed of the joints, m/s": steps}
    picture(settings.output_dir / "clip.png", rows, curves, FPS, range(segment_frames, len(joints), segment_frames))
    for name, value in facts.items():
        print(f"{name}: {value:.4g}")
    print(f"{settings.output_dir}: clip.npz, figures.json, clip.png", flush=True)


if __name__ == "__main__":
    run(main, LongSettings, __doc__)
