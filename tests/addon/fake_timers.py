"""Blender's timers as they behave (BLI_timer.c), on a clock that a test moves: `bpy.app.timers` is told apart by nothing else.

A function that is registered twice is called twice; unregistering takes one of them; a function counts as registered while it is
called; one that raises, or gives None, is dropped.
"""

import contextlib
import traceback


class FakeTimers:
    def __init__(self):
        self.now_s = 0.0
        self.calls = 0
        self._entries = []

    def clock(self):
        return self.now_s

    def register(self, function, *, first_interval=0.0, persistent=False):
        self._entries.append({"function": function, "due": self.now_s + first_interval, "over": False})

    def unregister(self, function):
        entry = self._find(function)
        if entry is None:
            raise ValueError("function is not registered")
        entry["over"] = True

    def is_registered(self, function):
        return self._find(function) is not None

    def advance(self, seconds):
        """The main loop of a window comes round once, `seconds` later."""
        self.now_s += seconds
        for entry in list(self._entries):
            if not entry["over"] and entry["due"] <= self.now_s:
                interval = None
                self.calls += 1
                try:
                    interval = entry["function"]()
                except Exception:
                    traceback.print_exc()
                if interval is None:
                    entry["over"] = True
                else:
                    entry["due"] = self.now_s + interval
        self._entries = [entry for entry in self._entries if not entry["over"]]

    def _find(self, function):
        with contextlib.suppress(StopIteration):
            return next(one for one in self._entries if one["function"] is function and not one["over"])
        return None
