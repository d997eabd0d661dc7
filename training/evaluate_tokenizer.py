"""Judge tokenizers beside real motion: `python -m training.evaluate_tokenizer --tokenizer RUN_OR_CHECKPOINT --dataset_dir DIR`.

The first 9.8 s of every clip of the split go through each tokenizer and back: joint errors for each licence's clips, the
codes in use, metrics of physics, with an evaluator the FID between real and reconstructed clips, and with labelled takes
how many still do what their label says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from backend.device import choose
from backend.motion.features import HEIGHT, POSE, features_to_joints
from backend.motion.solve import solve
from backend.tokenizers.conv import ConvTokenizer
from common.errors import InputError
from common.files import require_folder
from common.motion.skeleton import forward_kinematics

from . import evaluators
from .data import dataset
from .engine.command import run
from .evaluation import physical
from .evaluation.curves import labels
from .evaluation.groups import licence_groups
from .evaluation.reconstruction import MAX_FRAMES, Reconstruction, reconstructions
from .evaluation.report import EvaluationReport
from .evaluation.sampling import load_tokenizer
from .evaluation.table import Row, single
from .metrics import codebook
from .metrics.fid import fid
from .prompt_suite import checks, real, retention

_WORST = 8


@dataclasses.dataclass(frozen=True)
class TokenizerEvaluation:
    """What to judge."""

    tokenizer: tuple[str, ...]
    """Run folders, exported checkpoints' folders or bundled checkpoints' names."""
    dataset_dir: Path
    split: str = "val"
    evaluator: Path | None = None
    """Folder of a trained evaluator, for FID."""
    max_frames: int = MAX_FRAMES
    """Frames of a clip at most, from its beginning: heading errors add up along it."""
    device: str = "auto"
    labels: Path | None = None
    """What takes of dataset_dir show, for retention: JSON lines with source, clip, start_s, end_s, concepts."""
    labelled: tuple[str, ...] = ("val",)
    """Splits of the labelled takes."""
    takes: int = 12
    """Takes of a concept at most, evenly chosen; longer ones than max_frames are left out."""
    out: Path | None = None
    """Folder for results.json, results.md and pictures; none only prints."""


ERRORS = (
    "Joint errors in mm: root-aligned (mean and median over clips, and the worst clip's), in the heading's own frame (pose), and in "
    "the world. A heading that drifts counts in all but the pose. `open` are the clips whose licence does not forbid commercial use."
)
CODES = (
    "use: mean share of each number's values that occur at all; perplexity: exp of the entropy of single numbers, in the mean; "
    "joint_perplexity: of whole codes, at most the number of tokens."
)
PHYSICS = (
    "Means over clips as decoded, real ones as captured. solved_cm: mean distance of the solved skeleton's joints from the "
    "decoded ones."
)
FEATURES = "FID of reconstructed clips against real ones; of the real ones against as many clips of the training split."


RETENTION = (
    "Shares of real takes that pass their concept's check (`training.prompt_suite`) as captured and still pass after encoding and "
    "decoding, without a finish. `all` counts takes, `mean` concepts."
)


def pose_mm(row: Reconstruction) -> float:
    """Root-aligned joint error in mm with each side in its own heading frame: heading drift left out."""
    local = [features[:, POSE].reshape(len(features), -1, 3) for features in (row.made, row.target)]
    heights = [features[:, HEIGHT, None] * (0.0, 1.0, 0.0) for features in (row.made, row.target)]
    apart = np.linalg.norm((local[0] - heights[0]) - (local[1] - heights[1]), axis=-1)
    return float(apart.sum(axis=-1).mean() / (apart.shape[1] + 1) * 1000)  # the root's own error is 0


def errors(name: str, found: list[Reconstruction], data: dataset.Prepared) -> list[Row]:
    """One row of joint errors for each group of clips."""
    rows = []
    licences = [data.licenses[row.clip] for row in found]
    every = np.array([(row.mpjpe_mm, pose_mm(row), row.world_mm) for row in found])
    for group, members in licence_groups(licences).items():
        aligned, pose, world = every[members].T
        metrics = {"clips": len(members), "MPJPE mm": aligned.mean(), "median mm": np.median(aligned)}
        metrics |= {"worst mm": aligned.max(), "pose mm": pose.mean(), "world mm": world.mean()}
        rows.append(single(f"{name}: {group}", metrics))
    return rows


def solved_cm(row: Reconstruction) -> float:
    """Mean distance in cm between the joints of a reconstruction and of the skeleton solved for them."""
    joints = features_to_joints(row.made)
    return float(np.linalg.norm(forward_kinematics(*solve(joints)) - joints, axis=-1).mean() * 100)


def codes(name: str, tokenizer: ConvTokenizer, found: list[Reconstruction]) -> Row:
    """How the codes are used, and how many tokens that rests on."""
    every = np.concatenate([row.indices for row in found])
    parameters = sum(parameter.numel() for parameter in tokenizer.parameters())
    metrics = {"M parameters": parameters / 1e6, "tokens": len(every)}
    return single(name, metrics | codebook.metrics(every, tokenizer.bottleneck.levels))


def physics(found: dict[str, list[Reconstruction]]) -> list[Row]:
    """Real clips as captured, and what each tokenizer makes of them as decoded."""
    rows = [physical.decoded("real", [row.target for row in next(iter(found.values()))], real=True)]
    for name, clips in found.items():
        solved = {"solved_cm": float(np.mean([solved_cm(row) for row in clips]))}
        rows.append(physical.decoded(name, [row.made for row in clips]).extended(solved))
    return rows


def distances(
    evaluator: evaluators.Evaluator, found: dict[str, list[Reconstruction]], train: dataset.Prepared, frames: int
) -> list[Row]:
    """FID of reconstructed clips against real ones; of the real ones against as many of the training split, spread over it."""
    real = evaluator.motion([row.target for row in next(iter(found.values()))])
    picks = np.linspace(0, len(train.clips) - 1, min(len(real), len(train.clips))).round().astype(int)
    others = [train.window(start, min(count, frames), False) for start, count in (train.clips[pick] for pick in picks)]
    rows = [single("real", {"FID": fid(evaluator.motion(others), real)}, real=True)]
    for name, clips in found.items():
        rows.append(single(name, {"FID": fid(real, evaluator.motion([row.made for row in clips]))}))
    return rows


def retained(settings: TokenizerEvaluation, tokenizers: Mapping[str, ConvTokenizer]) -> list[Row]:
    """All takes together, the mean over concepts, then concept by concept, what one of the tokenizers loses most of first."""
    assert settings.labels is not None
    every = real.read(settings.dataset_dir, settings.labels, settings.labelled)
    takes = [take for take in every if len(take.body) <= settings.max_frames]
    found = {name: retention.retention(model, takes, checks.ALL, settings.takes) for name, model in tokenizers.items()}
    first = next(iter(found.values()))
    if not first:
        raise InputError("labels", str(settings.labels), "takes that pass the check of what they show")
    totals = {name: retention.total(one) for name, one in found.items()}
    count = {"takes": float(next(iter(totals.values())).takes)}
    rows = [single("all", count | {name: one.share for name, one in totals.items()})]
    means = {name: float(np.mean([kept.share for kept in one.values()])) for name, one in found.items()}
    rows.append(single("mean", count | means))
    shares = {concept: {name: one[concept].share for name, one in found.items()} for concept in first}
    for concept in sorted(shares, key=lambda concept: min(shares[concept].values())):
        rows.append(single(concept, {"takes": float(first[concept].takes)} | shares[concept]))
    return rows


def worst(found: dict[str, list[Reconstruction]], data: dataset.Prepared) -> str:
    """The clips that fare worst, by name."""
    lines = ["", "Worst clips:", ""]
    for name, clips in found.items():
        ranked = sorted(clips, key=lambda row: -row.mpjpe_mm)[:_WORST]
        lines.append(f"- {name}: " + ", ".join(f"{data.names[row.clip]} {row.mpjpe_mm:.0f} mm" for row in ranked))
    return "\n".join(lines)


def main(settings: TokenizerEvaluation) -> None:
    """Print the tables; write them, their numbers and pictures to `out`."""
    if settings.out is not None:
        require_folder("out", settings.out)
    if not settings.tokenizer:
        raise InputError("tokenizer", "", "at least one run folder or checkpoint")
    if settings.takes < 1:
        raise InputError("takes", settings.takes, "1 or more")
    device = choose(settings.device)
    train, data = (dataset.load(settings.dataset_dir, split) for split in ("train", settings.split))
    evaluator = evaluators.load(settings.evaluator) if settings.evaluator is not None else None
    names = labels([Path(where) for where in settings.tokenizer])
    tokenizers = {name: load_tokenizer(where, device) for name, where in zip(names, settings.tokenizer, strict=True)}
    found = {name: list(reconstructions(model, data, settings.max_frames)) for name, model in tokenizers.items()}
    if not all(found.values()):
        raise InputError(
            "dataset_dir", str(settings.dataset_dir), f"clips of 16 frames or more in split {settings.split}"
        )
    report = EvaluationReport(settings, settings.out)
    subject = f"{settings.split} clips, first {settings.max_frames} frames"
    wrong = [row for name, clips in found.items() for row in errors(name, clips, data)]
    report.add("Joint errors", subject, wrong, ERRORS + "\n" + worst(found, data))
    report.add("Codes", subject, [codes(name, model, found[name]) for name, model in tokenizers.items()], CODES)
    if physical.known_of([clip.target for clips in found.values() for clip in clips]):
        report.add("Physics", subject, physics(found), PHYSICS)
    if settings.labels is not None:
        taken = f"{' and '.join(settings.labelled)} takes of at most {settings.max_frames} frames"
        report.add("Retention", taken, retained(settings, tokenizers), RETENTION)
    if evaluator is not None:
        report.add("Features", subject, distances(evaluator, found, train, settings.max_frames), FEATURES)


if __name__ == "__main__":
    run(main, TokenizerEvaluation, __doc__)
