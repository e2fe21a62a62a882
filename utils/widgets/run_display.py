"""What a panel shows of one run at a time: its picture, its layers, a sentence about it, and the runs before it."""

import threading
from collections.abc import Callable

import ipywidgets as widgets

from utils.strategies import Change
from utils.training import LiveTraining, Run
from utils.widgets.curves_picture import CurvesPicture
from utils.widgets.keras_code import KerasCode
from utils.widgets.next_run import NextRun
from utils.widgets.plane_picture import PlanePicture
from utils.widgets.run_again import RunAgain
from utils.widgets.run_caption import caption_html
from utils.widgets.run_table import RunTable
from utils.widgets.status_line import StatusLine

_BACK = (
    "Back at the checkpoint: the network knows the old task, and its new head is random. Fields, switches and the runs "
    "in the table are as they were."
)


class RunDisplay:
    """The run shown: one under way, the last that ended, or the next one at its start.

    Args:
        live: Trains the runs.
        picture: Shows the run.
        next_run: Has the switches of the network, and the settings of a run that hasn't started.
        status: Says what there is to see.
        complain: Says what went wrong beside its cause.
        lock: Held while anything is shown: the thread that trains and the reader's both do so.
        again: As `use` in `RunAgain`.
        panel: As in `KerasCode`.

    Attributes:
        run: The `Run` shown, or None at the checkpoint.
        planned: What is still to change by itself in the run under way: pairs (update, `Change`) in their order.
        table: The runs that have ended.
        code: The run shown as Keras code.
        caption: Says which run is shown, and what it is doing.
    """

    def __init__(
        self,
        live: LiveTraining,
        picture: CurvesPicture | PlanePicture,
        next_run: NextRun,
        status: StatusLine,
        complain: Callable[[str], None],
        lock: threading.RLock,
        again: Callable[[Run], None],
        panel,
    ):
        self._live, self._picture, self._next, self._lock = live, picture, next_run, lock
        self._status, self._complain = status, complain
        self.run: Run | None = None
        self.planned: list[tuple[int, Change]] = []
        self.caption = widgets.HTML(layout={"margin": "0"})
        self.table = RunTable(self._table_changed, self.recall, picture.shows_other_runs)
        self._again = RunAgain(self._named_run, again)
        self.code = KerasCode(self._named_run, panel, self._again.before, self._again.after)
        self._again.show()

    @property
    def strategy(self) -> str:
        """The strategy of the run under way, or of the next."""
        return self._live.settings.strategy if self._live.active else self._next.form.value("strategy")

    @property
    def words(self) -> str:
        """What there is to see of the run shown; empty at the checkpoint."""
        return self._picture.describe(self.run, self._trained()) if self.run else ""

    def draw(self) -> None:
        """Draw the run shown."""
        with self._lock:
            run = self.run or Run(self._next.settings_or_usual)
            self._picture.draw(run, self._trained(), self.table.ghosts_beside(run))
            self.caption.value = caption_html(self.run, self._live.state, self.table.number(self.run))

    def still(self) -> bytes:
        """What is shown as a PNG file; at the checkpoint, the latest of the runs that stay visible, if there is one."""
        with self._lock:
            latest = next(reversed(self.table.ghosts.values()), None) if self._picture.shows_other_runs else None
            run = self.run or latest or Run(self._next.settings_or_usual)
            return self._picture.still(run, self._trained(), self.table.ghosts_beside(run))

    def show_now(self) -> None:
        """Bring everything up to date with the training, in the thread that trains."""
        live = self._live
        if live.progress is not None and not live.error:
            self._picture.follow(live.progress)
        if live.active:
            self._show_under_way(live.progress)
        elif live.error:
            self._show_error(live.progress, live.error)
        elif live.progress is None:
            self.back()
        else:
            self.end(live.progress.run())

    def show_layers(self) -> None:
        """Show which layers train: a switch that waits for the next picture feels stuck."""
        if self._live.progress is not None:
            with self._lock:
                self._show_layers(self._live.progress)

    def begin(self, run: Run) -> None:
        """Show a run that has just been started, unless it has got further already."""
        with self._lock:
            if self._live.active and self._live.progress is None:
                self.run = run
                self._show_in_table()
                self.draw()

    def end(self, run: Run) -> None:
        """Show and keep a run that has ended."""
        with self._lock:
            self.run = run
            self.code.fold()
            if not any(run is kept for kept in self.table.runs):
                self.table.add(run)
            self._show_in_table()
            self._next.draw_network(self.strategy)
            self.draw()
            self._status.say(self.words)

    def recall(self, run: Run) -> None:
        """Show a run that has ended, and its switches where the next run has the same network.

        Raises:
            RuntimeError: While a run is under way, and where its picture can't be drawn anymore.
        """
        if self._live.active:
            raise RuntimeError("The pictures show the run in progress: Stop it before you look at another.")
        with self._lock:
            if not self._picture.recall(run):
                raise RuntimeError("The weights of this run are no longer in memory: run it again to see them.")
            self.run = run
            self._show_in_table()
            if self._next.network.layer_names == run.layer_names:
                self._next.network.switch_on(run.timeline[-1].layers if run.timeline else run.settings.layers)
                self._next.draw_network(self.strategy)
            self.code.refresh()
            self.draw()
            self._status.say(self.words)

    def back(self) -> None:
        """Show the checkpoint."""
        with self._lock:
            self.run = None
            self._show_in_table()
            self._fold_old_code()
            self._next.draw_network(self.strategy)
            self.draw()
            self._status.say(_BACK)

    def show_ghosts(self) -> None:
        """Draw the run shown with the runs that belong behind it."""
        with self._lock:
            self._show_in_table()
            self.draw()

    def _table_changed(self):
        with self._lock:
            self._fold_old_code()
            self.show_ghosts()

    def _show_in_table(self):
        self.table.show(self.run, self.run.settings if self.run else self._next.settings_or_usual)
        self._again.show()

    def _fold_old_code(self):
        """Hide the code of a run that is neither shown nor the latest in the table anymore."""
        if self.run is None and self.code.unfolded and self.code.shown not in self._named_run().values():
            self.code.fold()

    def _show_under_way(self, progress):
        if progress is not None:
            self.run = progress.run()
            self._show_layers(progress)
            self._status.report(self.words, at_once=self._live.state == "paused")
            self.draw()

    def _show_layers(self, progress):
        while self.planned and self.planned[0][0] < progress.update:
            self._next.follow(self.planned.pop(0)[1])
        self._next.network.show(progress.trained_layers)

    def _show_error(self, progress, error):
        self.run = progress.run() if progress else None
        if progress and progress.update:
            self.table.add(self.run)
        self._show_in_table()
        self._fold_old_code()
        self._next.draw_network(self.strategy)
        self.draw()
        self._status.say("The run ended with an error." if progress else "Nothing was trained.")
        self._complain(error)

    def _trained(self):
        """The layers that train now, or at the start of the next run."""
        if self._live.active and self._live.progress is not None:
            return self._live.progress.trained_layers
        return self._next.learning(self.strategy)

    def _named_run(self):
        """The run shown or, at the checkpoint, the latest, by a name for it."""
        run = self.run or next(reversed(self.table.runs), None)
        if run is None:
            return {}
        number = self.table.number(run)
        return {f"Run {number}" if number else "This run": run}
