"""Settings of a generator run, whichever family trains."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal

from backend.generators import presets

from .config import RunSettings


@dataclasses.dataclass(frozen=True)
class IsoDiMSettings(RunSettings):
    """Settings of a generator run; what only one family reads says so."""

    model: str = "IsoDiM-DiT-XS"
    tokenizer_name: str = "high"
    tokenizer_model: str = ""
    """The tokenizer's model, which its run tells; another one is refused."""
    init: str = ""
    """Checkpoint or run folder whose weights, tokenizer and text encoder this run starts from; model and tokenizer_name
    then follow from it."""
    trunk: str = ""
    """A run or checkpoint of the same model whose weights begin a new run wherever name and shape agree; unlike with
    `init` the tokenizer is the run's own, so the layers that face its codes may begin at random."""
    text_encoder: str = "minilm"
    cond_drop_prob: float = 0.1
    dropout: float | None = None
    """None is the family's own: .1 for IsoDiM, .2 for MARDM."""
    output: Literal["grid", "x", "categorical"] = "grid"
    """IsoDiM's head: a softmax over each dim's FSQ levels, plain numbers, or the baseline without diffusion."""
    text: Literal["words", "pooled"] = "words"
    """IsoDiM's cross-attention: to all text states, or to their mean alone."""
    loss: Literal["v", "x"] = "v"
    """IsoDiM's weight of the data error: divided by (1 - t) squared, or plain."""
    data_loss: float = 0.1
    """Share of the v- or x-loss beside the grid head's cross-entropy; the x head has this loss alone."""
    corruption: Literal["time", "code", "none"] = "time"
    """T2M-HiFiGPT's input: all codes of a time step become random at once, each by itself, or none."""
    corrupt_rate: float = 0.5
    """Share of T2M-HiFiGPT's time steps, or codes, that become random."""
    num_experts: int = 8
    """MotionDiffusion-MoE: experts of each block of the head."""
    top_k: int = 2
    """MotionDiffusion-MoE: experts that a token goes to."""
    shared_experts: int = 1
    """MotionDiffusion-MoE: experts that every token passes."""
    routing: Literal["tokens", "experts"] = "tokens"
    """MotionDiffusion-MoE: each token chooses its experts, or each expert its tokens of a clip."""
    window: int = 0
    """MotionDiffusion-MoE: tokens before and after that the head attends to; 0: all."""
    prompt_tokens: int = 0
    """MotionDiffusion-MoE: learned vectors before the text states."""
    balance_loss: float = 0.01
    """MotionDiffusion-MoE: weight of even use of the experts; with routing `experts` it is even by itself."""
    diversity_loss: float = 0.0
    """MotionDiffusion-MoE: weight of the likeness of different experts' outputs."""
    consistency_loss: float = 0.0
    """MotionDiffusion-MoE: weight of the change that another expert makes to the prediction."""
    progressive_loss: float = 0.0
    """MotionDiffusion-MoE: weight of the distance of predictions at two times of one path."""
    align_loss: float = 0.0
    """MotionDiffusion-MoE: weight of telling a batch's clips apart by their texts."""
    balance: float = 0.5
    """Power of an action's mass in the sampling: 1 as the data lies, 0 all actions alike."""
    plain: float = 0.5
    """Chance that a span with short phrasings of its concepts is told by one of those instead of by a caption."""
    mix: Path | None = None
    """JSON file with shares of sources and factors of concepts and actions, see `training.data.mix`."""
    composed: int = 0
    """Training examples made by joining the legs of one clip and the arms of another."""
    turned: int = 0
    """Training examples made by bending straight walks to the side."""
    stretched: int = 0
    """Training examples that play a span slower or faster and say so."""

    @property
    def network(self) -> dict[str, Any]:
        """What `presets.build` needs to make this network, as a checkpoint's config.json holds it."""
        options = presets.options_of(self.model)
        return {"name": self.model} | {name: getattr(self, name) for name in options}

    @property
    def fixed(self) -> dict[str, Any]:
        """The network, and whose codes and words it reads."""
        network = self.network
        return {"model": network.pop("name"), **network} | {
            name: getattr(self, name) for name in ("init", "tokenizer_name", "text_encoder")
        }
