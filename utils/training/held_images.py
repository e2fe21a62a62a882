"""Images in uint8 stay where the task has them; they become floats, four times as large, a part at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from utils.frameworks import keras, tf


@dataclass(frozen=True, eq=False)
class HeldImages:
    """Some of a task's images in uint8, of which nothing is copied until a part of them is taken.

    Attributes:
        images: All images of a part of the task, uint8 (M, height, width, channels).
        rows: Which of them, (N,).
    """

    images: np.ndarray
    rows: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, height, width, channels)."""
        return len(self), *self.images.shape[1:]

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, rows) -> np.ndarray:
        return self.images[self.rows[rows]]

    def __array__(self, dtype=None, copy=None):
        return self[:] if dtype is None else self[:].astype(dtype)


Images: TypeAlias = "tf.Tensor | np.ndarray | HeldImages"


def tensor_type(images: np.ndarray) -> tf.DType:
    """The type in which the traced functions take images: uint8 as they are, all else in the floats of networks."""
    return tf.uint8 if images.dtype == np.uint8 else tf.as_dtype(keras.config.floatx())


def hold(images: np.ndarray, rows: np.ndarray) -> tf.Tensor | HeldImages:
    """These rows of a task's images, for training: uint8 as it is, all else as a tensor."""
    is_float = tensor_type(images).is_floating
    return tf.constant(images[rows], tensor_type(images)) if is_float else HeldImages(images, rows)


def of_batches(examples: dict, rows: np.ndarray, name: str) -> tuple[dict, tf.Tensor]:
    """What an update takes for some batches: where images aren't tensors yet, those of these batches alone.

    Args:
        examples: Tensors (N, ...) by name, nested or not, and under `name` images, which may be `HeldImages`.
        rows: The positions of the batches' examples, (updates, batch size).
        name: Where the images are.

    Returns:
        The examples as tensors, and the positions among them, int32 (updates, batch size).
    """
    if isinstance(examples[name], HeldImages):
        needed, positions = np.unique(rows, return_inverse=True)
        rows = positions.reshape(rows.shape)
        others = {key: values for key, values in examples.items() if key != name}
        images = tf.constant(examples[name][needed])
        examples = tf.nest.map_structure(lambda values: tf.gather(values, needed), others) | {name: images}
    return examples, tf.constant(rows, tf.int32)
