import queue

import pytest
from isodim.common.wire import jsonrpc, messages, requests
from isodim.isodim_blender.client.child import Lost
from isodim.isodim_blender.client.job import Job, Limits, State

REQUEST = messages.Generate("a person walks")
INITIALIZED = messages.Initialized("0.1.0", "cpu", (), ("generate",))


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class FakeChild:
    def __init__(self):
        self.events, self.sent, self.initialized, self.stopped = queue.SimpleQueue(), [], None, False

    def request(self, body):
        self.sent.append(body)
        return len(self.sent)

    def introduce(self):
        return self.request(messages.Initialize(client="test"))

    def notify(self, body):
        self.sent.append(body)

    def receive(self):
        return self.events.get_nowait()

    def end_in_background(self):
        self.stopped = True

    def say(self, body, id=None):
        self.events.put(jsonrpc.Message(body, id))


@pytest.fixture
def child():
    return FakeChild()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def job(child, clock):
    return Job(child, REQUEST, Limits(start_s=10.0, silence_s=5.0, cancel_s=1.0), clock)


def begin(job, child):
    child.say(INITIALIZED, 1)
    assert job.poll() is State.WAITING
    child.say(messages.Progress(2, 1, 4))
    assert job.poll() is State.RUNNING


def test_initialize_comes_first_and_once(job, child):
    assert isinstance(child.sent[0], messages.Initialize)
    begin(job, child)
    assert child.sent[1] == REQUEST
    second = Job(child, REQUEST)
    assert second.state is State.WAITING
    assert [type(body) for body in child.sent].count(messages.Initialize) == 1


def test_messages_of_other_requests_change_nothing(job, child):
    begin(job, child)
    child.say(messages.Cancelled(), 1)
    child.say(messages.Failed("of another request"), 7)
    child.say(messages.Progress(7, 3, 4))
    assert job.poll() is State.RUNNING
    assert job.progress.step == 1


def test_a_failure_without_an_id_ends_the_job(job, child):
    begin(job, child)
    child.say(messages.Failed("message is not JSON"))
    assert job.poll() is State.FAILED
    assert job.error == "message is not JSON"


def test_silence_has_a_limit_that_every_word_renews(job, child, clock):
    clock.now = 9.0
    begin(job, child)
    clock.now = 13.5
    child.say(messages.Progress(2, 2, 4))
    assert job.poll() is State.RUNNING
    clock.now = 18.0
    assert job.poll() is State.RUNNING
    clock.now = 18.6
    assert job.poll() is State.FAILED
    assert child.stopped


def test_a_start_has_its_own_limit(job, child, clock):
    clock.now = 9.9
    assert job.poll() is State.STARTING
    clock.now = 10.1
    assert job.poll() is State.FAILED
    assert "10 s" in job.error


def test_progress_does_not_prolong_a_cancel(job, child, clock):
    begin(job, child)
    job.cancel()
    job.cancel()
    assert child.sent.count(messages.Cancel(2)) == 1
    clock.now = 0.9
    child.say(messages.Progress(2, 2, 4))
    assert job.poll() is State.CANCELLING
    clock.now = 1.1
    assert job.poll() is State.CANCELLED
    assert child.stopped


@pytest.mark.parametrize("answer", [messages.Cancelled(), messages.Finished(())])
def test_whatever_crosses_a_cancel_is_a_cancel(job, child, answer):
    begin(job, child)
    job.cancel()
    child.say(answer, 2)
    assert job.poll() is State.CANCELLED
    assert job.answer is None
    assert not child.stopped


def test_cancel_before_the_backend_is_up_stops_it(job, child):
    job.cancel()
    assert job.state is State.CANCELLED
    assert child.stopped


def test_an_ended_job_stays_ended(job, child):
    begin(job, child)
    child.events.put(Lost("The backend stopped by itself (exit code 1)."))
    assert job.poll() is State.FAILED
    job.cancel()
    child.say(messages.Finished(()), 2)
    assert job.poll() is State.FAILED


def test_another_answer_than_an_introduction_is_refused(job, child):
    child.say(messages.Done(), 1)
    assert job.poll() is State.FAILED
    assert child.stopped


def test_a_ranking_is_an_ending_too(child):
    child.initialized = messages.Initialized("0.1.0", "cpu", (), ("rank",))
    job = Job(child, requests.Rank(prompt="a person walks", clips=()))
    child.say(messages.Ranked((0.5,)), 1)
    assert job.poll() is State.FINISHED
    assert job.answer == messages.Ranked((0.5,))


def test_a_backend_without_the_edit_is_named_older_and_stays(job, child):
    job = Job(child, requests.Loop(prompt="a person walks"))
    child.say(INITIALIZED, 2)
    assert job.poll() is State.FAILED
    assert "older than the add-on and has no 'loop'" in job.error
    assert not child.stopped
