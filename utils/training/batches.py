"""Which images make up which batch: this depends on the seed alone, not on what trains or on the chunks."""

import numpy as np

# The purposes of a seed, so that one draw doesn't change another.
_SUBSET, _ORDER = 1, 2


def choose_images(labels: np.ndarray, count: int, seed: int) -> np.ndarray:
    """Choose training images, as evenly from all classes as possible.

    A smaller choice with the same seed is part of a larger one.

    Args:
        labels: The labels of all images, (N,).
        count: The number of images to choose.
        seed: The seed of the run.

    Returns:
        The indices of the images, (count,).
    """
    random = np.random.default_rng([seed, _SUBSET])
    rank = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        rank[random.permutation(members)] = np.arange(len(members))
    tie = random.random(len(labels))
    return np.lexsort((tie, rank))[:count]


class Batches:
    """The order of the images: a new one for each epoch, cut into batches without a remainder.

    Args:
        images: The number of images.
        batch_size: The number of images in a batch.
        seed: The seed of the run.
        task: A number by which two tasks with the same seed get different orders.
    """

    def __init__(self, images: int, batch_size: int, seed: int, task: int = 0):
        self._images, self._batch_size = images, batch_size
        self._seed = (seed, _ORDER) if task == 0 else (seed, _ORDER, task)
        self._orders = {}

    def rows(self, update: int, count: int) -> np.ndarray:
        """The indices of the images for `count` updates from this update on: int32 (count, batch size)."""
        first, last = update * self._batch_size, (update + count) * self._batch_size
        epochs = range(first // self._images, (last - 1) // self._images + 1)
        order = np.concatenate([self._order(epoch) for epoch in epochs])
        start = first - epochs[0] * self._images
        return order[start : start + last - first].reshape(count, self._batch_size)

    def _order(self, epoch):
        if epoch not in self._orders:
            if len(self._orders) > 8:
                self._orders.clear()
            random = np.random.default_rng([*self._seed, epoch])
            self._orders[epoch] = random.permutation(self._images).astype("int32")
        return self._orders[epoch]
