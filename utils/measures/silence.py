"""Features that carry no information about some images."""

import numpy as np

from utils.checks import check_array


def silent_features(features: np.ndarray) -> int:
    """The number of features that are 0 for every image.

    A silent feature carries no information about these images, and no gradient passes through it.

    Args:
        features: (N, width), behind a ReLU.
    """
    features = check_array("features", features, 2)
    return int((features == 0).all(axis=0).sum())
