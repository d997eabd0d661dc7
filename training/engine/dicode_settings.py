"""Settings of DiCoDe's two runs, the networks that they describe, and the networks that they left."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal

from backend import text
from backend.dicode import language
from backend.dicode import tokenizer as deep
from backend.dicode.language import DiCoDe
from backend.dicode.tokenizer import DeepTokenizer

from . import config
from .config import RunSettings
from .run_folder import BEST
from .state import ema_weights

_SEGMENTS = ("segment_frames", "tokens_per_segment", "frames_before", "ends")


@dataclasses.dataclass(frozen=True)
class DeepTokenizerSettings(RunSettings):
    """Settings of a deep tokenizer run."""

    model: str = "DiCoDe-Tokenizer-XS"
    bottleneck: Literal["fsq", "kl"] = "fsq"
    """Five levels a number, or numbers near N(0, 1) of which a sample is taken in training."""
    dims: int = deep.DIMS
    """Numbers a token has."""
    segment_frames: int = 40
    tokens_per_segment: int = 4
    frames_before: int = 8
    """Frames before a segment that its decoder sees."""
    ends: int = 0
    """Half of the tokens sees so many frames of a segment's beginning, the other half of its end; 0: every token sees all."""
    kl_loss: float = 1e-4
    """Weight of the divergence from N(0, 1)."""
    root_loss: float = 0.25
    """Weight of the root's four numbers once more: their errors add up along the way."""
    before_noise: float = 0.1
    """Noise on the frames before, in standard deviations: while it plays, the decoder sees frames that it made itself."""
    first_segments: float = 0.1
    """Share of the training segments that see no frames before, as a clip's first one."""
    decoder_steps: int = 4
    """Diffusion steps of the evaluation."""
    balance: float = 1.0
    """Power of an action's mass in the sampling: 1 as the data lies, 0 all actions alike."""
    stretch: float = 0.2
    """Windows are played up to exp(stretch) times faster or slower; 0 is never."""

    @property
    def network(self) -> dict[str, Any]:
        """What `tokenizer.build` needs to make this network."""
        sizes = {name: getattr(self, name) for name in ("bottleneck", "dims", *_SEGMENTS)}
        return {"name": self.model} | sizes

    @property
    def fixed(self) -> dict[str, Any]:
        """The network."""
        network = self.network
        return {"model": network.pop("name"), **network}


@dataclasses.dataclass(frozen=True)
class DiCoDeSettings(RunSettings):
    """Settings of a run that trains a DiCoDe on the tokens of a deep tokenizer."""

    model: str = "DiCoDe-XS"
    tokenizer_name: str = "deep"
    """Deep tokenizer run beside this one."""
    text_encoder: str = "minilm"
    head: Literal["categorical", "gmm", "gaussian", "regression"] = "categorical"
    """The next token as a softmax over each number's FSQ levels, as a mixture of Gaussians, as one, or as one value by squared
    error, the negative control."""
    components: int = 8
    """Gaussians of a mixture."""
    window: int = 3
    """Segments that a token sees, its own among them; fewer than `segments`, so that what leaves the window is met in training."""
    segments: int = 6
    """Longest training example."""
    phases: int = 2
    """How often a clip is encoded, its segments beginning at other frames each time."""
    cond_drop_prob: float = 0.1
    dropout: float = 0.1
    input_noise: float = 0.1
    """Noise on the tokens that are read, in standard deviations: while it samples, the network reads what it made itself."""
    balance: float = 0.5
    """Power of an action's mass in the sampling: 1 as the data lies, 0 all actions alike."""

    @property
    def network(self) -> dict[str, Any]:
        """What `language.build` needs to make this network, beside the tokenizer."""
        return {"name": self.model} | {
            name: getattr(self, name) for name in ("head", "components", "window", "dropout")
        }

    @property
    def fixed(self) -> dict[str, Any]:
        """The network, and whose tokens and words it reads."""
        named = {name: getattr(self, name) for name in ("tokenizer_name", "text_encoder")}
        return {"model": self.model, "head": self.head, "components": self.components, "window": self.window} | named


def new_tokenizer(settings: DeepTokenizerSettings, features: int) -> DeepTokenizer:
    """The untrained tokenizer that a run's settings describe, for data of so many features a frame."""
    return deep.build(**settings.network, features=features)


def new_language(settings: DiCoDeSettings, tokenizer: DeepTokenizer, text_width: int) -> DiCoDe:
    """The untrained language model that a run's settings describe."""
    return language.build(
        bottleneck=tokenizer.bottleneck,
        tokens_per_segment=tokenizer.tokens_per_segment,
        text_width=text_width,
        **settings.network,
    )


def load_deep_tokenizer(folder: Path) -> DeepTokenizer:
    """The averaged deep tokenizer of a run folder, frozen; InputError if there is no such run."""
    settings, weights = config.load(DeepTokenizerSettings, folder), ema_weights(folder)
    tokenizer = new_tokenizer(settings, len(weights["mean"]))
    tokenizer.load_state_dict(weights)
    return tokenizer.eval().requires_grad_(False)


def tokenizer_of(settings: DiCoDeSettings, folder: Path) -> DeepTokenizer:
    """The tokenizer of the DiCoDe run in `folder`: the run beside it."""
    run = folder.parent if folder.name == BEST else folder
    return load_deep_tokenizer(run.parent / settings.tokenizer_name)


def load_dicode(folder: Path) -> tuple[DiCoDe, DeepTokenizer, str]:
    """Averaged language model, its tokenizer and the name of its text encoder, of a run folder."""
    settings = config.load(DiCoDeSettings, folder)
    tokenizer = tokenizer_of(settings, folder)
    model = new_language(settings, tokenizer, text.load(settings.text_encoder).width)
    model.load_state_dict(ema_weights(folder))
    return model.eval().requires_grad_(False), tokenizer, settings.text_encoder
