"""Forward passes, as traced functions: a portion of images at a time."""

from collections.abc import Callable, Iterator

import keras
import tensorflow as tf

from utils.models import TransferModel
from utils.training.step import FrozenPrefix, run_blocks

_IMAGES_AT_ONCE = 100  # of a forward pass: more needs more memory, and is hardly faster on two cores


def portions(images: tf.Tensor) -> Iterator[tf.Tensor]:
    """The images, as many at a time as a forward pass takes."""
    return (images[i : i + _IMAGES_AT_ONCE] for i in range(0, len(images), _IMAGES_AT_ONCE))


def traced_prefix(model: TransferModel, blocks: int) -> Callable[[tf.Tensor], tf.Tensor]:
    """A function from images to what comes out of so many first blocks, as at inference."""

    def prefix(images):
        for block in model.blocks[:blocks]:
            images = block(images)
        return images

    return tf.function(prefix, input_signature=_signature(model, 0))


def traced_forward(model: TransferModel, computed: int) -> Callable:
    """A function from what comes out of the first blocks, as at inference.

    It gives the logits of the old and of the new head and what comes out of the last block.

    Args:
        model: the network.
        computed: how many first blocks have been computed; 0 for a function of images.
    """
    frozen = FrozenPrefix(computed, len(model.blocks))

    def forward(features):
        before, features = run_blocks(model, features, frozen, None)
        return *model.logits(before, features), features

    return tf.function(forward, input_signature=_signature(model, computed))


def _signature(model, computed):
    return [tf.TensorSpec((None, *model.feature_shapes[computed]), keras.config.floatx())]
