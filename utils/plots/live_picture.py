"""A figure as a stream of pictures: only what moves is drawn each time, over a background that is reused."""

from utils.checks import check_flag, check_kind
from utils.plots.feature_figure import FeatureFigure
from utils.plots.page import encode, encode_jpeg
from utils.plots.plane_figure import PlaneFigure
from utils.plots.race_figure import RaceFigure
from utils.plots.run_figure import RunFigure

_COLORS = 96  # few enough for small files, enough for smooth letters


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
        self._background = None

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
        return encode_jpeg(canvas) if self._jpeg else encode(canvas, _COLORS)
