"""The precision in which networks compute."""

from __future__ import annotations

from utils.frameworks import keras, tf


def in_precision(images) -> tf.Tensor:
    """Images as networks take them: the same values, in the floats in which networks compute."""
    return tf.cast(images, keras.config.floatx())
