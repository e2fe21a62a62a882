"""The ten shapes of the drawings as lines through points, and the distance of each pixel from such a line."""

from itertools import pairwise

import numpy as np

SIDE = 28
PIECES = 18


def _circle():
    turn = np.linspace(0, 2 * np.pi, PIECES, endpoint=False)
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _polygon(corners, phase=-np.pi / 2):
    turn = phase + 2 * np.pi * np.arange(corners) / corners
    return np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _star():
    turn = -np.pi / 2 + np.pi * np.arange(10) / 5
    radius = np.where(np.arange(10) % 2 == 0, 1.0, 0.42)[:, None]
    return 1.1 * radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _heart():
    turn = np.linspace(0, 2 * np.pi, PIECES, endpoint=False)
    x = 16 * np.sin(turn) ** 3
    y = 13 * np.cos(turn) - 5 * np.cos(2 * turn) - 2 * np.cos(3 * turn) - np.cos(4 * turn)
    return np.stack([x, -y - 2.5], axis=1) / 15


def _crescent():
    # Two arcs that meet at the tips: of the unit circle, and of one whose center lies to the right of it.
    tip = np.array([np.cos(0.87), np.sin(0.87)])
    center = np.array([0.55, 0])
    radius, far = np.hypot(*(tip - center)), np.arctan2(*(tip - center)[::-1])
    outer = np.linspace(0.87, 2 * np.pi - 0.87, 11)
    inner = np.linspace(2 * np.pi - far, far, 8)[1:-1]
    near = center + radius * np.stack([np.cos(inner), np.sin(inner)], axis=1)
    return 1.05 * (np.concatenate([np.stack([np.cos(outer), np.sin(outer)], axis=1), near]) + [0.2, 0])


# Each shape has a radius of about one; y points down. A closed one has an inside, an open one is a mere line.
SHAPES = {
    "circle": (_circle(), True),
    "triangle": (1.1 * _polygon(3), True),
    "square": (1.1 * _polygon(4, np.pi / 4), True),
    "star": (_star(), True),
    "heart": (_heart(), True),
    "crescent": (_crescent(), True),
    "hourglass": (np.array([[-0.75, -0.95], [0.75, -0.95], [-0.75, 0.95], [0.75, 0.95]]), True),
    "cross": ([np.array([[-1.0, 0], [1, 0]]), np.array([[0, -1.0], [0, 1]])], False),
    "arrow": ([np.array([[-1.05, 0], [1.05, 0]]), np.array([[0.3, -0.8], [1.05, 0], [0.3, 0.8]])], False),
    "zigzag": ([np.array([[-1.05, 0.55], [-0.45, -0.65], [0.1, 0.65], [0.6, -0.6], [1.05, 0.5]])], False),
}
CLASS_NAMES = tuple(SHAPES)


def segments(name) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of each straight piece of a shape, two arrays (pieces, 2), cut short enough to bend."""
    points, closed = SHAPES[name]
    lines = [np.concatenate([points, points[:1]])] if closed else points
    starts, ends = [], []
    for line in lines:
        for a, b in pairwise(line):
            cuts = np.linspace(0, 1, 1 + max(1, round(float(np.hypot(*(b - a))) / 0.65)))[:, None]
            along = a + cuts * (b - a)
            starts.append(along[:-1])
            ends.append(along[1:])
    return np.concatenate(starts), np.concatenate(ends)


def distances(starts, ends, closed) -> np.ndarray:
    """Distance in pixels from each pixel's center to the nearest piece; negative inside a closed shape.

    Args:
        starts: The start of each piece, (N, pieces, 2), in pixels, x then y.
        ends: The end of each piece.
        closed: Whether the shape has an inside.

    Returns:
        float32 (N, 28, 28).
    """
    starts, ends = starts.astype(np.float32), ends.astype(np.float32)
    x = np.arange(SIDE, dtype=np.float32)[None, None, :]
    y = np.arange(SIDE, dtype=np.float32)[None, :, None]
    nearest = np.full((len(starts), SIDE, SIDE), np.inf, dtype=np.float32)
    inside = np.zeros(nearest.shape, dtype=bool)
    for piece in range(starts.shape[1]):
        ax, ay = (starts[:, piece, axis, None, None] for axis in (0, 1))
        bx, by = (ends[:, piece, axis, None, None] for axis in (0, 1))
        ux, uy = bx - ax, by - ay
        length = np.maximum(ux * ux + uy * uy, np.float32(1e-6))
        px, py = x - ax, y - ay
        # How far along the piece, from 0 to 1, the point nearest to the pixel lies.
        along = np.clip(px * (ux / length) + py * (uy / length), 0, 1)
        dx = px - along * ux
        dy = py - along * uy
        np.minimum(nearest, dx * dx + dy * dy, out=nearest)
        if closed:
            # Even-odd rule: a ray to the right crosses the outline an odd number of times from inside.
            crosses = (ay > y) != (by > y)
            where = ax + (y - ay) * (ux / np.where(np.abs(uy) < 1e-6, np.float32(1e-6), uy))
            inside ^= crosses & (x < where)
    nearest = np.sqrt(nearest)
    return np.where(inside, -nearest, nearest)
