"""Weights above features, layer by layer, and whether each has moved since the start. Still or live."""

import math
from collections.abc import Iterable

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Rectangle

from utils.checks import check_kind, check_one_of, check_whole_number
from utils.measures import movement, softmax
from utils.models import NEW_HEAD, OLD_HEAD, Observation
from utils.plots.arguments import check_observations, check_trained
from utils.plots.movement_description import movement_text
from utils.plots.page import Page, stand_still
from utils.plots.style import FROZEN, FROZEN_PALE, GRID, INK, TRAINED, layer_label
from utils.plots.tiles import feature_tiles, kernel_tiles
from utils.tasks import TaskPair

VIEWS = ("now", "at the start", "the change")
_HEADS = OLD_HEAD, NEW_HEAD
_LEFT, _RIGHT, _GAP = 97, 4, 9  # pixels beside the columns and between two of them
_SMALLEST_CELL, _WIDEST, _MOST_LAYERS = 20, 10_000, 400  # pixels, pixels, and columns
_HEADING, _CAPTION, _BOTTOM = 22, 24, 6  # pixels of height: names of the layers, what moved, and below everything
_GREYS = colormaps["gray"].resampled(16)  # enough for the eye; noise in more of them makes a large file
_CHANGE = LinearSegmentedColormap.from_list("change", ["white", TRAINED, "#7a3b00"], 16)


class FeatureFigure:
    """A figure that can show the same network later, or another image, without being built again.

    Args:
        width: Its width in pixels; the height follows from it and from the number of layers.
        scale: Dots per pixel.
        layers: The number of layers.
        columns: The layers side by side, the others below them; None for all.

    Attributes:
        figure: The page.
        pixels: Its width and height.
        moving: The artists that may change, drawn over the background.
        background_changed: Whether the latest `show` changed more than these.
    """

    def __init__(self, width: int = 840, scale: float = 1.5, layers: int = 6, columns: int | None = None):
        check_whole_number("layers", layers, 1, _MOST_LAYERS)
        self._columns = layers if columns is None else check_whole_number("columns", columns, 1, layers)
        check_whole_number("width", width, _LEFT + _RIGHT + self._columns * (_GAP + _SMALLEST_CELL), _WIDEST)
        self._cell = (width - _LEFT - _RIGHT - (self._columns - 1) * _GAP) / self._columns  # as high as wide
        self._band = _HEADING + 2 * (_CAPTION + self._cell)
        self.pixels = width, round(math.ceil(layers / self._columns) * self._band + _BOTTOM)
        self.figure = Page(self.pixels, scale)
        self.moving = []
        self.background_changed = True
        self._background = None  # what the background depends on

    def show(
        self,
        before: Observation,
        now: Observation,
        pair: TaskPair,
        trained: Iterable[str] | None = None,
        view: str = "now",
    ) -> Page:
        """Bring the figure up to date. The arguments are those of `plot_features`."""
        check_observations(before, now)
        check_kind("pair", pair, TaskPair, "give a TaskPair")
        trained, view = check_trained(trained), check_one_of("view", view, VIEWS)
        layers = tuple(before.weights)
        self.background_changed = (layers, pair.name) != self._background
        if self.background_changed:
            self._background = layers, pair.name
            self._build(layers, before, pair)
        movements = None if before is now else movement(before, now)
        self._image.set_data(now.image[..., 0])
        for name, heading in self._headings.items():
            state = "" if trained is None else ": trained" if name in trained else ": frozen"
            heading.set_text(layer_label(name) + state)
        for name in layers:
            self._cells["weights", name].show(before, now, movements and movements[name].weights, view)
            self._cells["features", name].show(before, now, movements and movements[name].features, view)
        return self.figure

    def _build(self, layers, before, pair):
        self.figure.clear()
        self._cells, self._headings, self.moving = {}, {}, []
        tops = {"weights": _HEADING + _CAPTION, "features": _HEADING + 2 * _CAPTION + self._cell}
        for number, name in enumerate(layers):
            left, above = _LEFT + number % self._columns * (self._cell + _GAP), number // self._columns * self._band
            self._headings[name] = self._text(left, above + 12, "", fontsize=8, weight="bold", animated=True)
            self.moving.append(self._headings[name])
            for row, top in tops.items():
                axes = self._axes(left, above + top, self._cell)
                if row == "features" and name in _HEADS:
                    cell = _Predictions(axes, name, (pair.old if name == OLD_HEAD else pair.new).class_names)
                else:
                    cell = _Tiles(axes, name, row)
                self._cells[row, name] = cell
                self.moving += cell.moving
        for row, lines in (("weights", ["what changes"]), ("features", ["what is detected", "in this image:"])):
            for band in range(math.ceil(len(layers) / self._columns)):
                self._text(4, band * self._band + tops[row] - 11, row, fontsize=9, weight="bold")
            for number, line in enumerate(lines):
                self._text(4, tops[row] + 7 + 13 * number, line, fontsize=7.5)
        axes = self._axes(4, tops["features"] + 32, _LEFT - 17)
        self._image = axes.imshow(before.image[..., 0], cmap="gray", vmin=0, vmax=1, animated=True)
        self.moving.append(self._image)

    def _text(self, left, middle, text, **look):
        width, height = self.pixels
        return self.figure.text(left / width, 1 - middle / height, text, va="center", color=INK, **look)

    def _axes(self, left, top, size):
        """Add a square without ticks; left, top and size are in pixels."""
        width, height = self.pixels
        axes = self.figure.add_axes((left / width, 1 - (top + size) / height, size / width, size / height))
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(color=GRID, linewidth=0.8)
        return axes


