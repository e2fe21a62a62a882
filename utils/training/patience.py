"""Early stopping: until when validation improved, and with which weights it was best."""

import math
from collections.abc import Callable


class Patience:
    """Watches a validation loss, evaluation by evaluation.

    evaluations: as many without an improvement are waited for, as in `keras.callbacks.EarlyStopping`; 0 for ever.
    best_update, best_weights: where the loss was lowest; None where nobody waits.
    """

    def __init__(self, evaluations: int):
        self._evaluations, self._waited, self._lowest = evaluations, 0, math.inf
        self.best_update: int | None = None
        self.best_weights: dict | None = None

    @property
    def exhausted(self) -> bool:
        """Whether the loss hasn't improved for as many evaluations as are waited for."""
        return 0 < self._evaluations <= self._waited

    def see(self, update: int, loss: float, weights: Callable[[], dict]) -> None:
        """An evaluation after `update` updates. weights: makes a copy of the weights as they are."""
        if not self._evaluations:
            return
        self._waited += 1
        if loss < self._lowest:
            self._waited, self._lowest, self.best_update, self.best_weights = 0, loss, update, weights()

    def wait_afresh(self) -> None:
        """Count from here on: what trains, or how fast, has just changed, or is going to."""
        self._waited = 0
