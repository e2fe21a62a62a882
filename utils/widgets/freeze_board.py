"""The freeze board: flip which layers train, while they train, and watch what it does to both tasks."""

from collections.abc import Iterable
from functools import partial

import ipywidgets as widgets

from utils.memory import give_back_memory
from utils.plots import LivePicture, RunFigure
from utils.strategies import STRATEGIES, Change, Settings, SettingsError, register
from utils.tasks import PAIRS, is_own, needs_network
from utils.training import Run, run
from utils.training.live import in_background
from utils.user_model import own_model
from utils.widgets.form import ENDS_AT_ITS_BEST
from utils.widgets.kept_runs import KeptRuns
from utils.widgets.keras_code import KerasCode
from utils.widgets.next_run import NextRun
from utils.widgets.progress_line import show_progress
from utils.widgets.run_panel import RunPanel

_WELCOME = "The network knows the old task. Press Start, then freeze and unfreeze layers while it trains."


class FreezeBoard(RunPanel):
    """A panel on which every layer of a network can be frozen and unfrozen in the middle of its training.

    settings: what the fields hold at first. runs: runs to begin the table with.
    driver: as in `LivePanel`.

    `run` needs no front end. A notebook that is saved keeps a picture of the board as it was when its cell ran.
    """

    # What a panel with another picture has otherwise, besides `_made_picture`, `_draw`, `_train`, `_words` and `still`.
    _pairs, _usual, _pace, _welcome, _has_curves = None, Settings(), 25, _WELCOME, True

    def __init__(self, settings: Settings | None = None, runs: Iterable[Run] = (), driver: str | None = None):
        if not isinstance(settings, Settings | None):
            raise SettingsError(f"settings={settings!r} is not allowed: give a Settings.")
        if settings is not None:
            register(settings.meaning)
        super().__init__(driver, pace=self._pace)
        self._run: Run | None = None
        self._picture, self._image = self._made_picture()
        use = partial(self._guarded, self._use_text)
        converge = partial(self._guarded, self._converge)
        own = settings is not None and is_own(settings.pair)  # then there is no choice of tasks
        pairs, usual = ((settings.pair,), settings) if own else (self._pairs, self._usual)
        self._next = NextRun(self._field_changed, self._switched, use, converge, pairs, usual)
        self._kept = KeptRuns(self._draw, self._status.say, self._has_curves)
        self._code = KerasCode(self._runs_with_code, self)
        self.widget = self._laid_out()
        for one in runs:
            self._kept.add(one)
        self._set(settings or self._usual)
        self._draw()
        self._status.say(self._welcome)
        in_background(self._prepare, self.settings)

    @classmethod
    def for_model(cls, model, old_task, new_task, settings: dict | None = None, driver: str | None = None, **given):
        """A board for a Keras classifier that knows the old task, and the reader's own tasks.

        model, old_task, new_task: as in `own_model`, which takes everything else that is given, too. settings: what
        the fields hold at first where that isn't the usual, by name: {"strategy": "feature extraction"}.
        The model itself isn't changed: the board trains copies.
        """
        own = own_model(model, old_task, new_task, **{"progress": show_progress, **given})
        return cls(own.settings(**(settings or {})), driver=driver)

    # For code

    @property
    def settings(self) -> Settings:
        """What the next run would be made of, as fields and switches stand; a `SettingsError` where that can't be."""
        return self._next.settings

    @property
    def runs(self) -> list[Run]:
        """The runs in the table, the oldest first."""
        return self._kept.runs

    def run(self, settings: Settings | None = None, schedule: Iterable | None = None) -> Run:
        """Train to the end, here and now, without a front end; the run is shown and kept like any other."""
        self._wait_for_others()
        if settings is not None:
            register(settings.meaning)
            self._set(settings)
        try:
            made = self._train(self.settings, schedule)
        except BaseException as error:  # an interrupt, too: the panel shouldn't go on telling of the run before
            self._status.complain(f"Nothing was kept. {type(error).__name__}: {error}")
            raise
        self._ended(made)
        give_back_memory()
        return made

    def insert_code(self) -> None:
        """Put the Keras code of the run shown into a new cell, below the one that calls this."""
        self._code.insert()

    def __repr__(self):
        return f"{type(self).__name__}({self._next.settings_or_usual.to_text()!r}, {len(self.runs)} runs kept)"

    # Layout

    def _laid_out(self):
        column, network = self._column(), self._next.network
        above = [network.widget] if is_own(self._next.form.value("pair")) else []  # the page's whole width
        below_picture = [self._status.widget] if self._status.widget not in column else []
        right = widgets.VBox([*(part for part in column if part not in above), *below_picture])
        right.layout = widgets.Layout(width="628px", flex="0 0 auto")
        self._next.form.widget.layout.flex = "0 0 auto"
        top = widgets.HBox([self._next.form.widget, right], layout={"overflow": "visible"})
        below = [self._next.text.widget, self._code.widget, self._kept.widget]
        return widgets.VBox([*above, top, *below], layout={"width": "100%"})

    def _column(self):
        return [self._next.network.widget, self._transport.widget, self._image]

    def _made_picture(self):
        image = widgets.Image(format="png", layout={"width": "622px", "height": "300px"})
        return LivePicture(RunFigure((622, 300), scale=1.5)), image

    # What the reader does: each says what is wanted, and lets the training do it

    def _start(self, step):
        settings = self.settings
        fetching = "Fetching Fashion-MNIST first, 30 MB, once …" if needs_network(settings.pair) else "Getting ready …"
        self._status.say(fetching, passing=True)
        self._code.fold()
        self._live.start(settings, step=step, thread=self._transport.in_thread)
        with self._showing:
            if self._live.progress is None:
                self._run = Run(settings)
                self._draw()

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
            self._status.say(f"No loss of {self._strategy} reaches {', '.join(idle)}: it can't learn.")
        elif self._live.state == "paused":
            self._status.say("The switch takes effect when you press Resume or Step.")
        return True

    @property
    def _strategy(self):
        """Of the run under way, or of the next."""
        return self._live.settings.strategy if self._live.active else self._next.form.value("strategy")

    def _learning(self, layers=None):
        return self._next.learning(self._strategy, layers)

    def _field_changed(self, name):
        self._guarded(lambda: self._change_run(name) if self._live.active else self._change_settings(name))

    def _change_settings(self, name):
        with self._showing:
            self._next.chosen(name)
            self._next.match_network(self._strategy)
        if name in ("strategy", "pair"):
            chosen = self._next.form.value(name)
            self._status.say(f"{chosen}: {STRATEGIES[chosen].idea if name == 'strategy' else PAIRS[chosen]}.")
        self.settings  # noqa: B018  its error is the message
        self._status.settle(self._welcome)

    def _change_run(self, name):
        change = self._next.change(name, self._strategy)
        if change is not None:
            with self._next.form.marking():
                self._live.request(change)
            if name == "strategy":
                self._next.take_up(change.trained_layers)
        else:
            self._next.chosen(name)
            label = self._next.form.label(name)
            self._status.say(f"The run under way keeps its settings: {label!r} is for the next.")
        self._next.show_text()
        self.settings  # noqa: B018  its error is the message
        self._status.settle(self._words(self._run) if self._run else self._welcome)

    def _use_text(self):
        if self._live.active:
            raise RuntimeError("A run is under way: Stop it before you set all fields and switches anew.")
        self._set(self._next.text.settings())
        self._status.say("The fields and switches are set; press Start.")

    def _converge(self):
        if self._live.active:
            raise RuntimeError("A run is under way: Stop it before you change how the next one ends.")
        self._set(self.settings.until_converged())
        self._transport.lift_limit()
        self._status.say(ENDS_AT_ITS_BEST)

    def _train(self, settings, schedule):
        return run(settings, schedule)
