"""Weigh the facts that tell each action's takes from others: `python -m training.likeness --dataset_dir DATA --concepts concepts.jsonl`.

Real takes by their labels, and with `--checkpoint` also what its networks make of them: drafts look like takes seen through
the tokenizer, and a check that knows only capture finds all of them strange.
"""

from __future__ import annotations

import collections
import dataclasses
import functools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from backend.drafts import drafting, likeness
from backend.drafts.concepts import CONCEPTS, LEFT, RIGHT
from backend.drafts.facts import Facts
from backend.drafts.likeness import Of
from backend.generate import Pipeline
from backend.generators.windows import MAX_TOKENS, sample
from backend.motion.features import features_to_joints
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from backend.weights.locate import find
from common import FPS
from common.motion import quaternions
from common.motion.skeleton import JOINTS, forward_kinematics

from .data import dataset
from .data.dataset import Prepared
from .engine.command import run

TERMS = 6
"""Facts of an action: with twelve or twenty, the kept drafts obey no more often."""
_RIDGE = 0.01
_RANKS = 21
_FEWEST = 4
"""Labelled takes without which an action gets no likeness."""
_DRAFTED = 16
"""Takes of an action that are drafted again at the most."""
_MIRRORED = 0.3
"""Weight of mirror images of a sided action's takes, which are not the action, beside the takes themselves."""
_LONGEST = round(20 * FPS)
"""Frames of a take that are measured: longer ones show more than their label says."""

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class LikenessSettings:
    """Command line of `likeness`."""

    dataset_dir: Path
    """Folder made by `prepare`."""
    concepts: Path
    """JSON lines of labelled spans: source, clip, start_s, end_s, concepts [{concept, mirrored}]."""
    checkpoint: str | None = None
    """Name or folder of a checkpoint that drafts the takes again."""
    out: Path = likeness.FILE
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class Seen:
    """Facts [fact, 2] of a take or a draft that shows one action on a side."""

    action: str
    side: int
    facts: Array


