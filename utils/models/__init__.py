"""What learns: backbones made of named blocks, the two-headed model, and the checkpoints it starts from."""

import utils._tensorflow  # noqa: F401  before anything else imports it
from utils.models.backbones import BACKBONES, DEFAULT_BACKBONE, Backbone, Block, check_backbone, fitting
from utils.models.checkpoints import checkpoint_weights, keep_checkpoint, pretrained
from utils.models.observation import Observation, observe
from utils.models.transfer import EXPANSION, NEW_HEAD, OLD_HEAD, TransferModel, layer_names

__all__ = [
    "BACKBONES",
    "DEFAULT_BACKBONE",
    "EXPANSION",
    "NEW_HEAD",
    "OLD_HEAD",
    "Backbone",
    "Block",
    "Observation",
    "TransferModel",
    "check_backbone",
    "checkpoint_weights",
    "fitting",
    "keep_checkpoint",
    "layer_names",
    "observe",
    "pretrained",
]
