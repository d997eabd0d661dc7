import contextlib
import os
import queue
import signal
import threading
import time

import pytest
from isodim.common.errors import InputError
from isodim.common.wire import messages
from isodim.isodim_blender.client import child as child_module
from isodim.isodim_blender.client.child import Child, Lost, clean_environment, command
from isodim.isodim_blender.client.job import Job, Limits, State
from isodim.isodim_blender.client.log import Log, read_tail

REQUEST = messages.Generate("a person walks", seconds=1.0, seed=3)
WAIT_S = 20.0


@pytest.fixture
def start(root, tmp_path, stand_in):
    children = []

    def make(behaviour):
        children.append(Child(stand_in(behaviour), root, tmp_path / "backend.log"))
        return children[-1]

    yield make
    for one in children:
        one.end()


def run(child, limits=None, cancel_at=None):
    """Drives a job to its end; `cancel_at` is a state in which to cancel."""
    job = Job(child, REQUEST, limits)
    deadline = time.monotonic() + WAIT_S
    while not job.ended:
        assert time.monotonic() < deadline, "the job did not end"
        if job.poll() is cancel_at:
            job.cancel()
        time.sleep(0.005)
    return job


def last_words(child):
    """The reason of the one `Lost` that every child leaves, as its last event."""
    events = []
    with contextlib.suppress(queue.Empty):
        while True:
            events.append(child.receive())
    assert [type(event) for event in events].count(Lost) == 1
    return events[-1].reason


def test_a_well_behaved_child_makes_two_clips(start):
    child = start("good")
    first, second = run(child), run(child)
    assert first.state is second.state is State.FINISHED
    assert first.answer.motions[0].seconds == 1.0
    assert child.initialized.checkpoints[0].licence == "CC0-1.0"
    assert first.progress.total == 4


def test_cancel_keeps_the_child(start):
    child = start("slow")
    began = time.monotonic()
    assert run(child, cancel_at=State.RUNNING).state is State.CANCELLED
    assert time.monotonic() - began < 5.0
    assert child.usable


@pytest.mark.parametrize(
    ("behaviour", "part"),
    [
        ("dies", "exit code 3): a library's last words"),
        ("dies_at_start", "No module named 'torch'"),
        ("half_frame", "1000 bytes"),
        ("rubbish", "Loading model"),
        ("wrong_protocol", "protocol is 99"),
        ("refuses", "expected one of tiny"),
    ],
)
def test_a_misbehaving_child_gets_one_sentence_and_the_next_one_works(start, behaviour, part):
    bad = start(behaviour)
    job = run(bad)
    assert job.state is State.FAILED
    assert part in job.error
    assert "\n" not in job.error
    assert bad.usable == (behaviour == "refuses")
    assert run(start("good")).state is State.FINISHED


def test_a_child_that_hangs_is_stopped(start):
    job = run(start("hangs"), Limits(start_s=10.0, silence_s=0.3))
    assert job.state is State.FAILED
    assert job.error == "The backend said nothing for 0.3 s and was stopped."
    assert not job.child.usable


def test_cancelling_a_child_that_hangs_ends_the_job(start):
    assert run(start("hangs"), Limits(cancel_s=0.2), cancel_at=State.WAITING).state is State.CANCELLED


def test_a_flood_on_stderr_blocks_nothing_and_stays_within_the_limit(start, tmp_path):
    assert run(start("floods")).state is State.FINISHED
    sizes = [path.stat().st_size for path in tmp_path.glob("backend*.log")]
    assert len(sizes) == 2
    assert sum(sizes) <= 2 * 1024 * 1024


def test_a_second_ending_of_one_request_changes_nothing(start):
    child = start("ends_twice")
    assert run(child).state is State.FINISHED
    assert run(child).state is State.FINISHED


def test_end_asks_first(start):
    child = start("good")
    run(child)
    began = time.monotonic()
    child.end()
    assert time.monotonic() - began < child_module.ASK_S
    assert not child.usable
    assert "exit code 0" in last_words(child)


def test_end_kills_what_neither_listens_nor_terminates(start, monkeypatch):
    monkeypatch.setattr(child_module, "ASK_S", 0.3)
    monkeypatch.setattr(child_module, "TERMINATE_S", 0.3)
    child = start("stubborn")
    job = Job(child, REQUEST)
    while job.poll() is State.STARTING:
        time.sleep(0.01)
    child.end()
    assert not child.usable
    assert f"ended from outside (exit code {-signal.SIGKILL})" in last_words(child)


def test_a_program_that_is_none_is_refused(root, tmp_path):
    program = tmp_path / "python"
    program.write_text("no program")
    with pytest.raises(InputError, match="Backend Python"):
        Child(str(program), root, tmp_path / "backend.log")


def test_a_program_that_ends_at_once_is_lost_at_once(root, tmp_path, monkeypatch):
    """Its reader may be through before the next thread is started."""
    start = threading.Thread.start

    def start_slowly(thread):
        start(thread)
        time.sleep(0.3)

    monkeypatch.setattr(threading.Thread, "start", start_slowly)
    program = tmp_path / "no python"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    job = run(Child(str(program), root, tmp_path / "backend.log"))
    assert job.state is State.FAILED and "exit code 3" in job.error


def test_the_child_gets_one_import_path_and_no_python_variables(root, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", "elsewhere")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    environment = clean_environment(root)
    assert [name for name in environment if name.startswith("PYTHON")] == ["PYTHONPATH"]
    assert environment["PYTHONPATH"] == str(root)
    assert environment["PATH"] == os.environ["PATH"]
    compiled = root / "compiled"
    begin = ["python", "-P", "-X", f"pycache_prefix={compiled}"]
    assert command("python", "", compiled) == [*begin, "-m", "backend", "serve"]
    assert command("python", "my weights", compiled)[-3:] == ["serve", "--weights", "my weights"]


def test_a_child_is_introduced_once_however_often_that_is_asked_for(start):
    child = start("good")
    assert child.introduce() == child.introduce()
    assert run(child).state is State.FINISHED


def test_the_log_keeps_the_newest_part(tmp_path):
    log = Log(tmp_path / "a.log", limit=1000)
    for number in range(300):
        log.write(b"line %d\n" % number)
    kept = (tmp_path / "a.old.log").read_bytes() + (tmp_path / "a.log").read_bytes()
    assert kept.endswith(b"line 299\n")
    assert 500 < len(kept) <= 1000
    assert log.last_line() == "line 299"
    assert read_tail(tmp_path / "a.log").endswith("line 299\n")
    assert read_tail(tmp_path / "none.log") == ""


def test_a_record_of_normal_work_is_nobodys_last_words(tmp_path):
    log = Log(tmp_path / "a.log")
    log.write(b"2026-11-21 12:18:13,570 backend.serve ERROR No room\n")
    assert log.last_line().endswith("ERROR No room")
    log.write(b"2026-11-21 12:18:13,570 backend.serve INFO Client: somebody\n")
    assert log.last_line() == ""
