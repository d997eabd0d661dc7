"""Make the motion library of a checkpoint: `python -m training.library --checkpoint open --dataset_dir data/mine`.

It holds the training takes of a prepared folder as level indices, with the actions that they show. Those are named by
`--concepts` (JSON lines: source, clip, start_s, end_s, split, concepts [{concept, mirrored}]), or else by the captions; either way
a take counts for an action only where its motion meets the action's requirements. `export` and `finetune` call this.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from backend.drafts import lexicon, library
from backend.drafts.concepts import CONCEPTS, LEFT, RIGHT, Concept
from backend.drafts.facts import Facts
from backend.drafts.library import LENGTHS, Library
from backend.drafts.series import Series
from backend.motion.features import features_to_joints
from backend.text.minilm import MiniLM
from backend.tokenizers.coder import FRAMES_PER_TOKEN
from backend.tokenizers.conv import ConvTokenizer
from backend.weights.load import load
from backend.weights.locate import find
from common import FPS

from .data import dataset
from .data.dataset import Prepared
from .engine.command import run

_MOST_TOKENS = 12 * 60 * FPS // FRAMES_PER_TOKEN
_STRIDES = 4
"""Windows that are tried within a window's own length."""
ALSO = {"hands_behind": ("hands_behind_head",)}
"""An action of the lexicon -> others that its words may mean."""
_CAPTION_ACTIONS = 3
"""Actions that the captions of a take are taken to name at the most; its motion decides among them."""
_NEAR = 0.12
"""How much farther than the nearest an action may be from a caption to count as named too."""
_SHOWN = 0.55
"""What a take must meet of an action that only its captions name; where a person labelled it, half of that is enough."""
_TOLD = 0.6
"""What the quality of a take is worth whose captions alone name the action: it may show others as well."""
_CAPTIONS_AT_ONCE = 64


@dataclasses.dataclass(frozen=True)
class LibrarySettings:
    """Command line of `library`."""

    dataset_dir: Path
    """Folder made by `prepare`."""
    checkpoint: str = "open"
    """Name or folder of the checkpoint; the library is written beside its weights."""
    concepts: Path | None = None
    """JSON lines of labelled spans."""
    leave_out: tuple[str, ...] = ()
    """Sources whose clips are no takes, as those that repeat other clips."""
    credits: Path | None = None
    """JSON: source -> {licence, credit}; without it the licences of the prepared clips."""


@dataclasses.dataclass(frozen=True)
class Shown:
    """An action that a take may show, and whether a person said so."""

    concept: Concept
    side: int | None
    labelled: bool


def main(settings: LibrarySettings) -> None:
    """Build the library beside the checkpoint's weights and enter it in its config.json."""
    checkpoint = find(settings.checkpoint)
    tokenizer = load(checkpoint.folder, "cpu").tokenizer
    data = dataset.load(settings.dataset_dir, "train")
    made = build(tokenizer, data, settings.concepts, settings.leave_out, settings.credits)
    write(made, checkpoint.folder)
    shown = len(set(made.action.tolist()))
    print(f"{checkpoint.folder}: {len(made.names)} takes, {len(made.take)} rows, {shown} actions")


