"""The freeze board: flip which layers train, while they train, and watch what it does to both tasks."""

from collections.abc import Iterable
from functools import partial

import ipywidgets as widgets

from utils.checks import check_kind, check_list, check_mapping
from utils.frameworks import is_loaded, wait
from utils.memory import give_back_memory
from utils.strategies import STRATEGIES, Change, Controls, Settings, SettingsError, register
from utils.strategies.controls import check_schedule
from utils.tasks import PAIRS, is_own, needs_network
from utils.training import Run, train
from utils.training.live import in_background, prepare
from utils.widgets.curves_picture import CurvesPicture
from utils.widgets.form import ENDS_AT_ITS_BEST
from utils.widgets.live_panel import LivePanel
from utils.widgets.next_run import NextRun
from utils.widgets.progress_line import show_progress
from utils.widgets.run_display import RunDisplay

_PRESS = "Press Start, then freeze and unfreeze layers while it trains."
_WELCOME = f"The network knows the old task. {_PRESS}"


class FreezeBoard(LivePanel):
    """A panel on which every layer of a network can be frozen and unfrozen in the middle of its training.

    `run` needs no front end. A saved notebook keeps a picture of the board as it was when its cell ran.

    Args:
        settings: What the fields hold at first.
        runs: Runs with which the table begins.
        driver: As in `LivePanel`.

    Raises:
        SettingsError: Where `settings` isn't a `Settings`.
    """

    # What a panel for other tasks sets otherwise, besides `_make_picture`.
    _pairs, _usual, _pace, _welcome = None, Settings(), 25, _WELCOME

    def __init__(self, settings: Settings | None = None, runs: Iterable[Run] = (), driver: str | None = None):
        check_kind("settings", settings, Settings | None, "give a Settings, or None", SettingsError)
        runs = check_list("runs", runs, Run, "give a list of runs")
        if settings is not None:
            register(settings.meaning)
        super().__init__(driver, pace=self._pace)
        use = partial(self._attempt, self._use_text)
        converge = partial(self._attempt, self._converge)
        is_users = settings is not None and is_own(settings.pair)  # then there is no choice of tasks
        pairs, usual = ((settings.pair,), settings) if is_users else (self._pairs, self._usual)
        self._next = NextRun(self._field_changed, self._switched, use, converge, pairs, usual)
        self._picture = self._make_picture()
        self._display = RunDisplay(self._live, self._picture, self._next, self._status, self._showing, self)
        self.widget = self._lay_out()
        for run in runs:
            self._display.table.add(run)
        self._set(settings or self._usual)
        self._display.draw()
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
            self._status.complain(f"Nothing was kept. {type(error).__name__}: {error}")
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
        """The board's last state as a PNG file."""
        return self._display.still()

    def __repr__(self):
        return f"{type(self).__name__}({self._next.settings_or_usual.to_text()!r}, {len(self.runs)} runs kept)"

    @property
    def _greeting(self):
        """The welcome, or what looks wrong with the reader's own network and tasks."""
        tasks = self._next.settings_or_usual.meaning.tasks
        notes = [f"Note: {note}" for note in tasks.notes] if tasks else []
        return " ".join([*notes, _PRESS]) if notes else self._welcome

    # Layout

    def _make_picture(self):
        return CurvesPicture()

    def _lay_out(self):
        network, buttons, status = self._next.network.widget, self._transport.widget, self._status.widget
        shown = [self._display.caption, self._picture.image]
        column = [buttons, status, network, *shown] if self._picture.is_tall else [network, buttons, *shown, status]
        above = [network] if is_own(self._next.form.value("pair")) else []  # the page's whole width
        column = [part for part in column if part not in above]
        right = widgets.VBox(column, layout={"width": "628px", "flex": "0 0 auto"})
        self._next.form.widget.layout.flex = "0 0 auto"
        top = widgets.HBox([self._next.form.widget, right], layout={"overflow": "visible"})
        below = [self._next.text.widget, self._display.code.widget, self._display.table.widget]
        return widgets.VBox([*above, top, *below], layout={"width": "100%"})

    # What the reader asks for

    def _start(self, step):
        settings = self.settings
        first = "Getting ready …" if is_loaded() else "TensorFlow is being loaded; then the run begins by itself …"
        if needs_network(settings.pair):
            first = "Fetching Fashion-MNIST first, 30 MB, once …"
        self._status.say(first, passing=True)
        self._display.code.fold()
        self._live.start(settings, step=step, thread=self._transport.in_thread)
        self._display.begin(Run(settings))

    def _switched(self, layers):
        try:
            if self._live.active:
                self._live.request(Change(trained_layers=layers))
            else:
                self._next.network.show(self._learning(layers))
        except SettingsError as error:
            self._status.complain(str(error))
            return False
        self._next.show_text()
        if idle := set(layers) - set(self._learning(layers)):
            self._status.say(f"No loss of {self._display.strategy} reaches {', '.join(idle)}: it can't learn.")
        elif self._live.state == "paused":
            self._status.say("The switch takes effect when you press Resume or Step.")
        if self._picture.shows_next_run and not self._live.active:
            self._display.draw()
        return True

    def _learning(self, layers):
        return self._next.learning(self._display.strategy, layers)

    def _field_changed(self, name):
        self._attempt(lambda: self._change_run(name) if self._live.active else self._change_settings(name))

    def _change_settings(self, name):
        with self._showing:
            self._next.note_change(name)
            self._next.draw_network(self._display.strategy)
        if name in ("strategy", "pair"):
            value = self._next.form.value(name)
            self._status.say(f"{value}: {STRATEGIES[value].idea if name == 'strategy' else PAIRS[value]}.")
        self.settings  # noqa: B018  its error is the message
        self._status.settle(self._greeting)
        if self._picture.shows_next_run and self._display.run is None:
            self._display.draw()

    def _change_run(self, name):
        change = self._next.change(name, self._display.strategy)
        if change is not None:
            with self._next.form.marking():
                self._live.request(change)
            if name == "strategy":
                self._next.switch_to_strategy(change.trained_layers)
        else:
            self._next.note_change(name)
            label = self._next.form.label(name)
            self._status.say(f"The run under way keeps its settings: {label!r} is for the next.")
        self._next.show_text()
        self.settings  # noqa: B018  its error is the message
        self._status.settle(self._display.words or self._greeting)

    def _use_text(self):
        if self._live.active:
            raise RuntimeError("A run is under way: Stop it before you set all fields and switches.")
        self._set(self._next.text.settings())
        self._status.say("The fields and switches are set; press Start.")

    def _converge(self):
        if self._live.active:
            raise RuntimeError("A run is under way: Stop it before you change how the next one ends.")
        self._set(self.settings.until_converged())
        self._transport.lift_limit()
        self._status.say(ENDS_AT_ITS_BEST)

    def _set(self, settings):
        with self._showing:
            self._next.set(settings)

    def _prepare(self, settings):
        wait()
        try:
            with self._showing:
                self._next.network.count()
            prepare(settings)
        except Exception as error:  # the reader meets the same at Start, if it still matters then
            self._status.say(f"{type(error).__name__}: {error}")

    # What is shown

    def _back(self):
        self._display.back()

    def _show_now(self):
        self._display.show_now()

    def _show_between(self):
        self._display.show_layers()
