"""The panels. They show runs and pass on what the reader wishes; the training happens elsewhere."""

import utils._ipywidgets  # noqa: F401  before anything else imports it
from utils.widgets.feature_viewer import FeatureViewer
from utils.widgets.freeze_board import FreezeBoard
from utils.widgets.live_curves import LiveCurves
from utils.widgets.picture_upload import PictureUpload
from utils.widgets.playground import Playground
from utils.widgets.progress_line import ProgressCallback, show_progress, show_updates
from utils.widgets.quiz import Quiz
from utils.widgets.strategy_race import StrategyRace

__all__ = [
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
