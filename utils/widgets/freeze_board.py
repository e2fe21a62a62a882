"""The freeze board: flip which layers train, while they train, and watch what it does to both tasks."""

from collections.abc import Iterable
from functools import partial

import ipywidgets as widgets

from utils.plots import LivePicture, RunFigure, describe, plot_run, png
from utils.tasks import PAIRS, needs_network
from utils.training import STRATEGIES, Change, Run, Settings, SettingsError, run
from utils.training.live import in_background, prepare
from utils.training.memory import give_back_memory
from utils.widgets.kept_runs import KeptRuns
from utils.widgets.keras_code import KerasCode
from utils.widgets.live_panel import LivePanel
from utils.widgets.next_run import NextRun

_WELCOME = "The network knows the old task. Press Start, then freeze and unfreeze layers while it trains."


class FreezeBoard(LivePanel):
    """A panel on which every layer of a network can be frozen and unfrozen in the middle of its training.

    settings: what the fields hold at first. runs: runs to begin the table with.
    driver: as in `LivePanel`.

    `run` needs no front end. A notebook that is saved keeps a picture of the board as it was when its cell ran.
    """

    # What a panel with another picture has otherwise, besides `_made_picture`, `_draw`, `_train`, `_words` and `still`.
    _pairs, _usual, _pace, _welcome, _has_curves = tuple(PAIRS), Settings(), 25, _WELCOME, True

    def __init__(self, settings: Settings | None = None, runs: Iterable[Run] = (), driver: str | None = None):
        if not isinstance(settings, Settings | None):
            raise SettingsError(f"settings={settings!r} is not allowed: give a Settings.")
        super().__init__(driver, pace=self._pace)
        self._run: Run | None = None
        self._picture, self._image = self._made_picture()
        use = partial(self._guarded, self._use_text)
        self._next = NextRun(self._field_changed, self._switched, use, self._pairs, self._usual)
        self._kept = KeptRuns(self._draw, self._status.say, self._has_curves)
        self._code = KerasCode(self._runs_with_code, self)
        self.widget = self._laid_out()
        for one in runs:
            self._kept.add(one)
        self._set(settings or self._usual)
        self._draw()
        self._status.say(self._welcome)
        in_background(self._prepare, self.settings)

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

    def still(self) -> bytes:
        """The board's last state as a PNG file."""
        shown = self._run or next(reversed(self._kept.ghosts.values()), None) or Run(self._next.settings_or_usual)
        return png(plot_run(shown, self._kept.ghosts_beside(shown)))

    def __repr__(self):
        return f"{type(self).__name__}({self._next.settings_or_usual.to_text()!r}, {len(self.runs)} runs kept)"

    # Layout

    def _laid_out(self):
        right = widgets.VBox([*self._column(), self._status.widget])
        right.layout = widgets.Layout(width="628px", flex="0 0 auto")
        self._next.form.widget.layout.flex = "0 0 auto"
        top = widgets.HBox([self._next.form.widget, right], layout={"overflow": "visible"})
        below = [self._next.text.widget, self._code.widget, self._kept.widget]
        return widgets.VBox([top, *below], layout={"width": "100%"})

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
            self._status.say(f"The run under way keeps its settings: the new {label} is for the next.")
        self._next.show_text()
        self.settings  # noqa: B018  its error is the message
        self._status.settle(self._words(self._run) if self._run else self._welcome)

    def _use_text(self):
        if self._live.active:
            raise RuntimeError("A run is under way: Stop it before you set all fields and switches anew.")
        self._set(self._next.text.settings())
        self._status.say("The fields and switches are set; press Start.")

    def _train(self, settings, schedule):
        return run(settings, schedule)

    # What is shown

    _words = staticmethod(describe)

    def _set(self, settings):
        with self._showing:
            self._next.set(settings)

    def _prepare(self, settings):
        try:
            prepare(settings)
        except Exception as error:  # the reader meets the same at Start, if it still matters then
            self._status.say(f"{type(error).__name__}: {error}")

    def _show_now(self):
        live = self._live
        if live.active:
            self._show_run(live.progress)
        elif live.error:
            self._show_error(live.progress, live.error)
        elif live.progress is None:
            self._back()
        else:
            self._ended(live.progress.run())

    def _show_between(self):
        """What is frozen is told at once: a switch that waits for a picture feels stuck."""
        if self._live.progress is not None:
            with self._showing:
                self._next.network.show(self._live.progress.trained_layers)

    def _show_run(self, progress):
        if progress is not None:
            self._run = progress.run()
            self._next.network.show(progress.trained_layers)
            self._status.report(self._words(self._run), at_once=self._live.state == "paused")
            self._draw()

    def _show_error(self, progress, error):
        self._run = progress.run() if progress else None
        if progress and progress.update:
            self._kept.add(self._run)
        self._next.match_network(self._strategy)
        self._draw()
        self._status.say(f"The run ended with an error. {error}" if progress else f"Nothing was trained. {error}")
        self._next.form.mark(error)

    def _ended(self, one):
        with self._showing:
            self._run = one
            self._code.fold()
            self._kept.add(one)
            self._next.match_network(self._strategy)
            self._draw()
            self._status.say(self._words(one))

    def _back(self):
        with self._showing:
            self._run = None
            self._next.match_network(self._strategy)
            self._draw()
            self._status.say("Back at the checkpoint: the network knows the old task, and its new head is random.")

    def _draw(self):
        with self._showing:
            shown = self._run or Run(self._next.settings_or_usual)
            self._image.value = self._picture.frame(shown, self._kept.ghosts_beside(shown))

    def _runs_with_code(self):
        shown = self._run or next(reversed(self.runs), None)
        return {} if shown is None else {"the run shown": shown}
