"""Settings of a run that trains our own evaluator."""

from __future__ import annotations

import dataclasses

from training.engine.config import Precision, RunSettings


@dataclasses.dataclass(frozen=True)
class EvaluatorSettings(RunSettings):
    """Settings of an evaluator run."""

    batch_size: int = 96
    steps: int = 800
    lr: float = 5e-4
    weight_decay: float = 0.05
    warm_up_iter: int = 100
    ema: float = 0.99
    precision: Precision = "fp32"
    width: int = 128
    layers: int = 3
    dims: int = 64
    """Numbers of an embedding: few, because FID needs more clips than dims."""
    dropout: float = 0.1
    word_dropout: float = 0.1
    balance: float = 0.5
    """Power of a meaning's mass in the sampling: 1 as the data lies, 0 all meanings alike."""
    stretch: float = 0.1
    """Motions are played up to exp(stretch) times faster or slower; 0 is never."""

    @property
    def fixed(self) -> dict[str, int]:
        """The network."""
        return {"width": self.width, "layers": self.layers, "dims": self.dims}
