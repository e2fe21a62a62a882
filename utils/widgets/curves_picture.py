"""The picture that the freeze board has of a run: its curves."""

from collections.abc import Callable, Mapping

from utils.plots import RunFigure, describe, plot_run, png
from utils.training import Progress, Run
from utils.widgets.fitted_picture import USUAL, FittedPicture, dots, zoom

HEIGHT = 300  # pixels, where its width is the usual one
_STACKED_BELOW, _STACKED_HEIGHT = 560, 600
_PROJECTED_STACKED_BELOW, _PROJECTED_RATIO = 380, 0.4


class CurvesPicture:
    """The curves of a run, with those of other runs behind them.

    A panel that shows runs has this picture, or another with the same attributes and methods.

    Args:
        redraw: Called when the room for it has changed, or how it's drawn.

    Attributes:
        image: The image.
        widget: The image in its room.
        project: As `FittedPicture.project`.
        shows_other_runs: Whether the curves of other runs are part of it.
        shows_next_run: Whether it depends on fields and switches even before a run has started.
        is_tall: Whether the status line appears above it, since the space below is out of sight.
    """

    shows_other_runs, shows_next_run, is_tall = True, False, False

    def __init__(self, redraw: Callable[[], None]):
        self._fitted = FittedPicture(curves_figure, HEIGHT, redraw)
        self.image, self.widget, self.project = self._fitted.image, self._fitted.widget, self._fitted.project

    def follow(self, progress: Progress) -> None:
        """Copy what is drawn besides the `Run` while the training waits: nothing here."""

    def recall(self, run: Run) -> bool:
        """Get ready to draw a run that has ended; whether that is possible."""
        return True

    def draw(self, run: Run, trained: tuple[str, ...], others: Mapping[str, Run]) -> None:
        """Bring the widget up to date.

        Args:
            run: The run shown.
            trained: The layers that train now.
            others: Runs that stay visible behind it, each with a short name.
        """
        self.image.value = self._fitted.frames.frame(run, others)

    def still(self, run: Run, trained: tuple[str, ...], others: Mapping[str, Run]) -> bytes:
        """The same as a PNG file."""
        return png(plot_run(run, others))

    def describe(self, run: Run, trained: tuple[str, ...]) -> str:
        """What there is to see, in one or two sentences."""
        return describe(run)


def curves_figure(pixels: int, projected: bool) -> RunFigure:
    """The figure of a run's curves for this width, for a projector or not: stacked where there is little room."""
    if projected:
        width = round(pixels / zoom(pixels))
        stacked = width < _PROJECTED_STACKED_BELOW
        height = HEIGHT if stacked else round(width * _PROJECTED_RATIO)
        return RunFigure((width, height), dots(pixels) * zoom(pixels), stacked, essential=True)
    if pixels < _STACKED_BELOW:
        return RunFigure((pixels, _STACKED_HEIGHT), dots(pixels), stacked=True)
    return RunFigure((USUAL, HEIGHT), dots(pixels) * pixels / USUAL)
