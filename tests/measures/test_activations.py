"""The picture's arithmetic is the network's own."""

import numpy as np
import pytest

from utils.measures import activations
from utils.models import NEW_HEAD, OLD_HEAD, pretrained

POINTS = np.random.default_rng(0).uniform(-2, 2, (50, 2)).astype("float32")


@pytest.mark.parametrize("standardized", [False, True])
def test_numpy_gives_what_keras_gives(standardized):
    model = pretrained("plane", seed=3, standardized=standardized)
    if standardized:
        width = model.weights(NEW_HEAD)[0].shape[0]
        model.standardization.adapt(np.random.default_rng(1).normal(0.5, 0.2, (50, width)).astype("float32"))
    values = activations(model.snapshot(), POINTS)
    x = POINTS
    for block in model.blocks:
        x = block(x)
        assert np.allclose(values[block.name], x, atol=1e-5), block.name
    for task, head in (("old", OLD_HEAD), ("new", NEW_HEAD)):
        np.testing.assert_allclose(values[head], model.keras_model(task)(POINTS), rtol=1e-4, atol=1e-4)


def test_a_checkpoint_without_a_new_head_will_do():
    weights = pretrained("plane").snapshot()
    del weights[NEW_HEAD]
    assert list(activations(weights, POINTS)) == ["layer1", "layer2", "layer3", OLD_HEAD]
