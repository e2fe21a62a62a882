"""Features on a common scale for linear models, without blowing up those that hardly vary."""

import numpy as np
from sklearn.preprocessing import StandardScaler

from utils.measures.silence import vary_by_rounding


class FeatureScaler(StandardScaler):
    """scikit-learn's `StandardScaler`, except that a feature which varies by rounding alone keeps its scale."""

    def fit(self, X, y=None, sample_weight=None):
        """As in `StandardScaler`."""
        super().fit(X, y, sample_weight)
        self.scale_[vary_by_rounding(np.asarray(X))] = 1
        return self
