"""Which images make up which batch: drawn from the seed alone, whatever is trained and however it is chunked."""

import numpy as np

# What is drawn from a seed, kept apart so that one draw doesn't move another.
_SUBSET, _ORDER = 1, 2


def choose_images(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Indices of `count` images, as many of each class as can be: what "only so many new images" means.

    A smaller choice with the same seed is part of a larger one.
    """
    random = np.random.default_rng([seed, _SUBSET])
    rank = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[random.permutation(members)] = np.arange(len(members))
    tie = random.random(len(labels))
    return np.lexsort((tie, rank))[:count]


class Batches:
    """The order of the images: epoch after epoch, each in a new order, cut into batches without a remainder.

    task: two tasks with one seed have orders of their own.
    """

    def __init__(self, images: int, batch_size: int, seed: int, task: int = 0):
        self._images, self._batch_size = images, batch_size
        self._drawn_from = (seed, _ORDER) if task == 0 else (seed, _ORDER, task)
        self._orders = {}

    def rows(self, update: int, count: int) -> np.ndarray:
        """The indices of the batches of `count` updates from this update on: int32 (count, batch size)."""
        first, last = update * self._batch_size, (update + count) * self._batch_size
        epochs = range(first // self._images, (last - 1) // self._images + 1)
        order = np.concatenate([self._order(epoch) for epoch in epochs])
        start = first - epochs[0] * self._images
        return order[start : start + last - first].reshape(count, self._batch_size)

    def _order(self, epoch):
        if epoch not in self._orders:
            if len(self._orders) > 8:
                self._orders.clear()
            random = np.random.default_rng([*self._drawn_from, epoch])
            self._orders[epoch] = random.permutation(self._images).astype("int32")
        return self._orders[epoch]
