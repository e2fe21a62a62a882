"""The curves of a run, when each layer was frozen, and how far each has moved: one figure, still or live."""

from collections.abc import Mapping

from utils.checks import check_flag, check_kind, check_pixels
from utils.plots.arguments import check_ghosts, check_run
from utils.plots.description import describe
from utils.plots.layer_bars import DriftBars, LayerSpans
from utils.plots.page import Page, stand_still
from utils.plots.run_curves import RunCurves
from utils.plots.run_panes import panes
from utils.plots.style import INK, TITLE
from utils.plots.update_axis import last_update
from utils.training import Run


class RunFigure:
    """A figure that can show another run, or the same run later, without being built again.

    Args:
        pixels: Width and height.
        scale: Dots per pixel; 2 for a sharp picture, 1 for a quick one.
        stacked: Whether the accuracies are below the losses, where there is little room beside them.
        essential: Whether the curves and the layers' spans have all the room, without bars and the noise of batches.

    Attributes:
        figure: The page.
        moving: The artists that change with the run, drawn over the background.
        background_changed: Whether the latest `show` changed more than these.
    """

    def __init__(
        self,
        pixels: tuple[int, int] = (640, 300),
        scale: float = 2,
        stacked: bool = False,
        essential: bool = False,
    ):
        self.figure = Page(check_pixels("pixels", pixels), scale)
        self._stacked, self._essential = check_flag("stacked", stacked), check_flag("essential", essential)
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
        for bars in self._bars:
            bars.show(run, spans)
        return self.figure

    def _build(self, layers):
        self.figure.clear()
        self._layers, self._background = layers, None
        upper, lower, bars = panes(self.figure, len(layers), self._stacked, not self._essential)
        titles = "validation loss", "validation accuracy", "moved by (log)"
        for axes, title in zip((*upper, *bars), titles, strict=False):
            axes.set_title(title, **TITLE)
        for axes in self.figure.axes:
            axes.tick_params(labelsize=7, length=2, pad=2, colors=INK)
            axes.spines[["top", "right"]].set_visible(False)
        self._spans, self._bars = LayerSpans(lower, layers), [DriftBars(axes, layers) for axes in bars]
        self._curves = RunCurves(*upper, with_batches=not self._essential)
        if self._essential:
            upper[1].get_legend().remove()  # that of the losses is beside it, and the title's letters need its room
        self.moving = [artist for part in (self._spans, *self._bars, self._curves) for artist in part.moving]

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
