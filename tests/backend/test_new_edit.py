"""A new edit is a request, a function and a line in the table: the wire, the command line and the server know it then."""

import dataclasses

import pytest

from backend import operations
from backend.__main__ import main
from backend.editing.pose import held as held_pose
from common import checks
from common.motion import clip_file
from common.motion.motion import Motion
from common.wire import fields, jsonrpc
from common.wire.requests import CALLS, Finished, Request, motion_requests
from tests.tiny import make_checkpoint


@pytest.fixture
def hold():
    """The dummy: hold one frame of a clip for some time."""

    @dataclasses.dataclass(frozen=True)
    class Hold(Request, method="hold"):
        """One frame stands still."""

        clip: Motion = fields.field(fields.motion(1, 100), about="the clip")
        at: int = fields.field(fields.frame(100), 0, "the frame that is held")
        frames: int = fields.field(checks.integer(1, 50), 10, "for how many frames")

    def held(pipeline, request, on_step):
        on_step(0, 1)
        return held_pose(request.clip, request.at, request.frames)

    operations.OPERATIONS[Hold] = held
    yield Hold
    del operations.OPERATIONS[Hold], CALLS["hold"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """With a checkpoint and the clip a.npz, 2 s."""
    made = tmp_path_factory.mktemp("weights")
    make_checkpoint(made / "tiny")
    out = str(made / "a.npz")
    assert main(["generate", "a person walks", "--seconds", "2", "--out", out, "--weights", str(made)]) == 0
    return made


def test_it_has_a_command_with_help_limits_and_a_file(hold, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    assert main(["hold", "a.npz", "--at", "1.5", "--out", "b.npz", "--weights", str(folder)]) == 0
    assert clip_file.load("b.npz").root[0] == pytest.approx(clip_file.load("a.npz").root[30])
    capsys.readouterr()
    assert main(["hold", "a.npz", "--frames", "99", "--out", "b.npz"]) == 2
    assert capsys.readouterr().err == "frames is 99, expected a whole number from 1 to 50.\n"
    with pytest.raises(SystemExit):
        main(["hold", "--help"])
    assert "for how many frames: a whole number from 1 to 50 (default 10)" in " ".join(capsys.readouterr().out.split())


def test_the_wire_carries_it_and_its_function_answers(hold, folder):
    assert "hold" in motion_requests()
    sent = hold(clip_file.load(folder / "a.npz"), at=2)
    got = jsonrpc.parse(jsonrpc.dump(sent, 1)).body
    assert (type(got), got.at, got.clip.frames) == (hold, 2, 40)
    ending = operations.answer(None, got, lambda step, total: None)
    assert isinstance(ending, Finished)
    assert ending.motions[0].frames == 10
