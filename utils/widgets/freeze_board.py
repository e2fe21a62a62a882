"""The freeze board: flip which layers train, while they train, and watch what it does to both tasks."""

from collections.abc import Iterable
from functools import partial

from utils.checks import check_kind, check_list, check_mapping
from utils.memory import give_back_memory
from utils.strategies import Controls, Settings, SettingsError, register
from utils.strategies.controls import check_schedule
from utils.tasks import is_own
from utils.training import Run, train
from utils.training.live import in_background
from utils.widgets.board_layout import CAPTION_HEIGHT, lay_out
from utils.widgets.board_wishes import BoardWishes
from utils.widgets.curves_picture import CurvesPicture
from utils.widgets.drawn_panel import draw_panel
from utils.widgets.experiment_menu import ExperimentMenu
from utils.widgets.experiments import EXPERIMENTS, Experiment
from utils.widgets.next_run import NextRun
from utils.widgets.progress_line import show_progress
from utils.widgets.projector import Projector
from utils.widgets.run_display import RunDisplay
from utils.widgets.wording import in_labels

_PRESS = "Press Start, then freeze and unfreeze layers while it trains."
_WELCOME = f"The network knows the old task. {_PRESS}"


_STILL = "A picture of this panel: run the cell to use it."


class FreezeBoard(BoardWishes):
    """A panel on which every layer of a network can be frozen and unfrozen in the middle of its training.

    `run` needs no front end. A saved notebook keeps a picture of the board as it was when its cell ran.

    Args:
        settings: What the fields hold at first.
        runs: Runs with which the table begins.
        driver: As in `LivePanel`.
        presets: The experiments that are offered ready-made; None for `EXPERIMENTS`, [] for none.

    Raises:
        SettingsError: Where `settings` isn't a `Settings`.
    """

    # What a panel for other tasks sets otherwise, besides `_make_picture`.
    _pairs, _usual, _pace, _welcome = None, Settings(), 25, _WELCOME

    def __init__(
        self,
        settings: Settings | None = None,
        runs: Iterable[Run] = (),
        driver: str | None = None,
        presets: Iterable[Experiment] | None = None,
    ):
        check_kind("settings", settings, Settings | None, "give a Settings, or None", SettingsError)
        runs = check_list("runs", runs, Run, "give a list of runs")
        presets = EXPERIMENTS if presets is None else presets
        presets = check_list("presets", presets, Experiment, "give a list of experiments (Experiment)")
        if settings is not None:
            register(settings.meaning)
        super().__init__(driver, pace=self._pace)
        self._message.above = CAPTION_HEIGHT
        use = partial(self._attempt, self._use_text, lambda error: self._next.text.message.error(in_labels(error)))
        below = self._complain_below
        converge, reset = partial(self._attempt, self._converge, below), partial(self._attempt, self._reset, below)
        is_users = settings is not None and is_own(settings.pair)  # then there is no choice of tasks
        pairs, usual = ((settings.pair,), settings) if is_users else (self._pairs, self._usual)
        self._first = settings or self._usual
        wishes = self._field_changed, self._switched, use, converge, reset
        self._next = NextRun(*wishes, self._message, pairs, usual)
        self._picture = self._make_picture()
        self._projector = Projector(self._picture.project)
        said = self._status, self._complain
        self._display = RunDisplay(self._live, self._picture, self._next, *said, self._showing, self._again, self)
        self._menu = ExperimentMenu(presets, lambda *chosen: self._attempt(partial(self._play, *chosen)))
        self.widget = self._lay_out(bool(presets))
        for run in runs:
            self._display.table.add(run)
        self._set(self._first)
        self._display.show_ghosts()
        self._status.say(self._greeting)
        in_background(self._prepare, self.settings)

    @classmethod
    def for_model(cls, model, old_task, new_task, settings: dict | None = None, driver: str | None = None, **given):
        """Make a board for a Keras classifier that knows the old task. The model isn't changed: copies are trained.

        Args:
            model: As in `own_model`, which takes all further keyword arguments, too.
            old_task: As in `own_model`.
            new_task: As in `own_model`.
            settings: What the fields hold at first, if not the default: {"strategy": "feature extraction"}.
            driver: As in `LivePanel`.
        """
        from utils.user_model import own_model  # only here: it takes Keras, which a board is seen without

        if settings is not None:
            check_mapping("settings", settings, "give a mapping of fields to values")
        user_model = own_model(model, old_task, new_task, **{"progress": show_progress, **given})
        return cls(user_model.settings(**(settings or {})), driver=driver)

    # For code

    @property
    def settings(self) -> Settings:
        """The settings of the next run, as fields and switches show them; a `SettingsError` where they aren't valid."""
        return self._next.settings

    @property
    def runs(self) -> list[Run]:
        """The runs in the table, the oldest first."""
        return self._display.table.runs

    def run(self, settings: Settings | None = None, schedule: Iterable | None = None) -> Run:
        """Train to the end in this cell, without a front end; the run is shown and kept like any other.

        Args:
            settings: Set on fields and switches first; None for what they show.
            schedule: As in `utils.run`.
        """
        check_kind("settings", settings, Settings | None, "give a Settings, or None", SettingsError)
        self._wait_for_others()
        if settings is not None:
            register(settings.meaning)
            self._set(settings)
        try:
            settings = self.settings
            for progress in train(settings, Controls(check_schedule(() if schedule is None else schedule, settings))):
                latest = progress
            self._picture.follow(latest)
            run = latest.run()
        except BaseException as error:  # an interrupt, too: the panel shouldn't go on describing the run before
            self._message.error(f"Nothing was kept. {type(error).__name__}: {error}")
            raise
        self._display.end(run)
        give_back_memory()
        return run

    def show(self, run: Run) -> None:
        """Show a run that has ended, in the table, too, and set fields and switches to what it began with."""
        if self._live.active:
            raise RuntimeError("A run is under way on the board: Stop it before you open another.")
        self._set(check_kind("run", run, Run, "give a Run").settings)
        self._display.end(run)

    def insert_code(self) -> None:
        """Put the Keras code of the run shown into a new cell, below the one that calls this."""
        self._display.code.insert()

    def still(self) -> bytes:
        """The whole board as it is now, as a PNG file."""
        with self._showing:
            return draw_panel(self.widget, _STILL, {self._picture.image: self._display.still()})

    def __repr__(self):
        return f"{type(self).__name__}({self._next.settings_or_usual.to_text()!r}, {len(self.runs)} runs kept)"

    @property
    def _greeting(self):
        """The welcome, or what looks wrong with the reader's own network and tasks."""
        tasks = self._next.settings_or_usual.meaning.tasks
        notes = [f"Note: {note}" for note in tasks.notes] if tasks else []
        return " ".join([*notes, _PRESS]) if notes else self._welcome

    # Layout

    def _redraw(self):
        self._display.draw()

    def _make_picture(self):
        return CurvesPicture(self._redraw)

    def _lay_out(self, has_menu):
        menu = [self._menu.widget] if has_menu else []
        parts = self._picture, self._transport.widget, menu, self._message.widget, self._status.widget
        parts = *parts, self._projector
        return lay_out(self._next, self._display, *parts, has_page=is_own(self._form.value("pair")))
