"""The panels. They show runs and pass on what the reader wishes; the training happens elsewhere."""

from typing import TYPE_CHECKING

import utils._ipywidgets  # noqa: F401  before anything else imports it
from utils.frameworks import names_later
from utils.widgets.experiments import EXPERIMENTS, Experiment
from utils.widgets.feature_viewer import FeatureViewer
from utils.widgets.freeze_board import FreezeBoard
from utils.widgets.picture_upload import PictureUpload
from utils.widgets.playground import Playground
from utils.widgets.progress_line import show_progress, show_updates
from utils.widgets.quiz import Quiz
from utils.widgets.strategy_race import StrategyRace

if TYPE_CHECKING:
    from utils.widgets.live_curves import LiveCurves
    from utils.widgets.progress_callback import ProgressCallback

__all__ = [
    "EXPERIMENTS",
    "Experiment",
    "FeatureViewer",
    "FreezeBoard",
    "LiveCurves",
    "PictureUpload",
    "Playground",
    "ProgressCallback",
    "Quiz",
    "StrategyRace",
    "show_progress",
    "show_updates",
]

__getattr__, __dir__ = names_later(__name__, {"LiveCurves": "live_curves", "ProgressCallback": "progress_callback"})
