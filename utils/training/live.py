"""A training that is started, paused, stepped and stopped while it goes on, from any thread. It knows no widget."""

import atexit
import contextlib
import threading
import time
import weakref
from collections.abc import Callable

from utils.strategies.checks import SettingsError, check_layers
from utils.strategies.controls import Change, Controls
from utils.strategies.settings import Settings
from utils.training.loop import CHUNK_SECONDS, train
from utils.training.pool import borrowed_for, preparing

_all: weakref.WeakSet["LiveTraining"] = weakref.WeakSet()
_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


class LiveTraining:
    """One training after another, at most one at a time in this process.

    changed: called after every step of the way, in the thread that made it; it should be quick, and not call `start`.
    training: from settings and `Controls` to an iterator of progress: `race` for several strategies; None for `train`.
    state: "ready", "running", "stepping" or "paused". progress: the latest `Progress`, or None.
    error: what went wrong in the latest training, or "".
    """

    def __init__(self, changed: Callable[[], None] = lambda: None, training: Callable | None = None):
        self._changed, self._training = changed, training
        self._lock = threading.RLock()
        self._advancing = threading.Lock()
        self._wake = threading.Event()
        self._steps, self._controls, self._settings = None, None, None
        self._pace, self._not_before = None, 0.0
        self._ending, self._abandoned, self._threaded = False, False, True
        self.state, self.progress, self.error = "ready", None, ""
        self._told = self.state
        _all.add(self)

    @property
    def settings(self) -> Settings | None:
        """Of the latest training."""
        return self._settings

    @property
    def active(self) -> bool:
        """Whether a training is under way, be it paused."""
        return self.state != "ready"

    def start(self, settings: Settings, step: bool = False, thread: bool = True) -> None:
        """Begin from the checkpoint. step: go to the first evaluation point only. thread: drive it, too.

        Without a thread, somebody has to call `tick`. A training that runs elsewhere in this process is stopped.
        """
        before = self._steps
        self._refuse_a_second(before)
        stop_others(self)
        with self._advancing, self._lock:  # not before everybody has been told of the end of the one before
            self._refuse_a_second(before)
            self._settings, self._controls = settings, Controls()
            self._steps, self._threaded = (self._training or train)(settings, self._controls), thread
            self.progress, self.error, self._ending, self._abandoned = None, "", False, False
            self.state = self._told = "stepping" if step else "running"
            self.set_pace(self._pace)
        if thread:
            in_background(self._drive, self._steps)

    def pause(self) -> None:
        """Wait after the chunk that is being trained."""
        self._go("paused")

    def resume(self) -> None:
        """Go on after a pause."""
        self._go("running")

    def step(self) -> None:
        """Go on to the next evaluation point, and pause there; at the last one the run ends."""
        self._go("stepping")

    def stop(self) -> None:
        """End the training here; its result is measured."""
        with self._lock:
            if self.active:
                self._controls.stop()
                self._go("running")
                self._ending = True

    def abandon(self) -> None:
        """End the training here, without a result."""
        with self._lock:
            if self.active:
                self._go("running")
                self._ending = self._abandoned = True

    def request(self, change: Change) -> None:
        """Ask for a change at the next chunk. A `SettingsError` tells what can't be."""
        with self._lock:
            if self.active:
                if change.trained_layers is not None:
                    check_layers(change.trained_layers, self._settings.network, self._settings.row)
                self._controls.request(change)

    def set_pace(self, updates_per_second: float | None) -> None:
        """Train no faster than this; None for as fast as it goes."""
        with self._lock:
            self._pace = updates_per_second
            self._not_before = 0.0
            if self._controls is not None:
                chunk = None if updates_per_second is None else max(1, round(updates_per_second * CHUNK_SECONDS))
                self._controls.limit_chunk(chunk)

    def tick(self) -> bool:
        """Make one chunk, if it's time for one; whether anything was done. Never two at once."""
        if not self._advancing.acquire(blocking=False):
            return False
        try:
            if self.active and self._due():
                self._advance()
            elif self.state == self._told:
                return False
            self._told = self.state
            self._changed()
            return True
        except Exception as error:  # in a thread nobody else would ever see it
            self._end(str(error) if isinstance(error, SettingsError) else f"{type(error).__name__}: {error}")
            return True
        except BaseException as error:  # whoever drives this was interrupted, and is to know of it
            self._end(f"{type(error).__name__}: the run was interrupted.")
            raise
        finally:
            self._advancing.release()

    def join(self, seconds: float) -> bool:
        """Wait until no training is under way, at most so long; whether that is so."""
        end = time.monotonic() + seconds
        while self.active and time.monotonic() < end:
            if self._threaded or not self.tick():
                time.sleep(0.005)
        return not self.active

    def _refuse_a_second(self, before):
        if self.active:
            raise RuntimeError("A run is under way: Stop it before you start another.")
        if self._steps is not before:
            raise RuntimeError("Another start came first, and its run is over by now: start again.")

    def _go(self, state):
        with self._lock:
            if self.active and not self._ending:
                self.state = state
        self._wake.set()

    def _due(self):
        with self._lock:
            if self.state == "paused":  # not between an update and its point of the curves
                return self.progress is not None and self.progress.pending
            return self._ending or self._pace is None or time.monotonic() >= self._not_before

    def _advance(self):
        if self._abandoned:
            self._steps.close()
            self._end("")
            return
        began, before = time.monotonic(), self.progress.update if self.progress else 0
        progress = next(self._steps)
        with self._lock:
            if self._pace is not None:  # what was late may be made up for, but no more than a chunk
                earliest = max(self._not_before, began - CHUNK_SECONDS)
                self._not_before = earliest + (progress.update - before) / self._pace
            self.progress = progress
            stepped = progress.evaluated and 0 < progress.update < self._settings.updates
            if self.state == "stepping" and stepped:
                self.state = "paused"
        if progress.status != "training":
            self._steps.close()
            self._end("", progress)

    def _end(self, error, progress=None):
        with self._lock:
            self.state = self._told = "ready"
            self.error, self.progress = error, progress or self.progress
            if self._abandoned:
                self.progress = None
        if error:
            self._steps.close()
            with contextlib.suppress(Exception):  # it may be what has just failed
                self._changed()

    def _drive(self, steps):
        while self.active and self._steps is steps:
            if not self.tick():
                self._wake.wait(0.01)
                self._wake.clear()


def stop_others(live: LiveTraining | None) -> None:
    """Stop every training of this process but this one: no run goes on unseen behind the reader's back."""
    for other in list(_all):
        if other is not live:
            other.stop()


def in_background(work: Callable, *arguments) -> None:
    """Do `work` in a thread of its own."""
    thread = threading.Thread(target=work, args=arguments, name=f"live {work.__name__.strip('_')}", daemon=True)
    _threads.add(thread)
    thread.start()


@atexit.register
def _end_all():
    """Python's end would come in the middle of TensorFlow's work, and abort the process."""
    for live in list(_all):
        live.abandon()
    for thread in list(_threads):
        thread.join(10)


def prepare(settings: Settings) -> None:
    """Build and trace, in this thread, what a run with these settings needs, so that it starts at once."""
    with preparing, borrowed_for(settings) as (engine, _):
        engine.prepare(settings.batch_size, settings.stages[0][1])
