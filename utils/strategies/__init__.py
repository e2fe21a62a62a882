"""What a run is to do: a strategy with its loss terms, settings, what is switched when, and the timeline of both."""

from utils.strategies.checks import SettingsError, check_choice, check_layers, check_whole
from utils.strategies.controls import Change, Controls, check_schedule
from utils.strategies.field_text import write_field
from utils.strategies.fields import OPTIMIZERS
from utils.strategies.loss_code import OutputCode, WeightCode
from utils.strategies.loss_term import Answers, Batch, CheckpointData, LossOption, LossTerm
from utils.strategies.losses import LOSSES, TEMPERATURE, cross_entropy, distillation, feature_distance, weight_distance
from utils.strategies.meaning import Meaning, register, register_name
from utils.strategies.settings import Settings, parse_field
from utils.strategies.strategy import Strategy
from utils.strategies.table import BUILT_IN_STRATEGIES, STRATEGIES
from utils.strategies.timeline import Span, timeline, trained_spans

__all__ = [
    "BUILT_IN_STRATEGIES",
    "LOSSES",
    "OPTIMIZERS",
    "STRATEGIES",
    "TEMPERATURE",
    "Answers",
    "Batch",
    "Change",
    "CheckpointData",
    "Controls",
    "LossOption",
    "LossTerm",
    "Meaning",
    "OutputCode",
    "Settings",
    "SettingsError",
    "Span",
    "Strategy",
    "WeightCode",
    "check_choice",
    "check_layers",
    "check_schedule",
    "check_whole",
    "cross_entropy",
    "distillation",
    "feature_distance",
    "parse_field",
    "register",
    "register_name",
    "timeline",
    "trained_spans",
    "weight_distance",
    "write_field",
]
