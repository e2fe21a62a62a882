"""The reader's own network and data: checked, cut into blocks and an old head, and taken up like all others."""

import utils._tensorflow  # noqa: F401  before anything else imports it
from utils.user_model.adopt import Adopted, adopt, load_own
from utils.user_model.checks import OwnModelError
from utils.user_model.grouping import MOST_BLOCKS
from utils.user_model.model import OwnModel, own_model

__all__ = ["MOST_BLOCKS", "Adopted", "OwnModel", "OwnModelError", "adopt", "load_own", "own_model"]
