# The time of all records.

class Clock(object):
    """Microseconds since the trace began. Python 2.7 has no monotonic clock, so there it only never goes back."""

    def __init__(self):
        self.started_us = int(wall_clock() * 1e6)
        self.pairs = []
        self.latest = 0
        if hasattr(_time, 'monotonic_ns'):
            zero, read = _time.monotonic_ns(), _time.monotonic_ns
            self.now = lambda: (read() - zero) // 1000
        elif hasattr(_time, 'monotonic'):
            zero, read = _time.monotonic(), _time.monotonic
            self.now = lambda: int((read() - zero) * 1e6)
        else:
            self.now = self._now_by_wall_clock

    def _now_by_wall_clock(self):
        now = int(wall_clock() * 1e6) - self.started_us
        if now > self.latest:
            self.latest = now
        return self.latest

    def pair(self):
        """Remembers (trace time, Unix time), so that traces of two recorders can be laid side by side."""
        self.pairs.append((self.now(), int(wall_clock() * 1e6)))


clock = Clock()
now = clock.now
