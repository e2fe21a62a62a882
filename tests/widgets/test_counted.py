"""The line that says how far a loop has come."""

import pytest

from utils.widgets import counted as module
from utils.widgets.counted import counted


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, a line after the other; and a clock that the test moves."""

    class Handle:
        def update(self, line):
            lines.append(repr(line))

    def display(line, display_id):
        lines.append(repr(line))
        return Handle()

    lines, clock = [], [100.0]
    monkeypatch.setattr(module, "display", display)
    monkeypatch.setattr(module.time, "monotonic", lambda: clock[0])
    return lines, clock


def test_short_loops_say_nothing(shown):
    lines, _ = shown
    assert list(counted(range(5))) == [0, 1, 2, 3, 4] and lines == []


def test_the_time_that_is_left(shown):
    lines, clock = shown
    for _ in counted(range(10), "runs"):
        clock[0] += 3
    assert lines[0] == "1 of 10 runs, about 27 s left (Stop: interrupt the kernel)"
    assert lines[1] == "2 of 10 runs, about 24 s left (Stop: interrupt the kernel)"
    assert lines[-1] == "10 runs in 30 s" and len(lines) == 10


def test_the_line_is_not_rewritten_all_the_time(shown):
    lines, clock = shown
    for _ in counted(range(1000)):
        clock[0] += 0.01
    assert 30 <= len(lines) <= 45  # 8 of 10 seconds, every fifth of one
