"""The engines on equal noise: `python -m training.compare_engines --checkpoint open` prints a table.

Each prompt's clip by torch, with the published weights of the text encoder, is what the others are held against: the graphs with the same
text states, and the graphs with those of the text encoder that ships.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.engines import onnx
from backend.engines import torch as torch_engine
from backend.engines.engine import Engine, TextEncoder
from backend.generators import noise
from backend.generators.windows import MAX_TOKENS, sample
from backend.motion.contacts import slide_cm_per_s
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.motion.jitter import smoothed
from backend.weights.locate import find
from common import FPS

from .engine.command import run
from .metrics.physics import jerk

_PROMPTS = Path(__file__).parent / "prompt_suite" / "prompts.jsonl"


@dataclasses.dataclass(frozen=True)
class CompareSettings:
    """Command line of `compare_engines`."""

    checkpoint: str = "open"
    """Name or folder."""
    prompts: int = 24
    """So many of the prompt suite's, spread over it, 9.8 s each."""


@dataclasses.dataclass(frozen=True)
class Made:
    """A clip: level indices [token, d], joints [frame, 22, 3] m, jerk m/s^3, slide of standing feet cm/s, seconds of the processor."""

    indices: NDArray[np.int64]
    joints: NDArray[np.float32]
    jerk: float
    slide: float
    seconds: float


def main(settings: CompareSettings) -> None:
    """Prints the table."""
    folder = find(settings.checkpoint).folder
    lines = _PROMPTS.read_text("utf-8").splitlines()
    prompts = [json.loads(line)["plain"] for line in lines[:: max(1, len(lines) // settings.prompts)]][
        : settings.prompts
    ]
    torch, graphs = torch_engine.load_engine(folder, "cpu"), onnx.load_engine(folder, 1)
    published, shipped = torch_engine.load_text("minilm", "cpu"), onnx.load_text(1)
    ways: dict[str, tuple[Engine, TextEncoder]] = {
        f"{torch.name}, published text encoder": (torch, published),
        f"{graphs.name}, published text encoder": (graphs, published),
        f"{graphs.name}, text encoder that ships": (graphs, shipped),
    }
    made = {name: clips(*way, prompts) for name, way in ways.items()}
    reference = next(iter(made.values()))
    print(f"{settings.checkpoint}, {len(prompts)} prompts")
    print("| | level indices changed | joint distance, median clip's largest, cm | jerk | slide | s of the processor |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, found in made.items():
        print(f"| {name} | {row(found, reference)} |")


def clips(engine: Engine, encoder: TextEncoder, prompts: list[str]) -> list[Made]:
    """One clip a prompt from noise of its own; the first is made twice, so that nothing is loaded while the clock runs."""
    _clip(engine, encoder, prompts[0], 0)
    return [_clip(engine, encoder, prompt, seed) for seed, prompt in enumerate(prompts)]


def _clip(engine: Engine, encoder: TextEncoder, prompt: str, seed: int) -> Made:
    begun = time.process_time()
    start = noise.normal(seed, MAX_TOKENS, engine.tokenizer.bottleneck.dims)[None]
    latents = sample(engine.generator, encoder.encode([prompt]), start, engine.sampling, lambda step, total: None)
    features = smoothed(engine.tokenizer.decode(latents))[0]
    clip = finish(features_to_joints(features), FPS, {})
    seconds = time.process_time() - begun
    slide = slide_cm_per_s(clip.positions, clip.contacts, clip.fps)
    return Made(
        engine.tokenizer.bottleneck.to_indices(latents)[0], clip.positions, jerk(clip.positions, FPS), slide, seconds
    )


def row(found: list[Made], reference: list[Made]) -> str:
    """The table's cells: what differs from the reference, and jerk and slide as shares of its own."""
    pairs = list(zip(found, reference, strict=True))
    changed = np.mean([(ours.indices != theirs.indices).mean() for ours, theirs in pairs])
    apart = [np.linalg.norm(ours.joints - theirs.joints, axis=-1).max() for ours, theirs in pairs]

    def share(of: Callable[[Made], float]) -> float:
        return float(np.mean([of(one) for one in found]) / np.mean([of(one) for one in reference]))

    cells = [f"{100 * changed:.2f} %", f"{100 * np.median(apart):.1f}", f"{share(lambda one: one.jerk):.3f}"]
    cells += [f"{share(lambda one: one.slide):.3f}", f"{np.median([one.seconds for one in found]):.3f}"]
    return " | ".join(cells)


if __name__ == "__main__":
    run(main, CompareSettings, __doc__)
