"""Where things are in the figure of a network in the plane, and which part of the plane it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from utils.models import EXPANSION
from utils.tasks import TaskPair
from utils.tasks.task_form import as_floats

ROWS = 8  # of maps in a column
SHOWN_POINTS = 150  # of a task's validation points: more would hide the regions
HEADS = ("old_head", "new_head")
_POINTS = 0.72  # typographic points per pixel


@dataclass(frozen=True)
class PlaneLayout:
    """Lengths in pixels from the top left, for a picture of the width `size[0]`.

    Attributes:
        size: Width and height.
        columns: The center of each layer's column of maps, below its switch. Added layers other than the expansion
            have none.
        map: The side of a map.
        row: From one map to the next.
        top: The upper edge of the first row.
        region: The side of a head's region.
        regions: The upper left corner of each head's region.
        letters: The size of letters.
        is_brief: Whether titles are short, and what is drawn isn't explained.
        bends: Where lines to a head meet before they go on to it, which then lies behind another.
    """

    size: tuple[int, int]
    columns: Mapping[str, float]
    map: int
    row: float
    top: int
    region: int
    regions: Mapping[str, tuple[float, float]]
    letters: float
    is_brief: bool = True
    bends: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """The size of letters in typographic points."""
        return self.letters * _POINTS

    def row_centers(self, count: int) -> np.ndarray:
        """The centers of `count` maps in a column, which is centered."""
        middle = self.top + ROWS * self.row / 2 - 4
        return middle + (np.arange(count) - (count - 1) / 2) * self.row

    def line_ends(self, name: str, count: int, right: bool) -> np.ndarray:
        """Where lines begin (at the right edges of a column) or end: (count, 2)."""
        if name in HEADS:
            left, top = self.regions[name]
            return np.array([(left, self.bends[name][1] if name in self.bends else top + self.region / 2)] * count)
        across = self.columns[name] + (self.map / 2 if right else -self.map / 2)
        return np.stack([np.full(count, across), self.row_centers(count)], axis=1)


def _columns(share, expansion):
    """The columns below switches whose boxes have this share of their usual width."""
    usual = {"input": 27, "layer1": 110, "layer2": 210, "layer3": 310}
    return {name: share * center for name, center in usual.items()} | {EXPANSION: expansion}


USUAL = PlaneLayout(
    (622, 382), _columns(1, 374), 34, 39, 25, 154, {"old_head": (454, 25), "new_head": (454, 206)}, 11.8, is_brief=False
)
# For pages on which the usual one's letters would be too small to read.
NARROW = PlaneLayout(
    (440, 346), _columns(440 / 622, 266), 34, 39, 25, 140, {"old_head": (296, 25), "new_head": (296, 197)}, 11.3
)
# For a class: the regions are side by side, so that all is seen without scrolling.
_WIDE = PlaneLayout(
    (622, 252), _columns(0.75, 288), 25, 28, 26, 140, {"old_head": (324, 46), "new_head": (476, 86)}, 12,
    bends={"new_head": (316, 206)},
)  # fmt: skip
_USUAL_FROM, _WIDE_FROM = 580, 700  # pixels of width
_FOR_ALL, _LEAST = 16.5, 10  # pixels of letters for a class: on the page, and in the layout


def plane_layout(pixels: int, projected: bool) -> PlaneLayout:
    """The layout for a picture of this width, for a projector or not: its letters can be read there."""
    if projected and pixels >= _WIDE_FROM:
        return replace(_WIDE, letters=max(_LEAST, _FOR_ALL * _WIDE.size[0] / pixels))
    if projected:
        return replace(NARROW, size=(440, 372), top=32, letters=_FOR_ALL,
                       regions={"old_head": (296, 32), "new_head": (296, 212)})  # fmt: skip
    return NARROW if pixels < _USUAL_FROM else USUAL


def grid(square: tuple, dots: int) -> np.ndarray:
    """The centers of dots × dots cells of a square of the plane, (dots², 2), the lowest row first."""
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
