"""Thin lines on the curves where something was changed, each with a word for it."""

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from utils.plots.style import INK

_MOST_LABELS = 6  # more would cost time in every picture, and hide the curves
_LEAST_GAP = 0.045  # between two labels, as a share of the axis


class ChangeMarks:
    """The changes of a run as lines across one pair of axes.

    Args:
        axes: The axes, with updates along them.
        labelled: Whether the lines have their words beside them.

    Attributes:
        moving: The artists that change with the run.
    """

    def __init__(self, axes: Axes, labelled: bool):
        self._axes, across = axes, axes.get_xaxis_transform()
        self._lines = LineCollection([], colors=INK, linewidths=0.6, alpha=0.55, transform=across, animated=True)
        axes.add_collection(self._lines, autolim=False)
        look = {"fontsize": 5.5, "color": INK, "rotation": 90, "ha": "right", "va": "top", "animated": True}
        self._labels = [axes.text(0, 0.985, "", transform=across, **look) for _ in range(_MOST_LABELS * labelled)]
        self.moving = [self._lines, *self._labels]

    def show(self, changes: list[tuple[int, str]]) -> None:
        """Draw these changes: those close together have one label, and of very many labels the latest are shown."""
        self._lines.set_segments([[(update, 0), (update, 1)] for update, _ in changes])
        first, last = self._axes.get_xlim()
        shown = []
        for update, text in changes:
            if shown and update - shown[-1][0] < _LEAST_GAP * (last - first):
                text = f"{shown.pop()[1]}, {text}"
            shown.append((update, text))
        for label, (update, text) in zip(self._labels, shown[::-1] + [(0, "")] * _MOST_LABELS, strict=False):
            label.set(x=update, text=text)
