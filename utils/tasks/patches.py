"""Small photographs that need no download: patches of pictures that come with packages which readers have anyway."""

from functools import lru_cache

import numpy as np

from utils.checks import check_one_of, check_whole_number

from .task import PARTS, Task

SIDE = 64  # pixels, unless another size is asked for
# For each class a picture: its name in its package, and the factor by which the picture is made smaller first.
_OLD = {
    "bricks": ("brick", 1), "grass": ("grass", 1), "gravel": ("gravel", 1), "coins": ("coins", 1),
    "retina": ("retina", 2), "tissue": ("immunohistochemistry", 1), "stars": ("hubble_deep_field", 2),
    "motorcycle": ("stereo_motorcycle", 1),
}  # fmt: skip
_NEW = {
    "astronaut": ("astronaut", 1), "cat": ("chelsea", 1), "coffee": ("coffee", 1), "rocket": ("rocket", 1),
    "flower": ("flower.jpg", 1), "temple": ("china.jpg", 1), "officer": ("grace_hopper.jpg", 1),
}  # fmt: skip
SETS = {"old": _OLD, "new": _NEW}
_TILE = 70  # pixels: a picture is cut into such squares, and each belongs to one part alone
_SMALLEST = 48  # pixels of the picture in a patch, at least, each way
_LEAST_CONTRAST = 12.0  # standard deviation of the gray values, 0 to 255: what has less is sky, or a blurred ground
_SHARES = (0.6, 0.2, 0.2)  # of the tiles, for train, validation and test
_COUNTS = {"train": 48, "validation": 20, "test": 30}  # patches per class


def patches(part: str, size: int = SIDE, every: int = 1) -> Task:
    """The task of recognizing from which picture a patch comes.

    Each picture is cut into squares of 70 pixels, which are distributed at random over training, validation and test,
    so that no two parts share a pixel; a patch is drawn at random within one square, and scaled. Squares and patches
    with next to no contrast, such as plain sky, are left out. Patches of one picture are similar: this is a small
    substitute for a collection of photographs.

    The pictures come with scikit-image (in the public domain or CC0), matplotlib (the officer, Grace Hopper, by the
    U.S. Navy, in the public domain) and scikit-learn (the flower by vultilion, the temple by danielbuechele, CC BY
    2.0).

    Args:
        part: "old" (surfaces, instruments) or "new" (everyday pictures).
        size: Height and width of a patch in pixels.
        every: 2 for half as many patches of each class, and so on.

    Returns:
        A task with images float32 (N, size, size, 3), 0 to 255 as in files.

    Raises:
        ValueError: For another part, size or number.
    """
    size = check_whole_number("size", size, 16, 224, "it must be a whole number of pixels, 16 to 224")
    return _patches(check_one_of("part", part, SETS), size, check_whole_number("every", every, 1, 10))


@lru_cache(maxsize=4)
def _patches(part, size, every):
    images = {name: [] for name in PARTS}
    labels = {name: [] for name in PARTS}
    for label, (picture, smaller) in enumerate(SETS[part].values()):
        rng = np.random.default_rng([label, list(SETS).index(part)])
        pixels = _picture(picture, smaller)
        for name, tiles in _deal_tiles(pixels, rng).items():
            for i in range(_COUNTS[name] // every):
                images[name].append(_cut(pixels, tiles[i % len(tiles)], size, rng))
                labels[name].append(label)
    arrays = {f"x_{name}": np.stack(patches_of_part).astype(np.float32) for name, patches_of_part in images.items()}
    arrays |= {f"y_{name}": np.array(labels_of_part, np.int32) for name, labels_of_part in labels.items()}
    name = f"patches, {part}" + (f", one of {every}" if every > 1 else "")
    return Task(name, class_names=tuple(SETS[part]), values=(0.0, 255.0), **arrays)


def _picture(name, smaller):
    """(height, width, 3) of uint8; gray pictures are repeated in three channels."""
    from PIL import Image  # only here, as in picture.py

    if name == "grace_hopper.jpg":
        from matplotlib.cbook import get_sample_data

        picture = Image.open(get_sample_data(name, asfileobj=False))
    elif name.endswith(".jpg"):
        from sklearn.datasets import load_sample_image

        picture = Image.fromarray(load_sample_image(name))
    else:
        import skimage.data

        pixels = getattr(skimage.data, name)()
        picture = Image.fromarray(pixels[0] if isinstance(pixels, tuple) else pixels)
    picture = picture.convert("RGB")
    return np.asarray(picture.reduce(smaller) if smaller > 1 else picture)


def _deal_tiles(pixels, rng):
    """The tiles of a picture that show something, as (top, left), distributed at random over the parts."""
    rows, columns = pixels.shape[0] // _TILE, pixels.shape[1] // _TILE
    tiles = [(_TILE * row, _TILE * column) for row in range(rows) for column in range(columns)]
    tiles = [(top, left) for top, left in tiles if _shows_something(pixels[top : top + _TILE, left : left + _TILE])]
    order = [tiles[i] for i in rng.permutation(len(tiles))]
    first, second = (max(1, round(share * len(tiles))) for share in _SHARES[1:])
    return {"validation": order[:first], "test": order[first : first + second], "train": order[first + second :]}


def _shows_something(pixels):
    return pixels.mean(axis=-1).std() >= _LEAST_CONTRAST


def _cut(pixels, tile, size, rng):
    from PIL import Image

    patch = None
    while patch is None or not _shows_something(patch):  # a tile that shows something has such patches
        side = int(rng.integers(_SMALLEST, _TILE + 1))
        top, left = (start + int(rng.integers(0, _TILE - side + 1)) for start in tile)
        patch = pixels[top : top + side, left : left + side]
    return np.asarray(Image.fromarray(patch).resize((size, size), Image.Resampling.BILINEAR))
