"""The network in the plane as a picture: a map for each unit, a line for each weight, both heads' regions."""

from collections.abc import Mapping

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from PIL import Image

from utils.measures import activations
from utils.plots.maps import COLOURS, Maps, framed, on_scale
from utils.plots.page import Page
from utils.plots.style import CLASS_LOOKS, FROZEN, FROZEN_PALE, INK, TRAINED, TRAINED_PALE, layer_label
from utils.plots.words import percent
from utils.training import Run

# Where things are, in pixels from the top left: the columns stand below the boxes of the switches.
SIZE = (622, 372)
_COLUMN_AT = {"input": 27, "layer1": 110, "layer2": 210, "layer3": 310, "expansion": 374}
_MAP, _PITCH, _TOP, _ROWS = 34, 39, 25, 8
_REGION, _REGION_LEFT = 154, 454
_REGION_TOP = {"old_head": 25, "new_head": 206}
_POINTS = 150  # of a task's validation points: more would hide the regions
_FULL = 2.5  # weights of this size and more get the full width and colour
_WIDEST = 3.0  # pixels
Weights = Mapping[str, list[np.ndarray]]
_CAPTION = (
    "Map: what a unit says at each point of the plane, from purple, −1, to green, +1.\n"
    "Line: a weight, purple below 0, green above, wider if larger. Those that lead to a layer\n"
    "are its weights; those to a head, the difference between its outputs. %: of validation points."
)


