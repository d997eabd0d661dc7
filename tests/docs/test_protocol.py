"""The page of the protocol says what the messages' fields say, and every request is on it."""

from common.wire import requests
from tools import protocol


def test_the_page_is_written_from_the_fields():
    text = protocol.PAGE.read_text("utf-8")
    assert text == protocol.page(), "run python -m tools.protocol"
    for method, kind in requests.motion_requests().items():
        assert f"### request `{method}`, answered by {kind.answer.__name__}\n" in text


def test_a_changed_limit_changes_the_page(monkeypatch):
    before = protocol.tables()
    assert "| `seconds` | auto or a number from 0.8 to 9 |" in before
    monkeypatch.setattr(requests.Loop, "__doc__", "Something else.")
    assert protocol.tables() != before
