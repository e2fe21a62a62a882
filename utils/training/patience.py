"""Early stopping: when to stop, and which weights were best."""

import math
from collections.abc import Callable


class Patience:
    """Watches a validation loss, evaluation by evaluation, as `keras.callbacks.EarlyStopping` does.

    Args:
        evaluations: how many in a row may bring no improvement; 0 to watch nothing.

    Attributes:
        best_update: the update at which the loss was lowest; None while nothing was seen.
        best_weights: the weights at that update.
    """

    def __init__(self, evaluations: int):
        self._evaluations, self._waited, self._lowest = evaluations, 0, math.inf
        self.best_update: int | None = None
        self.best_weights: dict | None = None

    @property
    def exhausted(self) -> bool:
        """Whether that many evaluations in a row have brought no improvement."""
        return 0 < self._evaluations <= self._waited

    def see(self, update: int, loss: float, weights: Callable[[], dict]) -> None:
        """Note an evaluation after `update` updates. weights: makes a copy of the weights as they are."""
        if not self._evaluations:
            return
        self._waited += 1
        if loss < self._lowest:
            self._waited, self._lowest, self.best_update, self.best_weights = 0, loss, update, weights()

    def restart(self) -> None:
        """Count from here: which layers train, or how fast, has changed or is about to."""
        self._waited = 0
