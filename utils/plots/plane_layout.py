"""Where things are in the figure of a network in the plane, and which part of the plane it shows."""

import numpy as np

from utils.models import EXPANSION
from utils.tasks import TaskPair
from utils.tasks.task_form import as_floats

# The layout, in pixels from the top left: the columns are below the boxes of the switches. Added layers
# other than the expansion have none.
SIZE = (622, 372)
COLUMN_CENTRES = {"input": 27, "layer1": 110, "layer2": 210, "layer3": 310, EXPANSION: 374}
MAP, ROW_HEIGHT, TOP, ROWS = 34, 39, 25, 8
REGION, REGION_LEFT = 154, 454
REGION_TOPS = {"old_head": 25, "new_head": 206}
SHOWN_POINTS = 150  # of a task's validation points: more would hide the regions


def row_centres(count: int) -> np.ndarray:
    """The centres of `count` maps in a column, which is centred."""
    middle = TOP + ROWS * ROW_HEIGHT / 2 - 4
    return middle + (np.arange(count) - (count - 1) / 2) * ROW_HEIGHT


def line_ends(name: str, count: int, right: bool) -> np.ndarray:
    """Where lines begin (at the right edges of a column) or end: (count, 2)."""
    if name in REGION_TOPS:
        return np.array([(REGION_LEFT, REGION_TOPS[name] + REGION / 2)] * count)
    across = COLUMN_CENTRES[name] + (MAP / 2 if right else -MAP / 2)
    return np.stack([np.full(count, across), row_centres(count)], axis=1)


def grid(square: tuple, dots: int) -> np.ndarray:
    """The centres of dots × dots cells of a square of the plane, (dots², 2), the lowest row first."""
    (low_x, low_y), length = square
    steps = (np.arange(dots, dtype=np.float32) + 0.5) / dots * np.float32(length)
    x, y = np.meshgrid(steps + np.float32(low_x), steps + np.float32(low_y))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def plane_square(pair: TaskPair) -> tuple[tuple[float, float], float]:
    """The square of the plane that is drawn: its lower left corner and the length of a side."""
    both = as_floats(np.concatenate([task.x_validation[:SHOWN_POINTS] for task in (pair.old, pair.new)]))
    low, high = both.min(0), both.max(0)
    length = float((high - low).max()) * 1.08
    return tuple(((low + high) / 2 - length / 2).tolist()), length
