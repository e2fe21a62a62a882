"""What a run is to do: a strategy with its loss terms, settings, what is switched when, and the timeline of both."""

from utils.strategies.checks import SettingsError, check_choice, check_layers, check_whole
from utils.strategies.controls import Change, Controls, check_schedule
from utils.strategies.losses import LOSSES, Batch, cross_entropy, distillation, feature_distance, weight_distance
from utils.strategies.meaning import enter, named
from utils.strategies.settings import Settings
from utils.strategies.strategy import STRATEGIES, Strategy
from utils.strategies.timeline import Span, timeline, trained_spans

__all__ = [
    "LOSSES",
    "STRATEGIES",
    "Batch",
    "Change",
    "Controls",
    "Settings",
    "SettingsError",
    "Span",
    "Strategy",
    "check_choice",
    "check_layers",
    "check_schedule",
    "check_whole",
    "cross_entropy",
    "distillation",
    "enter",
    "feature_distance",
    "named",
    "timeline",
    "trained_spans",
    "weight_distance",
]
