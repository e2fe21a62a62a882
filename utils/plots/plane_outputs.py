"""The output of every unit of a network in the plane, whatever layers a strategy has added to it."""

from collections.abc import Mapping

import numpy as np

from utils.measures import activations
from utils.models import AddedLayers, Backbone, TransferModel
from utils.strategies import Settings

Weights = Mapping[str, list[np.ndarray]]


class PlaneOutputs:
    """The outputs of a network with given weights: in NumPy, or by Keras where layers have been added."""

    def __init__(self):
        self._built: tuple[Backbone, AddedLayers, bool] | None = None  # what the model below consists of
        self._model: TransferModel | None = None

    def __call__(self, settings: Settings, weights: Weights, points: np.ndarray) -> dict[str, np.ndarray]:
        """The outputs (N, units) of every layer at points (N, 2); for heads, logits.

        Args:
            settings: The settings of the run.
            weights: Weights by layer, as in a snapshot of the model.
            points: The points.
        """
        row = settings.row
        if row.added is None:
            return activations(weights, points)
        wanted = settings.network, row.added, settings.standardizes
        if wanted != self._built:
            self._model = TransferModel(settings.network, (2,), 2, 2, row.added, settings.standardizes)
            self._built = wanted
        self._model.restore(weights)
        return self._model.features(points)
