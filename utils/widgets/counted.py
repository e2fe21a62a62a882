"""A line that says how far a loop has come, and how long it still takes."""

import time
from collections.abc import Iterator, Sequence

from IPython.display import display

_SILENT = 2.0  # seconds that need no word
_EVERY = 0.2


def counted(items: Sequence, what: str = "done") -> Iterator:
    """Each of the items, with one line below the cell that is rewritten: how many, and about how many seconds are left.

    what: what has been counted. Nothing is shown for loops of less than 2 seconds. The notebook's Stop button
    (interrupt the kernel) ends the loop, as any other.
    """
    began, last, line = time.monotonic(), 0.0, None
    for number, item in enumerate(items):
        now = time.monotonic()
        if number and now - began > _SILENT and now - last > _EVERY:
            left = (now - began) / number * (len(items) - number)
            shown = _Line(f"{number:,} of {len(items):,} {what}, about {left:.0f} s left (Stop: interrupt the kernel)")
            line = line.update(shown) or line if line else display(shown, display_id=True)
            last = now
        yield item
    if line:
        line.update(_Line(f"{len(items):,} {what} in {time.monotonic() - began:.0f} s"))


class _Line(str):
    """Shown as it is, without quotation marks."""

    def __repr__(self):
        return str(self)
