"""Forward passes as traced functions, for a portion of the images at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from utils.frameworks import keras, tf
from utils.models import TransferModel
from utils.models.precision import in_precision
from utils.training.held_images import Images

_IMAGES_AT_ONCE = 100  # more needs more memory (250: 20 MB), and is a tenth faster on two cores
_NUMBERS_AT_ONCE = 1.25e6  # in those images, 5 MB as floats: what a first layer of 16 maps makes of them is 27 MB


def portions(images: Images) -> Iterator[tf.Tensor]:
    """The images in portions for a forward pass, as floats."""
    at_once = max(1, min(_IMAGES_AT_ONCE, int(_NUMBERS_AT_ONCE / math.prod(images.shape[1:]))))
    return (in_precision(images[i : i + at_once]) for i in range(0, len(images), at_once))


class ForwardPasses:
    """The traced forward passes of a network, as at inference. Each is made at its first use.

    Attributes:
        prefixes: Those through first blocks alone, by the number of blocks.
        forwards: Those to the heads, by the number of first blocks that have been computed.
    """

    def __init__(self, model: TransferModel):
        self._model = model
        self.prefixes, self.forwards = {}, {}

    def prefix(self, blocks: int) -> Callable[[tf.Tensor], tf.Tensor]:
        """The function from images to the output of this many first blocks."""
        if blocks not in self.prefixes:
            self.prefixes[blocks] = _traced_prefix(self._model, blocks)
        return self.prefixes[blocks]

    def to_heads(self, computed: int) -> Callable[[tf.Tensor], tuple[tf.Tensor, tf.Tensor, tf.Tensor]]:
        """The function from the output of this many first blocks to both heads' logits and the features."""
        if computed not in self.forwards:
            self.forwards[computed] = _traced_forward(self._model, computed)
        return self.forwards[computed]

    def outputs(self, blocks: int, images: Images) -> tf.Tensor:
        """The output of this many first blocks for all images."""
        return tf.concat([self.prefix(blocks)(part) for part in portions(images)], 0)


def _traced_prefix(model, blocks):
    def prefix(images):
        for block in model.blocks[:blocks]:
            images = block(images)
        return images

    return tf.function(_drawing_nothing(model, prefix), input_signature=_signature(model, 0))


def _traced_forward(model, computed):
    def forward(outputs):
        features, new_features = model.features_of_heads(outputs, computed)
        return *model.logits(features, new_features), features

    return tf.function(_drawing_nothing(model, forward), input_signature=_signature(model, computed))


def _drawing_nothing(model, function):
    """The function with the random layers left as they were: recurrent ones draw their masks at inference, too."""

    def with_states_kept(x):
        states = [tf.identity(state.value) for state in model.seed_states]
        result = function(x)
        for state, value in zip(model.seed_states, states, strict=True):
            state.assign(value)
        return result

    return with_states_kept


def _signature(model, computed):
    return [tf.TensorSpec((None, *model.feature_shapes[computed]), keras.config.floatx())]
