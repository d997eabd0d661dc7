"""Settings of a tokenizer run, and the network that they describe."""

from __future__ import annotations

import dataclasses
from typing import Literal

from backend.tokenizers import presets
from backend.tokenizers.conv import ConvTokenizer

from .config import RunSettings


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
    window_size: int = 64
    recons_loss: Literal["l1_smooth", "l1", "l2"] = "l1_smooth"
    """Distance of features and of their velocities; the path's is always l1_smooth."""
    aux_loss_joints: float = 1.0
    commitment: float | None = None
    """Weight of the encoder's distance to the codebook; none given: .25 for VQ and .02 for RVQ, as published."""
    velocity_loss: float = 0.5
    bone_loss: float = 0.0
    """Weight of the bones' lengths, in centimetres (T2M-HiFiGPT's bone-length loss)."""
    root_loss: float = 0.25
    path_loss: float = 0.2
    """Weight of the heading and travel errors added up along the window: small biased steps turn whole clips away."""
    balance: float = 1.0
    """Power of an action's mass in the sampling: 1 as the data lies, 0 all actions alike."""
    stretch: float = 0.2
    """Windows are played up to exp(stretch) times faster or slower; 0 is never."""

    @property
    def network(self) -> dict[str, str | int]:
        """What `presets.build` needs to make this network, as a checkpoint's config.json holds it."""
        sizes: dict[str, str | int] = {"name": self.model, "width": self.width}
        if presets.is_fsq(self.model):
            return sizes
        return sizes | {"latent": self.latent, "size": self.codebook_size, "depth": self.depth}

    @property
    def fixed(self) -> dict[str, str | int]:
        """The network."""
        sizes = () if presets.is_fsq(self.model) else ("latent", "codebook_size", "depth")
        return {name: getattr(self, name) for name in ("model", "width", *sizes)}


def untrained(settings: TokenizerSettings, features: int = presets.FEATURES) -> ConvTokenizer:
    """The network that a run's settings describe, for data of so many features a frame."""
    return presets.build(
        settings.model, settings.width, features, settings.latent, settings.codebook_size, settings.depth
    )
