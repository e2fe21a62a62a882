"""Features on a common scale for linear models, without blowing up those that hardly vary."""

import numpy as np
from sklearn.preprocessing import StandardScaler

_QUIET = 1e-6  # of the typical deviation: what varies less holds rounding, no information


class FeatureScaler(StandardScaler):
    """scikit-learn's `StandardScaler`, except that a feature which varies by rounding alone keeps its scale.

    Pretrained encoders have silent features whose values are not 0 but, for example, 1e-33. Divided by their
    deviation, they would be noise as loud as any feature, and a head's weights for them as large as 1e31.
    """

    def fit(self, X, y=None, sample_weight=None):
        """As in `StandardScaler`."""
        super().fit(X, y, sample_weight)
        deviations = np.sqrt(self.var_)
        if (varies := deviations > 0).any():
            self.scale_[deviations < _QUIET * np.median(deviations[varies])] = 1
        return self
