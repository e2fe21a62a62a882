"""The strategy race: several strategies side by side from one start, live, on the curves and the old/new plane."""

from collections.abc import Iterable
from functools import partial

import ipywidgets as widgets

from utils.plots import plot_race, png
from utils.strategies import STRATEGIES, Settings, register
from utils.tasks import is_own
from utils.training import RacePlan, Run, race
from utils.widgets.field_messages import WRONG
from utils.widgets.form import SettingsForm
from utils.widgets.form_panel import FormPanel
from utils.widgets.keras_code import KerasCode
from utils.widgets.own_settings import own_settings_html, own_weights, without_field
from utils.widgets.projector import Projector
from utils.widgets.race_board import RaceBoard
from utils.widgets.race_picture import RacePicture
from utils.widgets.race_table import race_table, summary
from utils.widgets.style import COLUMN, DETAIL, TOP, panel, with_class
from utils.widgets.wording import in_labels

STARTERS = ("feature extraction", "fine-tuning", "learning without forgetting", "joint training")
_WELCOME = (
    "Select the strategies that take part and press Start. All begin at the checkpoint, with the same new head, "
    "and see the same batches in the same order."
)


class StrategyRace(FormPanel):
    """A panel in which several strategies train side by side.

    `run` needs no front end. A saved notebook keeps a picture of the race as it was when its cell ran.

    Args:
        settings: The settings that all strategies share.
        strategies: The strategies that are selected at first: names in `STRATEGIES`, or strategies of your own.
        seeds: The number of races, one after another; from two on, means are shown with their 95% intervals.
        changes: Settings of single strategies, as in `RacePlan`. What the reader types in a field takes their place.
        driver: As in `LivePanel`.

    Raises:
        SettingsError: As in `RacePlan`.
    """

    _what = "race"

    def __init__(
        self,
        settings: Settings | None = None,
        strategies: Iterable[str] = STARTERS,
        seeds: int = 1,
        changes: dict | None = None,
        driver: str | None = None,
    ):
        plan = RacePlan(Settings() if settings is None else settings, strategies, seeds, changes)
        register(plan.settings.meaning)
        super().__init__(driver, race)
        self._changes = self._first_changes = plan.changes or {}
        self._runs: list[Run] = []
        self._ticks = {name: self._tick(name, name in plan.strategies) for name in STRATEGIES}
        pairs = (plan.settings.pair,) if is_own(plan.settings.pair) else None
        below = self._complain_below
        converge, reset = partial(self._attempt, self._converge, below), partial(self._attempt, self._reset, below)
        own = {"own_weights": lambda: own_weights(self._changes)}
        self._form = SettingsForm(self._field_changed, converge, reset, self._message, self._ticked, pairs, **own)
        self._first = plan.settings
        self._form.set(plan.settings)
        self._seeds = widgets.Text(value=str(plan.seeds), description="seeds", continuous_update=False)
        self._seeds.observe(lambda change: self._field_changed("seeds"), "value")
        self._seeds.tooltip = "the number of races, one after another"
        self._seeds.layout.width = "220px"
        self._seeds.style.description_width = "98px"
        self._own = widgets.HTML(layout={"margin": "0"})
        self._show_own()
        self._table = widgets.HTML()
        self._code = KerasCode(self._runs_with_code, self)
        self._opened = RaceBoard(driver)
        self._picture = RacePicture(self._draw)
        self._projector = Projector(self._picture.project)
        self.widget = self._lay_out()
        self._draw()
        self._status.say(_WELCOME)

    # For code

    @property
    def plan(self) -> RacePlan:
        """The race in the fields and ticks; a `SettingsError` where it isn't valid."""
        settings = self._form.settings(None)
        changes = {name: dict(own) for name, own in self._changes.items()}
        for name in self._ticked():
            if options := self._form.loss_options(name):
                changes.setdefault(name, {}).setdefault("loss_options", options)
        return RacePlan(settings, self._ticked(), self._seed_count(), changes or None)

    @property
    def runs(self) -> list[Run]:
        """The runs of the latest race, seed by seed."""
        return list(self._runs)

    def run(self) -> list[Run]:
        """Race to the end in this cell, without a front end."""
        self._wait_for_others()
        for progress in race(self.plan):
            latest = progress
        self._show(latest)
        return self.runs

    def insert_code(self) -> None:
        """Put the Keras code of a run into a new cell, below the one that calls this.

        It is the run selected beside "Show the Keras code", by default the first.
        """
        self._code.insert()

    def close(self) -> None:
        """As in `LivePanel`; with it closes the freeze board that was opened below."""
        self._opened.close()
        super().close()

    def still(self) -> bytes:
        """The panel's last state as a PNG file."""
        return png(plot_race(self._runs, (850, 430)))

    def __repr__(self):
        return f"StrategyRace({', '.join(self._ticked())}; {len(self._runs)} runs)"

    # Layout

    def _lay_out(self):
        ticks = with_class(widgets.GridBox(list(self._ticks.values())), "fb-ticks", DETAIL)
        self._message.widget.layout.flex = "1 1 0"
        said = widgets.HBox([self._message.widget, self._projector.button], layout={"justify_content": "space-between"})
        column = [ticks, self._transport.widget, said, self._picture.widget, self._status.widget, self._own]
        left = with_class(widgets.VBox([self._seeds, self._form.widget]), DETAIL)
        top = with_class(widgets.HBox([left, with_class(widgets.VBox(column, layout={"width": "622px"}), COLUMN)]), TOP)
        below = [with_class(part, DETAIL) for part in (self._table, self._code.widget, self._opened.widget)]
        return self._projector.on(panel([top, *below]))

    def _tick(self, name, value):
        layout, idea = {"width": "auto", "margin": "0"}, STRATEGIES[name].idea
        tick = widgets.Checkbox(value=value, description=name, indent=False, tooltip=idea, layout=layout)
        tick.observe(lambda change: self._field_changed("strategies"), "value")
        return tick

    def _seed_count(self):
        text = self._seeds.value.strip()
        return int(text) if text.isdecimal() else text  # `RacePlan` says what is wrong with it

    def _ticked(self):
        return tuple(name for name, tick in self._ticks.items() if tick.value)

    # What the reader asks for

    def _start(self, step):
        plan = self.plan
        self._seeds.remove_class(WRONG)
        self._message.clear()
        self._form.messages.quiet()
        self._status.say("Getting ready …", passing=True)
        self._code.fold()
        self._live.start(plan, step=step, thread=self._transport.in_thread)

    def _field_changed(self, name):
        self._changes = without_field(self._changes, name)
        self._form.show_relevant_fields()
        self._show_own()
        self._form.messages.quiet()
        if self._live.active:
            place = self._message if name in ("seeds", "strategies") else self._form.messages.place(name)
            place.note("The race in progress keeps its settings; this applies to the next one.")
        else:
            self._attempt(self._check, partial(self._complain, changed=name))

    def _complain(self, error, changed=""):
        if error.startswith("strategies=[]"):
            error = "Select at least one strategy."
        is_number = error.startswith("seeds=")
        if is_number or changed == "seeds":
            (self._seeds.add_class if is_number else self._seeds.remove_class)(WRONG)
            self._message.error(in_labels(error, typed=self._seeds.value if is_number else None))
        else:
            super()._complain(error, changed)

    def _shared_settings(self):
        return self.plan.settings

    def _set(self, settings):
        self._form.set(settings)

    def _reset(self):
        self._refuse_under_way("reset the fields")
        self._changes = self._first_changes
        super()._reset()
        self._show_own()

    def _show_own(self):
        self._own.value = own_settings_html(self._changes, self._ticked(), self._form.text("old_loss_weight"))

    def _check(self):
        self.plan  # noqa: B018  its error is the message
        self._seeds.remove_class(WRONG)
        self._message.clear()

    def _back(self):
        with self._showing:
            self._runs = []
            self._code.fold()
            self._opened.offer(())
            self._draw()
            self._status.say(_WELCOME)

    # What is shown

    def _show_now(self):
        live = self._live
        if live.error:
            self._status.say("The race ended with an error.")
            self._complain(live.error)
        elif live.progress is None and not live.active:
            self._back()
        elif live.progress is not None:
            self._show(live.progress)

    def _show(self, progress):
        with self._showing:
            self._runs = progress.runs()
            if _points(self._runs) != self._drawn:
                self._draw()
            done = progress.status != "training"
            if done:
                self._code.fold()
                self._opened.offer(self._runs)
            self._status.report(summary(self._runs, progress), at_once=done or self._live.state == "paused")

    def _runs_with_code(self):
        several = len({run.settings.seed for run in self._runs}) > 1
        return {run.settings.strategy + f", seed {run.settings.seed}" * several: run for run in self._runs}

    def _draw(self):
        with self._showing:
            self._drawn = _points(self._runs)
            self._picture.draw(self._runs)
            self._table.value = race_table(self._runs)


def _points(runs):
    """What picture and table depend on: how far each run has come on its curves, and whether it has ended."""
    return [(len(run.history["update"]) if run.history else 0, run.status) for run in runs]
