"""A layer's numbers as one picture: a small square for each unit, its weights and its features in the same place."""

import math

import numpy as np


def feature_tiles(features: np.ndarray) -> np.ndarray:
    """Features of one image, (height, width, units) or (units,), as a picture: one map, or one point, for each unit."""
    return _grid(np.moveaxis(features if features.ndim == 3 else features.reshape((1, 1, -1)), -1, 0))


def kernel_tiles(kernel: np.ndarray) -> np.ndarray:
    """All weights of a kernel, (..., inputs, units), as a picture.

    The square of a unit has a part for each input: 3 x 3 points in a convolution, one point in a dense layer.
    """
    kernel = kernel.reshape((1, 1, *kernel.shape)) if kernel.ndim == 2 else kernel
    height, width, inputs, units = kernel.shape
    columns = next(n for n in range(math.isqrt(inputs - 1) + 1, inputs + 1) if inputs % n == 0)
    inside = kernel.reshape((height, width, inputs // columns, columns, units)).transpose(4, 2, 0, 3, 1)
    return _grid(inside.reshape((units, inputs // columns * height, columns * width)))


def _grid(tiles: np.ndarray) -> np.ndarray:
    """Tiles (number, height, width) in rows, as square as possible; NaN where there is none."""
    number, height, width = tiles.shape
    gap = 0 if height == 1 else max(1, round(height / 10))
    columns = math.ceil(math.sqrt(number))
    rows = math.ceil(number / columns)
    picture = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for i, tile in enumerate(tiles):
        top, left = i // columns * (height + gap), i % columns * (width + gap)
        picture[top : top + height, left : left + width] = tile
    return picture