def write(made: Library, folder: Path) -> None:
    """Save a library beside a checkpoint's weights and enter its files with their hashes in config.json."""
    library.save(made, folder)
    path = folder / "config.json"
    config = json.loads(path.read_text())
    for name in (library.TENSORS, library.NAMES):
        config["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(config, indent=1) + "\n")


def joined(first: Library | None, second: Library) -> Library:
    """Both libraries of one tokenizer as one; a fine-tuned checkpoint knows its base's takes and its own."""
    if first is None:
        return second
    takes, rows = ("begins", "tokens", "vectors"), ("take", "action", "side", "starts", "quality")
    place = np.array([first.actions.index(action) for action in second.actions])
    moved = dataclasses.replace(
        second,
        begins=second.begins + len(first.codes),
        take=second.take + len(first.names),
        action=place[second.action] if len(second.action) else second.action,
    )
    both: dict[str, Any] = {
        name: np.concatenate([getattr(first, name), getattr(moved, name)]) for name in ("codes", *takes, *rows)
    }
    credits = {**first.credits, **second.credits}
    return dataclasses.replace(first, credits=credits, names=first.names + second.names, **both)


@torch.inference_mode()
def build(
    tokenizer: ConvTokenizer,
    data: Prepared,
    concepts: Path | None = None,
    leave_out: tuple[str, ...] = (),
    credits: Path | None = None,
) -> Library:
    """The library of a split of a prepared folder over a tokenizer."""
    labels = _labels(concepts, data)
    spans = [
        span
        for span in data.spans
        if span.frames >= LENGTHS[0] * FRAMES_PER_TOKEN // 2
        and data.names[span.clip].partition("/")[0] not in leave_out
    ]
    words = Words(caption for span in spans for caption in span.captions)
    codes: list[NDArray[np.int64]] = []
    takes: list[tuple[int, int, str, NDArray[np.float32]]] = []
    rows: list[tuple[int, str, int, list[int], list[float]]] = []
    begin = 0
    for span in tqdm(spans, desc="takes", disable=None):
        features = data.window(span.start, min(span.frames, _MOST_TOKENS * FRAMES_PER_TOKEN), False)
        levels, decoded = _coded(tokenizer, features)
        vector, named = words(span.captions)
        shown = labels.get((data.names[span.clip], span.start), []) or []
        told = {one.concept.id for one in shown}
        named += [other for name in named for other in ALSO.get(name, ())]
        shown = shown + [Shown(CONCEPTS[name], None, False) for name in dict.fromkeys(named) if name not in told]
        found = _rows(features_to_joints(decoded), shown)
        rows += [(len(takes), *row) for row in found]
        takes.append((begin, len(levels), data.names[span.clip], vector))
        codes.append(levels)
        begin += len(levels)
    actions = tuple(CONCEPTS)
    return Library(
        actions=actions,
        levels=tokenizer.bottleneck.levels,
        tokenizer=library.fingerprint_of(tokenizer),
        credits=_credits(data, credits),
        names=tuple(take[2] for take in takes),
        codes=library.packed_levels(np.concatenate(codes), tokenizer.bottleneck.levels),
        begins=np.array([take[0] for take in takes], np.int32),
        tokens=np.array([take[1] for take in takes], np.int32),
        vectors=np.stack([take[3] for take in takes]),
        action=np.array([actions.index(row[1]) for row in rows], np.intp),
        take=np.array([row[0] for row in rows], np.intp),
        side=np.array([row[2] for row in rows], np.intp),
        starts=np.array([row[3] for row in rows], np.intp).reshape(-1, len(LENGTHS)),
        quality=np.array([row[4] for row in rows], np.float32).reshape(-1, len(LENGTHS)),
    )


def _coded(tokenizer: ConvTokenizer, features: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Level indices [token, d] of features [frame, 67], and what the decoder makes of them."""
    frames = len(features) // FRAMES_PER_TOKEN * FRAMES_PER_TOKEN
    normalized = tokenizer.normalize(torch.from_numpy(features[:frames]).to(tokenizer.mean)[None])
    quantized = tokenizer.quantize(normalized)
    decoded = tokenizer.denormalize(tokenizer.decode(quantized.latents))
    return quantized.indices[0].cpu().numpy(), decoded[0].cpu().numpy()


class Words:
    """Captions -> their sentence vectors and the actions that they may name; each is encoded once, with others of its length."""

    def __init__(self, captions: Iterable[str]) -> None:
        self.lexicon, encoder = lexicon.load(), MiniLM()
        unique = sorted(set(captions), key=lambda text: (len(text), text))
        self._vectors: dict[str, NDArray[np.float32]] = {}
        self._scores: dict[str, NDArray[np.float32]] = {}
        for first in tqdm(range(0, len(unique), _CAPTIONS_AT_ONCE), desc="captions", disable=None):
            texts = unique[first : first + _CAPTIONS_AT_ONCE]
            vectors = lexicon.encoded(encoder, texts, self.lexicon)
            self._vectors |= dict(zip(texts, vectors, strict=True))
            self._scores |= dict(zip(texts, self.lexicon.scores(vectors, texts), strict=True))

    def __call__(self, captions: Sequence[str]) -> tuple[NDArray[np.float32], list[str]]:
        """The mean vector [384], and actions by nearness, at most `_CAPTION_ACTIONS`."""
        scores = np.mean([self._scores[text] for text in captions], axis=0)
        order = np.argsort(-scores)[:_CAPTION_ACTIONS]
        near = [self.lexicon.ids[place] for place in order if scores[place] > scores[order[0]] - _NEAR]
        return lexicon.unit(np.mean([self._vectors[text] for text in captions], axis=0)), near


def _labels(path: Path | None, data: Prepared) -> dict[tuple[str, int], list[Shown]]:
    """(clip, first frame in the features) -> the actions that a person saw there."""
    if path is None:
        return {}
    begins = dict(zip(data.names, data.clips, strict=True))
    found: dict[tuple[str, int], list[Shown]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        name = f"{row['source']}/{row['clip']}"
        if row["split"] != "train" or name not in begins:
            continue
        shown = [
            Shown(
                CONCEPTS[one["concept"]],
                (LEFT if one["mirrored"] else RIGHT) if CONCEPTS[one["concept"]].sided else None,
                True,
            )
            for one in row["concepts"]
            if one["concept"] in CONCEPTS
        ]
        found.setdefault((name, begins[name][0] + round(row["start_s"] * FPS)), []).extend(shown)
    return found


def _rows(joints: NDArray[np.float64], shown: list[Shown]) -> list[tuple[str, int, list[int], list[float]]]:
    """For each action that the take does show: (id, side, window starts, qualities)."""
    series = Series(joints)
    tokens = len(joints) // FRAMES_PER_TOKEN
    windows: dict[tuple[int, int], Facts] = {}

    def facts(first: int, length: int) -> Facts:
        end = min(first + length, tokens)
        if (first, end) not in windows:
            windows[first, end] = Facts(series, first * FRAMES_PER_TOKEN, end * FRAMES_PER_TOKEN)
        return windows[first, end]

    rows = []
    for one in shown:
        if one.side is not None and one.concept.id.endswith("_right"):
            sides = [one.side]
        else:
            sides = [LEFT, RIGHT] if one.concept.sided else [RIGHT]
        best = []
        for side in sides:
            starts, values = [], []
            for length in LENGTHS:
                tried = range(0, max(1, tokens - length + 1), max(1, length // _STRIDES))
                value = [one.concept.value(facts(first, length), side) for first in tried]
                place = int(np.argmax(value))
                starts.append(tried[place])
                values.append(value[place])
            best.append((one.concept.id, side, starts, values))
        choice = max(best, key=lambda row: max(row[3]))
        if max(choice[3]) >= (_SHOWN / 2 if one.labelled else _SHOWN):
            trust = 1.0 if one.labelled else _TOLD
            rows.append((*choice[:3], [trust * value for value in choice[3]]))
    return rows


def _credits(data: Prepared, path: Path | None) -> dict[str, dict[str, str]]:
    """Source -> licence and credit."""
    known = json.loads(path.read_text(encoding="utf-8")) if path else {}
    sources = {name.partition("/")[0]: licence for name, licence in zip(data.names, data.licenses, strict=True)}
    return {
        source: known.get(source, {"licence": licence, "credit": ""}) for source, licence in sorted(sources.items())
    }


if __name__ == "__main__":
    run(main, LibrarySettings, __doc__)
