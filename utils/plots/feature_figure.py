"""Weights above features, layer by layer, and which of them has moved since the start. Still or live."""

from collections.abc import Iterable

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from utils.measures import movement, softmax
from utils.models import NEW_HEAD, OLD_HEAD, Observation
from utils.plots.movement_words import told_movement
from utils.plots.page import Page
from utils.plots.style import FROZEN, FROZEN_PALE, GRID, INK, TRAINED, layer_label
from utils.plots.tiles import feature_tiles, kernel_tiles
from utils.tasks import TaskPair

VIEWS = ("now", "at the start", "the change")
_HEADS = OLD_HEAD, NEW_HEAD
_LEFT, _RIGHT, _GAP = 97, 4, 9  # pixels beside the columns and between two of them
_HEADING, _WORD, _BOTTOM = 22, 24, 6  # pixels of height: names of the layers, what moved, and below all
_GREYS = colormaps["gray"].resampled(16)  # enough for an eye; noise in more of them makes a large file
_CHANGE = LinearSegmentedColormap.from_list("change", ["white", TRAINED, "#7a3b00"], 16)


class FeatureFigure:
    """A figure that can be shown the same network further on, or another image, without being built again.

    width: in pixels; the height follows from it and from the number of layers. scale: how many dots make a pixel.
    `moving`: all that may change; nothing else does, unless `background_changed` says so after `show`.
    """

    def __init__(self, width: int = 840, scale: float = 1.5, layers: int = 6):
        self._cell = (width - _LEFT - _RIGHT - (layers - 1) * _GAP) / layers  # as high as wide
        self.pixels = width, round(_HEADING + 2 * (_WORD + self._cell) + _BOTTOM)
        self.figure = Page(self.pixels, scale)
        self.moving = []
        self.background_changed = True
        self._shown = None

    def show(
        self,
        before: Observation,
        now: Observation,
        pair: TaskPair,
        trained: Iterable[str] | None = None,
        view: str = "now",
    ) -> Page:
        """Bring the figure up to date; what the arguments are is told at `plot_features`."""
        layers = tuple(before.weights)
        self.background_changed = (layers, pair.name) != self._shown
        if self.background_changed:
            self._shown = layers, pair.name
            self._build(layers, before, pair)
        moved = None if before is now else movement(before, now)
        self._image.set_data(now.image[..., 0])
        for name, heading in self._headings.items():
            state = "" if trained is None else ": trained" if name in trained else ": frozen"
            heading.set_text(layer_label(name) + state)
        for name in layers:
            self._cells["weights", name].show(before, now, moved and moved[name].weights, view)
            self._cells["features", name].show(before, now, moved and moved[name].features, view)
        return self.figure

    def _build(self, layers, before, pair):
        self.figure.clear()
        self._cells, self._headings, self.moving = {}, {}, []
        tops = {"weights": _HEADING + _WORD, "features": _HEADING + 2 * _WORD + self._cell}
        for number, name in enumerate(layers):
            left = _LEFT + number * (self._cell + _GAP)
            self._headings[name] = self._text(left, 12, "", fontsize=8, weight="bold", animated=True)
            self.moving.append(self._headings[name])
            for row, top in tops.items():
                axes = self._axes(left, top, self._cell)
                if row == "features" and name in _HEADS:
                    cell = _Answers(axes, name, (pair.old if name == OLD_HEAD else pair.new).class_names)
                else:
                    cell = _Tiles(axes, name, row)
                self._cells[row, name] = cell
                self.moving += cell.moving
        for row, lines in (("weights", ["what changes"]), ("features", ["what is detected", "in this image:"])):
            self._text(4, tops[row] - 11, row, fontsize=9, weight="bold")
            for number, line in enumerate(lines):
                self._text(4, tops[row] + 7 + 13 * number, line, fontsize=7.5)
        axes = self._axes(4, tops["features"] + 32, _LEFT - 17)
        self._image = axes.imshow(before.image[..., 0], cmap="gray", vmin=0, vmax=1, animated=True)
        self.moving.append(self._image)

    def _text(self, left, middle, text, **look):
        width, height = self.pixels
        return self.figure.text(left / width, 1 - middle / height, text, va="center", color=INK, **look)

    def _axes(self, left, top, size):
        """A square without ticks. left, top, size: in pixels."""
        width, height = self.pixels
        axes = self.figure.add_axes((left / width, 1 - (top + size) / height, size / width, size / height))
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(color=GRID, linewidth=0.8)
        return axes


