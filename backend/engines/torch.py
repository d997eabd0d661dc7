"""The torch engine: any checkpoint on the CPU, CUDA or MPS."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from backend import text
from backend.generators.isodim import Context, IsoDiM
from backend.generators.length import LengthEstimator
from backend.generators.sampler import Generator, Sampler
from backend.generators.sampling import OnStep, Sampling
from backend.generators.token_generator import TokenGenerator
from backend.generators.unmasking import Flags
from backend.text import States
from backend.tokenizers.bottleneck import Bottleneck
from backend.tokenizers.coder import Array, Codes
from backend.tokenizers.conv import ConvTokenizer
from backend.tokenizers.fsq import FSQ
from backend.tokenizers.grid import Grid
from backend.weights.load import Networks, load

from .engine import Engine


def _array(tensor: Tensor) -> Any:
    return tensor.detach().cpu().numpy()


def codes(bottleneck: Bottleneck) -> Codes:
    """A bottleneck for numpy."""
    return Grid(bottleneck.levels) if isinstance(bottleneck, FSQ) else TorchCodes(bottleneck)


class TorchCodes:
    """Codebooks, or no codes at all; see `Codes`."""

    def __init__(self, bottleneck: Any) -> None:
        self.module = bottleneck
        self.dims, self.levels = bottleneck.dims, tuple(bottleneck.levels)

    def snap(self, latents: Array) -> Array:
        """See `Codes`."""
        return self._asked(self.module.snap, latents)

    def to_indices(self, latents: Array) -> NDArray[Any]:
        """See `Codes`."""
        return self._asked(self.module.to_indices, latents)

    def from_indices(self, indices: NDArray[Any]) -> Array:
        """See `Codes`."""
        return self._asked(self.module.from_indices, indices)

    @torch.inference_mode()
    def _asked(self, method: Any, values: NDArray[Any]) -> NDArray[Any]:
        device = next((part.device for part in self.module.buffers()), torch.device("cpu"))
        found: NDArray[Any] = _array(method(torch.from_numpy(np.ascontiguousarray(values)).to(device)))
        return found


class TorchCoder:
    """A tokenizer's networks; see `Coder`."""

    def __init__(self, tokenizer: ConvTokenizer) -> None:
        self.module, self.bottleneck = tokenizer, codes(tokenizer.bottleneck)
        self.smoothing = tokenizer.smoothing

    @torch.inference_mode()
    def encode(self, features: Array) -> Array:
        """See `Coder`."""
        module = self.module
        found: Array = _array(module.encode(module.normalize(torch.from_numpy(features).to(module.mean))).float())
        return found

    @torch.inference_mode()
    def decode(self, latents: Array) -> Array:
        """See `Coder`."""
        module = self.module
        found: Array = _array(module.denormalize(module.decode(torch.from_numpy(latents).to(module.mean))).float())
        return found


class TorchDenoiser:
    """IsoDiM's networks; see `Denoiser`. What it computes for the head stays on its device."""

    def __init__(self, model: IsoDiM) -> None:
        self.model, self.bottleneck = model, codes(model.bottleneck)
        self.mean, self.std = _array(model.mean), _array(model.std)
        self.output = model.config.output

    def _tensors(self, *arrays: NDArray[Any]) -> list[Tensor]:
        return [torch.from_numpy(np.ascontiguousarray(array)).to(self.model.mean.device) for array in arrays]

    @torch.inference_mode()
    def context(self, text: States, null: Flags, data: Array, visible: Flags, serves: int) -> Context:
        """See `Denoiser`."""
        states, mask, without, known, seen = self._tensors(*text, null, data, visible)
        words = self.model.text_states(states, mask, without)
        found = self.model.context(known, seen, torch.ones_like(seen), *words)
        return Context(*(part.repeat_interleave(serves, 0) for part in (found.tokens, found.pooled, found.mask)))

    @torch.inference_mode()
    def predict(self, noisy: Array, time: Array, context: Context) -> Array:
        """See `Denoiser`."""
        given, when = self._tensors(noisy, time)
        found: Array = _array(self.model.expected(self.model.denoise(given, when, context)))
        return found

    @torch.inference_mode()
    def logits(self, noisy: Array, time: Array, context: Context) -> Array:
        """See `Denoiser`."""
        given, when = self._tensors(noisy, time)
        found: Array = _array(self.model.denoise(given, when, context))
        return found


class TorchGenerator:
    """A family that samples in torch; see `Generator`."""

    renoises = False

    def __init__(self, model: Any) -> None:
        self.model = model

    @torch.inference_mode()
    def inpaint(
        self,
        text: States,
        latents: Array,
        keep: Flags,
        noise: Array,
        sampling: Sampling,
        on_step: OnStep,
        begin: Array | None = None,
    ) -> Array:
        """See `Generator.inpaint`."""
        device = self.model.mean.device
        states, mask, given, kept, chance = (
            torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in (*text, latents, keep, noise)
        )
        made: Array = _array(self.model.inpaint((states, mask), given, kept, chance, sampling, on_step))
        return made


class TorchText:
    """A text encoder of `backend.text`, its states in numpy."""

    def __init__(self, name: str, encoder: text.TextEncoder) -> None:
        self.name, self.encoder, self.width = name, encoder, encoder.width

    @property
    def pieces(self) -> Any:
        """The encoder's word pieces."""
        return getattr(self.encoder, "pieces")  # noqa: B009 - not every encoder has them, and only MiniLM's are read

    def encode(self, prompts: list[str]) -> States:
        """Text states of prompts and their mask."""
        states, mask = self.encoder.encode(prompts)
        return _array(states), _array(mask)


def generator(model: TokenGenerator) -> Generator:
    """A family's networks as what in-paints."""
    return Sampler(TorchDenoiser(model)) if isinstance(model, IsoDiM) else TorchGenerator(model)


def engine(networks: Networks, device: str) -> Engine:
    """Networks that are already on a device."""
    return Engine(
        name=f"torch {torch.__version__}",
        device=device,
        config=networks.config,
        sampling=networks.sampling,
        generator=generator(networks.generator),
        tokenizer=TorchCoder(networks.tokenizer),
        length=_length(networks.length),
        parameters=networks.parameters,
        takes=networks.takes,
    )


def _length(estimator: LengthEstimator) -> Any:
    @torch.inference_mode()
    def length(states: States) -> Array:
        device = next(estimator.parameters()).device
        found: Array = _array(estimator(*(torch.from_numpy(np.ascontiguousarray(part)).to(device) for part in states)))
        return found

    return length


def load_engine(folder: Path, device: str) -> Engine:
    """The checkpoint of a verified folder on a device."""
    return engine(load(folder, device), device)


def load_text(name: str, device: str) -> TorchText:
    """The text encoder of that name on a device."""
    return TorchText(name, text.load(name, device))
