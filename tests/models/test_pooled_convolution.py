"""A convolution and its pooling in one step: what the two Keras layers give, and the same gradients."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

from utils.models import BACKBONES, pretrained
from utils.models.pooled_convolution import pooled_convolution
from utils.tasks import load_pair

FORM = {"kernel_size": 3, "padding": "same", "activation": "relu"}


def pair_of_layers(shape, pool=None, **changes):
    """A convolution for images of this shape and a pooling; the bias lets about half of the outputs through relu."""
    convolution = keras.layers.Conv2D(6, **FORM | changes)
    convolution.build((None, *shape))
    rng = np.random.default_rng(0)
    convolution.set_weights([rng.normal(0, 0.3, weight.shape) for weight in convolution.get_weights()])
    return convolution, keras.layers.MaxPooling2D(**{"pool_size": 2} | (pool or {}))


@pytest.mark.parametrize("shape", [(28, 28, 1), (7, 9, 3), (2, 3, 2)])
def test_it_is_both_layers_and_so_are_its_gradients(shape):
    convolution, pooling = layers = pair_of_layers(shape)
    x = tf.constant(np.random.default_rng(1).normal(0, 1, (6, *shape)), tf.float32)
    weights = np.random.default_rng(2).normal(0, 1, pooling.compute_output_shape((6, *shape[:2], 6)))
    found = []
    for function in (functools.partial(pooled_convolution, *layers), lambda x: pooling(convolution(x))):
        with tf.GradientTape() as tape:
            tape.watch(x)
            output = function(x)
            loss = tf.reduce_sum(output * weights)
        of = {"kernel": convolution.kernel.value, "bias": convolution.bias.value, "image": x}
        found.append({"output": output, **tape.gradient(loss, of)})
    for name, values in found[1].items():
        assert np.abs(values).max() > 0.3
        np.testing.assert_allclose(found[0][name], values, rtol=1e-4, atol=1e-5, err_msg=name)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kernel_size": 5}, "convolution"),
        ({"strides": 2}, "convolution"),
        ({"padding": "valid"}, "convolution"),
        ({"activation": "tanh"}, "convolution"),
        ({"use_bias": False}, "convolution"),
        ({"dilation_rate": 2}, "convolution"),
        ({"groups": 2}, "convolution"),
        ({"data_format": "channels_first"}, "convolution"),
        ({"activity_regularizer": "l2"}, "convolution"),
        ({"pool": {"pool_size": 3}}, "pooling"),
        ({"pool": {"strides": 1}}, "pooling"),
        ({"pool": {"padding": "same"}}, "pooling"),
    ],
)
def test_layers_of_another_form_are_refused(changes, field):
    with pytest.raises(ValueError, match=field):
        pooled_convolution(*pair_of_layers((8, 8, 8), **changes), tf.zeros((1, 8, 8, 8)))


def test_small_cnn_has_it_in_its_first_block_and_answers_as_its_keras_model_does():
    pair = load_pair("digits-drawings")
    network, x = pretrained(pair), pair.new.x_test[:50]
    assert [block.name for block in network.blocks if block.fused] == ["conv1"]
    assert not any(block.fused for block in BACKBONES["small_cnn"].build((28, 28, 3)))
    np.testing.assert_allclose(network.features(x)["old_head"], network.keras_model("old")(x), rtol=1e-4, atol=1e-4)
