"""What the documents promise is there: commands are nox sessions, links lead to files."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DEMO = 'python -m pip install nox && nox -s demo -- "a person walks forward and waves"'
TESTS = "python -m pip install nox && nox -s tests"
FIRST_SCREEN_LINES = 30


def sessions():
    tree = ast.parse((ROOT / "noxfile.py").read_text("utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return {f.name for f in functions if any(ast.unparse(d).startswith("nox.session") for d in f.decorator_list)}


def commands(text):
    return set(re.findall(r"nox -s (\w+)", text))


def dead_links(document):
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text("utf-8"))
    return [t for t in targets if "://" not in t and not t.startswith("mailto:") and not (document.parent / t).exists()]


def test_the_two_commands_stand_on_the_first_screen():
    first = README.splitlines()[:FIRST_SCREEN_LINES]
    assert DEMO in first
    assert TESTS in first


def test_ci_runs_the_readmes_test_command():
    assert (ROOT / ".ci" / "run").read_text("utf-8").splitlines()[-1] == TESTS


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_is_a_session_and_every_link_leads_somewhere(document):
    assert commands(document.read_text("utf-8")) <= sessions()
    assert dead_links(document) == []


def test_all_sessions_are_in_the_readme():
    assert len(sessions()) >= 9
    assert sessions() == commands(README)


def test_a_wrong_command_and_a_dead_link_are_found(tmp_path):
    document = tmp_path / "page.md"
    document.write_text("Run `nox -s no_such_session`, see [there](there.md) and [here](page.md#top).\n")
    assert not commands(document.read_text("utf-8")) <= sessions()
    assert dead_links(document) == ["there.md"]
