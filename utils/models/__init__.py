"""The networks: backbones made of named blocks, the two-headed model, and the checkpoints it starts from."""

import utils._tensorflow  # noqa: F401  before anything else imports it
from utils.models.added_layers import EXPANSION, NEW_HEAD, NEW_UNITS, OLD_HEAD, AddedLayers
from utils.models.backbones import (
    BACKBONES,
    BUILT_IN,
    DEFAULT_BACKBONE,
    Backbone,
    check_backbone,
    find_backbone,
    fitting,
)
from utils.models.block import Block
from utils.models.checkpoints import checkpoint_weights, keep_checkpoint, pretrained
from utils.models.observation import Observation, observe
from utils.models.outputs import outputs_of
from utils.models.photo_networks import imagenet_classifier, photo_features, shipped_photo_net
from utils.models.teaching import RECIPE
from utils.models.transfer import TransferModel, layer_names

__all__ = [
    "BACKBONES",
    "BUILT_IN",
    "DEFAULT_BACKBONE",
    "EXPANSION",
    "NEW_HEAD",
    "NEW_UNITS",
    "OLD_HEAD",
    "RECIPE",
    "AddedLayers",
    "Backbone",
    "Block",
    "Observation",
    "TransferModel",
    "check_backbone",
    "checkpoint_weights",
    "find_backbone",
    "fitting",
    "imagenet_classifier",
    "keep_checkpoint",
    "layer_names",
    "observe",
    "outputs_of",
    "photo_features",
    "pretrained",
    "shipped_photo_net",
]
