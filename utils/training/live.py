"""A training that can be started, paused, stepped and stopped from any thread. It is independent of the panels."""

import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Iterable

from utils.checks import check_flag, check_float, check_function, check_kind, check_number
from utils.frameworks import at_exit
from utils.strategies.checks import SettingsError, check_layers
from utils.strategies.controls import Change, Controls
from utils.strategies.settings import Settings
from utils.training.loop import train
from utils.training.pace import CHUNK_SECONDS
from utils.training.pool import borrow_engine_for, preparing
from utils.training.state import State

_LEAST_PACE = 1e-9  # updates per second
_all: weakref.WeakSet["LiveTraining"] = weakref.WeakSet()
_ending = threading.Event()  # set when Python ends: what is prepared for later isn't needed
_threads: weakref.WeakSet[threading.Thread] = weakref.WeakSet()


class LiveTraining:
    """One training after another, at most one at a time in this process.

    Args:
        changed: Called after every chunk and every change of state, in the thread that caused it. It should be quick,
            and not call `start`.
        training: From settings and `Controls` to an iterator of progress, such as `race`; None for `train`.

    Attributes:
        state: A `State`, which equals its name in lower case.
        progress: The latest `Progress`, or None.
        error: What went wrong in the latest training, or "".
    """

    def __init__(self, changed: Callable[[], None] = lambda: None, training: Callable | None = None):
        self._changed = check_function("changed", changed, 0)
        self._training = None if training is None else check_function("training", training, 2)
        self._lock = threading.RLock()
        self._advancing = threading.Lock()
        self._wake = threading.Event()
        self._steps, self._controls, self._settings = None, None, None
        self._pace, self._not_before = None, 0.0
        self._in_thread = True
        self.state, self.progress, self.error = State.READY, None, ""
        self._reported = self.state
        _all.add(self)

    @property
    def settings(self) -> Settings | None:
        """The settings of the latest training."""
        return self._settings

    @property
    def active(self) -> bool:
        """Whether a training is under way, even if it's paused."""
        return self.state is not State.READY

    def start(self, settings: Settings, step: bool = False, thread: bool = True, schedule: Iterable = ()) -> None:
        """Begin from the checkpoint. A training that runs elsewhere in this process is stopped.

        Args:
            settings: What `training` takes.
            step: Whether to pause at the first evaluation point.
            thread: Whether a thread drives the training. Without one, `tick` must be called again and again.
            schedule: As in `Controls`.

        Raises:
            RuntimeError: While a training is under way.
        """
        if self._training is None:
            check_kind("settings", settings, Settings, "give a Settings", SettingsError)
        step, thread = check_flag("step", step), check_flag("thread", thread)
        before = self._steps
        self._refuse_a_second(before)
        stop_others(self)
        with self._advancing, self._lock:  # not before the end of the training before has been reported
            self._refuse_a_second(before)
            self._settings, self._controls = settings, Controls(schedule)
            self._steps, self._in_thread = (self._training or train)(settings, self._controls), thread
            self.progress, self.error = None, ""
            self.state = self._reported = State.STEPPING if step else State.RUNNING
            self.set_pace(self._pace)
        if thread:
            in_background(self._drive, self._steps)

    def pause(self) -> None:
        """Wait after the chunk that is being trained."""
        self._go(State.PAUSED)

    def resume(self) -> None:
        """Go on after a pause."""
        self._go(State.RUNNING)

    def step(self) -> None:
        """Go on to the next evaluation point, and pause there; at the last one the run ends."""
        self._go(State.STEPPING)

    def stop(self) -> None:
        """End the training here; its result is measured."""
        with self._lock:
            if self.active:
                self._controls.stop()
                self._go(State.STOPPING)

    def abandon(self) -> None:
        """End the training here, without a result."""
        self._go(State.ABANDONING)

    def request(self, change: Change) -> None:
        """Ask for a change at the next chunk, for which a set pace doesn't wait.

        Raises:
            SettingsError: For layers that can't train with this strategy.
        """
        check_kind("change", change, Change, "give a Change", SettingsError)
        with self._lock:
            if self.active:
                if change.trained_layers is not None:
                    check_layers(change.trained_layers, self._settings.network, self._settings.row)
                self._controls.request(change)
        self._wake.set()

    def set_pace(self, updates_per_second: float | None) -> None:
        """Train no faster than this; None for no limit."""
        if updates_per_second is not None:
            wanted = "it must be a number above 0, or None for no limit"
            updates_per_second = check_number("updates_per_second", updates_per_second, _LEAST_PACE, wanted=wanted)
        with self._lock:
            self._pace = updates_per_second
            self._not_before = 0.0
            if self._controls is not None:
                chunk = None if updates_per_second is None else max(1, round(updates_per_second * CHUNK_SECONDS))
                self._controls.limit_chunk(chunk)

    def tick(self) -> bool:
        """Train one chunk if it's time for one, never two at once.

        Returns:
            Whether anything was done.
        """
        if not self._advancing.acquire(blocking=False):
            return False
        try:
            if self.active and self._is_time():
                self._advance()
            elif self.state is self._reported:
                return False
            self._reported = self.state
            self._changed()
            return True
        except Exception as error:  # raised in a thread, it would be seen by nobody
            self._end(str(error) if isinstance(error, SettingsError) else f"{type(error).__name__}: {error}")
            return True
        except BaseException as error:  # an interrupt, which the caller must see, too
            self._end(f"{type(error).__name__}: the run was interrupted.")
            raise
        finally:
            self._advancing.release()

    def join(self, seconds: float) -> bool:
        """Wait up to this many seconds until no training is under way; whether that is so."""
        end = time.monotonic() + check_float("seconds", seconds)
        while self.active and time.monotonic() < end:
            if self._in_thread or not self.tick():
                time.sleep(0.005)
        return not self.active

    def _refuse_a_second(self, before):
        if self.active:
            raise RuntimeError("A run is under way: Stop it before you start another.")
        if self._steps is not before:
            raise RuntimeError("Another run was started first and has ended by now: start again.")

    def _go(self, state):
        """Change the state of a training under way. One that ends goes on ending, at most without a result."""
        with self._lock:
            stopping = self.state is State.STOPPING and state is not State.ABANDONING
            if self.active and not stopping and self.state is not State.ABANDONING:
                self.state = state
        self._wake.set()

    def _is_time(self):
        with self._lock:
            if self.state is State.PAUSED:  # not between an update and its point on the curves
                return self.progress is not None and self.progress.pending
            is_ending = self.state in (State.STOPPING, State.ABANDONING)
            is_free = self._pace is None or time.monotonic() >= self._not_before
            return is_free or is_ending or self._controls.waiting  # the updates after a request wait the longer

    def _advance(self):
        if self.state is State.ABANDONING:
            self._steps.close()
            self._end("")
            return
        began, before = time.monotonic(), self.progress.update if self.progress else 0
        progress = next(self._steps)
        with self._lock:
            if self._pace is not None:  # a delay is made up for, but by no more than a chunk
                earliest = max(self._not_before, began - CHUNK_SECONDS)
                made = min(progress.update - before, self._controls.most_updates)  # what is repeated doesn't wait
                self._not_before = earliest + made / self._pace
            self.progress = progress
            at_point = progress.evaluated and 0 < progress.update < self._settings.updates
            if self.state is State.STEPPING and at_point:
                self.state = State.PAUSED
        if progress.status != "training":
            self._steps.close()
            self._end("", progress)

    def _end(self, error, progress=None):
        with self._lock:
            self.progress = None if self.state is State.ABANDONING else progress or self.progress
            self.state = self._reported = State.READY
            self.error = error
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
    """Stop every training of this process except this one: no run goes on unseen."""
    for other in list(_all):
        if other is not live:
            other.stop()


def in_background(work: Callable, *arguments) -> None:
    """Call `work` with these arguments in a new thread."""
    thread = threading.Thread(target=work, args=arguments, name=f"live {work.__name__.strip('_')}", daemon=True)
    _threads.add(thread)
    thread.start()


@at_exit
def _end_all():
    """End all trainings before Python ends, which would abort the process in the middle of TensorFlow's work."""
    _ending.set()
    for live in list(_all):
        live.abandon()
    for thread in list(_threads):
        thread.join(10)


def prepare(settings: Settings, is_enough: Callable = lambda: False) -> None:
    """Build and trace, in this thread, what a run with these settings needs; `is_enough` as in `Engine.prepare`."""
    with preparing, borrow_engine_for(settings) as (engine, _):
        engine.prepare(settings.batch_size, settings.stages[0][1], lambda: is_enough() or _ending.is_set())
