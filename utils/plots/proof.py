"""What the reader believed frozen, what Keras said, and what moved: side by side, a row for each layer."""

import math

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from utils.plots.page import Page
from utils.plots.style import DOTS_PER_INCH, FROZEN, FROZEN_PALE, GRID, INK, OLD_TASK, TRAINED

_PALE_TRAINED = "#f8e3b8"
_ROW, _TOP, _BOTTOM = 26, 30, 8  # pixels
_COLUMNS = ("you believed", "Keras said", "bit by bit")
_LEFT, _WIDTH, _GAP, _SURPRISE = 152, 98, 9, 280


def plot_weight_changes(seen, title: str = "") -> Page:
    """The rows of `track_weights` as a drawing: blue and striped is frozen or still, orange and solid trained or moved.

    seen: what `track_weights` gives, after its block. Where the last column contradicts what was believed (or what
    Keras said, where nobody believed anything), the row is marked. Raises a ValueError where nothing was seen yet.
    """
    if not seen.rows:
        raise ValueError("seen: nothing was seen yet; draw it after the block of track_weights has ended")
    extra = 22 if title else 0
    height = _TOP + extra + _ROW * len(seen.rows) + _BOTTOM
    left = max(_LEFT, *(_width_of(row.layer) + 20 for row in seen.rows))  # the longest name in full
    width = left + 3 * (_WIDTH + _GAP) + _SURPRISE
    page = Page((width, height))
    axes = page.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    if title:
        axes.text(8, 13, title, fontsize=9, fontweight="bold", color=INK, va="center")
    show = [place for place in range(3) if place or any(row.belief for row in seen.rows)]
    for column, place in enumerate(show):
        axes.text(
            left + _x(column) + _WIDTH / 2, extra + 17, _COLUMNS[place], fontsize=8, color=INK, ha="center", va="center"
        )
    for number, row in enumerate(seen.rows):
        top = _TOP + extra + _ROW * number
        axes.text(left - 9, top + 11, row.layer, fontsize=8, color=INK, ha="right", va="center")
        words = (row.belief, row.keras_state, "moved" if row.changed else "still")
        for column, place in enumerate(show):
            if words[place]:
                _cell(axes, left + _x(column), top, words[place])
        which = f"only {', '.join(row.changed)}" if 0 < len(row.changed) < row.weight_count else ""
        lines = [(f"✘ {row.surprise}", OLD_TASK)] * bool(row.surprise) + [(which, INK)] * bool(which)
        for line, (words, colour) in enumerate(lines):
            height_of_line = top + 11 + 12 * (line - (len(lines) - 1) / 2)
            axes.text(left + _x(len(show)) + 8, height_of_line, words, fontsize=7.5, color=colour, va="center")
    told = [f"{row.layer}: {'moved' if row.changed else 'still'}" for row in seen.rows]
    surprises = [f"{layer}: {why}" for layer, why in seen.surprises.items()]
    page.description = f"{title + '. ' if title else ''}{', '.join(told)}. " + (
        f"Surprises: {'; '.join(surprises)}." if surprises else "No surprise."
    )
    return page


def _width_of(name):
    """In pixels, as it is written here."""
    points = TextPath((0, 0), name, size=8, prop=FontProperties()).get_extents().width
    return math.ceil(points * DOTS_PER_INCH / 72)


def _x(column):
    return column * (_WIDTH + _GAP)


def _cell(axes, left, top, word):
    still = word in ("frozen", "still", "statistics")
    face, edge, hatch = (FROZEN_PALE, FROZEN, "////") if still else (_PALE_TRAINED, TRAINED, "")
    if word == "in part":
        face, edge, hatch = "white", TRAINED, "//"
    box = axes.barh(top + 11, _WIDTH, 20, left=left, color=face, edgecolor=edge, linewidth=1)[0]
    box.set_hatch(hatch)
    box.set_hatch_linewidth(0.4)
    around = {"facecolor": face, "edgecolor": GRID if word == "in part" else face, "pad": 1.2, "linewidth": 0}
    axes.text(left + _WIDTH / 2, top + 11, word, fontsize=8, color=INK, ha="center", va="center", bbox=around)
