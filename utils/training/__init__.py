"""How a network learns: settings, freezing, strategies, the engine, and the run that comes out."""

from utils.training.callbacks import ForgettingCallback
from utils.training.checks import SettingsError
from utils.training.controls import Change, Controls
from utils.training.freezing import set_trainable
from utils.training.live import LiveTraining
from utils.training.loop import Progress, run, train
from utils.training.own import OwnModel, own_model
from utils.training.proof import Seen, moved, watch, weights_of
from utils.training.race import RacePlan, race
from utils.training.run import Run
from utils.training.settings import Settings
from utils.training.strategies import STRATEGIES, Strategy

__all__ = [
    "STRATEGIES",
    "Change",
    "Controls",
    "ForgettingCallback",
    "LiveTraining",
    "OwnModel",
    "Progress",
    "RacePlan",
    "Run",
    "Seen",
    "Settings",
    "SettingsError",
    "Strategy",
    "moved",
    "own_model",
    "race",
    "run",
    "set_trainable",
    "train",
    "watch",
    "weights_of",
]
