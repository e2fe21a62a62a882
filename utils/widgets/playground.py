"""The playground in the plane: the freeze board with another picture, in which the whole network can be seen."""

import ipywidgets as widgets

from utils.models import pretrained
from utils.plots import LivePicture, PlaneFigure, describe, plot_playground, png, what_moves
from utils.strategies import Controls, Settings, SettingsError
from utils.strategies.controls import check_schedule
from utils.training import Run, train
from utils.training.live import in_background
from utils.widgets.freeze_board import FreezeBoard

# Chosen on validation points: the new task is learnt within them, whatever the seed.
PLAYGROUND = Settings(pair="plane", learning_rate=0.003, updates=2000, evaluate_every=20)
_WELCOME = (
    "The network tells one moon from the other. Press Start: it learns the rings, and you see every weight (lines) and "
    "what every unit says (maps). Freeze and unfreeze layers while it trains."
)


class Playground(FreezeBoard):
    """A freeze board for points in the plane, on which every weight and every unit of the network can be seen.

    settings: what the fields hold at first, on the pair "plane"; None for the usual ones. driver: as in `LivePanel`.
    `run` needs no front end. `weights` are those that are seen: kernel and bias by layer.
    """

    _pairs, _usual, _pace, _welcome, _has_curves = ("plane",), PLAYGROUND, 100, _WELCOME, False

    def __init__(self, settings: Settings | None = None, driver: str | None = None):
        if isinstance(settings, Settings) and settings.pair not in self._pairs:
            raise SettingsError(f"pair={settings.pair!r} is not allowed here: the playground draws 'plane' alone.")
        self.weights: dict[str, list] = {}
        self._start_of = None  # what the weights of the start belong to, and these
        super().__init__(settings, driver=driver)

    def still(self) -> bytes:
        """The panel's last state as a PNG file."""
        with self._showing:
            shown = self._run or Run(self._next.settings_or_usual)
            return png(plot_playground(shown, self.weights, self._trained()))

    # Layout

    def _column(self):
        # The switches stand over the columns of the picture, which is tall: what is said stands by the buttons.
        return [self._transport.widget, self._status.widget, self._next.network.widget, self._image]

    def _made_picture(self):
        figure = PlaneFigure(scale=1.25)
        width, height = (f"{pixels}px" for pixels in figure.size)
        return LivePicture(figure, jpeg=True), widgets.Image(format="jpeg", layout={"width": width, "height": height})

    # Training

    def _train(self, settings, schedule):
        for progress in train(settings, Controls(check_schedule(schedule or (), settings))):
            latest = progress
        self.weights = latest.weights()
        return latest.run()

    def _switched(self, layers):
        done = super()._switched(layers)
        if done and not self._live.active:
            self._draw()
        return done

    def _change_settings(self, name):
        super()._change_settings(name)
        if self._run is None:
            self._draw()

    # What is shown

    def _trained(self):
        live = self._live
        if live.active and live.progress is not None:
            return live.progress.trained_layers
        return self._learning()

    def _words(self, one):
        going_on = one.status == "training"
        return f"{describe(one)} {what_moves(one.layer_names, self._trained())}" if going_on else describe(one)

    def _show_now(self):
        live = self._live
        if live.progress is not None and not live.error:
            with self._showing:
                self.weights = live.progress.weights()
        super()._show_now()

    def _draw(self):
        with self._showing:
            shown = self._run or Run(self._next.settings_or_usual)
            if not shown.history and not self._at_start(shown.settings):
                return  # it's drawn once the network has learnt its old task
            self._image.value = self._picture.frame(shown, self.weights, self._trained())

    def _at_start(self, settings):
        """Whether `weights` are those with which a run of these settings starts; if not, they are made ready."""
        wanted = _what_start_depends_on(settings)
        if self._start_of is None:
            self._start_of = wanted, _start(settings)
        if self._start_of[0] != wanted:
            in_background(self._get_start, settings)
            return False
        self.weights = self._start_of[1]
        return True

    def _get_start(self, settings):
        try:
            made = _what_start_depends_on(settings), _start(settings)
        except Exception as error:  # the reader meets the same at Start, if it still matters then
            self._status.say(f"{type(error).__name__}: {error}")
            return
        with self._showing:
            self._start_of = made
            if self._run is None and _what_start_depends_on(self._next.settings_or_usual) == made[0]:
                self._draw()


def _what_start_depends_on(settings):
    return settings.pair_options, settings.seed, settings.row.expands


def _start(settings):
    return pretrained(settings.tasks(), settings.network, settings.seed, settings.row.expands).snapshot()
