"""How similar two representations of the same images are."""

import numpy as np

from utils.checks import check_array
from utils.messages import refusal


def linear_cka(first: np.ndarray, second: np.ndarray) -> float:
    """Linear centered kernel alignment: ‖YᵀX‖² / (‖XᵀX‖ · ‖YᵀY‖), with each feature's mean subtracted first.

    It is 1 for two representations that differ by a rotation, a reflection, a shift or a factor common to all features,
    and the smaller the less their images are arranged alike (Kornblith et al. 2019). The norms are Frobenius norms;
    they are computed from the N × N products of the images, so N should be a few thousand at most.

    Args:
        first: The features X of N images, (N, ...); what is behind the first axis is flattened.
        second: The features Y of the same images in the same order, (N, ...), as many as there are.

    Returns:
        A number from 0 to 1.

    Raises:
        ValueError: For numbers of images that differ, values that aren't finite, and features that are the same for all
            images, since nothing can be similar to them.
    """
    first, second = _products("first", first), _products("second", second)
    if len(first) != len(second):
        raise ValueError(f"first has {len(first)} images, second {len(second)}: give features of the same images.")
    return float(np.sum(first * second) / (np.linalg.norm(first) * np.linalg.norm(second)))


def _products(name, features):
    """The inner product of each two images' centered features, (N, N)."""
    features = check_array(name, features, wanted="give the features of N images, (N, ...)")
    rows = features.reshape(len(features), -1).astype(np.float64)
    if not np.isfinite(rows).all():
        raise ValueError(refusal(name, features, "all values must be finite"))
    rows = rows - rows.mean(axis=0)
    if not rows.any():
        raise ValueError(f"{name} is the same for all {len(rows)} images: CKA isn't defined for it.")
    return rows @ rows.T
