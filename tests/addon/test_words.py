"""Words that a person reads can be translated, and icons are given where they can be looked up; read off the sources."""

import ast
import re

import pytest

from tools.checkout import ROOT

SOURCES = sorted((ROOT / "isodim_blender").rglob("*.py"))
SHOWN = ("text", "text_ctxt", "heading", "placeholder")
NAMED = ("name", "description", "bl_label", "bl_description")


def calls(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, {keyword.arg: keyword.value for keyword in node.keywords}


def has_words(node):
    """Whether an f-string holds letters of its own."""
    parts = [part.value for part in node.values if isinstance(part, ast.Constant)]
    return any(re.search(r"[A-Za-z]{3}", str(part)) for part in parts)


def untranslatable(tree):
    """Lines in which a label is put together of words and values, so that no dictionary holds it."""
    for node, given in calls(tree):
        if "translate" in given:
            continue
        for word in SHOWN:
            inside = ast.walk(given[word]) if word in given else ()
            if any(isinstance(part, ast.JoinedStr) and has_words(part) for part in inside):
                yield node.lineno


def messages(tree):
    """What Blender looks up by itself, or what is given to its `pgettext`: words of labels, names, descriptions."""
    for node, given in calls(tree):
        called = ast.unparse(node.func)
        for word in (*SHOWN, *NAMED):
            if isinstance(given.get(word), ast.Constant) and isinstance(given[word].value, str):
                yield given[word].value
        if called.endswith(("iface", "tooltip", "pgettext_iface")) and node.args:
            yield node.args[0].value  # AttributeError: what is looked up must stand in the source
        if called.endswith("EnumProperty") and isinstance(given.get("items"), ast.List):
            for item in given["items"].elts:
                shown = item.elts[1:3] if isinstance(item, ast.Tuple) else ()
                yield from (part.value for part in shown if isinstance(part, ast.Constant))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) in NAMED:
                    yield ast.literal_eval(line.value)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "isodim_blender").as_posix())
def test_labels_are_literals_or_say_that_they_stay(path):
    assert list(untranslatable(ast.parse(path.read_text("utf-8")))) == []


def test_the_messages_can_be_extracted():
    found = {one for path in SOURCES for one in messages(ast.parse(path.read_text("utf-8")))}
    assert len(found) > 180
    assert {
        "Generate",
        "Plant Feet",
        "Feet that stand do not slide and do not sink",
        "One key a frame, exactly the clip",
    } <= found
    assert {"Take {number} of {count}", "automatic"} <= found


def test_a_label_that_cannot_be_translated_is_found():
    assert list(untranslatable(ast.parse('layout.label(text=f"{count} captions")'))) == [1]
    assert list(untranslatable(ast.parse('layout.label(text="" if no else f"Frame {frame}")'))) == [1]
    assert list(untranslatable(ast.parse('layout.label(text=f"{name}", icon="X")'))) == []
    assert list(untranslatable(ast.parse('layout.label(text=f"Of {name}", translate=False)'))) == []
    assert list(untranslatable(ast.parse('layout.label(text=iface("Of {name}").format(name=name))'))) == []
