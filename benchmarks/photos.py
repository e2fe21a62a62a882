"""Photographs through a frozen network of ImageNet's: how long the features of a thousand take."""

import time

import numpy as np

from benchmarks.row import Row
from utils.models.photo_networks import PHOTO_NETWORKS
from utils.tasks.patches import patches

COUNT, SIZE, MOST_SECONDS = 1000, 160, 30


def rows():
    """MobileNetV2 at 160 pixels. Its weights don't matter for the time, so none are fetched."""
    import keras

    one = PHOTO_NETWORKS["mobilenet_v2"]
    model = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            *one.preprocessing(),
            one.make(weights=None, include_top=False, input_shape=(SIZE, SIZE, 3), **dict(one.options)),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )
    few = patches("new", SIZE, every=2).x_train.astype(np.uint8)
    photos = np.tile(few, (-(-COUNT // len(few)), 1, 1, 1))[:COUNT]
    start = time.perf_counter()
    features = model.predict(photos, batch_size=32, verbose=0)
    seconds = time.perf_counter() - start
    assert features.shape == (COUNT, 1280)
    yield Row(
        f"features of {COUNT:,} photos at {SIZE} pixels, MobileNetV2 (α = 0.35), preparing it included",
        f"{seconds:.1f} s",
        f"at most {MOST_SECONDS} s",
        seconds <= MOST_SECONDS,
    )
