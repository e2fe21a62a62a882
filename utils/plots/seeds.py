"""Several seeds of several choices: each as a point, their mean and its 95 % interval beside."""

from collections.abc import Mapping, Sequence

from utils.measures import mean_interval
from utils.plots.page import Page
from utils.plots.style import FROZEN, GRID, INK, TRAINED


def plot_seeds(
    values: Mapping[str, Sequence[float]],
    xlabel: str,
    ylabel: str,
    reference: tuple[str, Sequence[float]] | None = None,
    pixels: tuple[int, int] = (640, 270),
) -> Page:
    """For each choice the values of its seeds (pale points), their mean and 95 % interval (bold).

    values: choice -> one value a seed, two or more. reference: a name and its values, drawn as a band across.
    """
    figure = Page(pixels)
    axes = figure.add_axes((0.09, 0.17, 0.89, 0.76))
    for place, of_choice in enumerate(values.values()):
        spread = mean_interval(of_choice)
        axes.plot([place - 0.12] * len(of_choice), of_choice, "o", markersize=4, color=FROZEN, alpha=0.4)
        axes.errorbar(place, spread.mean, spread.half_width, fmt="o", markersize=6, color=FROZEN, capsize=4)
    if reference:
        name, of_reference = reference
        spread = mean_interval(of_reference)
        low, high = spread.mean - spread.half_width, spread.mean + spread.half_width
        axes.axhspan(low, high, color=TRAINED, alpha=0.25, linewidth=0)
        axes.axhline(spread.mean, color=TRAINED, linewidth=1.4, label=name)
        axes.legend(loc="upper right", fontsize=8, frameon=False)
    axes.set_xticks(range(len(values)), list(values))
    axes.set_xlim(-0.5, len(values) - 0.5)
    axes.set_xlabel(xlabel, fontsize=8, color=INK)
    axes.set_ylabel(ylabel, fontsize=8, color=INK)
    axes.tick_params(labelsize=8, colors=INK)
    axes.grid(axis="y", color=GRID, linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    said = "; ".join(f"{name}: {mean_interval(of_choice)}" for name, of_choice in values.items())
    figure.description = f"{ylabel}, mean ± 95 % interval. {said}."
    return figure
