"""The whole path on one screen: prompt -> text states -> generator -> latents -> decoder -> features -> joints -> rotations."""

from __future__ import annotations

import dataclasses
import math
import time
from pathlib import Path

import numpy as np

from backend.drafts import drafting
from backend.drafts.drafting import Starts, steps
from backend.engines import choice
from backend.engines.engine import Engine, TextEncoder, median_tokens
from backend.generators import noise as chance
from backend.generators.sampling import OnStep, Sampling, changed
from backend.generators.windows import sample
from backend.motion.features import features_to_joints
from backend.motion.finish import finish
from backend.motion.jitter import smoothed
from backend.text import States
from backend.tokenizers.coder import FRAMES_PER_TOKEN, Array
from common import FPS, VERSION
from common.motion.motion import Motion
from common.wire import requests
from common.wire.requests import Generate

_CACHED_PROMPTS = 256
_SEED_STEP, _SEEDS = 1_000_003, requests.MAX_SEED + 1
"""Between the seeds of a clip's drafts, so that the next seed has drafts of its own."""


class Pipeline:
    """A loaded checkpoint; the same request on the same machine gives the same bytes. `timings` holds seconds by stage."""

    def __init__(self, networks: Engine, encoder: TextEncoder) -> None:
        self.networks, self.encoder = networks, encoder
        self.timings: dict[str, float] = {}
        self._text_states: dict[str, States] = {}
        takes = networks.takes if networks.generator.renoises else None
        self.drafter = drafting.drafter(networks.tokenizer, takes, choice.load_reader(networks, encoder))

    @classmethod
    def load(cls, folder: Path, device: str, engine: str = "auto", threads: int | None = None) -> Pipeline:
        """The checkpoint of a verified folder by an engine of `ENGINES`, its text encoder beside it."""
        return cls(*choice.load(folder, device, engine, threads))

    def generate(self, request: Generate, on_step: OnStep) -> list[Motion]:
        """One clip per seed `seed ... seed + count - 1`; `on_step(step, total)` comes before each step and may raise."""
        effort = self.effort(request)
        begun = time.perf_counter()
        states = self.text_states(request.prompt)
        seconds = request.seconds or self.seconds(request.prompt)
        frames = round(seconds * FPS)
        text_done = time.perf_counter()
        tokens = math.ceil(frames / FRAMES_PER_TOKEN)
        seeds = range(request.seed, request.seed + request.count)
        starts = self.drafter.starts(request.prompt, tokens, seeds, effort)
        noise = np.concatenate([self.noises(seed, effort, tokens) for seed in seeds])
        sampling = self.sampling(request)
        planned = time.perf_counter()
        latents = self.sample(states, noise, sampling, on_step, starts)
        sampled = time.perf_counter()
        joints = [features_to_joints(clip) for clip in self.features(latents)[:, :frames]]
        decoded = time.perf_counter()
        kept = self.drafter.kept(request.prompt, joints, effort, starts)
        chosen = time.perf_counter()
        settings = dataclasses.asdict(sampling) | {"seconds": request.seconds, "frames": frames, "effort": effort}
        clips = [
            self.drafter.finished(
                request.prompt, one, finish(joints[one.row], FPS, self.meta(request.prompt, seed, settings))
            )
            for seed, one in zip(seeds, kept, strict=True)
        ]
        self.timings = {
            "text": text_done - begun,
            "takes": planned - text_done,
            "generator": sampled - planned,
            "decoder": decoded - sampled,
            "verify": chosen - decoded,
            "solve": time.perf_counter() - chosen,
        }
        return clips

    def sampling(self, request: object) -> Sampling:
        """The checkpoint's own settings, except for those that a request does not leave at None."""
        return changed(self.networks.sampling, request)

    def text_states(self, prompt: str) -> States:
        """Text states of a prompt, kept for its next clip."""
        if prompt not in self._text_states:
            if len(self._text_states) >= _CACHED_PROMPTS:
                self._text_states.pop(next(iter(self._text_states)))
            self._text_states[prompt] = self.encoder.encode([prompt])
        return self._text_states[prompt]

    def seconds(self, prompt: str) -> float:
        """How long a prompt's clip should be: as the takes that it finds, or else the median of the estimated lengths, at least 1."""
        found = self.drafter.seconds(prompt)
        if found is not None:
            return found
        tokens = int(median_tokens(self.networks.length(self.text_states(prompt)))[0])
        return max(1.0, tokens * FRAMES_PER_TOKEN / FPS)

    def effort(self, request: object) -> int:
        """How many drafts a clip of a request gets."""
        return getattr(request, "effort", None) or self.drafter.effort

    def features(self, latents: Array) -> Array:
        """Features [count, frame, 67] of sampled latents."""
        tokenizer = self.networks.tokenizer
        return smoothed(tokenizer.decode(latents), tokenizer.smoothing)

    def noise(self, seed: int, count: int, tokens: int) -> Array:
        """Standard normal [count, token, d], each row from its own seed, `seed` and up."""
        dims = self.networks.tokenizer.bottleneck.dims
        return np.stack([chance.normal(seed + row, tokens, dims) for row in range(count)])

    def noises(self, seed: int, drafts: int, tokens: int) -> Array:
        """Noise [draft, token, d] of the drafts of one seed; that of the first is the seed's own."""
        seeds = [(seed + number * _SEED_STEP) % _SEEDS for number in range(drafts)]
        return np.concatenate([self.noise(one, 1, tokens) for one in seeds])

    def sample(self, states: States, noise: Array, sampling: Sampling, on_step: OnStep, starts: Starts | None) -> Array:
        """Latents [row, token, d] of whole clips, blind or from the takes of `starts`."""
        model = self.networks.generator
        if starts is None:
            return sample(model, states, noise, sampling, on_step)
        return sample(model, states, noise, steps(sampling, blind=False), on_step, starts.latents, begin=starts.begin)

    def meta(self, prompt: str, seed: int, settings: dict[str, object]) -> dict[str, object]:
        """What makes a clip again, for `Motion.meta`."""
        config = self.networks.config
        digest = config["files"]["model.safetensors"]
        return {
            "prompt": prompt,
            "seed": seed,
            "checkpoint": config["name"],
            "sha256": digest,
            "licence": config["licence"],
            "version": VERSION,
            "engine": self.networks.name,
            "settings": settings,
        }
