"""The network in the plane as a picture: a map for each unit, a line for each weight, both heads' regions."""

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle
from PIL import Image

from utils.checks import check_kind
from utils.measures import activations
from utils.models import EXPANSION, NEW_UNITS
from utils.plots.arguments import check_layers, check_scale, check_trained
from utils.plots.description import percent
from utils.plots.maps import COLORS, Maps, color_numbers, framed_pictures
from utils.plots.page import Page, stand_still
from utils.plots.plane_layout import HEADS, ROWS, SHOWN_POINTS, USUAL, PlaneLayout, grid, plane_square
from utils.plots.plane_outputs import PlaneOutputs, Weights
from utils.plots.style import CLASS_LOOKS, FROZEN, FROZEN_PALE, INK, TRAINED, TRAINED_PALE, layer_label
from utils.tasks.task_form import as_floats
from utils.training import Run

_LARGE = 2.5  # weights of this size and more get the full width and color
_WIDEST = 3.0  # pixels
_STILL = 1.5  # dots per pixel of a picture that stays as it is: letters are sharp, and the file isn't too large
_CAPTION = (
    "Map: a unit's output at each point, from purple, −1, to green, +1.\n"
    "Line: a weight, purple below 0, green above, wider if larger; to a\n"
    "head, the difference of its outputs. %: of validation points."
)


