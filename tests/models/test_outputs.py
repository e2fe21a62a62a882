"""Outputs batch by batch are those of predict."""

import keras
import numpy as np
import pytest

from utils.models.outputs import outputs_of
from utils.models.photo_networks import shipped_photo_net
from utils.tasks.patches import patches


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, 32, 33, 70])
def test_the_same_as_predict(count):
    model, x = shipped_photo_net(), patches("new").x_test[:count]
    found = outputs_of(model, x)
    assert found.shape == (count, 8)
    assert found == pytest.approx(model.predict(x, verbose=0), abs=1e-4)


def test_as_at_inference_and_in_order():
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dropout(0.9)])
    x = np.arange(10, dtype="float32")[:, None]
    assert (outputs_of(model, x, batch_size=4) == x).all()


def test_progress_wraps_the_batches():
    seen = []
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dropout(0.9)])
    outputs_of(model, np.ones((10, 1), "float32"), 4, lambda batches: seen.append(len(batches)) or batches)
    assert seen == [3]


def test_nothing_is_refused():
    with pytest.raises(ValueError, match="x is empty"):
        outputs_of(shipped_photo_net(), patches("new").x_test[:0])
