"""Early stopping: when to stop, and which weights were best."""

import math
from collections.abc import Callable


class Patience:
    """Watches a validation loss, evaluation by evaluation, as `keras.callbacks.EarlyStopping` does.

    Args:
        evaluations: The number in a row without an improvement after which to stop; 0 never to stop.
        drops: The number of times that the learning rate is to fall instead.

    Attributes:
        best_update: The update with the lowest loss; None before the first evaluation.
        best_weights: The weights at that update.
    """

    def __init__(self, evaluations: int, drops: int = 0):
        self._evaluations, self._drops, self._waited, self._lowest = evaluations, drops, 0, math.inf
        self.best_update: int | None = None
        self.best_weights: dict | None = None

    @property
    def exhausted(self) -> bool:
        """Whether this many evaluations in a row have brought no improvement, and the rate has fallen often enough."""
        return self._has_waited and not self._drops

    def observe(self, update: int, loss: float, weights: Callable[[], dict]) -> None:
        """Take an evaluation into account.

        Args:
            update: The number of updates made.
            loss: The validation loss.
            weights: Makes a copy of the current weights.
        """
        if not self._evaluations:
            return
        self._waited += 1
        if loss < self._lowest:
            self._waited, self._lowest, self.best_update, self.best_weights = 0, loss, update, weights()

    def take_drop(self) -> bool:
        """Whether the learning rate is to fall now; this counts as one of the times."""
        drops = self._has_waited and self._drops > 0
        self._drops -= drops
        return drops

    @property
    def _has_waited(self):
        return 0 < self._evaluations <= self._waited

    def restart(self) -> None:
        """Count from here, since what trains has changed or is about to."""
        self._waited = 0
