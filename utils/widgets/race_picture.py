"""The picture of a race: the curves of all strategies, and their paths on the old/new plane."""

from collections.abc import Callable, Sequence

from utils.plots import RaceFigure
from utils.training import Run
from utils.widgets.fitted_picture import USUAL, FittedPicture, dots, zoom

_HEIGHT = 330  # pixels, where its width is the usual one
_STACKED_BELOW, _STACKED_HEIGHT = 560, 660
_PROJECTED_STACKED_BELOW, _PROJECTED_RATIO = 380, 0.5


class RacePicture(FittedPicture):
    """A `FittedPicture` of the runs of one race.

    Args:
        redraw: As in `FittedPicture`.
    """

    def __init__(self, redraw: Callable[[], None]):
        super().__init__(_figure, _HEIGHT, redraw)

    def draw(self, runs: Sequence[Run]) -> None:
        """Bring the image up to date."""
        self.image.value = self.frames.frame(runs)


def _figure(pixels, projected):
    if projected:
        width = round(pixels / zoom(pixels))
        stacked = width < _PROJECTED_STACKED_BELOW
        height = _STACKED_HEIGHT if stacked else round(_PROJECTED_RATIO * width)
        return RaceFigure((width, height), dots(pixels) * zoom(pixels), stacked)
    if pixels < _STACKED_BELOW:
        return RaceFigure((pixels, _STACKED_HEIGHT), dots(pixels), stacked=True)
    return RaceFigure((USUAL, _HEIGHT), dots(pixels) * pixels / USUAL)
