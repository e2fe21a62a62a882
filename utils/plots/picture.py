"""Figures as PNG: whole, or many times a second by drawing only what moves over a kept background."""

import io
from collections.abc import Mapping

from matplotlib.figure import Figure
from PIL import Image

from utils.plots.run_figure import RunFigure
from utils.training import Run

_COLOURS = 96  # few enough for small files, enough for smooth letters


def png(figure: Figure) -> bytes:
    """The whole figure as a PNG file."""
    figure.canvas.draw()
    return _encode(figure.canvas, colours=256)


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
        return _encode(canvas, _COLOURS)


def _encode(canvas, colours):
    picture = Image.frombuffer("RGBA", canvas.get_width_height(), canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    file = io.BytesIO()
    picture.convert("RGB").quantize(colours, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
        file, "PNG", compress_level=4
    )
    return file.getvalue()