class _Cell:
    """One layer's weights, or its features: a picture, and above it the word on whether it has moved."""

    def __init__(self, axes, name):
        self.name = name
        self._mark = Rectangle((0.005, 1.05), 0.1, 0.1, transform=axes.transAxes, clip_on=False, animated=True)
        axes.add_patch(self._mark)
        self._word = axes.text(0.15, 1.1, "", transform=axes.transAxes, fontsize=8, va="center", color=INK)
        self._word.set_animated(True)
        self.moving = [self._mark, self._word]

    def tell(self, moved):
        """Say how far this has moved; None for nothing to be said."""
        for artist in (self._mark, self._word):
            artist.set_visible(moved is not None)
        if moved is None:
            return
        still = moved == 0
        self._mark.set(facecolor=FROZEN_PALE if still else TRAINED, edgecolor=FROZEN if still else TRAINED)
        self._mark.set(hatch="//////" if still else "", linewidth=0.8)
        self._word.set(text=told_movement(moved), weight="normal" if still else "bold")


class _Tiles(_Cell):
    """Every number as a point: what is there in greys, what has changed in orange."""

    def __init__(self, axes, name, row):
        super().__init__(axes, name)
        self._row = row
        self._picture = axes.imshow([[0.0]], aspect="auto", interpolation="nearest", animated=True)
        self.moving.insert(0, self._picture)

    def show(self, before, now, moved, view):
        start, end = (self._numbers(one) for one in (before, now))
        shown = {"now": end, "at the start": start, "the change": np.abs(end - start)}[view]
        picture = (feature_tiles if self._row == "features" else kernel_tiles)(shown)
        largest = float(np.max(np.abs(start))) or 1.0
        change = view == "the change"
        self._picture.set_data(picture)
        self._picture.set_extent((-0.5, picture.shape[1] - 0.5, picture.shape[0] - 0.5, -0.5))
        self._picture.set_cmap(_CHANGE if change else _GREYS)
        self._picture.set_clim(0 if change or self._row == "features" else -largest, largest / (2 if change else 1))
        self.tell(moved)

    def _numbers(self, one):
        if self._row == "features":
            return one.features[self.name]
        return next(array for array in one.weights[self.name] if array.ndim > 1)  # the kernel; biases aren't drawn


class _Answers(_Cell):
    """What a head makes of the features: a bar for each class, and a line where it ended at the start."""

    def __init__(self, axes, name, classes):
        super().__init__(axes, name)
        places = range(len(classes))
        axes.set(xlim=(0, 1.72), ylim=(len(classes) - 0.4, -0.6))  # names to the right of the bars
        self._bars = list(axes.barh(places, [0] * len(classes), height=0.8, animated=True))
        self._starts = axes.vlines([0] * len(classes), 0, 0, color=INK, linewidth=1.2, animated=True)
        for place, label in zip(places, classes, strict=True):
            axes.text(1.06, place, label, fontsize=6.3, va="center", color=INK)
        self.moving = [*self._bars, self._starts, *self.moving]

    def show(self, before, now, moved, view):
        start, end = (softmax(one.features[self.name]) for one in (before, now))
        for bar, value in zip(self._bars, start if view == "at the start" else end, strict=True):
            bar.set(width=value, color="#9a9a9a")
        self._starts.set_segments([[(x, y - 0.4), (x, y + 0.4)] for y, x in enumerate(start)])
        self.tell(moved)


def plot_features(
    before: Observation,
    now: Observation,
    pair: TaskPair,
    trained: Iterable[str] | None = None,
    view: str = "now",
    width: int = 840,
) -> Page:
    """The weights of every layer, and below them the features of one image; each with how far it has moved.

    before, now: the same network at two points of its training, or looking at two images; what is drawn is `now`.
    Given one observation twice, nothing is said of what has moved.
    pair: says what the heads' classes are called. trained: the layers that trained meanwhile, if that is to be told.
    view: one of `VIEWS`: what is there now, what was there before, or the difference without its sign.
    width: in pixels.

    In grey, weights go from black (negative) to white (positive), features from black (0) to white (the layer's
    largest at the start). In a head's features a line marks each probability before.
    """
    if view not in VIEWS:
        raise ValueError(f"view={view!r} is not allowed: it must be one of {', '.join(map(repr, VIEWS))}.")
    made = FeatureFigure(width, layers=len(before.weights))
    made.show(before, now, pair, trained, view)
    for artist in made.moving:
        artist.set_animated(False)
    made.figure.description = f"Weights and features of {', '.join(map(layer_label, now.weights))}."
    if before is not now:
        told = (
            f"{layer_label(name)}: weights {told_movement(one.weights)}, features {told_movement(one.features)}"
            for name, one in movement(before, now).items()
        )
        made.figure.description += f" {'; '.join(told)}."
    return made.figure
