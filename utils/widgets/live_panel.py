"""What panels with live training share: the training, its buttons, what is said beside them, the still picture."""

import base64
import sys
import threading
import time
from collections.abc import Callable

from utils.checks import check_one_of
from utils.comfort import quiet
from utils.frameworks import load, load_after_this_cell
from utils.memory import give_back_memory
from utils.training import LiveTraining
from utils.training.live import stop_others
from utils.widgets.message import Message
from utils.widgets.open_panels import close_widgets_of, enter, forget_outputs, leave
from utils.widgets.status_line import StatusLine
from utils.widgets.transport import DRIVERS, Transport
from utils.widgets.view import view
from utils.widgets.wording import in_labels

FRAME_SECONDS = 0.091  # between two pictures at least: some ten per second, since a chunk of training lies between
_STOPS_WITHIN = 10  # seconds: its result is measured


class LivePanel:
    """A panel with a live training, the buttons that drive it, and a status line.

    A subclass has `widget`, `still`, `_start` (starts the next run; with `step`, up to the first evaluation point),
    `_back` (goes back to the checkpoint when no run is under way) and `_show_now` (brings the panel up to date; called
    in the thread that trains).

    Args:
        driver: "thread" trains in the background; "play" is driven by the front end's clock, for front ends that don't
            show what a thread changes. None takes "play" on Colab alone.
        training: As in `LiveTraining`.
        pace: As in `Transport`.
        step: As in `Transport`.

    Raises:
        ValueError: For another driver.
    """

    def __init__(self, driver: str | None, training: Callable | None = None, pace: int = 25, step: str | None = None):
        usual = "play" if "google.colab" in sys.modules else "thread"
        driver = usual if driver is None else check_one_of("driver", driver, DRIVERS)
        quiet()  # TensorFlow's notices are noise beside a panel
        if not load_after_this_cell():
            load()
        stop_others(None)  # the cell that made another panel may have been run again
        self._live = LiveTraining(self._changed, training)
        self._showing = threading.RLock()  # the thread that trains and the reader's both draw
        self._next_frame, self._closed = 0.0, False
        self._status, self._message = StatusLine("auto"), Message("340px")
        note = self._message.note
        self._transport = Transport(self._live, self._start, self._back, self._attempt, note, driver, pace, step)
        enter(self.close)
        give_back_memory()  # of earlier cells: the training needs some, too

    @property
    def closed(self) -> bool:
        """Whether the panel has been closed."""
        return self._closed

    def close(self) -> None:
        """Stop the training, and take the panel from the page; its runs can still be read.

        The panels of a cell close when the cell is run again, and the oldest when there are very many. A closed panel
        shows itself as a picture.
        """
        self._live.stop()
        if not self._live.join(_STOPS_WITHIN):
            self._live.abandon()
        self._closed = True
        leave(self.close)
        forget_outputs(self)
        with self._showing:
            close_widgets_of(self)

    def _attempt(self, action, complain=None):
        """Do what the reader asks for; what goes wrong is said beside the buttons, or by `complain`."""
        complain = complain or self._complain
        try:
            action()
        except (ValueError, RuntimeError, OSError) as error:
            complain(str(error))
        except Exception as error:  # raised in a callback, it would be seen by nobody
            complain(f"{type(error).__name__}: {error}")
        self._transport.wake_clock()

    def _complain(self, error):
        """Say beside the buttons what isn't possible."""
        self._message.error(in_labels(error))

    def _wait_for_others(self):
        """End all other trainings before one in this cell."""
        if self._closed:
            raise RuntimeError("This panel is closed: make a new one, or train with utils.run(settings).")
        stop_others(None)
        if not self._live.join(60):
            raise RuntimeError("The run in progress doesn't end: restart the kernel.")

    def _changed(self):
        """Show the training's progress; called in its thread after every chunk, mostly too early for a picture."""
        now, live = time.monotonic(), self._live
        if live.active and live.state != "paused" and now < self._next_frame:
            self._show_between()
            return
        with self._showing:
            self._show_now()
            self._transport.show()
        shown = time.monotonic()  # where pictures are slow, the training still gets half of the time
        self._next_frame = max(now + FRAME_SECONDS, shown + (shown - now))

    def _show_between(self):
        """Show what can't wait for the next picture."""

    def _repr_mimebundle_(self, **options):
        """The live panel, and a picture for pages without widgets."""
        live = {} if self._closed else view(self.widget)
        return {**live, "text/plain": repr(self), "image/png": base64.b64encode(self.still()).decode()}
