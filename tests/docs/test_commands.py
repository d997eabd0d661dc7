"""Every command that the documents show: those of the backend run, on the tiny checkpoint; the others are parsed by their own parsers.

Those of `PARSED_BY_BLENDER` need Blender's Python: tests/demo/test_documented.py.
"""

import ast
import importlib
import inspect
import re
from pathlib import Path

import pytest
import tyro

from backend.__main__ import main
from tests import documents
from tests.tiny import make_checkpoint
from training.published import lines

COMMANDS = documents.commands()
RUN = ("backend",)
PARSED = {
    "train": "hours of training, and data that nobody ships",
    "tests": "it is what runs this",
    "blender_matrix": "it is what runs this",
    "pip": "it installs gigabytes",
    "venv": "it makes an environment",
}
PARSED_BY_BLENDER = ("demo", "render", "rigs", "gallery", "isodim_batch")
NO_ARGUMENTS = ("build", "lint", "publish_repository")


def of(*rooms):
    return [command for command in COMMANDS if command.room in rooms]


def test_every_command_is_run_or_parsed_by_someone():
    assert len(COMMANDS) > 30
    known = {*RUN, *PARSED, *PARSED_BY_BLENDER, *NO_ARGUMENTS}
    assert [str(command) for command in COMMANDS if command.room not in known] == []
    assert [str(command) for command in of(*NO_ARGUMENTS) if command.arguments] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where one who follows the documents stands: a tiny checkpoint, a list of clips, and the clips of the commands before."""
    made = tmp_path_factory.mktemp("documents")
    make_checkpoint(made / "weights" / "tiny")
    (made / "LIST.csv").write_text("prompt,seconds\na person walks,2\n")
    return made


@pytest.mark.parametrize("command", of("backend"), ids=str)
def test_the_backends_commands_run(command, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    name, *arguments = command.arguments
    stand_ins = ["--weights", "weights", "--checkpoint", "tiny", "--device", "cpu"]
    assert main([name, *arguments, *stand_ins]) == 0, capsys.readouterr().err
    if "--out" in arguments:
        assert Path(arguments[arguments.index("--out") + 1]).exists()


def settings_of(name):
    """The dataclass that the command line of `python -m training.NAME` becomes: what it gives to `command.run`."""
    module = importlib.import_module(f"training.{name}")
    calls = [node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Call)]
    runs = [call for call in calls if ast.unparse(call.func) in ("run", "command.run")]
    assert len(runs) == 1
    return getattr(module, ast.unparse(runs[0].args[1]))


@pytest.mark.parametrize("command", of("train"), ids=str)
def test_training_commands_are_parsed(command):
    name, *arguments = command.arguments
    ours = {path.stem for path in (documents.ROOT / "training").glob("*.py")}
    if name not in ours or (name in lines.LINES and "--name" in arguments):
        lines.parsed(name, arguments)
        return
    settings = tyro.cli(settings_of(name), args=arguments, use_underscores=True)
    given = {word[2:] for word in arguments if word.startswith("--")}
    assert all(hasattr(settings, flag) or hasattr(settings, flag.removeprefix("no_")) for flag in given)


@pytest.mark.parametrize("command", of("tests", "blender_matrix"), ids=str)
def test_the_paths_given_to_pytest_are_there(command):
    paths = [word for word in command.arguments if "/" in word]
    assert [path for path in paths if not (documents.ROOT / path.partition("::")[0]).exists()] == []


@pytest.mark.parametrize("command", of("pip"), ids=str)
def test_pip_understands_its_commands(command):
    from pip._internal.commands import create_command

    name, *arguments = command.arguments
    _, packages = create_command(name).parse_args(arguments)
    assert packages
    pinned = re.compile(r"[a-z0-9_.-]+(==[0-9.]+)?$")
    assert all(pinned.match(package) for package in packages)


@pytest.mark.parametrize("command", of("venv"), ids=str)
def test_venv_gets_one_folder(command):
    assert len(command.arguments) == 1
    assert not command.arguments[0].startswith("-")


def test_a_wrong_flag_and_an_unknown_program_are_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "1. So:\n\n   ```sh\n   rm -rf here\n   nox -s train -- sample --no_such_flag 3\n   ```\n\n"
        "```sh\n# a remark\nnox -s backend -- generate walk \\\n    --outt a.npz  # which is wrong\n```\n"
    )
    wrong = documents.commands([page])
    assert [command.room for command in wrong] == ["unknown", "train", "backend"]
    with pytest.raises(SystemExit):
        tyro.cli(settings_of("sample"), args=list(wrong[1].arguments[1:]), use_underscores=True)
    with pytest.raises(SystemExit):
        main(list(wrong[2].arguments))