class _Cell:
    """One layer's weights, or its features: a picture, and a caption above it that says whether it has moved."""

    def __init__(self, axes, name):
        self.name = name
        self._mark = Rectangle((0.005, 1.05), 0.1, 0.1, transform=axes.transAxes, clip_on=False, animated=True)
        axes.add_patch(self._mark)
        self._caption = axes.text(0.15, 1.1, "", transform=axes.transAxes, fontsize=8, va="center", color=INK)
        self._caption.set_animated(True)
        self.moving = [self._mark, self._caption]

    def show_movement(self, share):
        """Say how far this has moved; None for no caption."""
        for artist in (self._mark, self._caption):
            artist.set_visible(share is not None)
        if share is None:
            return
        unchanged = share == 0
        self._mark.set(facecolor=FROZEN_PALE if unchanged else TRAINED, edgecolor=FROZEN if unchanged else TRAINED)
        self._mark.set(hatch="//////" if unchanged else "", linewidth=0.8)
        self._caption.set(text=movement_text(share), weight="normal" if unchanged else "bold")


class _Tiles(_Cell):
    """Every number as a point: values in grays, changes in orange."""

    def __init__(self, axes, name, row):
        super().__init__(axes, name)
        self._row = row
        self._picture = axes.imshow([[0.0]], aspect="auto", interpolation="nearest", animated=True)
        self.moving.insert(0, self._picture)

    def show(self, before, now, share, view):
        start, end = self._numbers(before), self._numbers(now)
        values = {"now": end, "at the start": start, "the change": np.abs(end - start)}[view]
        picture = (feature_tiles if self._row == "features" else kernel_tiles)(values)
        largest = float(np.max(np.abs(start))) or 1.0
        is_change = view == "the change"
        self._picture.set_data(picture)
        self._picture.set_extent((-0.5, picture.shape[1] - 0.5, picture.shape[0] - 0.5, -0.5))
        self._picture.set_cmap(_CHANGE if is_change else _GREYS)
        lowest = 0 if is_change or self._row == "features" else -largest
        self._picture.set_clim(lowest, largest / 2 if is_change else largest)
        self.show_movement(share)

    def _numbers(self, observation):
        if self._row == "features":
            return observation.features[self.name]
        arrays = observation.weights[self.name]
        return next(array for array in arrays if array.ndim > 1)  # the kernel; biases aren't drawn


class _Predictions(_Cell):
    """The probabilities that a head gives: a bar for each class, and a line where it ended at the start."""

    def __init__(self, axes, name, classes):
        super().__init__(axes, name)
        places = range(len(classes))
        axes.set(xlim=(0, 1.72), ylim=(len(classes) - 0.4, -0.6))  # names to the right of the bars
        self._bars = list(axes.barh(places, [0] * len(classes), height=0.8, animated=True))
        self._starts = axes.vlines([0] * len(classes), 0, 0, color=INK, linewidth=1.2, animated=True)
        for place, label in zip(places, classes, strict=True):
            axes.text(1.06, place, label, fontsize=6.3, va="center", color=INK)
        self.moving = [*self._bars, self._starts, *self.moving]

    def show(self, before, now, share, view):
        start, end = (softmax(observation.features[self.name]) for observation in (before, now))
        for bar, value in zip(self._bars, start if view == "at the start" else end, strict=True):
            bar.set(width=value, color="#9a9a9a")
        self._starts.set_segments([[(x, y - 0.4), (x, y + 0.4)] for y, x in enumerate(start)])
        self.show_movement(share)


def plot_features(
    before: Observation,
    now: Observation,
    pair: TaskPair,
    trained: Iterable[str] | None = None,
    view: str = "now",
    width: int = 840,
) -> Page:
    """Draw the weights of every layer, and below them the features of one image; each with how far it has moved.

    In gray, weights go from black (negative) to white (positive), features from black (0) to white (the layer's
    largest at the start). In a head's features a line marks each probability before.

    Args:
        before: The network before.
        now: The same network later, or with another image; this is what is drawn. Given the same observation twice,
            the figure doesn't say what has moved.
        pair: The tasks, for the names of the heads' classes.
        trained: The layers that trained in between; None to leave that out.
        view: One of `VIEWS`: the values now, the values before, or the absolute difference.
        width: The figure's width in pixels.

    Raises:
        ValueError: For another view.
    """
    check_observations(before, now)
    figure = FeatureFigure(width, layers=len(before.weights))
    page = figure.show(before, now, pair, trained, view)
    stand_still(figure)
    page.description = f"Weights and features of {', '.join(map(layer_label, now.weights))}."
    if before is not now:
        texts = (
            f"{layer_label(name)}: weights {movement_text(moved.weights)}, features {movement_text(moved.features)}"
            for name, moved in movement(before, now).items()
        )
        page.description += f" {'; '.join(texts)}."
    return page
