"""Features on a common scale, on which a new head converges much faster."""

import numpy as np

from utils.frameworks import keras
from utils.measures.silence import vary_by_rounding


class Standardization(keras.layers.Layer):
    """Subtracts a mean from each feature and divides by a deviation, like `keras.layers.Normalization`.

    Both are weights that no gradient changes, not constants: a traced function uses new values when `adapt` changes
    them, and a snapshot of the network contains them. Until then, features pass unchanged.
    """

    def build(self, shape):
        self.mean = self.add_weight(shape=(shape[-1],), initializer="zeros", trainable=False, name="mean")
        self.deviation = self.add_weight(shape=(shape[-1],), initializer="ones", trainable=False, name="deviation")

    def call(self, features):
        return (features - self.mean) / self.deviation

    def adapt(self, features: np.ndarray) -> None:
        """Standardize by these features, (N, width): mean 0 and deviation 1. A constant feature keeps its scale."""
        mean, deviation = mean_and_deviation(features)
        self.mean.assign(mean)
        self.deviation.assign(deviation)


def mean_and_deviation(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean and the standard deviation of each feature over (N, width); 1 for a constant feature.

    A silent feature, 0 for every image here, can't be divided by its deviation. Neither should one that varies by
    rounding alone.
    """
    return features.mean(axis=0), np.where(vary_by_rounding(features), 1, features.std(axis=0))
