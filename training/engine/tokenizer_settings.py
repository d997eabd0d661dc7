"""Settings of a tokenizer run, and the network that they describe."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal

from backend.motion.jitter import NEIGHBOUR
from backend.tokenizers import presets
from backend.tokenizers.conv import ConvTokenizer

from .config import RunSettings

BLOCKS = ("token_blocks", "frame_blocks")
"""What a deeper decoder has more of."""


@dataclasses.dataclass(frozen=True)
class TokenizerSettings(RunSettings):
    """Settings of a tokenizer run."""

    model: str = "IsoDiM_Tokenizer_High"
    width: int = 512
    latent: int = presets.LATENT
    """Numbers a token of AE, VQ and RVQ has; those of FSQ follow from its levels."""
    codebook_size: int = presets.SIZE
    """Vectors of VQ's and RVQ's codebook."""
    depth: int = presets.DEPTH
    """Codes of a token of RVQ."""
    token_blocks: int = 0
    """Residual blocks that the decoder has at the rate of tokens beyond the published ones."""
    frame_blocks: int = 0
    """Residual blocks that the decoder has at the rate of frames."""
    init: str = ""
    """Checkpoint or tokenizer run whose weights and statistics this run starts from; model and sizes then follow from it, but
    the decoder may get more blocks, which change nothing at first, and `model` may be an FSQ of more dims."""
    keep_loss: float = 0.0
    """Weight of how far the encoder's first dims move from those of `init`, where `model` has more: generators can go on from
    theirs (`train_isodim --trunk`)."""
    freeze_encoder: bool = False
    """Train the decoder alone, so that codes, and what was made of them (generators, motion libraries), stay good; with `init`."""
    target_dir: Path | None = None
    """Folder made by `prepare` of the same clips, with `--plant_feet` say: what shall come out for those of dataset_dir."""
    window_size: int = 64
    recons_loss: Literal["l1_smooth", "l1", "l2"] = "l1_smooth"
    """Distance of features and of their velocities; the path's is always l1_smooth."""
    aux_loss_joints: float = 1.0
    commitment: float | None = None
    """Weight of the encoder's distance to the codebook; none given: .25 for VQ and .02 for RVQ, as published."""
    velocity_loss: float = 0.5
    bone_loss: float = 0.0
    """Weight of the bones' lengths, in centimetres (T2M-HiFiGPT's bone-length loss)."""
    direction_loss: float = 0.0
    """Weight of the error of bones' directions (rad): a short bone, such as the head's, turns by what an arm hardly shows."""
    head_loss: float = 0.0
    """Weight of the error of the head's direction (rad) alone, which is one bone of twenty-one in `direction_loss`."""
    step_loss: float = 0.0
    """Weight of the error of joints' velocities over the ground (m/s): standing feet stand, fast hands are fast."""
    speed_loss: float = 0.0
    """Weight of the error of joints' speeds over the ground (m/s), whatever their direction: keeps peaks."""
    limb_weight: float = 2.0
    """How often hands, forearms, feet and head count in direction, step and speed."""
    root_loss: float = 0.25
    path_loss: float = 0.2
    """Weight of the heading and travel errors added up along the window: small biased steps turn whole clips away."""
    balance: float = 1.0
    """Power of an action's mass in the sampling: 1 as the data lies, 0 all actions alike."""
    smoothing: float = NEIGHBOUR
    """Weight of the neighbouring frames with which clips of this decoder are smoothed (`backend.motion.jitter`); 0 where its
    losses leave no jitter."""
    head_turns: float = 0.0
    """Chance that a window's head turns and nods at random, so that the codes keep what heads do; captures hold little of it."""
    stretch: float = 0.2
    """Windows are played up to exp(stretch) times faster or slower; 0 is never."""

    @property
    def network(self) -> dict[str, Any]:
        """What `presets.build` needs to make this network, as a checkpoint's config.json holds it."""
        sizes: dict[str, Any] = {"name": self.model, "width": self.width}
        sizes |= {name: blocks for name in BLOCKS if (blocks := getattr(self, name))}
        if self.smoothing != NEIGHBOUR:
            sizes["smoothing"] = self.smoothing
        if presets.is_fsq(self.model):
            return sizes
        return sizes | {"latent": self.latent, "size": self.codebook_size, "depth": self.depth}

    @property
    def fixed(self) -> dict[str, str | int]:
        """The network."""
        sizes = () if presets.is_fsq(self.model) else ("latent", "codebook_size", "depth")
        return {name: getattr(self, name) for name in ("model", "width", *BLOCKS, *sizes)}


def untrained(settings: TokenizerSettings, features: int = presets.FEATURES) -> ConvTokenizer:
    """The network that a run's settings describe, for data of so many features a frame."""
    return presets.build(features=features, **settings.network)
