"""Evaluators that others trained on HumanML3D or KIT-ML, from the file `finest.tar` in its published layout.

Which one a file holds is told by its content: the networks of Guo et al. (CVPR 2022) on classic or essential features, or
MARDM's contrastive one. Beside finest.tar lie mean.npy and std.npy, the evaluator's *own*: motions come de-normalised and
are normalised with these. The networks of Guo et al. also need `glove` and `texts` there (see `glove`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from backend.motion import layout
from backend.motion.classic import classic
from backend.text.clip import open_clip
from common.errors import InputError
from training.data.sources.published import CORPORA
from training.engine import torch_file

from .glove import Glove
from .motion_clip import MotionClip
from .text_motion_match import MAX_FRAMES, Match

_CONTACTS = 4
_MIN_FRAMES = 4
_AT_ONCE = 32
_MATCH = ("movement_encoder", "motion_encoder", "text_encoder")
_CLIP = "contrast_model"
Network = TypeVar("Network", bound=nn.Module)


class _Motions:
    """Essential features in metres -> what a published network reads, in its corpus's unit."""

    def __init__(self, folder: Path, features: int) -> None:
        self.mean, self.std = (_statistics(folder / name) for name in ("mean.npy", "std.npy"))
        self.features = features
        rows = {kind.features: kind for kind in (layout.HUMANML3D, layout.KIT)}
        rows |= {kind.classic_features - _CONTACTS: kind for kind in (layout.HUMANML3D, layout.KIT)}
        if features not in rows:
            raise InputError("features of the evaluator", features, f"one of {', '.join(map(str, sorted(rows)))}")
        self.layout = rows[features]
        self.classic = features != self.layout.features
        if self.classic and self.layout is layout.KIT:
            raise InputError(
                "evaluator", "KIT-ML's on 251 features", "the one on 64, since the other features are not made here"
            )
        self.scale = np.ones(self.layout.features, np.float32)
        self.scale[1:] /= next(corpus.unit_m for corpus in CORPORA.values() if corpus.layout is self.layout)
        width = self.layout.classic_features if self.classic else features
        for name, values in (("mean.npy", self.mean), ("std.npy", self.std)):
            if len(values) < width:
                raise InputError(f"numbers of {name}", len(values), f"at least {width}, the evaluator's own")

    def batch(self, clips: list[NDArray[np.float32]]) -> tuple[Tensor, Tensor]:
        """[clip, 196, feature] normalised, zeros behind each clip, and frames [clip], whole movements of four."""
        out = torch.zeros(len(clips), MAX_FRAMES, self.features)
        frames = []
        for row, clip in zip(out, clips, strict=True):
            if clip.shape[1] != self.layout.features:
                raise InputError(
                    "features a frame", clip.shape[1], f"{self.layout.features}, those of {self.layout.name}"
                )
            count = min(len(clip), MAX_FRAMES) // _MIN_FRAMES * _MIN_FRAMES
            if not count:
                raise InputError("frames of a clip", len(clip), f"at least {_MIN_FRAMES}")
            values = (classic(clip) if self.classic else clip * self.scale)[:count, : self.features]
            row[:count] = torch.from_numpy((values - self.mean[: self.features]) / self.std[: self.features])
            frames.append(count)
        return out, torch.tensor(frames)

    def embedded(self, clips: list[NDArray[np.float32]], network: Any) -> NDArray[np.float64]:
        """`network(features, frames)` of all clips, a few at once."""
        starts = range(0, len(clips), _AT_ONCE)
        return torch.cat([network(*self.batch(clips[s : s + _AT_ONCE])) for s in starts]).double().numpy()


class MatchEvaluator:
    """Guo et al.'s evaluator, on classic or essential features; see `Evaluator`."""

    def __init__(self, network: Match, motions: _Motions, words: Glove) -> None:
        self.network, self.motions, self.words = network.eval(), motions, words

    @torch.inference_mode()
    def motion(self, features: list[NDArray[np.float32]]) -> NDArray[np.float64]:
        """Embeddings [clip, 512] of essential features [frame, 67 or 64]."""
        return self.motions.embedded(features, self.network.motion)

    @torch.inference_mode()
    def text(self, captions: list[str]) -> NDArray[np.float64]:
        """Embeddings [caption, 512] of captions that the texts folder holds."""
        rows = [[torch.from_numpy(part) for part in self.words.sentence(caption)] for caption in captions]
        vectors, kinds = (nn.utils.rnn.pad_sequence([row[part] for row in rows], batch_first=True) for part in (0, 1))
        lengths = torch.tensor([len(row[0]) for row in rows])
        return self.network.text_encoder.words(vectors, kinds, lengths).double().numpy()


class ClipEvaluator:
    """MARDM's contrastive evaluator: unit vectors; its mean cosine is the CLIP score of their table."""

    def __init__(self, network: MotionClip, motions: _Motions) -> None:
        self.network, self.motions = network.eval(), motions
        self.pieces = open_clip().tokenize

    @torch.inference_mode()
    def motion(self, features: list[NDArray[np.float32]]) -> NDArray[np.float64]:
        """Embeddings [clip, 512] of essential features [frame, 67 or 64]."""
        return _unit(self.motions.embedded(features, self.network.motion_encoder))

    @torch.inference_mode()
    def text(self, captions: list[str]) -> NDArray[np.float64]:
        """Embeddings [caption, 512]."""
        return _unit(self.network.text(self.pieces(captions)).double().numpy())


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def load(folder: Path) -> MatchEvaluator | ClipEvaluator:
    """The evaluator of a folder with finest.tar, mean.npy and std.npy."""
    path = folder / "finest.tar"
    found = torch_file.read(path, "evaluator")
    if isinstance(found, dict) and all(name in found for name in _MATCH):
        state = {f"{part}.{key}": value for part in _MATCH for key, value in found[part].items()}
        features = _width(state, "movement_encoder.main.0.weight")
        with torch.device("meta"):
            match = Match(features)
        motions = _Motions(folder, features)
        return MatchEvaluator(_filled(match, state, path), motions, Glove.load(folder / "glove", folder / "texts"))
    if isinstance(found, dict) and _CLIP in found:
        features = _width(found[_CLIP], "motion_encoder.embed_motion.weight")
        with torch.device("meta"):
            clip = MotionClip(features)
        motions = _Motions(folder, features)
        return ClipEvaluator(_filled(clip, found[_CLIP], path), motions)
    shown = sorted(found) if isinstance(found, dict) else type(found).__name__
    raise InputError(f"parts of {path.name}", shown, f"{', '.join(_MATCH)}, or {_CLIP}")


def _width(state: dict[str, Tensor], name: str) -> int:
    if name not in state:
        raise InputError("evaluator", "without " + name, "the published layout")
    return state[name].shape[1]


def _filled(network: Network, state: dict[str, Tensor], path: Path) -> Network:
    """A network without values ("meta") that takes those of the file."""
    try:
        network.load_state_dict(state, assign=True)
    except RuntimeError as error:
        raise InputError("evaluator", str(path), f"weights in the published layout ({str(error)[:200]})") from error
    return network.float()


def _statistics(path: Path) -> NDArray[np.float32]:
    try:
        return np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError) as error:
        raise InputError("evaluator", str(path), f"the evaluator's own statistics, an array ({error})") from error
