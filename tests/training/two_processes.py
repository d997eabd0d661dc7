"""What each of two processes runs for test_distributed.py: `torchrun --nproc_per_node 2 -m tests.training.two_processes DIR`.

DIR/prepared is a prepared folder; runs go to DIR/two.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.training import toy
from training import train_tokenizer
from training.engine.devices import leave


def tokenizer(folder: Path, checkpoints: str, name: str, **changes: object) -> train_tokenizer.TokenizerSettings:
    """A small tokenizer run in fp32."""
    given = {"model": "IsoDiM_Tokenizer_Small", "width": 8, "window_size": 32, "steps": 4, "batch_size": 4}
    given |= {"log_every": 1, "warm_up_iter": 1, "precision": "fp32", "device": "cpu", "threads": 1} | changes
    return train_tokenizer.TokenizerSettings(
        name=name, dataset_dir=folder / "prepared", checkpoints_dir=folder / checkpoints, **given
    )


def main(folder: Path) -> None:
    """Replicated and sharded runs, and a sharded one cut in two."""
    train_tokenizer.main(tokenizer(folder, "two", "tokenizer"))
    two = folder / "two"
    toy.train(toy.settings(two, "toy"), noisy=True)
    toy.train(toy.settings(two, "accumulated", accumulate=2), noisy=True)
    toy.train(toy.settings(two, "sharded", fsdp=True), noisy=True)
    toy.train(toy.settings(two, "resumed", steps=3, fsdp=True), noisy=True)
    toy.train(toy.settings(two, "resumed", fsdp=True, is_continue=True), noisy=True)
    leave()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
