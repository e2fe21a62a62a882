"""A figure as a stream of pictures: only what moves is drawn anew, over a background that is kept."""

from collections.abc import Mapping

from utils.plots.page import encode
from utils.plots.run_figure import RunFigure
from utils.training import Run

_COLOURS = 96  # few enough for small files, enough for smooth letters


class LivePicture:
    """A `RunFigure` as a stream of PNG files."""

    def __init__(self, run_figure: RunFigure):
        self._run_figure = run_figure
        self._background = None

    def frame(self, run: Run, ghosts: Mapping[str, Run] | None = None) -> bytes:
        """The figure as it looks for this run now."""
        self._run_figure.show(run, ghosts)
        figure = self._run_figure.figure
        canvas = figure.canvas
        if self._background is None or self._run_figure.background_changed:
            canvas.draw()
            self._background = canvas.copy_from_bbox(figure.bbox)
        else:
            canvas.restore_region(self._background)
        for artist in self._run_figure.moving:
            artist.axes.draw_artist(artist)
        return encode(canvas, _COLOURS)
