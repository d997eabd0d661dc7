"""How the tree is built, in figures: `python -m tools.structure [FOLDER]`, a Markdown table of the checkout or of another one.

A *room* is what stands at the top of a package: a folder or a file. An *arrow* leads from one room to another that it
imports, imports inside functions and for type checking included. A *circle* is a set of files that import each other.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import statistics
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("common", "backend", "training", "isodim_blender", "tools")
"""What is looked at; tests are not, as they lean on everything."""

Edges = dict[str, set[str]]


@dataclasses.dataclass(frozen=True)
class Shape:
    """One package in figures; `longest` is the longest function's lines, `circles` the files of each circle."""

    name: str
    files: int
    lines: int
    median: float
    longest: int
    rooms: int
    arrows: int
    circles: tuple[tuple[str, ...], ...]


def sources(root: Path, package: str) -> dict[str, Path]:
    """Module name -> its file, of all modules of a package below `root`."""
    found = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(module: str, path: Path, known: dict[str, Path]) -> set[str]:
    """Modules of `known` that a module imports, anywhere in it."""
    found = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        for name in _names(node, package):
            whole = name
            while whole and whole not in known:
                whole = whole.rpartition(".")[0]
            if whole and whole != module:
                found.add(whole)
    return found


def _names(node: ast.AST, package: str) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        parts = package.split(".")
        base = parts[: len(parts) - node.level + 1] if node.level else []
        start = ".".join([*base, *([node.module] if node.module else [])])
        yield from (f"{start}.{alias.name}" for alias in node.names)


def circles(edges: Edges) -> tuple[tuple[str, ...], ...]:
    """Sets of modules that import each other (strongly connected components, Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for other in sorted(edges[module]):
            if other not in index:
                visit(other)
                low[module] = min(low[module], low[other])
            elif other in stack:
                low[module] = min(low[module], index[other])
        if low[module] == index[module]:
            at = stack.index(module)
            members = stack[at:]
            del stack[at:]
            if len(members) > 1:
                found.append(tuple(sorted(members)))

    for module in sorted(edges):
        if module not in index:
            visit(module)
    return tuple(sorted(found))


def room_of(module: str) -> str:
    """The room that a module stands in."""
    return ".".join(module.split(".")[:2])


def _only_names_its_own(module: str, edges: Edges) -> set[str]:
    """A package's door may name what is behind it: that is no circle, as Python has no other way to say `package.module`."""
    return {
        other for other in edges[module] if not other.startswith(f"{module}.") and not module.startswith(f"{other}.")
    }


def shape(root: Path, package: str) -> Shape:
    """The figures of a package below `root`."""
    known = sources(root, package)
    edges: Edges = defaultdict(set, {module: imported(module, path, known) for module, path in known.items()})
    arrows = {(room_of(a), room_of(b)) for a, others in edges.items() for b in others}
    arrows = {(a, b) for a, b in arrows if a != b and package not in (a, b)}
    texts = [path.read_text("utf-8") for path in known.values()]
    lines = [len(text.splitlines()) for text in texts]
    functions = [
        node.end_lineno - node.lineno + 1
        for text in texts
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.end_lineno
    ]
    rooms = {room_of(module) for module in known} - {package}
    real = {module: _only_names_its_own(module, edges) for module in known}
    return Shape(
        package, len(lines), sum(lines), statistics.median(lines), max(functions, default=0), len(rooms), len(arrows),
        circles(real),
    )  # fmt: skip


def table(shapes: list[Shape]) -> str:
    """The packages as a Markdown table, circles named below it."""
    rows = ["| package | files | lines | median file | longest function | rooms | arrows | circles |"]
    rows.append("|---|" + "---:|" * 7)
    for one in shapes:
        rows.append(
            f"| `{one.name}` | {one.files} | {one.lines:,} | {one.median:.0f} | {one.longest} | {one.rooms} |"
            f" {one.arrows} | {len(one.circles)} |"
        )
    named = [f"- {' - '.join(circle)}" for one in shapes for circle in one.circles]
    return "\n".join([*rows, *(["", "Circles:", "", *named] if named else [])])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(prog="python -m tools.structure", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="a checkout; this one unless given")
    folder = parser.parse_args().folder
    print(table([shape(folder, package) for package in PACKAGES if (folder / package).is_dir()]))


if __name__ == "__main__":
    main()
