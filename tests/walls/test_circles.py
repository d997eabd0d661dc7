"""Imports go round in no circle: not from file to file, not from folder to folder, those inside functions counted too."""

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("common", "backend", "training", "isodim_blender")
IN_ROOMS = ("backend", "isodim_blender")


def modules(package, root=ROOT):
    """Dotted name -> file, of a package and all below it."""
    found = {}
    for path in (root / package).rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def only_for_types(tree):
    """All nodes below `if TYPE_CHECKING:`, which no interpreter imports."""
    blocks = [node for node in ast.walk(tree) if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    return {below for block in blocks for statement in block.body for below in ast.walk(statement)}


def imported(name, path):
    """Dotted names that a file imports, relative ones resolved; a name of a module may be a module itself."""
    package = name.split(".") if path.name == "__init__.py" else name.split(".")[:-1]
    tree = ast.parse(path.read_text("utf-8"))
    skipped = only_for_types(tree)
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            if node.level > len(package):
                above = []  # the extension's own folder, above its packages
            base = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield f"{base}.{alias.name}"
                yield base


def arrows(package, root=ROOT):
    """Module -> modules of the same package that it imports."""
    known = modules(package, root)
    found = {}
    for name, path in known.items():
        names = set(imported(name, path))
        # `from .room import module` names the room as well, of which only the module is meant.
        meant = {
            one
            for one in names & known.keys()
            if not any(other.startswith(f"{one}.") for other in names & known.keys())
        }
        found[name] = meant - {name}
    return found


def folders(found):
    """Folder -> folders, two levels deep: the files of a package's own folder are rooms by themselves."""
    room = {name: ".".join(name.split(".")[:2]) for name in found}
    together = {}
    for name, others in found.items():
        together.setdefault(room[name], set()).update(room[other] for other in others if room[other] != room[name])
    return together


def circle(found):
    """One circle, or nothing."""
    try:
        graphlib.TopologicalSorter(found).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("package", PACKAGES)
def test_no_file_imports_itself_by_way_of_others(package):
    found = arrows(package)
    assert len(found) > 20 and sum(map(len, found.values())) > 20
    assert circle(found) == []


@pytest.mark.parametrize("package", IN_ROOMS)
def test_no_folder_imports_itself_by_way_of_others(package):
    found = folders(arrows(package))
    assert len(found) > 2 and sum(map(len, found.values())) > 2
    assert circle(found) == []


@pytest.fixture
def package(tmp_path):
    """package(path=source, ...): a package `p` of such files."""

    def make(**sources):
        for name, source in sources.items():
            path = tmp_path / "p" / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source)
        return arrows("p", tmp_path)

    return make


def test_a_circle_through_a_function_is_found(package):
    found = package(a="from . import b\n", b="def f():\n    from .a import x\n")
    assert set(circle(found)) == {"p.a", "p.b"}


def test_a_circle_of_folders_is_found_where_no_file_is_in_one(package):
    found = package(one__a="from ..two import a\n", one__b="", two__a="", two__b="from ..one.b import x\n")
    assert circle(found) == [] and set(circle(folders(found))) == {"p.one", "p.two"}


def test_what_is_imported_for_types_alone_goes_no_way(package):
    found = package(
        a="from . import b\n", b="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import x\n"
    )
    assert circle(found) == []
