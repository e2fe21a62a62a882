"""A live picture that takes the width it has: it's drawn as large as the page shows it, also for a projector."""

from collections.abc import Callable

import ipywidgets as widgets

from utils.plots import LivePicture
from utils.widgets.room import Room
from utils.widgets.style import CARD, with_class

USUAL = 622  # pixels of width for which pictures are laid out
_DOTS = 1250  # of width, if they are no fewer than 1 per pixel and no more than 1.5: more take time in every picture
_READABLE, _PROJECTED = 1.8, 520  # a projected picture's letters: this much larger, or more in a room wider than that


class FittedPicture:
    """An image widget, and what draws its frames.

    Args:
        make_figure: Gives the figure for a width in pixels, and for a projector or not.
        height: Of the figure in pixels, where its width is `USUAL`.
        redraw: Called when there is another figure, which hasn't been drawn on.
        jpeg: As in `LivePicture`.

    Attributes:
        image: The image.
        widget: The image, with what measures its room.
        frames: The figure as a stream of picture files.
    """

    def __init__(self, make_figure: Callable, height: int, redraw: Callable[[], None], jpeg: bool = False):
        self._make_figure, self._redraw, self._jpeg = make_figure, redraw, jpeg
        self._pixels, self._projected = USUAL, False
        layout = {"width": f"{USUAL}px", "height": f"{height}px"}  # unless the page has more room, or less
        self.image = with_class(widgets.Image(format="jpeg" if jpeg else "png", layout=layout), CARD)
        self.widget = widgets.VBox([self.image, Room(self._fit).widget])
        self.frames = LivePicture(make_figure(USUAL, False), jpeg)

    def project(self, projected: bool) -> None:
        """Draw for a projector, or as usual again."""
        self._lay_out(self._pixels, projected)

    def _fit(self, pixels):
        self._lay_out(pixels, self._projected)

    def _lay_out(self, pixels, projected):
        self._pixels, self._projected = pixels, projected
        self.frames = LivePicture(self._make_figure(pixels, projected), self._jpeg)
        self._redraw()


def dots(pixels: int) -> float:
    """Dots per pixel of a picture of this width."""
    return min(1.5, max(1, _DOTS / pixels))


def zoom(pixels: int) -> float:
    """How much larger letters and lines of a projected picture are than usual."""
    return max(_READABLE, pixels / _PROJECTED)
