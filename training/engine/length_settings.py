"""Settings of a run that trains a length estimator."""

from __future__ import annotations

import dataclasses

from .config import Precision, RunSettings


@dataclasses.dataclass(frozen=True)
class LengthSettings(RunSettings):
    """Settings of a length estimator run."""

    steps: int = 1500
    lr: float = 1e-3
    precision: Precision = "fp32"
    text_encoder: str = "minilm"
    width: int = 128
    smoothing_tokens: float = 1.0
    """Spread of the target over neighbouring lengths, in tokens."""

    @property
    def fixed(self) -> dict[str, str | int]:
        """The network, and whose words it reads."""
        return {"width": self.width, "text_encoder": self.text_encoder}
