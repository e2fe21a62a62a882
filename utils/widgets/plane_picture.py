"""The picture that the playground has of a run: the whole network in the plane."""

from collections.abc import Callable, Mapping

import numpy as np

from utils.models import checkpoint_weights, pretrained
from utils.plots import PlaneFigure, describe, plot_playground, png, what_moves
from utils.plots.plane_layout import USUAL, plane_layout
from utils.training import Progress, Run
from utils.training.live import in_background
from utils.widgets.fitted_picture import FittedPicture

_SHARP, _MOST_DOTS = 1.25, 1090  # dots per pixel, unless the picture is as wide as this: maps take time


class PlanePicture:
    """Every weight and every unit of a network in the plane. Attributes and methods are those of `CurvesPicture`.

    Args:
        redraw: Called when the room for it has changed, and in a background thread when the weights of a run that
            hasn't started are loaded at last.
        say: Shows the reader a message.

    Attributes:
        weights: The weights shown: kernel and bias by layer.
    """

    shows_other_runs, shows_next_run, is_tall = False, True, True

    def __init__(self, redraw: Callable[[], None], say: Callable[[str], None]):
        self._redraw, self._say = redraw, say
        self._fitted = FittedPicture(_figure, USUAL.size[1], redraw, jpeg=True)
        self.image, self.widget, self.project = self._fitted.image, self._fitted.widget, self._fitted.project
        self.weights: dict[str, list[np.ndarray]] = {}
        self._wanted = None  # what the start weights that are to be shown depend on; None during and after a run
        self._start = None  # what the start weights at hand depend on, and these

    def follow(self, progress: Progress) -> None:
        """Copy the weights while the training waits."""
        self.weights = progress.weights()

    def recall(self, run: Run) -> bool:
        """Take the weights of a run that has ended, if they are still held."""
        weights = None if run.held is None else run.held.values
        self.weights = self.weights if weights is None else weights
        return weights is not None

    def draw(self, run: Run, trained: tuple[str, ...], others: Mapping[str, Run]) -> None:
        """Bring the widget up to date, or load the weights with which this run starts, and then draw."""
        if run.history or self._has_start_of(run.settings):
            self.image.value = self._fitted.frames.frame(run, self.weights, trained, _old_weights(run))

    def still(self, run: Run, trained: tuple[str, ...], others: Mapping[str, Run]) -> bytes:
        """The same as a PNG file."""
        return png(plot_playground(run, self.weights, trained, _old_weights(run)))

    def describe(self, run: Run, trained: tuple[str, ...]) -> str:
        """What there is to see; while the run goes on, also what moves in the picture."""
        return f"{describe(run)} {what_moves(run.layer_names, trained)}" if run.status == "training" else describe(run)

    def _has_start_of(self, settings):
        self._wanted = _dependencies(settings)
        if self._start is None:
            self._start = self._wanted, _start_weights(settings)
        if self._start[0] != self._wanted:
            in_background(self._load_start, settings)
            return False
        self.weights = self._start[1]
        return True

    def _load_start(self, settings):
        try:
            start = _dependencies(settings), _start_weights(settings)
        except Exception as error:  # the reader meets the same at Start, if it still matters then
            self._say(f"{type(error).__name__}: {error}")
            return
        if start[0] == self._wanted:
            self._start = start
            self._redraw()


def _dependencies(settings):
    """What the weights depend on with which a run starts."""
    return settings.pair_options, settings.seed, settings.row.added


def _start_weights(settings):
    return pretrained(settings.tasks(), settings.network, settings.seed, settings.row.added).snapshot()


def _old_weights(run):
    """The weights of the copy that answers for the old task, where the strategy keeps one."""
    settings = run.settings
    return checkpoint_weights(settings.tasks().old, settings.backbone) if settings.row.keeps_copy else None


def _figure(pixels, projected):
    layout = plane_layout(pixels, projected)
    dots = max(pixels, min(_SHARP * pixels, _MOST_DOTS))
    return PlaneFigure(max(_SHARP, dots / layout.size[0]), layout)
