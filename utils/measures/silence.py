"""Features that carry no information about some images."""

import numpy as np


def silent_features(features: np.ndarray) -> int:
    """The number of features that are 0 for every image.

    A silent feature carries no information about these images, and no gradient passes through it.

    Args:
        features: (N, width), behind a ReLU.
    """
    return int((features == 0).all(axis=0).sum())
