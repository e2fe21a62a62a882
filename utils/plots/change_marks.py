"""Thin lines on the curves where something was changed, each with a word for it."""

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from utils.plots.style import INK

_MOST_LABELS = 6  # more would cost time in every picture, and hide the curves
_LONGEST = 44  # characters of a label: the axes have no room for more
_LEAST_GAP = 0.045  # between two labels, as a share of the axis


class ChangeMarks:
    """The changes of a run as lines across one pair of axes.

    Args:
        axes: The axes, with updates along them.
        labeled: Whether the lines have their words beside them.

    Attributes:
        moving: The artists that change with the run.
    """

    def __init__(self, axes: Axes, labeled: bool):
        self._axes, across = axes, axes.get_xaxis_transform()
        self._lines = LineCollection([], colors=INK, linewidths=0.6, alpha=0.55, transform=across, animated=True)
        axes.add_collection(self._lines, autolim=False)
        look = {"fontsize": 6.5, "color": INK, "rotation": 90, "va": "top", "clip_on": True, "animated": True}
        self._labels = [axes.text(0, 0.985, "", transform=across, **look) for _ in range(_MOST_LABELS * labeled)]
        self.moving = [self._lines, *self._labels]

    def show(self, changes: list[tuple[int, str]]) -> None:
        """Draw these changes: those close together have one label, and of very many labels the latest are shown."""
        self._lines.set_segments([[(update, 0), (update, 1)] for update, _ in changes])
        first, last = self._axes.get_xlim()
        gap, groups = _LEAST_GAP * (last - first), []
        for update, text in changes:
            if groups and update - groups[-1][0] < gap:
                groups[-1] = (update, [*groups[-1][1], text])
            else:
                groups.append((update, [text]))
        for label, (update, texts) in zip(self._labels, groups[::-1] + [(0, [])] * _MOST_LABELS, strict=False):
            text = ", ".join(texts)
            text = text if len(text) <= _LONGEST else f"{len(texts)} changes"
            label.set(x=update, text=text, ha="left" if update - first < gap else "right")
