"""Small labels beside points, none upon another."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes


def free_offsets(axes: Axes, points: Sequence, offsets: Sequence, size: tuple[float, float]) -> list:
    """For each point the first of the offsets at which its label is free of the labels before; None where none is.

    points: (x, y) in data coordinates; the axes' limits have to be set. offsets, size: of a label, in typographic
    points.
    """
    placed, chosen = np.empty((0, 2)), []
    for point in points:
        corner = axes.transData.transform(point) * 72 / axes.figure.dpi
        free = [off for off in offsets if not (np.abs(corner + off - placed) < size).all(axis=1).any()]
        chosen.append(free[0] if free else None)
        if free:
            placed = np.vstack([placed, corner + free[0]])
    return chosen
