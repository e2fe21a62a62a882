"""Small labels beside points that don't overlap."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes


def free_offsets(axes: Axes, points: Sequence, offsets: Sequence, size: tuple[float, float]) -> list:
    """Find a place for the label of each point.

    Args:
        axes: The axes, with their limits set.
        points: (x, y) in data coordinates.
        offsets: The places of a label beside its point that are tried in turn, in typographic points.
        size: The size of a label, in typographic points.

    Returns:
        For each point the first offset at which its label overlaps none of those before; None where there is none.
    """
    placed, chosen = np.empty((0, 2)), []
    for point in points:
        corner = axes.transData.transform(point) * 72 / axes.figure.dpi
        free = [off for off in offsets if not (np.abs(corner + off - placed) < size).all(axis=1).any()]
        chosen.append(free[0] if free else None)
        if free:
            placed = np.vstack([placed, corner + free[0]])
    return chosen
