"""Figures for photographs: a collection, the two stages of a training, confusion matrices."""

from collections.abc import Mapping, Sequence

import numpy as np

from utils.checks import (
    check_array,
    check_iterable,
    check_kind,
    check_mapping,
    check_names,
    check_text,
    check_whole_number,
)
from utils.messages import given, refusal
from utils.plots.arguments import check_confusion
from utils.plots.page import Page
from utils.plots.style import INK, NEW_STYLE, NEW_TASK, OLD_STYLE, OLD_TASK
from utils.training import Run

_SMALL = 8
_MOST_COLUMNS = 40


def plot_photos(images: np.ndarray, captions: Sequence[str], columns: int = 8) -> Page:
    """Draw photographs, each with a caption above it.

    Args:
        images: (N, height, width, 3), 0 to 255.
        captions: A caption for each.
        columns: The most photographs in a row.

    Raises:
        ValueError: For no image, or another number of captions.
    """
    wanted = "give photographs (N, height, width, 3)"
    each = check_iterable("images", images, wanted)
    images = [check_array("images", image, 3, kinds="fiu", wanted=wanted) for image in each]
    captions = check_names("captions", captions, wanted="give a list of captions")
    columns = check_whole_number("columns", columns, 1, _MOST_COLUMNS)
    if not images or not all(image.shape[-1] in (1, 3) for image in images):
        raise ValueError(f"images: shapes {[image.shape for image in images]} are not allowed: {wanted}.")
    if len(images) != len(captions):
        raise ValueError(f"{len(images)} images and captions={given(captions)}: give a caption to each.")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    above = 6 + 13 * max(caption.count("\n") + 1 for caption in captions)  # pixels
    height = 100 + above
    page = Page((104 * columns, height * rows))
    for axes in page.subplots(rows, columns, squeeze=False).flat:
        axes.set_axis_off()
    for axes, image, caption in zip(page.axes, images, captions, strict=False):
        axes.imshow(np.asarray(image).clip(0, 255).astype(np.uint8))
        axes.set_title(caption, fontsize=_SMALL, pad=3, color=INK)
    page.subplots_adjust(left=0.005, right=0.995, top=1 - above / (height * rows), bottom=0.005, wspace=0.06,
                         hspace=(above + 2) / 98)  # fmt: skip
    page.description = f"Photographs: {', '.join(dict.fromkeys(' '.join(caption.split()) for caption in captions))}."
    return page


def plot_stages(run: Run, old_name: str = "old task") -> Page:
    """Draw the validation curves of a run with a warm-up, and a line where the backbone begins to train.

    Args:
        run: The run.
        old_name: The label of the old task's curve.
    """
    check_kind("run", run, Run, "give a Run")
    check_text("old_name", old_name)
    if not len(run.history.get("update", ())):
        raise ValueError(f"run={given(run)} is not allowed: it has no curves yet.")
    page = Page((760, 260))
    axes = page.add_axes((0.075, 0.17, 0.7, 0.76))
    updates = run.history["update"]
    for name, key, color, style in (
        ("new task", "new_accuracy", NEW_TASK, NEW_STYLE), (old_name, "old_accuracy", OLD_TASK, OLD_STYLE)
    ):  # fmt: skip
        axes.plot(updates, 100 * run.history[key], color=color, linestyle=style, label=name)
    axes.axvline(run.settings.warm_up, color=INK, linewidth=1, linestyle=":")
    axes.annotate("fine-tuning starts", (run.settings.warm_up, 3), (-4, 0), textcoords="offset points", ha="right",
                  fontsize=_SMALL, color=INK)  # fmt: skip
    axes.set(ylim=(0, 102), xlim=(0, updates[-1]))
    axes.set_xlabel("updates", fontsize=_SMALL)
    axes.set_ylabel("validation (%)", fontsize=_SMALL)
    axes.tick_params(labelsize=_SMALL, colors=INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=_SMALL, frameon=False)
    page.description = f"Validation curves; fine-tuning starts at update {run.settings.warm_up}."
    return page


def plot_confusions(tables: Mapping[str, np.ndarray], class_names: Sequence[str]) -> Page:
    """Draw confusion matrices side by side, in % of each row.

    Args:
        tables: Title → counts (classes, classes): the row is the true class, the column the predicted one.
        class_names: The names of the classes.
    """
    class_names = check_names("class_names", class_names, 1)
    count, classes = len(check_mapping("tables", tables, "give a mapping of titles to counts")), len(class_names)
    tables = {title: check_confusion("tables", counts, classes) for title, counts in tables.items()}
    if not count:
        raise ValueError(refusal("tables", tables, "give one table or more"))
    side = 60 + 36 * classes
    page = Page((count * side + 60, side))
    for place, (axes, (title, counts)) in enumerate(zip(page.subplots(1, count, squeeze=False)[0], tables.items(),
                                                        strict=True)):  # fmt: skip
        shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
        for (row, column), share in np.ndenumerate(shares):
            if counts[row, column]:
                axes.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=_SMALL,
                          color="white" if share > 55 else INK)  # fmt: skip
        axes.set_title(title, fontsize=9, color=INK)
        axes.set_xticks(range(classes), class_names, rotation=45, ha="right")
        axes.set_yticks(range(classes), class_names if place == 0 else [""] * classes)
        axes.tick_params(labelsize=_SMALL, length=0, colors=INK)
    page.subplots_adjust(left=80 / (count * side + 60), right=0.99, top=0.92, bottom=70 / side, wspace=0.08)
    accuracies = ", ".join(f"{title} {counts.trace() / counts.sum():.0%}" for title, counts in tables.items())
    page.description = f"Confusion matrices, share of correct predictions: {accuracies}."
    return page
