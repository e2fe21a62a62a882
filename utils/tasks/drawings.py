"""Drawings of ten shapes, as similar to handwritten digits, or as dissimilar, as you set them."""

import numpy as np

from utils.checks import check_number, check_seed, check_whole_number

from .outlines import CLASS_NAMES, SHAPES, SIDE, distances, segments
from .task import Task, from_images, split

# Images drawn at once: their arrays fit into a core's cache.
_CHUNK = 250
_SEED = 7
_MOST = 1_000_000  # drawings at once: 784 MB


def drawings(dissimilarity=1.0, train=4000, validation=1000, test=2000, seed=_SEED) -> Task:
    """Drawings as a Task: images (N, 28, 28, 1) of ten shapes, in equal numbers.

    The same arguments give the same Task, on one machine to the last bit.

    Args:
        dissimilarity: How dissimilar they are to digits, from 0 to 1; see `draw`.
        train: The number of training images.
        validation: The number of validation images.
        test: The number of test images.
        seed: Determines the drawings and the split.

    Raises:
        ValueError: For a dissimilarity out of range, or fewer than ten images in a part.
    """
    dissimilarity = check_dissimilarity(dissimilarity)
    sizes = {"train": train, "validation": validation, "test": test}
    least = len(CLASS_NAMES)
    sizes = {field: check_whole_number(field, size, least, _MOST) for field, size in sizes.items()}
    images, labels = draw(sum(sizes.values()), dissimilarity, seed)
    parts = split(images, labels, sizes.values(), seed)
    name = "drawings" if dissimilarity == 1 else f"drawings {dissimilarity!r}"
    return from_images(name, images, labels, parts, CLASS_NAMES)


def check_dissimilarity(value) -> float:
    """The value as a float; ValueError unless it is a real number from 0 to 1."""
    return check_number("dissimilarity", value, 0, 1)


def draw(count, dissimilarity, seed) -> tuple[np.ndarray, np.ndarray]:
    """Draw pictures.

    At dissimilarity 0 a bright pen, as wide as MNIST's, draws the line of the shape on black. Toward 0.5 the
    line grows inward until the shape is filled; from 0.5 to 1 a growing share of the pictures, in the end
    all, is inverted to dark on light; stripes, checks or noise grow all along, in shape and ground.

    The seed determines the shapes, their place, size, turn and texture: another dissimilarity draws the same shapes in
    another style.

    Args:
        count: The number of pictures.
        dissimilarity: From 0 to 1.
        seed: The seed.

    Returns:
        Images, uint8 (count, 28, 28), and labels, int32 (count,), positions in CLASS_NAMES.

    Raises:
        ValueError: For a dissimilarity out of range.
    """
    dissimilarity, seed = check_dissimilarity(dissimilarity), check_seed("seed", seed)
    count = check_whole_number("count", count, 0, 3 * _MOST)
    labels = np.arange(count, dtype=np.int32) % len(CLASS_NAMES)
    labels = np.random.default_rng([seed, 0]).permutation(labels)
    images = np.empty((count, SIDE, SIDE), dtype=np.uint8)
    for kind, name in enumerate(CLASS_NAMES):
        members = np.flatnonzero(labels == kind)
        for number, start in enumerate(range(0, len(members), _CHUNK)):
            chunk = members[start : start + _CHUNK]
            # A generator for each step, so that no step's draws depend on the style.
            shape_rng, style_rng = (np.random.default_rng([seed, 1 + step, kind, number]) for step in (0, 1))
            distance = _place(name, len(chunk), shape_rng)
            images[chunk] = _ink(distance, SHAPES[name][1], dissimilarity, style_rng)
    return images, labels


