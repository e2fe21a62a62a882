"""Runs as figures: functions of what was measured, on figures with a background of their own."""

from utils.plots.answers import plot_answers
from utils.plots.examples import plot_examples
from utils.plots.live_picture import LivePicture
from utils.plots.means import plot_means
from utils.plots.page import png
from utils.plots.plane import best, plot_plane
from utils.plots.proof import plot_moved
from utils.plots.race_figure import RaceFigure, plot_race
from utils.plots.run_figure import RunFigure, plot_run
from utils.plots.words import describe, percent

__all__ = [
    "LivePicture",
    "RaceFigure",
    "RunFigure",
    "best",
    "describe",
    "percent",
    "plot_answers",
    "plot_examples",
    "plot_means",
    "plot_moved",
    "plot_plane",
    "plot_race",
    "plot_run",
    "png",
]
