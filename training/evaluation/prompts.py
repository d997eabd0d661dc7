"""Ten everyday prompts and ten other wordings of them: does an evaluator recognise what was asked for?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.generators.sampling import Sampling
from training.evaluators import Evaluator
from training.metrics.clip_score import clip_score
from training.metrics.distances import pairwise

from .physical import finished
from .sampling import Job, MotionSampler
from .sides import SEEDS
from .table import Row, single

PROMPTS = {
    "a person walks forward": "somebody is strolling straight ahead",
    "a person runs forward": "the figure sprints ahead at full speed",
    "a person turns left": "she swings round to her left side",
    "a person turns right": "she swings round to her right side",
    "a person jumps": "the man springs up off the floor and lands again",
    "a person waves": "somebody greets a friend from afar by moving one hand",
    "a person kicks": "the fighter lashes out with one leg",
    "a person sits down": "an old man lowers himself onto a chair",
    "a person dances": "she is grooving to some music",
    "a person punches": "the boxer hits out with his fists",
}
"""The prompts of the project's first milestone -> a wording that shares few words with them."""
TOKENS = 20


def rows(
    samplers: Sequence[tuple[str, MotionSampler, Sampling]], evaluator: Evaluator | None, *, other_words: bool
) -> list[Row]:
    """Ten seeds of four seconds for each prompt (or its other wording): physical metrics; with an evaluator also how often
    the prompt is the nearest of the ten texts to the clip, and the CLIP-style score against it."""
    texts = evaluator.text(list(PROMPTS)) if evaluator is not None else None
    made = []
    for name, sampler, sampling in samplers:
        for place, (prompt, other) in enumerate(PROMPTS.items()):
            words = other if other_words else prompt
            clips = sampler.sample([Job(words, TOKENS, seed) for seed in SEEDS], sampling)
            metrics = {}
            if evaluator is not None and texts is not None:
                motions = evaluator.motion(clips)
                nearest = pairwise(motions, texts).argmin(axis=1)
                own = np.repeat(texts[place : place + 1], len(motions), axis=0)
                metrics = {"nearest of ten": float((nearest == place).mean()), "CLIP score": clip_score(motions, own)}
            physical = finished("", clips, sampler.tokenizer.smoothing)
            metrics |= {key: value.mean for key, value in physical.metrics.items()}
            made.append(single(f"{words}: {name}", metrics))
    return made
