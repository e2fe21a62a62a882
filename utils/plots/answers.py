"""Images with the prediction of a head for each: a bar for every class."""

from collections.abc import Sequence

import numpy as np

from utils.checks import check_array, check_names
from utils.messages import refusal
from utils.plots.page import Page
from utils.plots.style import FROZEN, INK


def plot_answers(images: np.ndarray, probabilities: np.ndarray, class_names: Sequence[str]) -> Page:
    """Draw a row of images, and under each the probabilities of the classes.

    Args:
        images: (N, height, width, 1), at most 10.
        probabilities: (N, classes).
        class_names: The names of the classes.

    Raises:
        ValueError: For another number of images or probabilities.
    """
    images, probabilities = check_array("images", images, 4), check_array("probabilities", probabilities, 2)
    names = check_names("class_names", class_names)
    if not 1 <= len(images) <= 10 or len(images) != len(probabilities):
        raise ValueError(
            f"images of shape {images.shape} with probabilities of shape {probabilities.shape} are not allowed: give 1 "
            "to 10 images with one answer each."
        )
    if len(names) != probabilities.shape[1]:
        wanted = f"give {probabilities.shape[1]} names, one for each column of probabilities {probabilities.shape}"
        raise ValueError(refusal("class_names", class_names, wanted))
    page = Page((840, 190))
    grid = page.add_gridspec(
        2, len(images), height_ratios=(1, 0.8), left=0.05, right=0.99, top=0.98, bottom=0.13, hspace=0.12
    )
    for column, (image, prediction) in enumerate(zip(images, probabilities, strict=True)):
        above, below = (page.add_subplot(grid[row, column]) for row in (0, 1))
        above.imshow(image[..., 0], cmap="gray", vmin=0, vmax=1)
        above.set_axis_off()
        below.bar(range(len(prediction)), prediction, color=FROZEN)
        below.set(ylim=(0, 1), yticks=[0, 1] if column == 0 else [])
        below.set_xticks(range(len(prediction)), class_names)
        below.tick_params(labelsize=6, length=1, pad=1, colors=INK)
        below.spines[["top", "right"]].set_visible(False)
    top = [f"{class_names[int(np.argmax(row))]} ({np.max(row):.0%})" for row in probabilities]
    page.description = f"Images, and the class that the head predicts for each: {', '.join(top)}."
    return page
