"""A clip, its deep tokens, and what is played from them: `python -m training.demo_tokenization --tokenizer RUN --input clip.npz --output_dir results`.

Writes original.npz, reconstruction.npz, tokens.json (the tokens, their bits, the errors and seams) and side_by_side.png.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np

from backend.device import choose
from backend.motion.features import FEATURES, features_to_joints, joints_to_features
from backend.motion.finish import finish
from common import FPS, checks
from common.errors import InputError
from common.files import require_folder
from common.motion import clip_file

from .engine.command import run
from .engine.dicode_settings import load_deep_tokenizer
from .evaluation.poses import PoseRow, picture
from .evaluation.segments import reconstructed, seams

_POSES = 10


@dataclasses.dataclass(frozen=True)
class TokenizationSettings:
    """Command line of `demo_tokenization`."""

    tokenizer: Path
    """Run folder of a deep tokenizer, as `train_deep_tokenizer` leaves it."""
    input: Path
    """Clip, .npz or .bvh on the canonical skeleton."""
    output_dir: Path = Path("results")
    steps: int = 4
    """Diffusion steps of the decoder."""
    seed: int = 0
    device: str = "auto"


def main(settings: TokenizationSettings) -> None:
    """Encode, decode, measure, write."""
    require_folder("output_dir", settings.output_dir)
    checks.integer(1, 1000)("steps", settings.steps)
    clip = clip_file.load(settings.input)
    model = load_deep_tokenizer(settings.tokenizer).to(choose(settings.device))
    if model.config.features != FEATURES:
        raise InputError("tokenizer", str(settings.tokenizer), f"one of {FEATURES} features a frame")
    clip = clip if clip.fps == FPS else clip.resampled(FPS)
    found = reconstructed(model, joints_to_features(clip.positions), settings.steps, settings.seed)
    joints = {
        "original": features_to_joints(found.target),
        "reconstruction": features_to_joints(found.made),
    }
    facts: dict[str, object] = {
        "segments": len(found.made) // model.segment_frames,
        "tokens_per_segment": model.tokens_per_segment,
        "seconds": len(found.made) / FPS,
        "bits": found.bits,
        "bits_s": found.bits / len(found.made) * FPS,
        "mpjpe_mm": found.mpjpe_mm,
        "world_mm": found.world_mm,
        **seams(found.made, model.segment_frames),
        "tokens": found.indices.tolist(),
    }
    settings.output_dir.mkdir(parents=True, exist_ok=True)
    for name, positions in joints.items():
        meta: dict[str, object] = {"input": settings.input.name, "tokenizer": settings.tokenizer.name}
        clip_file.save(settings.output_dir / f"{name}.npz", finish(positions, FPS, meta))
    (settings.output_dir / "tokens.json").write_text(json.dumps(facts, indent=1) + "\n")
    picks = np.linspace(0, len(found.made) - 1, _POSES).round().astype(int)
    labels = [f"{pick / FPS:.1f} s" for pick in picks]
    rows = [PoseRow(name, positions[picks], labels) for name, positions in joints.items()]
    aligned = [positions - positions[:, :1] for positions in joints.values()]
    error = np.linalg.norm(aligned[1] - aligned[0], axis=-1).mean(axis=-1) * 1000
    borders = range(model.segment_frames, len(found.made), model.segment_frames)
    picture(settings.output_dir / "side_by_side.png", rows, {"error, mm": error}, FPS, borders)
    for name, value in facts.items():
        if name != "tokens":
            print(f"{name}: {value:.4g}")
    print(f"{settings.output_dir}: original.npz, reconstruction.npz, tokens.json, side_by_side.png", flush=True)


if __name__ == "__main__":
    run(main, TokenizationSettings, __doc__)
