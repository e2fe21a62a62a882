"""What a run did to each layer: the spans in which it trained, and how far its weights have moved."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from utils.plots.labels import short_labels
from utils.plots.style import DOTS_PER_INCH, FROZEN, FROZEN_PALE, GRID, INK, TRAINED, layer_label
from utils.training import Run

_LONGEST = 9  # characters of a name beside its row: there is room for no more
_LEAST_ROW = 7.6  # pixels that a name takes
_LINEAR_TO, _FURTHEST = 0.1, 10  # the scale of the bars: linear up to here, then by powers of ten; where it ends


class LayerSpans:
    """A row per layer along the axis of updates: orange where it trained, striped where it was frozen.

    Args:
        lanes: Axes on which the same rows are drawn.
        layers: The layers, from the top row down.

    Attributes:
        moving: The artists that change with the run.
    """

    def __init__(self, lanes: Sequence[Axes], layers: tuple[str, ...]):
        self._layers, self._collections, self.moving = layers, [], []
        names = short_labels([layer_label(name) for name in layers], _LONGEST)
        row = lanes[0].get_position().height * lanes[0].figure.get_size_inches()[1] * DOTS_PER_INCH / len(layers)
        every = math.ceil(_LEAST_ROW / row)  # where rows are lower than letters, some have no name
        names = [name if number % every == 0 else "" for number, name in enumerate(names)]
        for axes in lanes:
            axes.set_ylim(len(layers) - 0.5, -0.5)
            axes.set_yticks(range(len(layers)), names)
            axes.tick_params(labelsize=6.5, length=0)
            axes.set_xlabel("update", fontsize=7, labelpad=1, color=INK)
            axes.spines["left"].set_visible(False)
            # Stripes cost more to draw than all the rest: they lie in the background, and what is to come hides them.
            frozen = PolyCollection([], facecolor=FROZEN_PALE, edgecolor=FROZEN, hatch="/////", linewidth=0)
            to_come = PolyCollection([], facecolor="white", edgecolor="none", animated=True)
            trained = PolyCollection([], facecolor=TRAINED, edgecolor="none", animated=True)
            for collection in (frozen, to_come, trained):
                axes.add_collection(collection, autolim=False)
            self.moving += [to_come, trained]
            self._collections.append((frozen, to_come, trained))
        for axes in lanes[1:]:  # the same names as at the first
            axes.tick_params(labelleft=False)

    def set_limit(self, updates: int) -> None:
        """Set where the stripes end."""
        for frozen, *_ in self._collections:
            frozen.set_verts([_rectangle(row, (0, updates)) for row in range(len(self._layers))])

    def show(self, run: Run, spans: dict[str, list[tuple[int, int]]]) -> None:
        """Draw the spans in which each layer trained, up to the run's latest update."""
        rectangles = [_rectangle(row, span) for row, name in enumerate(self._layers) for span in spans[name]]
        now, end, bottom = run.updates, 2 * run.settings.updates, len(self._layers)
        for _, to_come, trained in self._collections:
            to_come.set_verts([[(now, -1), (end, -1), (end, bottom), (now, bottom)]])
            trained.set_verts(rectangles)


class DriftBars:
    """A bar per layer: how far its weights have moved, orange where it trains, pale blue where it's frozen.

    The scale never changes, so that a frozen layer's bar stands still on the screen. A mark shows how far a layer had
    moved when it was frozen last.

    Args:
        axes: The axes of the bars.
        layers: The layers, from the top row down.

    Attributes:
        moving: The artists that change with the run.
    """

    def __init__(self, axes: Axes, layers: tuple[str, ...]):
        self._layers = layers
        axes.set_ylim(len(layers) - 0.4, -0.6)
        axes.set_yticks(range(len(layers)), short_labels([layer_label(name) for name in layers], _LONGEST))
        axes.tick_params(axis="y", labelsize=7, length=0)
        axes.set_xscale("symlog", linthresh=_LINEAR_TO)
        axes.set_xlim(0, _FURTHEST)
        ticks = [0, 0.1, 1, _FURTHEST]
        axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.minorticks_off()
        axes.grid(axis="x", color=GRID, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel("‖change‖ / ‖weights‖", fontsize=7, labelpad=1, color=INK, loc="right")
        # Pale and without stripes, which would have to be drawn again in every picture.
        self._bars = list(axes.barh(range(len(layers)), [0] * len(layers), height=0.55, linewidth=0.8, animated=True))
        (self._frozen_at,) = axes.plot(
            [], [], color=FROZEN, marker="|", markersize=8, markeredgewidth=1.6, linestyle="none", animated=True
        )
        look = {"ha": "right", "va": "center", "fontsize": 6.5, "color": INK, "animated": True}
        self._beyond = [axes.text(_FURTHEST * 0.9, row, "", **look) for row in range(len(layers))]
        self.moving = [*self._bars, self._frozen_at, *self._beyond]

    def show(self, run: Run, spans: dict[str, list[tuple[int, int]]]) -> None:
        """Draw how far each layer has moved."""
        drift = run.history.get("drift", ())
        values = drift[run.result_point] if len(drift) else [0] * len(self._layers)
        frozen_at = _drift_when_frozen(run, spans, self._layers) if len(drift) else {}
        self._frozen_at.set_data(list(frozen_at.values()), [self._layers.index(name) for name in frozen_at])
        for beyond, value in zip(self._beyond, values, strict=True):
            beyond.set_text(f"{value:.3g}" if value > _FURTHEST else "")
        for bar, value, name in zip(self._bars, values, self._layers, strict=True):
            trains = spans[name] and spans[name][-1][1] == run.updates
            bar.set_width(value)
            bar.set_facecolor(TRAINED if trains else FROZEN_PALE)
            bar.set_edgecolor(TRAINED if trains else FROZEN)


def _drift_when_frozen(run, spans, layers):
    """By layer, how far it had moved when it was frozen last: at the next point, if it was still frozen there."""
    updates, drift, frozen = run.history["update"], run.history["drift"], {}
    shown = range(len(updates))[run.result_point]
    for column, name in enumerate(layers):
        end = max((last for _, last in spans[name] if last < run.updates), default=None)
        point = len(updates) if end is None else int(np.searchsorted(updates, end))
        if point <= shown and not any(end <= first < updates[point] for first, _ in spans[name]):
            frozen[name] = drift[point][column]
    return frozen


def _rectangle(row, span):
    top, bottom = row - 0.36, row + 0.36
    return [(span[0], top), (span[1], top), (span[1], bottom), (span[0], bottom)]
