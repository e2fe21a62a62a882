"""Deep networks of a reader's: how long their first update takes, nearly all of it TensorFlow's preparation."""

import time
import warnings
from collections.abc import Iterator

import keras
import numpy as np

from benchmarks.row import Row
from utils import Settings, own_model, run, train

NETWORKS = ("ConvNeXtTiny", "NASNetMobile")  # two of `keras.applications` that once took longest
_SIZE, _CLASSES, _IMAGES, _BATCH = 64, 5, 120, 32


def rows() -> Iterator[Row]:
    """The first update of all layers, then that of Keras's own `fit` on the same network, in a warm process."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 255, (_IMAGES, _SIZE, _SIZE, 3)).astype("float32")
    labels = random.integers(0, _CLASSES, _IMAGES)
    run(Settings(updates=5))  # what the first training in a process takes is no network's
    for name in NETWORKS:
        make = getattr(keras.applications, name)
        network = make(weights=None, input_shape=(_SIZE, _SIZE, 3), classes=_CLASSES)
        with warnings.catch_warnings(action="ignore"):  # it has learned nothing
            mine = own_model(network, (images, labels), (images, labels))
        steps = train(mine.settings(updates=1, batch_size=_BATCH, evaluate_every=1))
        next(steps)  # what is measured before the first update
        began = time.perf_counter()
        next(steps)
        own = time.perf_counter() - began
        steps.close()
        network.compile("adam", "sparse_categorical_crossentropy")
        began = time.perf_counter()
        network.fit(images[:_BATCH], labels[:_BATCH], verbose=0)
        fit = time.perf_counter() - began
        what = f"first update of {name} at {_SIZE} pixels, {len(network.layers)} layers"
        yield Row(what, f"{own:.0f} s (that of Keras's own `fit`: {fit:.0f} s)", "at most 20 s", own <= 20)
