"""Labels where there is little room: beside points, without overlapping, and of layers, cut where they differ least."""

import os
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

_LETTER_WIDTH = 0.64  # of a digit or a small letter, as a share of its size


def free_offsets(
    axes: Axes, points: Sequence, labels: Sequence[str], offsets: Sequence, size: float, to_the_left: bool = False
) -> list:
    """Find a place for the label of each point, inside the axes.

    Args:
        axes: The axes, with their limits and their place set.
        points: (x, y) in data coordinates.
        labels: The text of each label.
        offsets: The places of a label's corner beside its point that are tried in turn, in typographic points.
        size: The size of the letters, in typographic points.
        to_the_left: Whether that corner is the lower right one, rather than the lower left.

    Returns:
        For each point the first offset at which its label overlaps none of those before; None where there is none.
    """
    to_points = 72 / axes.figure.dpi
    room = axes.get_window_extent().extents * to_points + (-1, -1, 1, 1)
    placed, chosen = np.empty((0, 4)), []
    for point, label in zip(points, labels, strict=True):
        width, height = _LETTER_WIDTH * size * len(label), size
        corner = axes.transData.transform(point) * to_points
        for offset in offsets:
            left, low = corner + offset - (width * to_the_left, 0)
            box = np.array([left, low, left + width, low + height])
            is_inside = (box[:2] >= room[:2]).all() and (box[2:] <= room[2:]).all()
            if is_inside and not ((box[:2] < placed[:, 2:]) & (box[2:] > placed[:, :2])).all(axis=1).any():
                placed = np.vstack([placed, box])
                chosen.append(offset)
                break
        else:
            chosen.append(None)
    return chosen


def short_labels(labels: Sequence[str], longest: int) -> list[str]:
    """Cut long labels so that those that are different still look different.

    Both ends are kept, since names often differ in their last characters alone. Where that leaves several the same, the
    part in which these differ takes the room; where it's too long for it, a number does.

    Args:
        labels: All labels of a figure.
        longest: The most characters of each, at least 5.
    """
    short = [_without_middle(label, longest) for label in labels]
    for text in dict.fromkeys(text for text, label in zip(short, labels, strict=True) if text != label):
        alike = [i for i, other in enumerate(short) if other == text]
        if len(alike) > 1:
            parts = _where_they_differ([labels[i] for i in alike], longest)
            short = [parts[alike.index(i)] if i in alike else other for i, other in enumerate(short)]
    alike = [i for i, text in enumerate(short) if text != labels[i] and short.count(text) > 1]
    for i in alike:
        number = f"…{i + 1}"
        short[i] = labels[i][: longest - len(number)] + number
    return short


def _without_middle(label, longest):
    label = label if len(label) <= longest else label.rstrip()  # a blank tells nothing
    half = (longest - 1) // 2
    return label if len(label) <= longest else f"{label[:half]}…{label[-half:]}"


def _where_they_differ(labels, longest):
    """Labels that are the same at both ends, each as "beginning…difference…end"; as they come where there's no room."""
    start = os.path.commonprefix(labels)
    end = os.path.commonprefix([label[len(start) :][::-1] for label in labels])
    in_words = start.rfind(" ") + 1, end.rfind(" ") + 1  # "1" and "12" rather than "" and "2"
    for first, last in (in_words, (len(start), len(end))):
        middles = [label[first : len(label) - last].strip() for label in labels]
        room = longest - 2 - max(map(len, middles))
        if room >= 0 and all(middles):
            before, after = min(first, room - room // 2), min(last, room // 2)
            return [
                f"{label[:before]}{'…' * (first > 0)}{middle}{'…' * (last > 0)}{label[len(label) - after :]}"
                for label, middle in zip(labels, middles, strict=True)
            ]
    return [_without_middle(label, longest) for label in labels]
