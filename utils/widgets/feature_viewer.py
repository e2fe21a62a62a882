"""The feature viewer: train some layers, freeze others, and see whether the weights or the features of each move."""

import math
import time
from collections.abc import Iterable

import ipywidgets as widgets

from utils.checks import check_kind, check_one_of
from utils.memory import give_back_memory
from utils.models import Observation, observe, pretrained
from utils.plots import VIEWS, FeatureFigure, describe_movement, describe_other_image, plot_features, png
from utils.plots.style import layer_label
from utils.strategies import Change, Settings, SettingsError
from utils.training import Run, train
from utils.training.continuation import go_on, settings_beyond
from utils.widgets.fitted_picture import FittedPicture, dots
from utils.widgets.image_picker import ImagePicker
from utils.widgets.live_panel import LivePanel
from utils.widgets.network import NetworkSwitches
from utils.widgets.style import WRAP, panel, with_class

_BACKBONE = "small_cnn"
_EVERY, _UPDATES = 50, 5000
_WIDTH, _HEIGHT = 840, 224  # pixels, and the height where a picture has its usual width
_NARROW_BELOW, _NARROW_WIDTH, _COLUMNS = 640, 480, 3  # where there is less room: layers side by side


class FeatureViewer(LivePanel):
    """A panel that shows weights and features of every layer before, during and after training, for one image.

    `run` needs no front end. A saved notebook keeps a picture of the panel as it was when its cell ran.

    Args:
        settings: The tasks, and how the new one is learned. "Train" goes on by `evaluate_every` updates, also after
            `updates` in all: then the run is repeated first, since it has ended.
        view: What is shown at first, one of `VIEWS`: "now", "at the start" or "the change".
        driver: As in `LivePanel`.

    Raises:
        SettingsError: For settings that this panel can't draw.
        ValueError: For another view.
    """

    def __init__(self, settings: Settings | None = None, view: str = VIEWS[0], driver: str | None = None):
        settings = Settings(evaluate_every=_EVERY, updates=_UPDATES) if settings is None else settings
        _check(settings, view)
        settings = settings.replace(standardize=False)  # whatever is switched on: features are shown as they are
        super().__init__(driver, self._train, step=f"Train {settings.evaluate_every} updates")
        self._settings = settings
        self._pair = settings.tasks()
        self._model = pretrained(self._pair, _BACKBONE, settings.seed)
        self._start_weights = self._weights = self._model.snapshot()
        self._update, self._picked_at = 0, None
        self._ended: Run | None = None  # the run that the one under way continues
        self._network = NetworkSwitches(self._switched)
        self._network.build(_BACKBONE, self._pair.old.input_shape, (self._pair.old.classes, self._pair.new.classes))
        self._picker = ImagePicker(self._pair, self._picked)
        self._view = widgets.Dropdown(options=VIEWS, value=view, description="what to show", layout={"width": "250px"})
        self._view.style.description_width = "124px"
        self._view.observe(lambda change: self._draw(), "value")
        self._picture = FittedPicture(_figure, _HEIGHT, self._draw)
        buttons = with_class(widgets.HBox([self._transport.widget, self._message.widget]), WRAP)
        self._message.widget.layout.width = "320px"
        picking = with_class(widgets.HBox([*self._picker.widget.children, self._view]), WRAP)
        self.widget = panel([self._network.widget, buttons, picking, self._picture.widget, self._status.widget])
        self._network.switch_on(settings.layers)
        self._network.show(self._learning(settings.layers))
        self._observe_start()
        self._back()

    # For code

    @property
    def before(self) -> Observation:
        """The checkpoint, with its features of the image that is picked."""
        return self._before

    @property
    def now(self) -> Observation:
        """The network shown, with its features of the image that is picked."""
        return self._now

    def look_at(self, task: str, label: str | None = None, number: int = 0) -> None:
        """Pick a test image, as `ImagePicker.pick` does."""
        self._picker.pick(task, label, number)

    def run(self, trained_layers: Iterable[str] | None = None) -> Observation:
        """Do in this cell what the button does, without a front end.

        Args:
            trained_layers: The layers that are switched on first; None for the switches as they are.

        Returns:
            What is shown then.
        """
        if trained_layers is not None:
            layers = self._settings.replace(trained_layers=trained_layers).layers
            self._network.switch_on(layers)
            self._switched(layers)
        self._live.set_pace(None)
        self._next_frame = math.inf  # a single picture, at the end
        try:
            self._transport.step()
            while self._live.state == "stepping":
                if self._transport.in_thread or not self._live.tick():
                    time.sleep(0.005)
        finally:
            self._live.set_pace(self._transport.pace)
        if self._live.error:
            raise RuntimeError(self._live.error)
        self._show_now()
        give_back_memory()
        return self._now

    def still(self) -> bytes:
        """The panel's last state as a PNG file."""
        return png(plot_features(self._before, self._now, self._pair, self._trained(), self._view.value))

    def __repr__(self):
        trained = ", ".join(self._trained())
        return f"FeatureViewer({self._settings.pair}; update {self._update}; {self._picker.label}; trained: {trained})"

    # What the reader asks for

    def _start(self, step):
        self._message.clear()
        self._ended = self._live.progress.run() if self._update else None
        if self._ended is None:
            self._status.say("Getting ready …", passing=True)
            settings = self._settings.replace(trained_layers=self._network.switched_on)
        else:
            settings = settings_beyond(self._ended)
            off = ", now without early stopping" if settings.patience < self._ended.settings.patience else ""
            self._status.say(f"Repeating the {self._update:,} updates so far, to go on from there{off} …", passing=True)
        self._live.start(settings, step=True, thread=self._transport.in_thread)

    def _train(self, settings, controls):
        if self._ended is None:
            return train(settings, controls)
        return go_on(self._ended, self._network.switched_on, settings, controls)

    def _switched(self, layers):
        try:
            if self._live.active:
                self._live.request(Change(trained_layers=layers))
            else:
                self._settings.replace(trained_layers=layers)
        except SettingsError as error:
            self._complain(str(error))
            return False
        self._message.clear()
        self._network.show(self._learning(layers))
        if idle := set(layers) - set(self._learning(layers)):
            names = ", ".join(map(layer_label, sorted(idle)))
            self._message.note(f"No loss of {self._settings.strategy} reaches {names}, so it can't learn.")
        self._draw()
        return True

    def _picked(self):
        with self._showing:
            last = self._now
            self._observe_start()
            self._draw()
            self._status.say(describe_other_image(last, self._now))
            self._picked_at = self._update

    def _back(self):
        with self._showing:
            self._weights, self._update, self._picked_at = self._start_weights, 0, None
            self._now = self._before
            self._draw()
            self._status.say(f"At the checkpoint. Choose what trains, then press Train. Image: {self._picker.label}.")

    # What is shown

    def _show_now(self):
        live = self._live
        with self._showing:
            if live.error:
                self._status.say("The run ended with an error.")
                self._complain(live.error)
            elif live.progress is None:
                if not live.active:
                    self._back()
            elif not self._is_repeating(live.progress):
                weights = live.progress.weights()
                self._now = self._observe(weights)
                self._weights, self._update = weights, live.progress.update
                self._draw()
                self._describe(live.progress.run().message)

    def _is_repeating(self, progress):
        """Whether the training is still getting back to where the last run ended, which is shown meanwhile."""
        return self._ended is not None and progress.status == "training" and progress.update <= self._ended.updates

    def _observe_start(self):
        self._before = self._observe(self._start_weights)
        self._now = self._before if self._weights is self._start_weights else self._observe(self._weights)

    def _observe(self, weights):
        self._model.restore(weights)
        return observe(self._model, self._picker.image)

    def _draw(self):
        with self._showing:
            self._picture.image.value = self._picture.frames.frame(
                self._before, self._now, self._pair, self._trained(), self._view.value
            )

    def _describe(self, message=""):
        if self._update == self._picked_at:
            return  # the thread that trains may report this update again, after what was said of the picked image
        text = f"Update {self._update}. {describe_movement(self._before, self._now)} {message}"
        self._status.report(text.rstrip(), at_once=self._live.state in ("paused", "ready"))

    def _learning(self, layers):
        return self._settings.row.learning(layers, _BACKBONE)

    def _trained(self):
        return self._learning(self._network.switched_on)


def _check(settings, view):
    check_kind("settings", settings, Settings, "give a Settings", SettingsError)
    if settings.backbone != _BACKBONE:
        other = "Playground" if settings.pair == "plane" else "FreezeBoard"
        raise SettingsError(
            f"backbone={settings.backbone!r} is not allowed here: this panel draws {_BACKBONE} alone. Give "
            f"backbone={_BACKBONE!r} and a pair of images, or take {other}(settings), which draws {settings.backbone}."
        )
    if settings.standardize:
        raise SettingsError("standardize=True is not allowed here: this panel shows features and weights as they are.")
    check_one_of("view", view, VIEWS)
    row = settings.row
    if row.added or row.keeps_copy:
        raise SettingsError(
            f"strategy={settings.strategy!r} is not allowed here: it needs more than one network with two heads."
        )


def _figure(pixels, projected):
    if pixels < _NARROW_BELOW:
        return FeatureFigure(_NARROW_WIDTH, dots(pixels) * pixels / _NARROW_WIDTH, columns=_COLUMNS)
    return FeatureFigure(_WIDTH, dots(pixels) * pixels / _WIDTH)
