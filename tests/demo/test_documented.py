"""Commands of the documents whose parsers need Blender's Python, and the calls of operators that they show."""

import argparse
import ast
import importlib

import pytest

bpy = pytest.importorskip("bpy")

from tests import documents  # noqa: E402

PROGRAMS = {
    "demo": "tools.demo.run",
    "render": "tools.demo.render",
    "rigs": "tools.demo.rigs",
    "gallery": "tools.demo.gallery",
    "isodim_batch": "isodim.isodim_blender.operators.batch",
}
GIVEN_BY_NOX = {"demo": ["--zip", "isodim.zip", "--out", "out"], "rigs": ["--out", "out"]}
COMMANDS = [command for command in documents.commands() if command.room in PROGRAMS]


class Parsed(Exception):
    """The command line was understood; nothing else shall happen."""


def parse(room, arguments, monkeypatch):
    """Goes as far as the program's own parser."""
    program, real = importlib.import_module(PROGRAMS[room]), argparse.ArgumentParser.parse_args

    def parse_args(parser, *_):
        raise Parsed(real(parser, [*arguments, *GIVEN_BY_NOX.get(room, [])]))

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_args)
    if room == "isodim_batch":
        program.command(list(arguments))
    program.main()


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_it_is_understood(command, monkeypatch):
    with pytest.raises(Parsed):
        parse(command.room, command.arguments, monkeypatch)


def test_a_wrong_flag_is_found(monkeypatch):
    assert len(COMMANDS) >= 2
    with pytest.raises(SystemExit):
        parse("render", ["walk.npz", "--outt", "walk.png"], monkeypatch)


def test_the_gallery_is_the_one_that_the_script_makes():
    from tools.demo import gallery

    assert gallery.PAGE.read_text("utf-8") == gallery.page()
    pictures = {path.name: path.stat().st_size for path in gallery.PICTURES.iterdir()}
    assert set(pictures) == {f"{exhibit.name}.png" for exhibit in gallery.EXHIBITS}
    assert sum(pictures.values()) < gallery.MOST_BYTES
    assert len(gallery.EXHIBITS) == 10


def test_the_gallery_shows_what_the_menu_of_prompts_offers():
    from isodim.isodim_blender.ui.prompts import PRESETS

    from tools.demo import gallery

    offered = {prompt for prompts in PRESETS.values() for prompt in prompts}
    assert {exhibit.title for exhibit in gallery.EXHIBITS[:-1]} <= offered


def calls():
    """(operator, names of its arguments) of every `bpy.ops.isodim` call in a fenced Python block."""
    found = []
    for page in documents.PAGES:
        for text in documents.blocks(page, "python"):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("bpy.ops.isodim."):
                    found.append((ast.unparse(node.func).rpartition(".")[2], [word.arg for word in node.keywords]))
    return found


def test_operators_that_the_documents_call_are_there():
    room = importlib.import_module("isodim.isodim_blender.operators")
    known = {cls.bl_idname.partition(".")[2]: cls for cls in room._CLASSES}
    shown = calls()
    assert len(shown) >= 4
    for name, arguments in shown:
        fields = {field for base in known[name].__mro__ for field in getattr(base, "__annotations__", {})}
        assert set(arguments) <= fields | {"filepath"}, name
