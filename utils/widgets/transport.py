"""Start, Pause, Step, Stop, Back, and how fast: the buttons that drive a live training."""

from collections.abc import Callable

import ipywidgets as widgets

from utils.frameworks import is_loaded
from utils.training import LiveTraining

DRIVERS = ("thread", "play")
# 0 for no limit: a Dropdown takes None for no choice at all.
_PACES = {"5 updates/s": 5, "25 updates/s": 25, "100 updates/s": 100, "no limit": 0}
_TOOLTIPS = {
    "Step": "Go on to the next evaluation point, and pause there",
    "Back to the checkpoint": "Ends the run in progress without keeping it; fields, switches and the table stay",
}
_CLOCK_MILLISECONDS = 60


class Transport:
    """The buttons of one live training.

    Args:
        live: The training.
        start: Starts a run; its argument says whether to pause at the first evaluation point.
        back: Goes back to the checkpoint when no run is under way.
        attempt: Calls a function, and shows the reader what goes wrong in it.
        note: Says something beside the buttons.
        driver: One of `DRIVERS`; with "play" the front end's clock makes the live training tick.
        pace: Updates per second at first, 25, 5 or 100; 0 for no limit.
        step: The label of Step where it is the only button that trains; None for all buttons.
    """

    def __init__(
        self,
        live: LiveTraining,
        start: Callable[[bool], None],
        back: Callable[[], None],
        attempt: Callable[[Callable[[], None]], None],
        note: Callable[[str], None],
        driver: str,
        pace: int = 25,
        step: str | None = None,
    ):
        self._live, self._start_run, self._back_to_checkpoint = live, start, back
        self._attempt, self._note = attempt, note
        self._clock = self._make_clock() if driver == "play" else None
        self._pause = self._button("Pause", self._pause_or_resume, "72px")
        speed = widgets.Dropdown(options=_PACES, value=pace, description="speed", layout={"width": "166px"})
        speed.style.description_width = "42px"
        speed.observe(lambda change: live.set_pace(change.new or None), "value")
        live.set_pace(pace or None)
        self._speed = speed
        self._starter = self._button("Start", self._start, "66px")
        self._starter.layout.padding = "0"  # so that it has room for "Loading"
        back = self._button("Back to the checkpoint", self._back, "162px")
        if step:
            buttons = [self._button(step, self.step, "150px"), back, speed]
        else:
            buttons = [
                self._starter,
                self._pause,
                self._button("Step", self.step, "52px"),
                self._button("Stop", self._stop, "52px"),
                back,
                speed,
            ]
        self.widget = widgets.HBox(buttons + ([self._clock] if self._clock else []), layout={"flex_flow": "row wrap"})

    @property
    def in_thread(self) -> bool:
        """Whether a thread drives the training, rather than the front end's clock."""
        return self._clock is None

    @property
    def pace(self) -> int | None:
        """The speed limit in updates per second; None for no limit."""
        return self._speed.value or None

    def lift_limit(self) -> None:
        """Set the speed to "no limit", as the reader can."""
        self._speed.value = _PACES["no limit"]

    def show(self) -> None:
        """Make buttons and clock agree with the training's state."""
        self._pause.description = "Resume" if self._live.state == "paused" else "Pause"
        waits = self._live.active and self._live.progress is None and not is_loaded()
        self._starter.description = "Loading" if waits else "Start"
        if self._clock is not None and not self._live.active:
            self._clock.playing = False

    def wake_clock(self) -> None:
        """Start the front end's clock, even where it has stopped, as in a page that was loaded again."""
        if self._clock is not None and self._live.active:
            self._clock.playing = False
            self._clock.playing = True

    def _button(self, text, action, width):
        button = widgets.Button(description=text, tooltip=_TOOLTIPS.get(text, ""), layout={"width": width})
        button.on_click(lambda _: self._attempt(action))
        return button

    def _make_clock(self):
        clock = widgets.Play(value=0, min=0, max=10**9, step=1, interval=_CLOCK_MILLISECONDS)
        clock.layout.display = "none"
        clock.observe(lambda change: self._live.tick(), "value")
        return clock

    def _start(self):
        if self._live.state == "paused":
            self._live.resume()
            self._note("The paused run continues. To start another, Stop it first.")
        elif self._live.active:
            raise RuntimeError("A run is under way: Stop it before you start another.")
        else:
            self._start_run(False)
        self.show()

    def _pause_or_resume(self):
        if self._live.state == "paused":
            self._live.resume()
        elif self._live.active:
            self._live.pause()
        else:
            raise RuntimeError("There is no run to pause: press Start first.")
        self.show()

    def step(self) -> None:
        """Do what the button Step does: go on to the next evaluation point, and pause there."""
        if self._live.active:
            self._live.step()
        else:
            self._start_run(True)
        self.show()

    def _stop(self):
        if not self._live.active:
            raise RuntimeError("There is no run to stop: press Start first.")
        self._live.stop()

    def _back(self):
        if self._live.active:
            self._live.abandon()
        else:
            self._back_to_checkpoint()
