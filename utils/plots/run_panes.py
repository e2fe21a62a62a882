"""Where the axes of a run's figure are: losses and accuracies, below them the layers' spans, and the bars."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from utils.plots.style import DOTS_PER_INCH

_ROW = 9  # pixels of height of a layer's span
_LETTER = 14  # pixels of height that a line of small letters takes, with the room around it


def panes(figure: Figure, layers: int, stacked: bool, with_bars: bool) -> tuple[list[Axes], list[Axes], list[Axes]]:
    """Add the axes to an empty figure.

    Args:
        figure: The figure.
        layers: The number of layers, each with a row.
        stacked: Whether the accuracies are below the losses, and the bars below both.
        with_bars: Whether there are bars.

    Returns:
        The axes of losses and accuracies; those of the spans, one or one for each of these; that of the bars, if any.
    """
    return (_stacked if stacked else _side_by_side)(figure, layers, with_bars)


def _side_by_side(figure, layers, with_bars):
    sides = {"left": 0.088, "right": 0.98, "top": 0.92, "bottom": 0.115}
    if not with_bars:
        width, height = _size(figure)
        sides = {"left": 52 / width, "right": 1 - 14 / width, "top": 1 - 20 / height, "bottom": 32 / height}
    ratios = (2.25, 0.5) if with_bars else (1,)
    columns = figure.add_gridspec(1, len(ratios), width_ratios=ratios, wspace=0.26, **sides)
    rows, height = _ROW * layers, (sides["top"] - sides["bottom"]) * _size(figure)[1]
    lanes = max(0.30, 0.06 * layers, min(1, rows / max(1, height - rows)))
    grid = columns[0].subgridspec(2, 2, height_ratios=(1, lanes), hspace=0.09, wspace=0.24)
    upper = [figure.add_subplot(grid[0, i]) for i in (0, 1)]
    lower = [figure.add_subplot(grid[1, i], sharex=axes) for i, axes in enumerate(upper)]
    return upper, lower, [figure.add_subplot(columns[1])] if with_bars else []


def _stacked(figure, layers, with_bars):
    width, height = _size(figure)
    sides = {"left": 58 / width, "right": 1 - 14 / width}
    above, between, axis = 22, 26, 30  # pixels: of a title, from curves to bars, of an axis with its label
    lanes, bars = _ROW * layers, (_LETTER * layers if with_bars else 0)
    curves = (height - above - axis - lanes - (bars + between + axis if with_bars else 0) - above - 8) / 2

    def pane(top, pixels, **shared):
        box = sides["left"], 1 - (top + pixels) / height, sides["right"] - sides["left"], pixels / height
        return figure.add_axes(box, **shared)

    loss = pane(above, curves)
    accuracy = pane(2 * above + curves, curves, sharex=loss)
    top = 2 * above + 2 * curves + 8
    spans = pane(top, lanes, sharex=loss)
    return [loss, accuracy], [spans], [pane(top + lanes + axis + between, bars)] if with_bars else []


def _size(figure):
    """Width and height in pixels."""
    return figure.get_size_inches() * DOTS_PER_INCH