class PlaneFigure:
    """A figure that can show other weights of a network in the plane without being built again.

    Args:
        scale: Dots per pixel; 2 for a sharp picture, 1 for a quick one.
        layout: Where things are.

    Attributes:
        figure: The page.
        size: Its width and height in pixels.
        moving: The artists that change with the weights, drawn over the background.
        background_changed: Whether the latest `show` changed more than these.
    """

    def __init__(self, scale: float = 2, layout: PlaneLayout = USUAL):
        scale = check_scale(scale)
        self._layout = check_kind("layout", layout, PlaneLayout, "give a PlaneLayout")
        self.figure, self.size = Page(layout.size, scale), layout.size
        self._scale = scale
        self._axes = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set(xlim=(0, self.size[0]), ylim=(self.size[1], 0))
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
        check_layers("weights", weights, run, HEADS)
        trained = check_trained(trained) or ()
        if old_weights is not None:
            check_layers("old_weights", old_weights, run, ("old_head",))
        if run.settings.row.keeps_copy and old_weights is None:
            raise ValueError(
                f"old_weights are missing: {run.settings.strategy!r} keeps a copy of the network for the old task; "
                "give the copy's weights, which are the checkpoint's."
            )
        weights = {name: [np.nan_to_num(value) for value in values] for name, values in weights.items()}
        columns = [name for name in self._layout.columns if name != EXPANSION or run.settings.row.added is NEW_UNITS]
        drawn = {name: values for name, values in weights.items() if name in (*columns, *HEADS)}
        self._show_background(run, tuple(drawn), trained)
        self._show_lines(drawn)
        self._show_maps(run.settings, weights, old_weights)
        for role in ("old", "new"):
            self._titles[f"{role}_head"].set_text(_title(run, role, self._layout.is_brief))
        return self.figure

    # The background

    def _build(self):
        self._axes.add_collection(self._lines, autolim=False)
        self._axes.add_artist(self._maps)
        look = {"linestyle": "none", "markeredgecolor": "white", "markeredgewidth": 0.4, "zorder": 4, "animated": True}
        layout = self._layout
        letters = {"fontsize": layout.points, "color": INK}
        for head, (left, top) in layout.regions.items():
            self._titles[head] = self._axes.text(left, top - 3 - layout.letters / 4, "", animated=True, **letters)
            for number, (marker, color) in enumerate(CLASS_LOOKS):
                (drawn,) = self._axes.plot([], [], marker, markersize=3.2, color=color, **look)
                self._points[head, number] = drawn
        caption = "" if layout.is_brief else _CAPTION
        self._axes.text(3, self.size[1] - 1, caption, va="bottom", linespacing=1.1, **letters)
        self.moving = [self._lines, self._maps, *self._points.values(), *self._titles.values()]

    def _show_background(self, run, names, trained):
        background = (run.settings.pair, run.settings.pair_options, names, trained)
        self.background_changed = background != self._background
        if not self.background_changed:
            return
        self._background = background
        self._pair = run.settings.tasks()
        self._square, self._dots = plane_square(self._pair), round(self._layout.map * self._scale)
        self._fine, self._coarse = grid(self._square, self._dots), grid(self._square, self._layout.region // 2)
        for artist in self._frames:
            artist.remove()
        self._frames = []
        for name in ("input", *names):
            self._draw_frame(name, name in trained)
        for head in HEADS:
            task = self._pair.old if head == "old_head" else self._pair.new
            x, y = as_floats(task.x_validation[:SHOWN_POINTS]), task.y_validation[:SHOWN_POINTS]
            for number in (0, 1):
                self._points[head, number].set_data(*self._on_region(head, x[y == number]))

    def _draw_frame(self, name, learns):
        """Draw the frame of a column or a region as at the switches: frozen blue and striped, trained orange."""
        layout = self._layout
        if name in HEADS:
            left, top = (edge - 4 for edge in layout.regions[name])
            width = height = layout.region + 8
        else:
            left, top = layout.columns[name] - layout.map / 2 - 4, layout.top - 5
            width, height = layout.map + 8, ROWS * layout.row + 2
            label = "+" if name == EXPANSION and layout.is_brief else layer_label(name)
            look = {"fontsize": layout.points, "color": INK, "ha": "center"}
            at = layout.columns[name], top - 1 - layout.letters / 4
            self._frames.append(self._axes.text(*at, "x, y" if name == "input" else label, **look))
        if name != "input":
            look = {"facecolor": TRAINED_PALE, "edgecolor": TRAINED}
            if not learns:
                look = {"facecolor": "white", "edgecolor": FROZEN, "hatch": "////", "hatchcolor": FROZEN_PALE}
            self._frames.append(self._axes.add_patch(Rectangle((left, top), width, height, linewidth=1.2, **look)))

    def _on_region(self, head, points):
        (low_x, low_y), side = self._square
        (left, top), region = self._layout.regions[head], self._layout.region
        return left + (points[:, 0] - low_x) / side * region, top + region - (points[:, 1] - low_y) / side * region

    # What changes with the weights

    def _show_lines(self, weights):
        ends, sizes = [], []
        names = ["input", *(name for name in weights if name not in (*HEADS, EXPANSION))]
        for before, name in zip(names, names[1:], strict=False):
            self._add_lines(ends, sizes, before, name, weights[name][0])
        if EXPANSION in weights:
            self._add_lines(ends, sizes, names[-2], EXPANSION, weights[EXPANSION][0])
        for head in HEADS:
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
        self._lines.set_color(COLORS[color_numbers(np.sign(share) * np.sqrt(np.abs(share)) * 0.9)])

    def _add_lines(self, ends, sizes, before, name, kernel):
        starts = self._layout.line_ends(before, len(kernel), right=True)
        stops = self._layout.line_ends(name, kernel.shape[1], right=False)
        pairs = np.stack([np.repeat(starts, len(stops), 0), np.tile(stops, (len(starts), 1))], axis=1)
        parts = [pairs]
        if name in self._layout.bends:
            parts.append(pairs.copy())
            parts[0][:, 1] = parts[1][:, 0] = self._layout.bends[name]
        ends += parts
        sizes += [kernel.reshape(-1)] * len(parts)

    def _show_maps(self, settings, weights, old_weights):
        outputs = self._outputs(settings, weights, self._fine) | {"input": self._fine / np.abs(self._fine).max()}
        layout = self._layout
        columns = [name for name in layout.columns if name in outputs]
        values = np.concatenate([outputs[name] for name in columns], axis=1).T
        places = [
            (layout.columns[name], at) for name in columns for at in layout.row_centers(outputs[name].shape[1])
        ]
        pictures = framed_pictures(color_numbers(values).reshape(len(places), self._dots, self._dots))
        half = layout.map / 2
        pieces = [(across - half, at + half, picture) for (across, at), picture in zip(places, pictures, strict=True)]
        logits = self._outputs(settings, weights, self._coarse)
        if old_weights:
            logits["old_head"] = activations(old_weights, self._coarse)["old_head"]
        dots, coarse_dots = round(layout.region * self._scale), layout.region // 2
        for head, (left, top) in layout.regions.items():
            margin = np.tanh((logits[head][:, 1] - logits[head][:, 0]) / 2)  # 2p - 1
            coarse = Image.fromarray(color_numbers(0.75 * margin).reshape(coarse_dots, coarse_dots))
            fine = np.asarray(coarse.resize((dots, dots), Image.Resampling.BILINEAR))
            pieces.append((left, top + layout.region, framed_pictures(fine[None])[0]))
        self._maps.pieces = [
            (round(x * self._scale), round((self.size[1] - y) * self._scale), picture) for x, y, picture in pieces
        ]


def _title(run, role, is_brief):
    accuracy = run.history.get(f"{role}_accuracy", ())
    if not len(accuracy):
        return f"{role} head"
    written = "{:.0%}".format if is_brief else percent
    before = f"{written(accuracy[0])} → " if role == "old" else ""
    return f"{role}{'' if is_brief else ' head'}: {before}{written(accuracy[-1])}"


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
