"""Runs as figures: functions of what was measured, on figures with a background of their own."""

from utils.plots.answers import plot_answers
from utils.plots.description import describe, examples_of, percent, what_moves
from utils.plots.examples import plot_examples
from utils.plots.feature_figure import VIEWS, FeatureFigure, plot_features
from utils.plots.live_picture import LivePicture
from utils.plots.means import plot_means
from utils.plots.movement_description import describe_movement, describe_other_image, movement_text
from utils.plots.page import png
from utils.plots.photo_figure import plot_confusions, plot_photos, plot_stages
from utils.plots.plane import best, plot_plane
from utils.plots.plane_figure import PlaneFigure, plot_playground
from utils.plots.proof import plot_weight_changes
from utils.plots.race_figure import RaceFigure, plot_race
from utils.plots.run_figure import RunFigure, plot_run
from utils.plots.trade_offs import plot_trade_offs

__all__ = [
    "VIEWS",
    "FeatureFigure",
    "LivePicture",
    "PlaneFigure",
    "RaceFigure",
    "RunFigure",
    "best",
    "describe",
    "describe_movement",
    "describe_other_image",
    "examples_of",
    "percent",
    "plot_answers",
    "plot_confusions",
    "plot_examples",
    "plot_features",
    "plot_means",
    "plot_photos",
    "plot_plane",
    "plot_playground",
    "plot_race",
    "plot_run",
    "plot_stages",
    "plot_trade_offs",
    "plot_weight_changes",
    "png",
    "movement_text",
    "what_moves",
]
