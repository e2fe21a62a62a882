"""Features on a common scale."""

import numpy as np
from sklearn.preprocessing import StandardScaler

from utils.measures.scaling import FeatureScaler

FEATURES = np.random.default_rng(0).normal([0, 5, -300], [0.01, 1, 300], (200, 3))


def test_usual_features_are_scaled_as_by_scikit_learn():
    constant = np.column_stack([FEATURES, np.full(200, 3.0)])
    ours, theirs = FeatureScaler().fit(constant), StandardScaler().fit(constant)
    np.testing.assert_array_equal(ours.transform(constant), theirs.transform(constant))
    np.testing.assert_array_equal(ours.scale_, theirs.scale_)


def test_features_that_vary_by_rounding_alone_stay_silent():
    noise = np.random.default_rng(1).normal(0, [1e-33, 1e-9], (200, 2))
    scaler = FeatureScaler().fit(np.column_stack([FEATURES, noise]))
    assert scaler.scale_[3:].tolist() == [1, 1]
    later = np.column_stack([FEATURES[:2], [[1e-8, 1e-8], [0, 0]]])  # elsewhere it may round otherwise
    assert np.abs(scaler.transform(later)[:, 3:]).max() < 1e-6
    assert FeatureScaler().fit(np.zeros((5, 2))).scale_.tolist() == [1, 1]
