"""A figure as a stream of pictures: only what moves is drawn each time, over a background that is reused."""

import numpy as np

from utils.checks import check_flag, check_kind
from utils.plots.feature_figure import FeatureFigure
from utils.plots.page import encode_jpeg, png_file
from utils.plots.palette import Palette
from utils.plots.plane_figure import PlaneFigure
from utils.plots.race_figure import RaceFigure
from utils.plots.run_figure import RunFigure

_COLOURS = 96  # few enough for small files, enough for smooth letters
_EFFORT = 2  # of 9: 4 takes half as long again, for files that are a tenth smaller


class LivePicture:
    """A figure as a stream of picture files.

    Args:
        figure: A `RunFigure`, or another with `show`, `figure`, `moving` and `background_changed`.
        jpeg: Whether files are JPEG rather than PNG, which is quicker for pictures full of shades.
    """

    def __init__(self, figure: FeatureFigure | PlaneFigure | RaceFigure | RunFigure, jpeg: bool = False):
        wanted = "give a RunFigure, or another with show, figure, moving and background_changed"
        self._figure = check_kind("figure", figure, (FeatureFigure, PlaneFigure, RaceFigure, RunFigure), wanted)
        self._jpeg = check_flag("jpeg", jpeg)
        self._background, self._palette = None, Palette(_COLOURS)

    def frame(self, *shown) -> bytes:
        """The figure as a file, after its `show(*shown)`."""
        self._figure.show(*shown)
        page = self._figure.figure
        canvas = page.canvas
        if self._background is None or self._figure.background_changed:
            canvas.draw()
            self._background = canvas.copy_from_bbox(page.bbox)
        else:
            canvas.restore_region(self._background)
        for artist in self._figure.moving:
            page.draw_artist(artist)
        if self._jpeg:
            return encode_jpeg(canvas)
        return png_file(self._palette.apply(np.asarray(canvas.buffer_rgba())), _EFFORT)