class PlaneFigure:
    """A figure that can be shown other weights of a network in the plane without being built anew.

    scale: how many dots make a pixel; 2 for a sharp picture, 1 for a quick one.
    `background_changed` says after `show` whether more than `moving` (the artists drawn over it) has changed.
    """

    def __init__(self, scale: float = 2):
        self.figure, self.size = Page(SIZE, scale), SIZE
        self._scale = scale
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, SIZE[0]), ylim=(SIZE[1], 0))
        self._axes.set_axis_off()
        self._lines = LineCollection([], capstyle="butt", zorder=2, animated=True)
        self._maps = Maps()
        self._points, self._titles = {}, {}
        self.moving = []
        self.background_changed = True
        self._shown, self._kept = None, []
        self._build()

    def show(
        self,
        run: Run,
        weights: Weights,
        trained: tuple[str, ...],
        old_weights: Weights | None = None,
    ) -> Page:
        """Bring the figure up to date.

        Args:
            run: Has the tasks and accuracies.
            weights: Kernel and bias by layer.
            trained: The layers that learn.
            old_weights: The weights of the copy that answers for the old task, where the run's strategy keeps one.

        Raises:
            ValueError: Where that copy's weights are missing.
        """
        if run.settings.row.keeps_copy and old_weights is None:
            raise ValueError(
                f"old_weights are missing: {run.settings.strategy!r} keeps a copy of the network for the old task; "
                "give the copy's weights, which are the checkpoint's."
            )
        weights = {name: [np.nan_to_num(value) for value in values] for name, values in weights.items()}
        self._show_frame(run, tuple(weights), trained)
        self._show_lines(weights)
        self._show_maps(weights, old_weights or weights)
        for role in ("old", "new"):
            self._titles[f"{role}_head"].set_text(_title(run, role))
        return self.figure

    # What stays

    def _build(self):
        self._axes.add_collection(self._lines, autolim=False)
        self._axes.add_artist(self._maps)
        look = {"linestyle": "none", "markeredgecolor": "white", "markeredgewidth": 0.4, "zorder": 4, "animated": True}
        for head, top in _REGION_TOP.items():
            at = (_REGION_LEFT, top - 6)
            self._titles[head] = self._axes.text(*at, "", fontsize=7.5, color=INK, animated=True)
            for number, (marker, color) in enumerate(CLASS_LOOKS):
                (drawn,) = self._axes.plot([], [], marker, markersize=3.2, color=color, **look)
                self._points[head, number] = drawn
        self._axes.text(4, SIZE[1] - 4, _CAPTION, fontsize=6, color=INK, va="bottom", linespacing=1.3)
        self.moving = [self._lines, self._maps, *self._points.values(), *self._titles.values()]

    def _show_frame(self, run, names, trained):
        frame = (run.settings.pair, tuple(run.settings.pair_options.items()), names, trained)
        self.background_changed = frame != self._shown
        if not self.background_changed:
            return
        self._shown = frame
        self._pair = run.settings.tasks()
        self._side, self._dots = _side(self._pair), round(_MAP * self._scale)
        self._fine, self._coarse = _grid(self._side, self._dots), _grid(self._side, _REGION // 2)
        for artist in self._kept:
            artist.remove()
        self._kept = []
        for name in ("input", *names):
            self._box(name, name in trained)
        for head in _REGION_TOP:
            task = self._pair.old if head == "old_head" else self._pair.new
            x, y = task.x_validation[:_POINTS], task.y_validation[:_POINTS]
            for number in (0, 1):
                self._points[head, number].set_data(*self._on_region(head, x[y == number]))

    def _box(self, name, learns):
        """The frame of a column or a region, as the switches have it: frozen blue and striped, trained orange."""
        if name in _REGION_TOP:
            left, top = _REGION_LEFT - 4, _REGION_TOP[name] - 4
            width = height = _REGION + 8
        else:
            left, top = _COLUMN_AT[name] - _MAP / 2 - 4, _TOP - 5
            width, height = _MAP + 8, _ROWS * _PITCH + 2
            label = "x and y" if name == "input" else layer_label(name)
            at = (_COLUMN_AT[name], top - 4)
            self._kept.append(self._axes.text(*at, label, fontsize=7.5, color=INK, ha="center"))
        if name != "input":
            look = {"facecolor": TRAINED_PALE, "edgecolor": TRAINED}
            if not learns:
                look = {"facecolor": "white", "edgecolor": FROZEN, "hatch": "////", "hatchcolor": FROZEN_PALE}
            self._kept.append(self._axes.add_patch(Rectangle((left, top), width, height, linewidth=1.2, **look)))

    def _on_region(self, head, points):
        (low_x, low_y), side = self._side
        across = _REGION_LEFT + (points[:, 0] - low_x) / side * _REGION
        return across, _REGION_TOP[head] + _REGION - (points[:, 1] - low_y) / side * _REGION

    # What moves

    def _show_lines(self, weights):
        ends, sizes = [], []
        names = ["input", *(name for name in weights if name not in (*_REGION_TOP, "expansion"))]
        for before, name in zip(names, names[1:], strict=False):
            self._wire(ends, sizes, before, name, weights[name][0])
        if "expansion" in weights:
            self._wire(ends, sizes, names[-2], "expansion", weights["expansion"][0])
        for head in _REGION_TOP:
            kernel = weights[head][0][:, 1:] - weights[head][0][:, :1]
            units = len(weights[names[-1]][1])
            self._wire(ends, sizes, names[-1], head, kernel[:units])
            if len(kernel) > units:
                self._wire(ends, sizes, "expansion", head, kernel[units:])
        share = np.clip(np.concatenate(sizes) / _FULL, -1, 1)
        self._lines.set_segments(np.concatenate(ends))
        self._lines.set_linewidths((0.15 + _WIDEST * np.abs(share)) * 0.72)  # typographic points
        self._lines.set_color(COLOURS[on_scale(np.sign(share) * np.sqrt(np.abs(share)) * 0.9)])

    def _wire(self, ends, sizes, before, name, kernel):
        starts = _spots(before, len(kernel), right=True)
        stops = _spots(name, kernel.shape[1], right=False)
        pairs = np.stack([np.repeat(starts, len(stops), 0), np.tile(stops, (len(starts), 1))], axis=1)
        ends.append(pairs)
        sizes.append(kernel.reshape(-1))

    def _show_maps(self, weights, old_weights):
        said = activations(weights, self._fine) | {"input": self._fine / np.abs(self._fine).max()}
        columns = [name for name in _COLUMN_AT if name in said]
        values = np.concatenate([said[name] for name in columns], axis=1).T
        places = [(_COLUMN_AT[name], at) for name in columns for at in _heights(said[name].shape[1])]
        pictures = framed(on_scale(values).reshape(len(places), self._dots, self._dots))
        pieces = [
            (across - _MAP / 2, at + _MAP / 2, picture) for (across, at), picture in zip(places, pictures, strict=True)
        ]
        large = activations(weights, self._coarse)
        if old_weights is not weights:
            large["old_head"] = activations(old_weights, self._coarse)["old_head"]
        dots = round(_REGION * self._scale)
        for head, top in _REGION_TOP.items():
            sure = np.tanh((large[head][:, 1] - large[head][:, 0]) / 2)  # 2p - 1
            coarse = Image.fromarray(on_scale(0.75 * sure).reshape(_REGION // 2, _REGION // 2))
            steps = np.asarray(coarse.resize((dots, dots), Image.Resampling.BILINEAR))
            pieces.append((_REGION_LEFT, top + _REGION, framed(steps[None])[0]))
        self._maps.pieces = [
            (round(x * self._scale), round((SIZE[1] - y) * self._scale), picture) for x, y, picture in pieces
        ]


def _heights(count):
    """The middles of a column of so many maps: it's centred."""
    middle = _TOP + _ROWS * _PITCH / 2 - 4
    return middle + (np.arange(count) - (count - 1) / 2) * _PITCH


def _spots(name, count, right):
    """Where lines begin or end: (count, 2)."""
    if name in _REGION_TOP:
        return np.array([(_REGION_LEFT, _REGION_TOP[name] + _REGION / 2)] * count)
    across = _COLUMN_AT[name] + (_MAP / 2 if right else -_MAP / 2)
    return np.stack([np.full(count, across), _heights(count)], axis=1)


def _grid(side, dots):
    """The middles of dots × dots squares of the plane, (dots², 2), the lowest row first."""
    (low_x, low_y), length = side
    steps = (np.arange(dots, dtype=np.float32) + 0.5) / dots * np.float32(length)
    x, y = np.meshgrid(steps + np.float32(low_x), steps + np.float32(low_y))
    return np.stack([x.ravel(), y.ravel()], axis=1)


def _side(pair):
    """The square of the plane that is drawn: its lower left corner and the length of a side."""
    both = np.concatenate([pair.old.x_validation[:_POINTS], pair.new.x_validation[:_POINTS]])
    low, high = both.min(0), both.max(0)
    length = float((high - low).max()) * 1.08
    return tuple(((low + high) / 2 - length / 2).tolist()), length


def _title(run, role):
    accuracy = run.history.get(f"{role}_accuracy", ())
    if not len(accuracy):
        return f"{role} head"
    before = f"{percent(accuracy[0])} → " if role == "old" else ""
    return f"{role} head: {before}{percent(accuracy[-1])}"


def plot_playground(
    run: Run, weights: Weights, trained: tuple[str, ...] | None = None, old_weights: Weights | None = None
) -> Page:
    """Draw the network in the plane with these weights: unit maps, weights as lines, both heads' regions with points.

    Args:
        run: A run on the pair "plane".
        weights: Kernel and bias by layer.
        trained: The layers that learn; None for those of the run's settings.
        old_weights: As in `PlaneFigure.show`.
    """
    made = PlaneFigure(scale=1)
    strategy = run.settings.row
    learning = strategy.learning(run.settings.layers, run.settings.backbone) if trained is None else trained
    made.show(run, weights, learning, old_weights)
    for artist in made.moving:
        artist.set_animated(False)
    made.figure.description = "A network in the plane: maps of its units, its weights, the regions of both heads."
    return made.figure
