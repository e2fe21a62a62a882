"""Labels where there is little room: beside points, without overlapping, and of layers, cut where they differ least."""

import os
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes


def free_offsets(axes: Axes, points: Sequence, offsets: Sequence, size: tuple[float, float]) -> list:
    """Find a place for the label of each point.

    Args:
        axes: The axes, with their limits set.
        points: (x, y) in data coordinates.
        offsets: The places of a label beside its point that are tried in turn, in typographic points.
        size: The size of a label, in typographic points.

    Returns:
        For each point the first offset at which its label overlaps none of those before; None where there is none.
    """
    placed, chosen = np.empty((0, 2)), []
    for point in points:
        corner = axes.transData.transform(point) * 72 / axes.figure.dpi
        free = [off for off in offsets if not (np.abs(corner + off - placed) < size).all(axis=1).any()]
        chosen.append(free[0] if free else None)
        if free:
            placed = np.vstack([placed, corner + free[0]])
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
