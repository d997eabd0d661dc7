"""Write the graphs of a checkpoint beside its weights: `python -m training.export_graphs --checkpoint open`.

`export` and `finetune` do so by themselves; this is for checkpoints that were exported before, and for those of others.
"""

from __future__ import annotations

import dataclasses

from backend.weights.locate import find
from common.errors import InputError

from .engine.command import run
from .graphs.write import write


@dataclasses.dataclass(frozen=True)
class GraphSettings:
    """Command line of `export_graphs`."""

    checkpoint: str = "open"
    """Name or folder."""


def main(settings: GraphSettings) -> None:
    """Write, check, and say how far each graph is from its network."""
    folder = find(settings.checkpoint).folder
    found = write(folder)
    if not found:
        raise InputError(
            "checkpoint", settings.checkpoint, "an IsoDiM over an FSQ tokenizer that reads minilm's text states"
        )
    for one in found:
        print(f"{one.graph}: {one.share:.1e} of its range from the network at most")
    print(f"{folder}: five graphs")


if __name__ == "__main__":
    run(main, GraphSettings, __doc__)
