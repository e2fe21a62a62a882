"""The freeze board: flip which layers train, while they train, and watch what it does to both tasks."""

from collections.abc import Iterable

import ipywidgets as widgets

from utils.plots import LivePicture, RunFigure, describe, plot_run, png
from utils.tasks import PAIRS, class_counts, input_shape, needs_network
from utils.training import STRATEGIES, Change, Run, Settings, SettingsError, run
from utils.training.live import in_background, prepare
from utils.widgets.form import SettingsForm
from utils.widgets.kept_runs import KeptRuns
from utils.widgets.keras_code import KerasCode
from utils.widgets.live_panel import LivePanel
from utils.widgets.network import NetworkSwitches
from utils.widgets.settings_text import SettingsText

_PROTECTION = ("old_loss_weight", "temperature")  # what a run under way takes up, besides layers and rate
_MAKE_A_STRATEGY = ("losses", "backbone_rate", "keeps_copy", "expands")  # what it can't take up
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
        self._fresh_strategy = False  # whether the switches are still those of the strategy before
        self._picture, self._image = self._made_picture()
        self._network = NetworkSwitches(self._switched)
        self._form = SettingsForm(self._field_changed, pairs=self._pairs, usual=self._usual)
        self._kept = KeptRuns(self._draw, self._status.say, self._has_curves)
        self._text = SettingsText(lambda: self._guarded(self._use_text))
        self._code = KerasCode(lambda: self._run or next(reversed(self.runs), None))
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
        row, backbone = STRATEGIES[self._form.value("strategy")], self._form.value("backbone")
        # While a run goes on, the switches are those of its network, and may be none of the next one's.
        others = self._fresh_strategy or row.network(backbone) != self._network.layer_names
        return self._form.settings(row.layers(backbone) if others else self._network.wished)

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
        return made

    def still(self) -> bytes:
        """The board's last state as a PNG file."""
        ghosts = self._kept.ghosts
        latest = next(reversed(ghosts.values()), None)
        shown = self._run or latest or Run(self._settings_or_default())
        return png(plot_run(shown, _without(ghosts, shown)))

    def __repr__(self):
        return f"{type(self).__name__}({self._settings_or_default().to_text()!r}, {len(self.runs)} runs kept)"

    # Layout

    def _laid_out(self):
        right = widgets.VBox([self._network.widget, self._transport.widget, self._image, self._status.widget])
        right.layout = widgets.Layout(width="628px", flex="0 0 auto")
        self._form.widget.layout.flex = "0 0 auto"
        top = widgets.HBox([self._form.widget, right], layout={"overflow": "visible"})
        return widgets.VBox([top, self._text.widget, self._code.widget, self._kept.widget], layout={"width": "100%"})

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
                self._network.show(self._learning(layers))
        except SettingsError as error:
            self._status.complain(str(error))
            return False
        self._show_text()
        if idle := set(layers) - set(self._learning(layers)):
            self._status.say(f"No loss of {self._strategy} reaches {', '.join(idle)}: it can't learn.")
        elif self._live.state == "paused":
            self._status.say("The switch takes effect when you press Resume or Step.")
        return True

    @property
    def _strategy(self):
        """Of the run under way, or of the next."""
        return self._live.settings.strategy if self._live.active else self._form.value("strategy")

    def _learning(self, layers):
        return STRATEGIES[self._strategy].learning(layers, self._network.backbone)

    def _field_changed(self, name):
        self._guarded(lambda: self._change_run(name) if self._live.active else self._change_settings(name))

    def _change_settings(self, name):
        with self._showing:
            self._fresh_strategy |= name == "strategy"
            self._match_network()
        if name == "strategy":
            self._status.say(f"{self._form.value(name)}: {STRATEGIES[self._form.value(name)].idea}.")
        if name == "pair":
            self._status.say(f"{self._form.value(name)}: {PAIRS[self._form.value(name)]}.")
        self.settings  # noqa: B018  its error is the message
        self._status.settle(self._welcome)

    def _change_run(self, name):
        if name == "strategy" and self._same_but_for_layers():
            usual = STRATEGIES[self._form.value(name)].layers(self._network.backbone)
            self._live.request(Change(trained_layers=usual))
            self._network.set_wished(usual)
            self._fresh_strategy = False
        elif name == "learning_rate" or (name in _PROTECTION and self._same_but_for_layers()):
            value = self._form.value(name)
            if name == "old_loss_weight" and value is None:
                value = STRATEGIES[self._strategy].weight  # what None stands for; in a change it's "as before"
            with self._form.marking():
                self._live.request(Change(**{name: value}))
        else:
            self._fresh_strategy |= name == "strategy"
            label = self._form.label(name)
            self._status.say(f"The run under way keeps its settings: the new {label} is for the next.")
        self._show_text()
        self.settings  # noqa: B018  its error is the message
        self._status.settle(self._words(self._run) if self._run else self._welcome)

    def _same_but_for_layers(self):
        """Whether the strategy that was chosen differs from that of the run under way by its layers alone."""
        chosen, running = STRATEGIES[self._form.value("strategy")], STRATEGIES[self._live.settings.strategy]
        return all(getattr(chosen, name) == getattr(running, name) for name in _MAKE_A_STRATEGY)

    def _use_text(self):
        if self._live.active:
            raise RuntimeError("A run is under way: Stop it before you set all fields and switches anew.")
        self._set(self._text.settings())
        self._status.say("The fields and switches are set; press Start.")

    def _train(self, settings, schedule):
        return run(settings, schedule)

    # What is shown

    def _words(self, one):
        return describe(one)

    def _set(self, settings):
        with self._showing:
            self._form.set(settings)
            self._build_network(settings.backbone, settings.pair, settings.strategy)
            self._network.set_wished(settings.layers)
            self._network.show(self._learning(settings.layers))
            self._show_text()

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
                self._network.show(self._live.progress.trained_layers)

    def _show_run(self, progress):
        if progress is not None:
            self._run = progress.run()
            self._network.show(progress.trained_layers)
            self._status.report(self._words(self._run), at_once=self._live.state == "paused")
            self._draw()

    def _show_error(self, progress, error):
        self._run = progress.run() if progress else None
        if progress and progress.update:
            self._kept.add(self._run)
        self._match_network()
        self._draw()
        self._status.say(f"The run ended with an error. {error}" if progress else f"Nothing was trained. {error}")
        self._form.mark(error)

    def _ended(self, one):
        with self._showing:
            self._run = one
            self._code.fold()
            self._kept.add(one)
            self._match_network()
            self._draw()
            self._status.say(self._words(one))

    def _back(self):
        with self._showing:
            self._run = None
            self._match_network()
            self._draw()
            self._status.say("Back at the checkpoint: the network knows the old task, and its new head is random.")

    def _match_network(self):
        """Draw the network that the next run will train: what was chosen while another ran holds from now on."""
        self._build_network(*(self._form.value(name) for name in ("backbone", "pair", "strategy")))
        self._network.show(self._learning(self._network.wished))
        self._show_text()

    def _build_network(self, backbone, pair, strategy):
        row = STRATEGIES[strategy]
        if self._network.build(backbone, input_shape(pair), class_counts(pair), row.expands) or self._fresh_strategy:
            self._network.set_wished(row.layers(backbone))
            self._fresh_strategy = False

    def _draw(self):
        with self._showing:
            shown = self._run or Run(self._settings_or_default())
            self._image.value = self._picture.frame(shown, _without(self._kept.ghosts, shown))

    def _settings_or_default(self):
        try:
            return self.settings
        except SettingsError:
            return self._usual

    def _show_text(self):
        try:
            settings = self.settings
        except SettingsError:  # what can't be has no text
            return
        self._text.show(settings)
        self._form.note(settings.label.removeprefix(settings.strategy).lstrip(", ").replace("_", " "))


def _without(ghosts, shown):
    return {name: ghost for name, ghost in ghosts.items() if ghost is not shown}
