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


def vary_by_rounding(features: np.ndarray) -> np.ndarray:
    """Which features, (width,), vary by rounding alone: by less than a millionth of their size, or of the usual range.

    Silent features of a pretrained network needn't be 0: they may be 1e-33 here and 1e-8 there. Divided by their
    deviation, they would be noise as loud as any feature.

    Args:
        features: (N, width).
    """
    ranges = np.ptp(features, axis=0)
    usual = np.median(ranges[ranges > 0]) if ranges.any() else 0
    return ranges <= 1e-6 * np.maximum(np.abs(features).max(axis=0), usual)
