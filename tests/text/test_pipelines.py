"""Heads on fixed features, and training that goes wrong."""

from types import SimpleNamespace

import keras
import numpy as np
import pytest

from utils.text.pipelines import PIPELINES
from utils.text.stopping import Stop, train_epochs
from utils.text.tuning import HeadTraining


@pytest.mark.slow
def test_a_silent_feature_gives_no_huge_weight():
    """Its rounding isn't 0 everywhere: MiniLM has three of 384 whose values are about 1e-33 and 1e-8."""
    random = np.random.default_rng(0)
    vectors = np.column_stack([random.normal(size=(96, 4)), random.normal(0, 1e-33, 96)]).astype("float32")
    labels = (vectors[:, 0] > 0).astype("int32")
    training = HeadTraining(5, 2)
    experiment = SimpleNamespace(
        side_by_side=lambda features: {"train": vectors, "validation": vectors},
        labels={"train": labels, "validation": labels},
        head_training=lambda features: training,
    )
    head = PIPELINES["vector → new head"].fit(experiment, np.arange(96), 0, rate=0.01).model
    assert np.abs(head.kernel).max() < 100
    assert (head.predict(vectors) == labels).mean() > 0.9


def test_a_training_that_diverges_ends_says_so_and_keeps_what_was_best():
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
    start, calls = network.get_weights(), []

    def epoch():
        calls.append(1)
        network.set_weights([weights * np.nan for weights in start])

    stop = Stop(np.ones((4, 2), "float32"), np.zeros(4, "int32"), patience=5)
    with pytest.warns(UserWarning, match="diverged in epoch 1"):
        train_epochs(network, epoch, 10, stop, network.predict_on_batch)
    assert len(calls) == 1
    for kept, first in zip(network.get_weights(), start, strict=True):
        np.testing.assert_array_equal(kept, first)
