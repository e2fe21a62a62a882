"""Features that say nothing about some images."""

import numpy as np


def silent_features(features: np.ndarray) -> int:
    """How many features are 0 for every image. features: (N, width), behind a ReLU.

    A silent feature tells a head nothing about these images, and no gradient passes through it.
    """
    return int((features == 0).all(axis=0).sum())
