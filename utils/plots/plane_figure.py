"""The network in the plane as a picture: a map for each unit, a line for each weight, both heads' regions."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from PIL import Image

from utils.checks import check_flag, check_kind
from utils.measures import activations
from utils.models import EXPANSION, NEW_UNITS
from utils.plots.arguments import check_layers, check_scale, check_trained
from utils.plots.description import percent
from utils.plots.maps import COLOURS, Maps, color_numbers, framed_pictures
from utils.plots.page import Page, stand_still
from utils.plots.plane_layout import (
    COLUMN_CENTRES,
    MAP,
    REGION,
    REGION_LEFT,
    REGION_TOPS,
    ROW_HEIGHT,
    ROWS,
    SHOWN_POINTS,
    SIZE,
    TOP,
    grid,
    line_ends,
    plane_square,
    row_centres,
)
from utils.plots.plane_outputs import PlaneOutputs, Weights
from utils.plots.style import CLASS_LOOKS, FROZEN, FROZEN_PALE, INK, TRAINED, TRAINED_PALE, layer_label
from utils.tasks.task_form import as_floats
from utils.training import Run

_LARGE = 2.5  # weights of this size and more get the full width and colour
_WIDEST = 3.0  # pixels
_STILL = 1.5  # dots per pixel of a picture that stays as it is: letters are sharp, and the file isn't too large
_LETTERS, _LARGE_LETTERS = 7.5, 8.6  # typographic points; larger ones have no room above the regions
_CAPTION = (
    "Map: a unit's output at each point of the plane, from purple, −1, to green, +1.\n"
    "Line: a weight, purple below 0, green above, wider if larger. Lines to a layer are\n"
    "its weights; to a head, the difference of its outputs. %: of validation points."
)


class PlaneFigure:
    """A figure that can show other weights of a network in the plane without being built again.

    Args:
        scale: Dots per pixel; 2 for a sharp picture, 1 for a quick one.
        essential: Whether letters are larger, and what is drawn isn't explained.

    Attributes:
        figure: The page.
        size: Its width and height in pixels.
        moving: The artists that change with the weights, drawn over the background.
        background_changed: Whether the latest `show` changed more than these.
    """

    def __init__(self, scale: float = 2, essential: bool = False):
        scale = check_scale(scale)
        self._letters = _LARGE_LETTERS if check_flag("essential", essential) else _LETTERS
        self.figure, self.size = Page(SIZE, scale), SIZE
        self._scale = scale
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, SIZE[0]), ylim=(SIZE[1], 0))
        self._axes.set_axis_off()
        self._lines = LineCollection([], capstyle="butt", zorder=2, animated=True)
        self._maps = Maps()
        self._outputs = PlaneOutputs()
        self._points, self._titles = {}, {}
        self.moving = []
        self.background_changed = True
        self._background, self._frames = None, []
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
        check_kind("run", run, Run, "give a Run")
        check_layers("weights", weights, run, REGION_TOPS)
        trained = check_trained(trained) or ()
        if old_weights is not None:
            check_layers("old_weights", old_weights, run, ("old_head",))
        if run.settings.row.keeps_copy and old_weights is None:
            raise ValueError(
                f"old_weights are missing: {run.settings.strategy!r} keeps a copy of the network for the old task; "
                "give the copy's weights, which are the checkpoint's."
            )
        weights = {name: [np.nan_to_num(value) for value in values] for name, values in weights.items()}
        columns = [name for name in COLUMN_CENTRES if name != EXPANSION or run.settings.row.added is NEW_UNITS]
        drawn = {name: values for name, values in weights.items() if name in (*columns, *REGION_TOPS)}
        self._show_background(run, tuple(drawn), trained)
        self._show_lines(drawn)
        self._show_maps(run.settings, weights, old_weights)
        for role in ("old", "new"):
            self._titles[f"{role}_head"].set_text(_title(run, role))
        return self.figure

    # The background

    def _build(self):
        self._axes.add_collection(self._lines, autolim=False)
        self._axes.add_artist(self._maps)
        look = {"linestyle": "none", "markeredgecolor": "white", "markeredgewidth": 0.4, "zorder": 4, "animated": True}
        for head, top in REGION_TOPS.items():
            at = (REGION_LEFT, top - 6)
            self._titles[head] = self._axes.text(*at, "", fontsize=self._letters, color=INK, animated=True)
            for number, (marker, color) in enumerate(CLASS_LOOKS):
                (drawn,) = self._axes.plot([], [], marker, markersize=3.2, color=color, **look)
                self._points[head, number] = drawn
        look = {"fontsize": 7, "color": INK, "va": "bottom", "linespacing": 1.1}
        self._axes.text(3, SIZE[1] - 1, _CAPTION * (self._letters == _LETTERS), **look)
        self.moving = [self._lines, self._maps, *self._points.values(), *self._titles.values()]

    def _show_background(self, run, names, trained):
        background = (run.settings.pair, run.settings.pair_options, names, trained)
        self.background_changed = background != self._background
        if not self.background_changed:
            return
        self._background = background
        self._pair = run.settings.tasks()
        self._square, self._dots = plane_square(self._pair), round(MAP * self._scale)
        self._fine, self._coarse = grid(self._square, self._dots), grid(self._square, REGION // 2)
        for artist in self._frames:
            artist.remove()
        self._frames = []
        for name in ("input", *names):
            self._draw_frame(name, name in trained)
        for head in REGION_TOPS:
            task = self._pair.old if head == "old_head" else self._pair.new
            x, y = as_floats(task.x_validation[:SHOWN_POINTS]), task.y_validation[:SHOWN_POINTS]
            for number in (0, 1):
                self._points[head, number].set_data(*self._on_region(head, x[y == number]))

    def _draw_frame(self, name, learns):
        """Draw the frame of a column or a region as at the switches: frozen blue and striped, trained orange."""
        if name in REGION_TOPS:
            left, top = REGION_LEFT - 4, REGION_TOPS[name] - 4
            width = height = REGION + 8
        else:
            left, top = COLUMN_CENTRES[name] - MAP / 2 - 4, TOP - 5
            width, height = MAP + 8, ROWS * ROW_HEIGHT + 2
            label = "x and y" if name == "input" else layer_label(name)
            at = (COLUMN_CENTRES[name], top - 4)
            self._frames.append(self._axes.text(*at, label, fontsize=self._letters, color=INK, ha="center"))
        if name != "input":
            look = {"facecolor": TRAINED_PALE, "edgecolor": TRAINED}
            if not learns:
                look = {"facecolor": "white", "edgecolor": FROZEN, "hatch": "////", "hatchcolor": FROZEN_PALE}
            self._frames.append(self._axes.add_patch(Rectangle((left, top), width, height, linewidth=1.2, **look)))

    def _on_region(self, head, points):
        (low_x, low_y), side = self._square
        across = REGION_LEFT + (points[:, 0] - low_x) / side * REGION
        return across, REGION_TOPS[head] + REGION - (points[:, 1] - low_y) / side * REGION

    # What changes with the weights

    def _show_lines(self, weights):
        ends, sizes = [], []
        names = ["input", *(name for name in weights if name not in (*REGION_TOPS, EXPANSION))]
        for before, name in zip(names, names[1:], strict=False):
            self._add_lines(ends, sizes, before, name, weights[name][0])
        if EXPANSION in weights:
            self._add_lines(ends, sizes, names[-2], EXPANSION, weights[EXPANSION][0])
        for head in REGION_TOPS:
            kernel = weights[head][0][:, 1:] - weights[head][0][:, :1]
            units = len(weights[names[-1]][1])
            if len(kernel) != units and EXPANSION not in weights:
                continue  # added layers that have no column change what this head sees
            self._add_lines(ends, sizes, names[-1], head, kernel[:units])
            if len(kernel) > units:
                self._add_lines(ends, sizes, EXPANSION, head, kernel[units:])
        share = np.clip(np.concatenate(sizes) / _LARGE, -1, 1)
        self._lines.set_segments(np.concatenate(ends))
        self._lines.set_linewidths((0.15 + _WIDEST * np.abs(share)) * 0.72)  # typographic points
        self._lines.set_color(COLOURS[color_numbers(np.sign(share) * np.sqrt(np.abs(share)) * 0.9)])

    def _add_lines(self, ends, sizes, before, name, kernel):
        starts = line_ends(before, len(kernel), right=True)
        stops = line_ends(name, kernel.shape[1], right=False)
        pairs = np.stack([np.repeat(starts, len(stops), 0), np.tile(stops, (len(starts), 1))], axis=1)
        ends.append(pairs)
        sizes.append(kernel.reshape(-1))

    def _show_maps(self, settings, weights, old_weights):
        outputs = self._outputs(settings, weights, self._fine) | {"input": self._fine / np.abs(self._fine).max()}
        columns = [name for name in COLUMN_CENTRES if name in outputs]
        values = np.concatenate([outputs[name] for name in columns], axis=1).T
        places = [(COLUMN_CENTRES[name], at) for name in columns for at in row_centres(outputs[name].shape[1])]
        pictures = framed_pictures(color_numbers(values).reshape(len(places), self._dots, self._dots))
        pieces = [
            (across - MAP / 2, at + MAP / 2, picture) for (across, at), picture in zip(places, pictures, strict=True)
        ]
        logits = self._outputs(settings, weights, self._coarse)
        if old_weights:
            logits["old_head"] = activations(old_weights, self._coarse)["old_head"]
        dots = round(REGION * self._scale)
        for head, top in REGION_TOPS.items():
            margin = np.tanh((logits[head][:, 1] - logits[head][:, 0]) / 2)  # 2p - 1
            coarse = Image.fromarray(color_numbers(0.75 * margin).reshape(REGION // 2, REGION // 2))
            fine = np.asarray(coarse.resize((dots, dots), Image.Resampling.BILINEAR))
            pieces.append((REGION_LEFT, top + REGION, framed_pictures(fine[None])[0]))
        self._maps.pieces = [
            (round(x * self._scale), round((SIZE[1] - y) * self._scale), picture) for x, y, picture in pieces
        ]


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
    check_kind("run", run, Run, "give a Run")
    if trained is None:
        trained = run.settings.row.learning(run.settings.layers, run.settings.backbone)
    figure = PlaneFigure(_STILL)
    page = figure.show(run, weights, trained, old_weights)
    stand_still(figure)
    page.description = "A network in the plane: maps of its units, its weights, the regions of both heads."
    return page
