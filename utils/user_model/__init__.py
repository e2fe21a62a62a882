"""The reader's own network and data: checked, cut into blocks and an old head, and used like all others."""

import utils._tensorflow  # noqa: F401  before anything else imports it
from utils.user_model.checks import OwnModelError, load_user_model
from utils.user_model.cut_model import CutModel, cut_model
from utils.user_model.grouping import MOST_BLOCKS
from utils.user_model.model import OwnModel, OwnModelWarning, own_model

__all__ = [
    "MOST_BLOCKS",
    "CutModel",
    "OwnModel",
    "OwnModelError",
    "OwnModelWarning",
    "cut_model",
    "load_user_model",
    "own_model",
]
