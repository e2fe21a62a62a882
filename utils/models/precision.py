"""The precision in which networks compute."""

import keras
import tensorflow as tf


def in_precision(images) -> tf.Tensor:
    """Images as networks take them: the same values, in the floats in which networks compute."""
    return tf.cast(images, keras.config.floatx())