def main(settings: LikenessSettings) -> None:
    """Measure, weigh, write."""
    data = dataset.load(settings.dataset_dir, "train")
    takes = labelled(data, settings.concepts)
    seen = [Seen(action, side, measured(features_to_joints(take[:_LONGEST]))) for action, side, take in tqdm(takes)]
    if settings.checkpoint is not None:
        pipeline = Pipeline.load(find(settings.checkpoint).folder, "cpu")
        seen += drafted(pipeline, takes, np.random.default_rng(settings.seed))
    table = weighed(seen)
    settings.out.write_text(json.dumps(table, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{settings.out}: {len(table['actions'])} actions from {len(seen)} takes and drafts")


@functools.cache
def names() -> tuple[str, ...]:
    """Every fact."""
    own = [
        name
        for kind in Facts.__mro__
        for name, value in vars(kind).items()
        if isinstance(value, functools.cached_property) and not name.startswith("_")
    ]
    postures = _example().series.postures
    return tuple(dict.fromkeys([*own, *(f"{when}_{one}" for when in ("share", "begins", "ends") for one in postures)]))


@functools.cache
def _example() -> Facts:
    """Of a body at rest."""
    frames = 4
    return Facts.of(forward_kinematics(quaternions.identity(frames, len(JOINTS)), np.zeros((frames, 3))))


def measured(joints: NDArray[np.floating]) -> Array:
    """All facts [fact, 2] of joints [frame, 22, 3]; a fact without sides stands twice."""
    facts = Facts.of(joints)
    return np.array([np.broadcast_to(np.asarray(facts.fact(name), float), 2) for name in names()])


def labelled(data: Prepared, path: Path) -> list[tuple[str, int, NDArray[np.float32]]]:
    """(action, side, features) of the spans that show one action and no other."""
    begins = dict(zip(data.names, data.clips, strict=True))
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = f"{row['source']}/{row['clip']}"
        if row["split"] != "train" or name not in begins or len(row["concepts"]) != 1:
            continue
        (shown,) = row["concepts"]
        first, frames = begins[name][0] + round(row["start_s"] * FPS), round((row["end_s"] - row["start_s"]) * FPS)
        frames = min(frames + 1, sum(begins[name]) - first)
        if shown["concept"] in CONCEPTS and frames >= FPS // 2:
            side = LEFT if shown["mirrored"] else RIGHT
            found.append((shown["concept"], side, data.window(first, frames, False)))
    return found


def drafted(
    pipeline: Pipeline, takes: Sequence[tuple[str, int, NDArray[np.float32]]], rng: np.random.Generator
) -> list[Seen]:
    """Takes as the checkpoint drafts them again, each from a random stretch and from its action's own name."""
    count = collections.Counter[str]()
    sampling = drafting.steps(pipeline.networks.sampling, blind=False)
    found = []
    for place in tqdm(rng.permutation(len(takes))):
        action, side, take = takes[place]
        tokens = min(len(take) // FRAMES_PER_TOKEN, MAX_TOKENS)
        if count[action] >= _DRAFTED or tokens < 3:
            continue
        count[action] += 1
        first = int(rng.integers(0, len(take) - tokens * FRAMES_PER_TOKEN + 1))
        latents = pipeline.networks.tokenizer.encode(take[None, first : first + tokens * FRAMES_PER_TOKEN])
        words = " ".join(CONCEPTS[action].name.replace("{side}", ("left", "right")[side]).split())
        sampled = sample(
            pipeline.networks.generator,
            pipeline.text_states(f"a person is {words}"),
            pipeline.noise(int(place), 1, tokens),
            sampling,
            lambda step, total: None,
            latents,
            begin=np.full(1, drafting.TIMES[0], np.float32),
        )
        found.append(Seen(action, side, measured(features_to_joints(pipeline.features(sampled)[0]))))
    return found


def weighed(seen: Sequence[Seen]) -> dict[str, dict[str, Any]]:
    """The table of `backend.drafts.likeness`: each action's facts, chosen and weighed against all other actions."""
    features = _features()
    values = np.stack([[likeness.read(one.facts[fact], of, one.side) for fact, of in features] for one in seen])
    mirrored = np.stack([[likeness.read(one.facts[fact], of, 1 - one.side) for fact, of in features] for one in seen])
    both = np.concatenate([values, mirrored])
    steps = np.quantile(both, np.linspace(0.0, 1.0, _RANKS), axis=0).T
    ranked = np.stack(
        [
            2.0 * np.interp(column, ranks, np.linspace(0.0, 1.0, _RANKS)) - 1.0
            for column, ranks in zip(both.T, steps, strict=True)
        ],
        axis=1,
    )
    labels = np.array([one.action for one in seen])
    actions, used = {}, set[int]()
    for action in CONCEPTS:
        own = np.isin(labels, [action, f"{action}_right"])  # of a plain action those of a named side are takes too
        if own.sum() >= _FEWEST:
            bias, chosen = _chosen(ranked, *_balanced(labels, own, action.endswith("_right")))
            used |= set(chosen)
            terms = [[_name(features[place]), round(weight, 3)] for place, weight in chosen.items()]
            actions[action] = {"bias": round(bias, 3), "terms": terms}
    ranks = {_name(features[place]): [float(f"{value:.4g}") for value in steps[place]] for place in sorted(used)}
    return {"ranks": ranks, "actions": actions}


def _features() -> list[tuple[int, Of]]:
    """Places of facts, and whose number of them is read."""
    two = [np.ndim(_example().fact(name)) > 0 for name in names()]
    whose: tuple[Of, ...] = ("side", "other", "most", "least")
    return [(place, of) for place, sided in enumerate(two) for of in (whose if sided else ("all",))]


def _name(feature: tuple[int, Of]) -> str:
    return f"{names()[feature[0]]} {feature[1]}"


def _balanced(labels: NDArray[np.str_], own: NDArray[np.bool_], sided: bool) -> tuple[Array, Array]:
    """Of takes and then their mirror images: 1 for the action's own, and weights by which it and all others count alike."""
    count = collections.Counter(labels.tolist())
    others = np.array([1.0 / count[label] / len(count) for label in labels])
    weight = np.where(own, 1.0 / own.sum(), others)
    image = np.where(own, _MIRRORED / own.sum(), 0.0) if sided else weight
    truth = np.concatenate([own, np.zeros_like(own) if sided else own]).astype(float)
    both = np.concatenate([weight, image])
    return truth, both / both.sum()


def _chosen(ranked: Array, truth: Array, weight: Array) -> tuple[float, dict[int, float]]:
    """Bias and weights of the facts that tell the truth, each next one that which explains most of what is left."""
    mean, share = weight @ ranked, float(weight @ truth)
    scaled = (ranked - mean) * np.sqrt(weight)[:, None]
    target = (truth - share) * np.sqrt(weight)
    size, chosen, left = (scaled**2).sum(0) + _RIDGE, list[int](), target
    for _ in range(TERMS):
        gain = (scaled.T @ left) ** 2 / size
        gain[chosen] = -1.0
        chosen.append(int(np.argmax(gain)))
        part = scaled[:, chosen]
        found = np.linalg.solve(part.T @ part + _RIDGE * np.eye(len(chosen)), part.T @ target)
        left = target - part @ found
    return share - float(mean[chosen] @ found), dict(zip(chosen, found.tolist(), strict=True))


if __name__ == "__main__":
    run(main, LikenessSettings, __doc__)
