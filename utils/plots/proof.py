"""What the reader believed frozen, what Keras said, and what moved: side by side, a row for each layer."""

from utils.plots.page import Page
from utils.plots.style import FROZEN, FROZEN_PALE, GRID, INK, OLD_TASK, TRAINED

_PALE_TRAINED = "#f8e3b8"
_ROW, _TOP, _BOTTOM = 26, 30, 8  # pixels
_COLUMNS = ("you believed", "Keras said", "bit by bit")
_LEFT, _WIDTH, _GAP = 0.2, 0.13, 0.012


def plot_moved(seen, title: str = "") -> Page:
    """The rows of a `watch` as a drawing: blue and striped is frozen or still, orange and solid is trained or moved.

    seen: what `watch` gives, after its block. Where the last column contradicts what was believed (or what Keras
    said, where nobody believed anything), the row is marked. Raises a ValueError where nothing was seen yet.
    """
    if not seen.rows:
        raise ValueError("seen: nothing was seen yet; draw it after the block of watch has ended")
    extra = 22 if title else 0
    height = _TOP + extra + _ROW * len(seen.rows) + _BOTTOM
    page = Page((760, height))
    axes = page.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1), ylim=(height, 0))
    axes.set_axis_off()
    if title:
        axes.text(0.01, 13, title, fontsize=9, fontweight="bold", color=INK, va="center")
    show = [place for place in range(3) if place or any(row.believed for row in seen.rows)]
    for column, place in enumerate(show):
        axes.text(_x(column) + _WIDTH / 2, extra + 17, _COLUMNS[place], fontsize=8, color=INK, ha="center", va="center")
    for number, row in enumerate(seen.rows):
        top = _TOP + extra + _ROW * number
        axes.text(_LEFT - 0.012, top + 11, row.layer, fontsize=8, color=INK, ha="right", va="center")
        words = (row.believed, row.listed, "moved" if row.moved else "still")
        for column, place in enumerate(show):
            _cell(axes, column, top, words[place])
        which = f"only {', '.join(row.moved)}" if 0 < len(row.moved) < row.weights else ""
        lines = [(f"✘ {row.surprise}", OLD_TASK)] * bool(row.surprise) + [(which, INK)] * bool(which)
        for line, (words, colour) in enumerate(lines):
            height_of_line = top + 11 + 12 * (line - (len(lines) - 1) / 2)
            axes.text(_x(len(show)) + 0.01, height_of_line, words, fontsize=7.5, color=colour, va="center")
    told = [f"{row.layer}: {'moved' if row.moved else 'still'}" for row in seen.rows]
    surprises = [f"{layer}: {why}" for layer, why in seen.surprises.items()]
    page.description = f"{title + '. ' if title else ''}{', '.join(told)}. " + (
        f"Surprises: {'; '.join(surprises)}." if surprises else "No surprise."
    )
    return page


def _x(column):
    return _LEFT + column * (_WIDTH + _GAP)


def _cell(axes, column, top, word):
    still = word in ("frozen", "still")
    face, edge, hatch = (FROZEN_PALE, FROZEN, "////") if still else (_PALE_TRAINED, TRAINED, "")
    if word == "in part":
        face, edge, hatch = "white", TRAINED, "//"
    box = axes.barh(top + 11, _WIDTH, 20, left=_x(column), color=face, edgecolor=edge, linewidth=1)[0]
    box.set_hatch(hatch)
    box.set_hatch_linewidth(0.4)
    around = {"facecolor": face, "edgecolor": GRID if word == "in part" else face, "pad": 1.2, "linewidth": 0}
    axes.text(_x(column) + _WIDTH / 2, top + 11, word, fontsize=8, color=INK, ha="center", va="center", bbox=around)
