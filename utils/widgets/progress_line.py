"""A line that says how far a loop has come, and how long it still takes."""

import time
from collections.abc import Iterable, Iterator, Sequence, Sized

from IPython import get_ipython
from IPython.display import display

from utils.checks import check_iterable, check_kind, check_text
from utils.training import Progress

_QUIET_SECONDS = 2.0  # at the start, in which no line appears
_SECONDS = 0.2  # between two texts of the line


def show_progress(items: Sequence, what: str = "steps") -> Iterator:
    """Each of the items, with a line below the cell: how many are done, and about how many seconds are left.

    Nothing is shown for loops of less than 2 seconds, nor outside a notebook. The notebook's Stop button (interrupt the
    kernel) ends the loop, like any other.

    Args:
        items: What to loop over.
        what: What the items are called in the line.

    Raises:
        TypeError: Where the number of items isn't known.
    """
    wanted = "how many are there? Give a list; around `train` it's show_updates"
    check_kind("items", check_iterable("items", items, wanted, TypeError), Sized, wanted, TypeError)
    check_text("what", what)
    return _with_progress(items, what)


def _with_progress(items, what):
    line, number = ProgressLine(), 0
    try:
        for number, item in enumerate(items):
            if number:
                line.update(number, len(items), f"{number:,} of {len(items):,} {what},")
            yield item
    except BaseException:  # also where the loop was left early
        line.end(f"stopped at {number:,} of {len(items):,} {what}")
        raise
    line.end(f"{len(items):,} {what}")


def show_updates(steps: Iterable[Progress]) -> Iterator[Progress]:
    """What `train` yields, with such a line: for `run(settings, progress=show_updates)`, or around `train`.

    The line appears as soon as the network is built, since the first update waits for TensorFlow: seconds, with a
    deep network.
    """
    return _with_updates(check_iterable("steps", steps, "give what `train` yields", TypeError))


def _with_updates(steps):
    line, latest = ProgressLine(quiet_seconds=0.0), None
    try:
        for step in steps:
            latest = check_kind("steps", step, Progress, "give what `train` yields", TypeError)
            if latest.status == "training" and latest.update == 0:
                line.write("preparing the network for its first update; a deep one takes some seconds")
            elif latest.status == "training":
                text = f"{latest.update:,} of {latest.updates:,} updates," + " at most" * latest.may_end_early
                line.update(latest.update, latest.updates, text, skip_first=True)
            yield latest
    except BaseException:
        line.end(f"stopped at update {latest.update if latest else 0:,}")
        raise
    if latest is not None:
        line.end(f"{latest.update:,} updates", always=True)


class ProgressLine:
    """The line, rewritten a few times per second."""

    def __init__(self, quiet_seconds=_QUIET_SECONDS):
        self._start, self._quiet_seconds = time.monotonic(), quiet_seconds
        self._last, self._first, self._handle = 0.0, None, None

    def update(self, done, total, text, skip_first=False):
        """Show a text with the seconds left. With `skip_first`, the time up to the first call, a preparation, is no
        measure for the rest."""
        now = time.monotonic()
        if skip_first and self._first is None:
            self._first = done, now
        first_done, first_time = self._first or (0, self._start)
        if done > first_done and now - self._start > self._quiet_seconds and now - self._last > _SECONDS:
            left = (now - first_time) / (done - first_done) * (total - done)
            self.write(f"{text} about {left:.0f} s left (Stop: interrupt the kernel)")
            self._last = now

    def end(self, text, always=False):
        """Show a last text; with `always`, even where no line has appeared."""
        if self._handle or always:
            self.write(f"{text} in {time.monotonic() - self._start:.0f} s")

    def write(self, text):
        """Show a text in place of the last; only in a notebook can it be rewritten."""
        if self._handle:
            self._handle.update(_PlainText(text))
        elif get_ipython() is not None:
            self._handle = display(_PlainText(text), display_id=True)


class _PlainText(str):
    """A text that a notebook displays without quotation marks."""

    def __repr__(self):
        return str(self)
