"""What stops an installation, for people."""

from __future__ import annotations


class InstallError(Exception):
    """One sentence about what failed, and one about what to do next."""

    def __init__(self, sentence: str, advice: str) -> None:
        super().__init__(sentence)
        self.sentence, self.advice = sentence, advice


class Cancelled(Exception):
    """The person wants it no more."""
