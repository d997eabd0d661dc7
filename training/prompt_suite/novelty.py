"""Are the suite's prompts new? `python -m training.prompt_suite.novelty FILE_OR_FOLDER ...` names those that stand in the files.

Looked at are all texts of JSON and JSON-lines files, the cells of CSV files, and the quoted texts and whole lines of sources
and pages. Two texts are the same if their letters and digits are, in lower case.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from . import prompts

_KINDS = (".jsonl", ".json", ".csv", ".py", ".md", ".txt", ".toml", ".sh")
_QUOTED = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`\n]*)`|\*([^*\n]+)\*")
_OWN = Path(__file__).parent


def plain(text: str) -> str:
    """Lower case, words of letters and digits alone with one space between."""
    return " ".join(re.findall(r"[a-z0-9]+", text.lower()))


def texts(path: Path) -> Iterator[str]:
    """All texts of a file."""
    content = path.read_text("utf-8", errors="replace")
    if path.suffix == ".jsonl":
        for line in content.splitlines():
            if line.strip():
                yield from _values(json.loads(line))
    elif path.suffix == ".json":
        yield from _values(json.loads(content))
    elif path.suffix == ".csv":
        for row in csv.reader(content.splitlines()):
            yield from row
    else:
        yield from content.splitlines()
        for found in _QUOTED.finditer(content):
            yield from (text for text in found.groups() if text)


def _values(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _values(one)
    elif isinstance(value, list):
        for one in value:
            yield from _values(one)


def files(where: Iterable[Path]) -> Iterator[Path]:
    """The readable files at and below some places, this suite's own, hidden and built ones left out."""
    for place in where:
        for path in [place] if place.is_file() else sorted(place.rglob("*")):
            parts = path.relative_to(place).parts
            own = _OWN in path.resolve().parents
            if (
                path.suffix in _KINDS
                and not own
                and not any(part.startswith(".") or part in ("out", "dist") for part in parts)
            ):
                yield path


def found_in(where: Iterable[Path], wordings: Iterable[str]) -> dict[str, list[Path]]:
    """Prompt -> the files in which it stands, for the prompts that are not new."""
    asked = {plain(words): words for words in wordings}
    found: dict[str, list[Path]] = {}
    for path in files(where):
        for words in {plain(text) for text in texts(path)} & asked.keys():
            found.setdefault(asked[words], []).append(path)
    return found


def main(arguments: list[str]) -> int:
    """Names what is not new; 1 if there is any."""
    suite = prompts.read(prompts.BUNDLED)
    found = found_in([Path(one) for one in arguments], [words for concept in suite for words in concept.wordings])
    for words, where in sorted(found.items()):
        print(f"{words!r}: {', '.join(str(path) for path in where)}")
    print(f"{len(found)} of {sum(len(concept.wordings) for concept in suite)} prompts are not new")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
