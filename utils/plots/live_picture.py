"""A figure as a stream of pictures: only what moves is drawn anew, over a background that is kept."""

from utils.plots.page import encode, encode_jpeg
from utils.plots.plane_figure import PlaneFigure
from utils.plots.race_figure import RaceFigure
from utils.plots.run_figure import RunFigure

_COLOURS = 96  # few enough for small files, enough for smooth letters


class LivePicture:
    """A `RunFigure` (or another with `show`, `figure`, `moving`, `background_changed`) as a stream of picture files.

    jpeg: rather than PNG; for pictures full of shades.
    """

    def __init__(self, drawn: RunFigure | RaceFigure | PlaneFigure, jpeg: bool = False):
        self._drawn, self._jpeg = drawn, jpeg
        self._background = None

    def frame(self, *shown) -> bytes:
        """The figure as it looks now. shown: what its `show` takes."""
        self._drawn.show(*shown)
        figure = self._drawn.figure
        canvas = figure.canvas
        if self._background is None or self._drawn.background_changed:
            canvas.draw()
            self._background = canvas.copy_from_bbox(figure.bbox)
        else:
            canvas.restore_region(self._background)
        for artist in self._drawn.moving:
            figure.draw_artist(artist)
        return encode_jpeg(canvas) if self._jpeg else encode(canvas, _COLOURS)
