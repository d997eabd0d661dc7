"""The child between two requests: what memory it takes, and its end when nobody has used it for long; no bpy."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable

from ...common.wire import messages
from .child import Child, Lost

_MEGABYTE = 10**6


class Upkeep:
    """Begins when a request has ended, or when a child has been started before there is any, and is over when the next one starts.

    `usage` is what the child said, None until then.
    """

    def __init__(self, child: Child, clock: Callable[[], float] = time.monotonic) -> None:
        self.usage: messages.Usage | None = None
        self._child, self._clock, self._since = child, clock, clock()
        if child.initialized is not None and "usage" in child.initialized.capabilities:
            child.request(messages.GetUsage())

    def look(self, limit_s: float) -> bool:
        """One look at the child, never blocking; False once there is none left.

        After `limit_s` seconds of rest the child is asked to leave; 0 lets it stay.
        """
        while True:
            try:
                event = self._child.receive()
            except queue.Empty:
                break
            if isinstance(event, Lost):
                self._child.end_in_background()
                return False
            if isinstance(event.body, messages.Initialized):
                self._child.initialized = event.body
            if isinstance(event.body, messages.Failed) and self._child.initialized is None:
                self._child.end_in_background()  # a request starts another one and tells why that fails
                return False
            if isinstance(event.body, messages.Usage):
                self.usage = event.body
        if limit_s and self._clock() - self._since >= limit_s:
            self._child.end_in_background()
            return False
        return self._child.usable


def told(usage: messages.Usage) -> str:
    """One line for the panel."""
    parts = [f"{usage.memory_bytes / _MEGABYTE:,.0f} MB of memory"]
    if usage.device_bytes is not None:
        parts.append(f"{usage.device_bytes / _MEGABYTE:,.0f} MB of the GPU's")
    return f"Backend on {usage.device}: {', '.join(parts)}"
