"""Points in the plane: tasks so small that everything in the network can be drawn."""

from functools import lru_cache

import numpy as np

from utils.checks import check_number, check_one_of

from .task import PARTS, Task

SIZES = (1000, 500, 1000)  # points in train, validation and test
# Two tasks of one shape are drawn from different seeds: no point is in both.
_SEEDS = {"old": 2012, "new": 2016}
NOISE, DISTANCE = 0.1, 0.0  # the defaults
MOST_NOISE, MOST_DISTANCE = 0.5, 3.0


def _moons(position):
    turn = np.pi * position
    upper = np.stack([np.cos(turn) - 0.5, np.sin(turn) - 0.25], axis=1)
    return upper, -upper


def _rings(position):
    turn = 2 * np.pi * position
    outer = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return 0.45 * outer, outer


def _spirals(position):
    # The root spreads the points evenly along the arm.
    along = np.sqrt(0.02 + 0.98 * position)
    turn = 2 * np.pi * along
    arm = 1.1 * along[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return arm, -arm


def _blobs(position):
    middle = np.full((len(position), 2), 0.6)
    return -middle, middle


# Shape → the points of both classes without noise, from their position on their line, 0 to 1; the classes' names.
_SHAPES = {
    "moons": (_moons, ("upper moon", "lower moon")),
    "rings": (_rings, ("inner ring", "outer ring")),
    "spirals": (_spirals, ("first arm", "second arm")),
    "blobs": (_blobs, ("lower blob", "upper blob")),
}
SHAPES = tuple(_SHAPES)


def points(shape: str, noise: float = NOISE, distance: float = DISTANCE, role: str = "old") -> Task:
    """Points of two classes, in equal numbers, as a Task: float32 (N, 2). The shapes are about 2 units wide.

    The same arguments give the same Task, with the same arrays.

    Args:
        shape: One of SHAPES.
        noise: Standard deviation of the points from their line, 0 to 0.5; blobs have 0.2 in addition.
        distance: How far to the right the shape is moved, 0 to 3.
        role: "old" or "new", which draws other points of the same shape.

    Raises:
        ValueError: For another shape, noise or distance.
    """
    check_one_of("role", role, _SEEDS)
    return _points(check_shape("shape", shape), check_noise("noise", noise), check_distance("distance", distance), role)


@lru_cache(maxsize=32)  # 60 kB each
def _points(shape, noise, distance, role) -> Task:
    arrays = {}
    for number, (part, size) in enumerate(zip(PARTS, SIZES, strict=True)):
        rng = np.random.default_rng([_SEEDS[role], SHAPES.index(shape), number])
        labels = rng.permutation(np.arange(size, dtype=np.int32) % 2)
        classes = np.stack(_SHAPES[shape][0](rng.random(size)))
        spread = np.hypot(noise, 0.2) if shape == "blobs" else noise
        placed = classes[labels, np.arange(size)] + spread * rng.normal(size=(size, 2)) + (distance, 0)
        arrays[f"x_{part}"], arrays[f"y_{part}"] = placed.astype(np.float32), labels
    extras = f", noise {noise:g}" * (noise != NOISE) + f", {distance:g} to the right" * (distance != DISTANCE)
    name = f"{'new ' * (role == 'new')}{shape}{extras}"
    return Task(name=name, class_names=_SHAPES[shape][1], **arrays)


def check_shape(field: str, value) -> str:
    """The value; ValueError unless it is one of SHAPES."""
    return check_one_of(field, value, SHAPES)


def check_noise(field: str, value) -> float:
    """The value as a float; ValueError unless it is a number from 0 to 0.5."""
    return check_number(field, value, 0, MOST_NOISE)


def check_distance(field: str, value) -> float:
    """The value as a float; ValueError unless it is a number from 0 to 3."""
    return check_number(field, value, 0, MOST_DISTANCE)
