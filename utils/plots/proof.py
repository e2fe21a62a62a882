"""What the reader believed, what Keras listed, and what changed: side by side, a row for each layer."""

import math

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from utils.checks import check_kind, check_text
from utils.freezing.proof import WeightChanges
from utils.plots.page import Page
from utils.plots.style import DOTS_PER_INCH, FROZEN, FROZEN_PALE, GRID, INK, OLD_TASK, TRAINED

_PALE_TRAINED = "#f8e3b8"
_ROW, _TOP, _BOTTOM = 26, 30, 8  # pixels
_COLUMNS = ("you believed", "Keras said", "bit by bit")
_LEFT, _WIDTH, _GAP, _SURPRISE_WIDTH = 152, 98, 9, 280


def plot_weight_changes(changes: WeightChanges, title: str = "") -> Page:
    """Draw the result of `track_weights`: blue and striped is frozen or still, orange and solid is trained or moved.

    A row is marked where its last column contradicts what you believed or, without a belief, what Keras listed.

    Args:
        changes: What `track_weights` yields, after its block.
        title: A title above it.

    Raises:
        ValueError: Before the block has ended.
    """
    check_kind("changes", changes, WeightChanges, "give what track_weights yields")
    check_text("title", title)
    if not changes.rows:
        raise ValueError("changes: there are none yet; draw them after the block of track_weights has ended")
    title_height = 22 if title else 0
    height = _TOP + title_height + _ROW * len(changes.rows) + _BOTTOM
    left = max(_LEFT, *(_width_of(row.layer) + 20 for row in changes.rows))  # the longest name in full
    width = left + 3 * (_WIDTH + _GAP) + _SURPRISE_WIDTH
    page = Page((width, height))
    axes = page.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    if title:
        axes.text(8, 13, title, fontsize=9, fontweight="bold", color=INK, va="center")
    shown = [place for place in range(3) if place or any(row.belief for row in changes.rows)]
    for column, place in enumerate(shown):
        x = left + _x(column) + _WIDTH / 2
        axes.text(x, title_height + 17, _COLUMNS[place], fontsize=8, color=INK, ha="center", va="center")
    for number, row in enumerate(changes.rows):
        top = _TOP + title_height + _ROW * number
        axes.text(left - 9, top + 11, row.layer, fontsize=8, color=INK, ha="right", va="center")
        states = (row.belief, row.keras_state, "moved" if row.changed else "still")
        for column, place in enumerate(shown):
            if states[place]:
                _draw_cell(axes, left + _x(column), top, states[place])
        part = f"only {', '.join(row.changed)}" if 0 < len(row.changed) < row.weight_count else ""
        lines = [(f"✘ {row.surprise}", OLD_TASK)] * bool(row.surprise) + [(part, INK)] * bool(part)
        for line, (text, color) in enumerate(lines):
            height_of_line = top + 11 + 12 * (line - (len(lines) - 1) / 2)
            axes.text(left + _x(len(shown)) + 8, height_of_line, text, fontsize=7.5, color=color, va="center")
    states = [f"{row.layer}: {'moved' if row.changed else 'still'}" for row in changes.rows]
    surprises = [f"{layer}: {why}" for layer, why in changes.surprises.items()]
    page.description = f"{title + '. ' if title else ''}{', '.join(states)}. " + (
        f"Surprises: {'; '.join(surprises)}." if surprises else "No surprise."
    )
    return page


def _width_of(name):
    """The width of a layer's name in pixels."""
    points = TextPath((0, 0), name.replace("$", r"\$"), size=8, prop=FontProperties()).get_extents().width
    return math.ceil(points * DOTS_PER_INCH / 72)


def _x(column):
    return column * (_WIDTH + _GAP)


def _draw_cell(axes, left, top, state):
    is_still = state in ("frozen", "still", "statistics")
    face, edge, hatch = (FROZEN_PALE, FROZEN, "////") if is_still else (_PALE_TRAINED, TRAINED, "")
    if state == "in part":
        face, edge, hatch = "white", TRAINED, "//"
    box = axes.barh(top + 11, _WIDTH, 20, left=left, color=face, edgecolor=edge, linewidth=1)[0]
    box.set_hatch(hatch)
    box.set_hatch_linewidth(0.4)
    around = {"facecolor": face, "edgecolor": GRID if state == "in part" else face, "pad": 1.2, "linewidth": 0}
    axes.text(left + _WIDTH / 2, top + 11, state, fontsize=8, color=INK, ha="center", va="center", bbox=around)
