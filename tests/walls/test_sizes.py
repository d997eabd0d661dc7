"""A file is one idea, and a function one step: sizes are a smell, so only what nobody reads at a sitting is refused."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("common", "backend", "training", "isodim_blender", "tests", "tools")
MOST_LINES = 450
MOST_FUNCTION_LINES = 60


def sources(root=ROOT):
    return [*root.glob("*.py"), *(path for room in ROOMS for path in (root / room).rglob("*.py"))]


def too_long(paths):
    return {path.name for path in paths if len(path.read_text("utf-8").splitlines()) > MOST_LINES}


def long_functions(paths):
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= MOST_FUNCTION_LINES:
                found.add(f"{path.name}:{node.name}")
    return found


def test_no_file_and_no_function_is_too_long():
    paths = sources()
    assert len(paths) > 50
    assert too_long(paths) == set()
    assert long_functions(paths) == set()


def test_a_long_file_and_a_long_function_are_found(tmp_path):
    (tmp_path / "backend").mkdir()
    (tmp_path / "backend" / "short.py").write_text("x = 1\n" * MOST_LINES)
    (tmp_path / "backend" / "long.py").write_text("def f():\n" + "    x = 1\n" * MOST_LINES)
    assert too_long(sources(tmp_path)) == {"long.py"}
    assert long_functions(sources(tmp_path)) == {"long.py:f"}
