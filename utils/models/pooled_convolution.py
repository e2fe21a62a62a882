"""A convolution and the pooling behind it in one step, for images of few channels."""

from __future__ import annotations

from collections.abc import Callable

from utils.frameworks import keras, tf


def pooled_convolution(convolution: keras.layers.Conv2D, pooling: keras.layers.MaxPooling2D) -> Callable:
    """The two layers as one function of a tensor, (N, height, width, channels).

    Pooling asks for the largest of four neighboring outputs, and these four see 4 x 4 pixels between them. So one
    convolution of 4 x 4 with strides of 2 gives all four at once: it has each 3 x 3 kernel four times, shifted, with
    zeros around it. The bias and relu keep the order of numbers, so they can wait until the largest is known.

    The result and the gradients are those of the two layers, up to rounding. Layer after layer takes twice as long on a
    CPU: a convolution of few channels mostly moves data, and so does the gradient of max pooling.

    Args:
        convolution: 3 x 3, with strides of 1, padding "same", a bias and relu.
        pooling: 2 x 2, with strides of 2.

    Raises:
        ValueError: For layers of another form.
    """
    form = convolution.kernel_size, convolution.strides, convolution.dilation_rate, convolution.groups
    is_simple = form == ((3, 3), (1, 1), (1, 1), 1) and convolution.padding == "same" and convolution.use_bias
    if not (is_simple and convolution.activation is keras.activations.relu):
        raise ValueError("convolution: give one of 3 x 3 with strides of 1, padding 'same', a bias and relu.")
    if (pooling.pool_size, pooling.strides, pooling.padding) != ((2, 2), (2, 2), "valid"):
        raise ValueError("pooling: give one of 2 x 2 with strides of 2.")

    def pooled(x: tf.Tensor) -> tf.Tensor:
        kernel = tf.convert_to_tensor(convolution.kernel)
        shifted = [_pad(kernel, (down, 1 - down), (right, 1 - right)) for down in (0, 1) for right in (0, 1)]
        four = tf.nn.conv2d(_pad(x, (1, 1), (1, 1), first_axis=1), tf.concat(shifted, -1), 2, "VALID")
        largest = tf.reduce_max(tf.reshape(four, (-1, *four.shape[1:3], 4, convolution.filters)), -2)
        return tf.nn.relu(tf.nn.bias_add(largest, tf.convert_to_tensor(convolution.bias)))

    return pooled


def _pad(x, *around, first_axis=0):
    """Zeros around two axes that follow one another."""
    return tf.pad(x, [(0, 0)] * first_axis + [*around] + [(0, 0)] * (2 - first_axis))
