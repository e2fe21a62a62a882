"""The curves of a run, when each layer was frozen, and how far each has moved: one figure, still or live."""

from collections.abc import Mapping

from utils.checks import check_kind, check_pixels
from utils.plots.arguments import check_ghosts, check_run
from utils.plots.description import describe
from utils.plots.layer_bars import DriftBars, LayerSpans
from utils.plots.page import Page, stand_still
from utils.plots.run_curves import RunCurves
from utils.plots.style import INK, TITLE
from utils.plots.update_axis import last_update
from utils.training import Run


class RunFigure:
    """A figure that can show another run, or the same run later, without being built again.

    Args:
        pixels: Width and height.
        scale: Dots per pixel; 2 for a sharp picture, 1 for a quick one.

    Attributes:
        figure: The page.
        moving: The artists that change with the run, drawn over the background.
        background_changed: Whether the latest `show` changed more than these.
    """

    def __init__(self, pixels: tuple[int, int] = (640, 300), scale: float = 2):
        self.figure = Page(check_pixels("pixels", pixels), scale)
        self.moving = []
        self.background_changed = True
        self._layers = ()
        self._background = None  # what the background depends on

    def show(self, run: Run, ghosts: Mapping[str, Run] | None = None) -> Page:
        """Bring the figure up to date.

        Args:
            run: The run, or a `FitRecord`.
            ghosts: Runs whose curves stay visible behind, each with a short name.
        """
        check_run("run", run)
        ghosts = check_ghosts(ghosts)
        if run.layer_names != self._layers:
            self._build(run.layer_names)
        self._show_background(run, ghosts)
        self._curves.show(run)
        spans = run.trained_spans()
        self._spans.show(run, spans)
        self._bars.show(run, spans)
        return self.figure

    def _build(self, layers):
        self.figure.clear()
        self._layers, self._background = layers, None
        sides = {"left": 0.088, "right": 0.98, "top": 0.92, "bottom": 0.115}
        curves, bars = self.figure.add_gridspec(1, 2, width_ratios=(2.25, 0.5), wspace=0.22, **sides)
        grid = curves.subgridspec(2, 2, height_ratios=(1, max(0.30, 0.06 * len(layers))), hspace=0.09, wspace=0.24)
        upper = [self.figure.add_subplot(grid[0, i]) for i in (0, 1)]
        lower = [self.figure.add_subplot(grid[1, i], sharex=axes) for i, axes in enumerate(upper)]
        bars = self.figure.add_subplot(bars)
        for axes, title in zip(
            (*upper, bars), ("validation loss", "validation accuracy", "moved by (log)"), strict=True
        ):
            axes.set_title(title, **TITLE)
        for axes in self.figure.axes:
            axes.tick_params(labelsize=7, length=2, pad=2, colors=INK)
            axes.spines[["top", "right"]].set_visible(False)
        self._spans, self._bars = LayerSpans(lower, layers), DriftBars(bars, layers)
        self._curves = RunCurves(*upper)
        self.moving = [*self._spans.moving, *self._bars.moving, *self._curves.moving]

    def _show_background(self, run, ghosts):
        updates, loss = last_update(run), self._curves.loss_limit(run, ghosts)
        background = updates, loss, tuple((name, id(ghost)) for name, ghost in ghosts.items())
        self.background_changed = background != self._background
        if self.background_changed:
            self._background = background
            self._curves.set_limits(updates, loss)
            self._spans.set_limit(updates)
            self._curves.show_ghosts(ghosts, updates)


def plot_run(run: Run, ghosts: Mapping[str, Run] | None = None, pixels: tuple[int, int] = (760, 320)) -> Page:
    """Draw the curves of a run, when each layer was frozen (striped), and how far each has moved.

    The bar of a layer is orange where it trained to the end, and pale blue where it was frozen at last; a blue mark in
    it shows how far the layer had moved when it was frozen. Thin lines on the curves are changes during the run.

    Args:
        run: The run.
        ghosts: Other runs whose curves are drawn behind, each with a short name.
        pixels: Width and height of the figure.
    """
    check_kind("run", run, Run, "give a Run")
    figure = RunFigure(pixels)
    page = figure.show(run, ghosts)
    stand_still(figure)
    page.description = f"Curves of a run. {describe(run)}"
    return page
