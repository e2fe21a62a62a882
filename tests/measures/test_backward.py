import keras
import pytest
import tensorflow as tf

from utils.measures import activation_memory


@pytest.fixture
def network():
    return keras.Sequential(
        [
            keras.Input((10,)),
            keras.layers.Dense(20, activation="relu", name="low"),
            keras.layers.Dense(30, activation="relu", name="high"),
            keras.layers.Dense(1, name="head"),
        ]
    )


def kept(network, names, batch=8):
    @tf.function
    def step(x):
        with tf.GradientTape() as tape:
            value = tf.reduce_sum(network(x))
        return tape.gradient(value, [network.get_layer(name).kernel.value for name in names])

    return activation_memory(step.get_concrete_function(tf.zeros((batch, 10)) if batch else tf.TensorSpec((None, 10))))


def test_what_a_relu_network_keeps(network):
    """A kernel's gradient needs the layer's input, a ReLU's its output; four bytes a number."""
    assert kept(network, ["low", "high", "head"]) == 4 * 8 * (20 + 30)
    assert kept(network, ["high", "head"]) == 4 * 8 * (20 + 30)
    assert kept(network, ["head"]) == 4 * 8 * 30
    assert kept(network, ["head"], batch=16) == 4 * 16 * 30


def test_frozen_layers_above_are_passed_through(network):
    """The network's input isn't counted, and both ReLUs lie on the way."""
    assert kept(network, ["low"]) == 4 * 8 * (20 + 30)


def test_unknown_shapes_are_refused(network):
    with pytest.raises(ValueError, match="with arrays"):
        kept(network, ["head"], batch=None)
