"""The freeze board: flip which layers train, while they train, and watch what it does to both tasks."""

import base64
import html
import sys
import threading
import time
from collections.abc import Iterable

import ipywidgets as widgets

from utils.plots import LivePicture, RunFigure, describe, plot_run, png
from utils.training import STRATEGIES, Change, LiveTraining, Run, Settings, SettingsError, run
from utils.training.controls import check_schedule
from utils.training.live import in_background, prepare, stop_others
from utils.training.settings import check_learning_rate
from utils.widgets.form import SettingsForm
from utils.widgets.kept_runs import KeptRuns
from utils.widgets.network import NetworkSwitches

FRAME_SECONDS = 0.1  # between two pictures
_WORDS_SECONDS = 1.0  # between two sentences: a screen reader has to keep up
_PACES = {"25 updates/s": 25, "5 updates/s": 5, "100 updates/s": 100, "no limit": None}
_DRIVERS = ("thread", "play")
_WELCOME = "The network knows the old task. Press Start, then freeze and unfreeze layers while it trains."


class FreezeBoard:
    """A panel on which every layer of a network can be frozen and unfrozen in the middle of its training.

    settings: what the fields hold at first. runs: runs to begin the table with.
    driver: "thread" trains in the background; "play" is driven by the front end's clock, for front ends that don't
    show what a thread changes (by default on Colab alone). None chooses.

    `run` needs no front end. A notebook that is saved keeps a picture of the board's last state.
    """

    def __init__(self, settings: Settings | None = None, runs: Iterable[Run] = (), driver: str | None = None):
        stop_others(None)  # the cell that made another board may have been run again
        driver = driver or ("play" if "google.colab" in sys.modules else "thread")
        if driver not in _DRIVERS:
            raise ValueError(f"driver={driver!r} is not allowed: it must be one of {', '.join(_DRIVERS)}.")
        self._live = LiveTraining(self._changed)
        self._run: Run | None = None
        self._showing = threading.RLock()  # the thread that trains and the reader's both draw
        self._last_frame, self._last_words, self._spoken, self._complaint = 0.0, 0.0, "", None
        self._picture = LivePicture(RunFigure((622, 300), scale=1.5))
        self._network = NetworkSwitches(self._switched)
        self._form = SettingsForm(self._field_changed)
        self._kept = KeptRuns(self._draw, self._say)
        self._image = widgets.Image(format="png", layout={"width": "622px", "height": "300px"})
        self._words = widgets.HTML(layout={"width": "618px", "min_height": "40px", "margin": "0"})
        self._play = self._clock() if driver == "play" else None
        self.widget = self._laid_out()
        for one in runs:
            self._kept.add(one)
        self._set(settings or Settings())
        self._draw()
        self._say(_WELCOME)
        in_background(self._prepare, self.settings)

    # For code

    @property
    def settings(self) -> Settings:
        """What the fields and switches say now; a `SettingsError` where that can't be."""
        return self._form.settings(self._network.wished)

    @property
    def runs(self) -> list[Run]:
        """The runs in the table, the oldest first."""
        return self._kept.runs

    def run(self, settings: Settings | None = None, schedule: Iterable | None = None) -> Run:
        """Train to the end, here and now, without a front end; the run is shown and kept like any other."""
        if settings is not None:
            self._set(settings)
        stop_others(None)
        self._live.join(60)
        made = run(self.settings, check_schedule(schedule or ()))
        self._ended(made)
        return made

    def still(self) -> bytes:
        """The board's last state as a PNG file."""
        ghosts = self._kept.ghosts
        latest = next(reversed(ghosts.values()), None)
        shown = self._run or latest or Run(self._settings_or_default())
        return png(plot_run(shown, _without(ghosts, shown)))

    def _repr_mimebundle_(self, **options):
        """The live panel, and beside it a picture for pages that know no widgets."""
        bundle = self.widget._repr_mimebundle_(**options) or {}
        return {**bundle, "text/plain": repr(self), "image/png": base64.b64encode(self.still()).decode()}

    def __repr__(self):
        return f"FreezeBoard({self._settings_or_default().to_text()!r}, {len(self.runs)} runs kept)"

    # Layout

    def _laid_out(self):
        def button(text, action, width):
            made = widgets.Button(description=text, layout={"width": width})
            made.on_click(lambda _: self._guarded(action))
            return made

        self._pause = button("Pause", self._pause_or_resume, "76px")
        self._pace = widgets.Dropdown(options=_PACES, description="speed", layout={"width": "172px"})
        self._pace.style.description_width = "42px"
        self._pace.observe(lambda change: self._live.set_pace(change.new), "value")
        self._live.set_pace(self._pace.value)
        buttons = widgets.HBox(
            [
                button("Start", self._start, "66px"),
                self._pause,
                button("Step", self._step, "58px"),
                button("Stop", self._stop, "58px"),
                button("Back to the checkpoint", self._back, "172px"),
                self._pace,
            ]
        )
        right = widgets.VBox([self._network.widget, buttons, self._image, self._words])
        right.layout = widgets.Layout(width="628px", flex="0 0 auto")
        self._text = widgets.Text(description="as text", continuous_update=False, layout={"width": "600px"})
        self._text.style.description_width = "50px"
        use = button("Use these settings", self._use_text, "156px")
        self._copy = widgets.HTML()
        self._form.widget.layout.flex = "0 0 auto"
        children = [
            widgets.HBox([self._form.widget, right], layout={"overflow": "visible"}),
            widgets.HBox([self._text, self._copy, use]),
            self._kept.widget,
        ]
        if self._play is not None:
            children.append(self._play)
        return widgets.VBox(children, layout={"width": "100%"})

    def _clock(self):
        clock = widgets.Play(value=0, min=0, max=10**9, step=1, interval=60)
        clock.layout.display = "none"
        clock.observe(lambda change: self._live.tick(), "value")
        return clock

    # What the reader does: each says what is wanted, and lets the training do it

    def _guarded(self, action):
        try:
            action()
        except (ValueError, RuntimeError, OSError) as error:
            self._complain(str(error))
        except Exception as error:  # it would be shown to nobody
            self._complain(f"{type(error).__name__}: {error}")
        self._wake_clock()

    def _start(self, step=False):
        if self._live.active:
            if self._live.state == "paused" and not step:
                self._live.resume()
                self._show_state()
                return
            raise RuntimeError("A run is under way: Pause or Stop it before you start another.")
        settings = self.settings
        self._say("Getting ready …")
        self._live.start(settings, step=step, thread=self._play is None)
        with self._showing:
            if self._live.progress is None:
                self._run = Run(settings)
                self._draw()
        self._show_state()

    def _pause_or_resume(self):
        if self._live.state in ("running", "stepping"):
            self._live.pause()
        elif self._live.state == "paused":
            self._live.resume()
        else:
            raise RuntimeError("Nothing is running that could be paused: press Start.")
        self._show_state()

    def _step(self):
        if not self._live.active:
            self._start(step=True)
        else:
            self._live.step()
            self._show_state()

    def _stop(self):
        if not self._live.active:
            raise RuntimeError("Nothing is running that could be stopped: press Start.")
        self._live.stop()

    def _back(self):
        if self._live.active:
            self._live.abandon()
        else:
            self._show_checkpoint()

    def _switched(self, layers):
        try:
            if self._live.active:
                self._live.request(Change(trained_layers=layers))
            else:
                self._network.show(layers)
        except SettingsError as error:
            self._complain(str(error))
            return False
        self._show_text()
        return True

    def _field_changed(self, name):
        self._guarded(lambda: self._change_run(name) if self._live.active else self._change_settings(name))

    def _change_settings(self, name):
        if name in ("strategy", "backbone"):
            self._match_network()
            self._network.set_wished(STRATEGIES[self._form.value("strategy")].layers(self._network.backbone))
        self._network.show(self._network.wished)
        self._show_text()
        self.settings  # noqa: B018  its error is the message
        if self._spoken == self._complaint:
            self._say(_WELCOME)

    def _change_run(self, name):
        if name == "strategy":
            layers = STRATEGIES[self._form.value(name)].layers(self._network.backbone)
            self._live.request(Change(trained_layers=layers))
            self._network.set_wished(layers)
        elif name == "learning_rate":
            self._live.request(Change(learning_rate=check_learning_rate(self._form.value(name))))
        else:
            self._say(f"The run under way keeps its settings: the new {name.replace('_', ' ')} is for the next.")
        self._show_text()

    def _use_text(self):
        if self._live.active:
            raise RuntimeError("A run is under way: Stop it before you set all fields and switches anew.")
        self._set(Settings.from_text(self._text.value))
        self._say("The fields and switches are set; press Start.")

    # What is shown

    def _set(self, settings):
        self._form.set(settings)
        self._network.build(settings.backbone)
        self._network.set_wished(settings.layers)
        self._network.show(settings.layers)
        self._show_text()

    def _prepare(self, settings):
        try:
            prepare(settings)
        except Exception as error:  # the reader meets the same at Start, if it still matters then
            self._say(f"{type(error).__name__}: {error}")

    def _changed(self):
        """Called in the thread that trains, after every chunk: mostly it's too early for another picture."""
        now, live = time.monotonic(), self._live
        if live.active and live.state != "paused" and now - self._last_frame < FRAME_SECONDS:
            return
        with self._showing:
            if live.active:
                self._show_run(live.progress, now)
            elif live.error:
                self._show_error(live.progress, live.error)
            elif live.progress is None:
                self._show_checkpoint()
            else:
                self._ended(live.progress.run())
            self._show_state()
        self._last_frame = time.monotonic()

    def _show_run(self, progress, now):
        if progress is not None:
            self._run = progress.run()
            self._network.show(progress.trained_layers)
            self._speak(describe(self._run), now)
            self._draw()

    def _show_error(self, progress, error):
        self._run = progress.run() if progress else None
        self._match_network()
        self._draw()
        self._say(f"The run ended with an error. {error}" if progress else f"Nothing was trained. {error}")

    def _ended(self, one):
        with self._showing:
            self._run = one
            self._kept.add(one)
            self._match_network()
            self._draw()
            self._say(describe(one))

    def _show_checkpoint(self):
        with self._showing:
            self._run = None
            self._match_network()
            self._draw()
            self._say("Back at the checkpoint: the network knows the old task, and its new head is random.")

    def _match_network(self):
        """Draw the network that the next run will train: what was chosen while another ran holds from now on."""
        if self._form.value("backbone") != self._network.backbone:
            self._network.build(self._form.value("backbone"))
            self._network.set_wished(STRATEGIES[self._form.value("strategy")].layers(self._network.backbone))
        self._network.show(self._network.wished)
        self._show_text()

    def _draw(self):
        with self._showing:
            shown = self._run or Run(self._settings_or_default())
            self._image.value = self._picture.frame(shown, _without(self._kept.ghosts, shown))

    def _settings_or_default(self):
        try:
            return self.settings
        except SettingsError:
            return Settings()

    def _wake_clock(self):
        """Set the front end's clock going, even where it lost its beat: in a page that was loaded again."""
        if self._play is not None and self._live.active:
            self._play.playing = False
            self._play.playing = True

    def _show_state(self):
        self._pause.description = "Resume" if self._live.state == "paused" else "Pause"
        if self._play is not None and not self._live.active:
            self._play.playing = False

    def _show_text(self):
        try:
            text = self.settings.to_text()
        except SettingsError:
            return
        self._text.value = text
        quoted = html.escape(repr(text), quote=True)
        self._copy.value = (
            f'<button class="jupyter-button widget-button" style="width:60px" '
            f'onclick="navigator.clipboard.writeText({quoted})">Copy</button>'
        )

    def _speak(self, text, now):
        if now - self._last_words >= _WORDS_SECONDS or self._live.state == "paused":
            self._say(text)

    def _complain(self, text):
        self._complaint = text
        self._say(text)

    def _say(self, text):
        self._last_words = time.monotonic()
        if text != self._spoken:
            self._spoken = text
            style = "font-size:13px;line-height:18px"
            self._words.value = f'<div role="status" aria-live="polite" style="{style}">{html.escape(text)}</div>'


def _without(ghosts, shown):
    return {name: ghost for name, ghost in ghosts.items() if ghost is not shown}
