"""The precision in which networks compute."""

import keras
import tensorflow as tf


def check_precision() -> None:
    """Raise a ValueError where layers would compute in another precision than the numbers that they get."""
    policy, usual = keras.config.dtype_policy(), keras.config.floatx()
    if (policy.compute_dtype, policy.variable_dtype) != (usual, usual):
        raise ValueError(
            f"keras.config.dtype_policy() is {policy.name!r}, and networks here compute in {usual}: call "
            f"keras.config.set_dtype_policy({usual!r}) first, and go on; the kernel needn't be restarted."
        )


def in_precision(images) -> tf.Tensor:
    """Images as networks take them: the same values, in the floats in which networks compute."""
    return tf.cast(images, keras.config.floatx())
