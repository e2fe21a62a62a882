"""A line that says how far a loop has come, and how long it still takes."""

import time
from collections.abc import Iterable, Iterator, Sequence

import keras
from IPython import get_ipython
from IPython.display import display

from utils.memory import give_back_memory
from utils.training import Progress

_SILENT = 2.0  # seconds that need no word
_EVERY = 0.2


def show_progress(items: Sequence, what: str = "steps") -> Iterator:
    """Each of the items, with one line below the cell that is rewritten: how many, and about how many seconds are left.

    what: what has been counted. Nothing is shown for loops of less than 2 seconds, nor outside a notebook. The
    notebook's Stop button (interrupt the kernel) ends the loop, as any other. TypeError where it isn't known how many
    items there are.
    """
    if not hasattr(items, "__len__"):
        raise TypeError("items: how many are there? Give a list; around `train` it's show_updates.")
    return _counted(items, what)


def _counted(items, what):
    line, number = _Line(), 0
    try:
        for number, item in enumerate(items):
            if number:
                line.count(number, len(items), f"{number:,} of {len(items):,} {what},")
            yield item
    except BaseException:  # the loop was left, too
        line.end(f"stopped at {number:,} of {len(items):,} {what}")
        raise
    line.end(f"{len(items):,} {what}")


def show_updates(steps: Iterable[Progress]) -> Iterator[Progress]:
    """What `train` yields, with such a line: for `run(settings, progress=show_updates)`, or around `train`.

    The line is there as soon as the network is built, since the first update waits for TensorFlow: seconds, with a
    deep network.
    """
    line, latest = _Line(silent=0.0), None
    try:
        for latest in steps:
            if latest.status == "training" and latest.update == 0:
                line.write("the network is prepared for its first update: some seconds for a deep one")
            elif latest.status == "training":
                told = f"{latest.update:,} of {latest.updates:,} updates," + " at most" * latest.may_end_early
                line.count(latest.update, latest.updates, told, from_first=True)
            yield latest
    except BaseException:
        line.end(f"stopped at update {latest.update if latest else 0:,}")
        raise
    if latest is not None:
        line.end(f"{latest.update:,} updates", always=True)


class ProgressCallback(keras.callbacks.Callback):
    """Such a line for `model.fit(..., verbose=0, callbacks=[ProgressCallback()])`: shorter than Keras's own bar.

    Memory of fits before is given back first: this one needs some, too.
    """

    def on_train_begin(self, logs=None):
        """Begin to count."""
        give_back_memory()
        self._line, self._done, self._epoch = _Line(), 0, 0

    def on_epoch_begin(self, epoch, logs=None):
        """Another epoch: the first one is a later one where a fit goes on."""
        self._epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        """Count one more, where Keras knows how many there are."""
        if self.params["steps"]:
            self._count(self._epoch + (batch + 1) / self.params["steps"])

    def on_epoch_end(self, epoch, logs=None):
        """One more is done."""
        self._done += 1
        if not self.params["steps"]:
            self._count(epoch + 1)

    def on_train_end(self, logs=None):
        """Say how many there were: fewer than planned, with early stopping."""
        self._line.end(f"{self._done:,} epochs")

    def _count(self, done):
        total = self.params["epochs"]
        self._line.count(done, total, f"{self._epoch + 1:,} of {total:,} epochs, at most", from_first=True)


class _Line:
    """The line, rewritten a few times a second."""

    def __init__(self, silent=_SILENT):
        self._began, self._silent = time.monotonic(), silent
        self._last, self._first, self._handle = 0.0, None, None

    def count(self, number, total, told, from_first=False):
        """from_first: the time up to the first call is no measure for the rest: something had to be prepared."""
        now = time.monotonic()
        if from_first and self._first is None:
            self._first = number, now
        at, since = self._first or (0, self._began)
        if number > at and now - self._began > self._silent and now - self._last > _EVERY:
            left = (now - since) / (number - at) * (total - number)
            self.write(f"{told} about {left:.0f} s left (Stop: interrupt the kernel)")
            self._last = now

    def end(self, told, always=False):
        """always: also where nothing has been shown."""
        if self._handle or always:
            self.write(f"{told} in {time.monotonic() - self._began:.0f} s")

    def write(self, told):
        if self._handle:
            self._handle.update(_Shown(told))
        elif get_ipython() is not None:  # else there is nothing that could be rewritten
            self._handle = display(_Shown(told), display_id=True)


class _Shown(str):
    """Shown as it is, without quotation marks."""

    def __repr__(self):
        return str(self)
