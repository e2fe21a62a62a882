"""Means with their intervals: for comparisons over several seeds."""

import numbers
from collections.abc import Mapping, Sequence

from utils.checks import check_array, check_flag, check_kind, check_mapping, check_pixels, check_text
from utils.measures import mean_interval
from utils.messages import refusal
from utils.plots.page import Page
from utils.plots.style import FROZEN, GRID, INK, NEW_TASK, OLD_TASK, TRAINED

# What has a color in the other figures keeps it; all else takes the colors in turn.
_KNOWN_COLORS = {"old task": OLD_TASK, "new task": NEW_TASK, "feature extraction": FROZEN, "fine-tuning": TRAINED}
_LOOKS = ((FROZEN, "o", "-"), (TRAINED, "s", "--"), (NEW_TASK, "^", "-."), (OLD_TASK, "D", ":"))


_WANTED = "give a mapping of names to mappings of places to values, such as {'a': {1: [0.5, 0.6]}}"


def plot_means(
    values: Mapping[str, Mapping[float | str, Sequence[float]]],
    x_label: str,
    y_label: str,
    log: bool = False,
    pixels: tuple[int, int] = (620, 290),
) -> Page:
    """Draw a line for each name: means at several places, with their 95% intervals.

    Args:
        values: Name → place → a value for each seed; a single value has no interval. Places are numbers, or texts,
            which are drawn at equal distances in the order in which they first occur.
        x_label: The label of the horizontal axis.
        y_label: The label of the vertical axis.
        log: Whether the horizontal axis is logarithmic.
        pixels: Width and height of the figure.
    """
    values = {name: _line(name, line) for name, line in check_mapping("values", values, _WANTED).items()}
    if not values:
        raise ValueError(refusal("values", values, _WANTED))
    for name, text in (("x_label", x_label), ("y_label", y_label)):
        check_text(name, text)
    figure, log = Page(check_pixels("pixels", pixels)), check_flag("log", log)
    axes = figure.add_axes((0.09, 0.17, 0.62, 0.78))
    places = list(dict.fromkeys(place for line in values.values() for place in line))
    has_texts = any(isinstance(place, str) for place in places)
    for number, (name, line) in enumerate(values.items()):
        color, marker, style = _LOOKS[number % len(_LOOKS)]
        x = [places.index(place) if has_texts else place for place in line]
        spreads = [mean_interval(seeds) if len(seeds) > 1 else None for seeds in line.values()]
        y = [spread.mean if spread else seeds[0] for spread, seeds in zip(spreads, line.values(), strict=True)]
        half_widths = [spread.half_width if spread else 0 for spread in spreads]
        look = {"color": _KNOWN_COLORS.get(name, color), "marker": marker, "linestyle": style, "markersize": 4.5}
        axes.errorbar(x, y, half_widths, label=name, linewidth=1.5, elinewidth=1, capsize=3 * any(half_widths), **look)
    if log:
        axes.set_xscale("log")
    if has_texts or log:
        ticks = range(len(places)) if has_texts else places
        axes.set_xticks(ticks, [place if has_texts else f"{place:,g}" for place in places])
        axes.minorticks_off()
    axes.set_xlabel(x_label, fontsize=8, color=INK)
    axes.set_ylabel(y_label, fontsize=8, color=INK)
    axes.tick_params(labelsize=8, colors=INK)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=GRID, linewidth=0.6)
    axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.01, 1), handlelength=2.6)
    figure.description = f"{y_label} against {x_label}: {', '.join(values)}."
    return figure


def _line(name, line):
    """The values at each place as arrays; places are numbers or texts."""
    check_kind("values", line, Mapping, _WANTED)
    for place in line:
        check_kind("values", place, (str, numbers.Real), _WANTED)
    return {place: check_array(f"values: {name}", seeds, 1, wanted=_WANTED) for place, seeds in line.items()}
