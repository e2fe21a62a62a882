"""Fashion-MNIST: pictures of clothes (Xiao, Rasul and Vollgraf 2017), fetched to where Keras's own loader looks."""

import contextlib
import gzip
import io
import os
import zlib
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from .download import DownloadError, announce, fetch, unreachable
from .storage import home, read_cached, sha256, spare_home, writable_home, write_cached
from .task import Task, from_images, split

CLASS_NAMES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip
SIZES = (10_000, 1_000, 2_000)
MEGABYTES = 30

# As in keras.datasets.fashion_mnist.load_data(), so that who has called that has the files already.
_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_FOLDER = Path("datasets", "fashion-mnist")
# SHA-256 of what is inside each gzip file, so that a copy packed anew counts as the same. Packed as it was
# published, this has the MD5 sums that Zalando gives at https://github.com/zalandoresearch/fashion-mnist.
_CONTENTS = {
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
}
_SEED = 2017
# The choice of images is part of the name: another choice must not find this file.
_KEPT = f"fashion-{'-'.join(map(str, SIZES))}-seed{_SEED}.npz"


@lru_cache(maxsize=1)
def fashion() -> Task:
    """Fashion-MNIST as a Task: 10,000 train and 1,000 validation images of its train set, 2,000 of its test.

    Images are (N, 28, 28, 1), no two alike. The first call on a machine downloads 30 MB, after saying so; the
    13,000 images are then kept in Keras's home. Every file is checked by its SHA-256 before it's used.

    Raises DownloadError where the files are needed and can't be fetched.
    """
    images, labels = _kept() or _chosen()
    ends = np.cumsum((0, *SIZES))
    parts = [np.arange(a, b) for a, b in pairwise(ends)]
    return from_images("fashion", images, labels, parts, CLASS_NAMES)


def fashion_needs_network() -> bool:
    """Whether `fashion` would have to download. Half a second at most."""
    return _kept() is None and any(_find(name) is None for name in _CONTENTS)


def _kept():
    data = read_cached(_KEPT)
    if data is None:
        return None
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


def _chosen():
    """The images and labels of the three parts, one after the other, made from the four files and kept."""
    contents = _fetch()
    train_labels, test_labels, test_images, train_images = (contents[name] for name in _CONTENTS)
    train_labels, test_labels = (np.frombuffer(c, np.uint8, offset=8) for c in (train_labels, test_labels))
    train_images, test_images = (
        np.frombuffer(c, np.uint8, offset=16).reshape(-1, 28, 28) for c in (train_images, test_images)
    )
    chosen = np.concatenate(split(train_images, train_labels, SIZES[:2], _SEED))
    (tested,) = split(test_images, test_labels, SIZES[2:], _SEED, taken=train_images[chosen])
    images = np.concatenate([train_images[chosen], test_images[tested]])
    labels = np.concatenate([train_labels[chosen], test_labels[tested]])
    file = io.BytesIO()
    np.savez(file, images=images, labels=labels)
    write_cached(_KEPT, file.getvalue())
    return images, labels


def _fetch() -> dict[str, bytes]:
    """The checked contents of the four files; those that are missing or wrong are downloaded."""
    contents = {name: _find(name) for name in _CONTENTS}
    missing = [name for name, content in contents.items() if content is None]
    if missing:
        announce("Fashion-MNIST", MEGABYTES, _URL, home() / _FOLDER)
        reason = unreachable(_URL + missing[0])
        if reason:
            raise _error(reason)
        for name in missing:
            contents[name] = _download(name)
    return contents


def _download(name) -> bytes:
    # Keras takes a file that lies there as it is, so a wrong one has to go, whatever becomes of the download.
    for folder in _folders():
        _remove(folder / name)
    path = writable_home() / _FOLDER / name
    try:
        fetch(_URL + name, path)
    except Exception as error:  # urllib, http.client and the disk have classes of their own
        raise _error(str(error)) from error
    content = _contents(path, name)
    if content is None:
        _remove(path)
        raise _error(f"what {_URL} sent for {name} is not the published file")
    return content


def _find(name) -> bytes | None:
    return next((c for c in (_contents(folder / name, name) for folder in _folders()) if c is not None), None)


def _folders() -> list[Path]:
    return [home() / _FOLDER, spare_home() / _FOLDER]


def _contents(path, name) -> bytes | None:
    """What is inside the gzip file, or None where that isn't the published content, whole and unaltered."""
    try:
        with gzip.open(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError, zlib.error):
        return None
    return content if sha256(content) == _CONTENTS[name] else None


def _remove(path):
    # A folder that can't be written keeps its wrong file: nobody uses it.
    with contextlib.suppress(OSError):
        os.remove(path)


def _error(reason) -> DownloadError:
    return DownloadError(
        f"Fashion-MNIST ({MEGABYTES} MB)", reason, "digits-drawings or digits-halves, which need no network"
    )