def _place(name, count, rng) -> np.ndarray:
    """Signed distances (count, 28, 28) of one shape, turned, scaled, squeezed, moved and bent at random."""
    turn = rng.uniform(-0.6, 0.6, count)
    scale = rng.uniform(7.0, 10.5, count)
    aspect = np.exp(rng.uniform(-0.3, 0.3, count))
    squeeze = rng.uniform(0, np.pi, count)
    center = (SIDE - 1) / 2 + rng.uniform(-2.0, 2.0, (count, 1, 2))
    # A hand's tremble: two waves over the plane, the same for all points of one picture.
    wave = rng.normal(0, 1.6, (count, 2, 2))
    phase = rng.uniform(0, 2 * np.pi, (count, 1, 2))
    tremble = rng.uniform(0.02, 0.13, (count, 1, 1))

    # Turn, squeeze along a direction of its own, then scale to pixels: one 2x2 matrix per picture.
    stretch = np.zeros((count, 2, 2))
    stretch[:, 0, 0], stretch[:, 1, 1] = scale * np.sqrt(aspect), scale / np.sqrt(aspect)
    matrix = _rotation(squeeze) @ stretch @ _rotation(turn - squeeze)

    ends = []
    for points in segments(name):
        bent = points[None] + tremble * np.sin(points[None] @ wave + phase)
        ends.append(bent @ matrix.transpose(0, 2, 1) + center)
    return distances(*ends, closed=SHAPES[name][1])


def _rotation(angle) -> np.ndarray:
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([np.stack([c, -s], axis=-1), np.stack([s, c], axis=-1)], axis=-2)


def _ink(distance, closed, dissimilarity, rng) -> np.ndarray:
    """Turn distances into uint8 pictures in the style of this dissimilarity."""
    count = len(distance)
    column = (count, 1, 1)
    pen = rng.uniform(0.7, 1.5, column).astype(np.float32)
    softness = rng.uniform(1.0, 1.8, column).astype(np.float32)
    brightness = rng.uniform(0.85, 1.0, column).astype(np.float32)
    order = rng.uniform(0, 1, column)
    on_shape, on_ground = _texture(count, rng), _texture(count, rng)

    fill = min(1.0, 2 * dissimilarity)
    if closed:
        # The line grows inward, up to the deepest point of the shape.
        depth = pen + fill * np.maximum(0, -distance.min(axis=(1, 2), keepdims=True))
        from_line = np.maximum(distance - pen, -distance - depth)
    else:
        from_line = distance - pen * (1 + 0.7 * fill)
    covered = np.clip(0.5 - from_line / softness, 0, 1)

    amount = np.float32(0.45 * dissimilarity)
    shape = brightness * (1 - amount * on_shape)
    ground = amount * on_ground
    picture = ground + covered * (shape - ground)
    picture = np.where(order < 2 * dissimilarity - 1, 1 - picture, picture)
    return np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)


def _texture(count, rng) -> np.ndarray:
    """Stripes, checks or noise at random, float32 (count, 28, 28) in [0, 1]."""
    direction = rng.uniform(0, np.pi, count)
    pitch = 2 * np.pi / rng.uniform(3.0, 7.0, count)
    phase = rng.uniform(0, 2 * np.pi, (2, count))
    kind = rng.integers(0, 3, count)
    stripes = _waves(pitch * np.cos(direction), pitch * np.sin(direction), phase[0])
    across = _waves(-pitch * np.sin(direction), pitch * np.cos(direction), phase[1])
    noise = rng.random((count, SIDE, SIDE), dtype=np.float32)
    kind = kind[:, None, None]
    return np.where(kind == 0, (1 + stripes) / 2, np.where(kind == 1, (1 + stripes * across) / 2, noise))


def _waves(across, down, phase) -> np.ndarray:
    # sin(a + b) out of the sines of its two one-dimensional parts: 56 sines per picture, not 784.
    steps = np.arange(SIDE)
    a = (across[:, None] * steps + phase[:, None]).astype(np.float32)[:, None, :]
    b = (down[:, None] * steps).astype(np.float32)[:, :, None]
    return np.sin(a) * np.cos(b) + np.cos(a) * np.sin(b)
