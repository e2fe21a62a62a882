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

# As in keras.datasets.fashion_mnist.load_data(), so that its files are found where it has been called before.
_URL = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_FOLDER = Path("datasets", "fashion-mnist")
# SHA-256 of what is inside each gzip file, so that a copy packed again counts as the same. Packed as it was
# published, this has the MD5 sums that Zalando gives at https://github.com/zalandoresearch/fashion-mnist.
_CONTENTS = {
    "train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-labels-idx1-ubyte.gz": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
    "t10k-images-idx3-ubyte.gz": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
}
_SEED = 2017
# The choice of images is part of the name: another choice must not find this file.
_CACHED = f"fashion-{'-'.join(map(str, SIZES))}-seed{_SEED}.npz"


@lru_cache(maxsize=1)
def fashion() -> Task:
    """Fashion-MNIST as a Task: 10,000 train and 1,000 validation images of its train set, 2,000 of its test.

    Images are (N, 28, 28, 1), no two of them equal. The first call on a machine downloads 30 MB, after a line that says
    so; the 13,000 images are then stored in Keras's home. Every file is checked by its SHA-256 before it's used.

    Raises:
        DownloadError: Where the files are needed and can't be fetched.
    """
    images, labels = _read_selection() or _make_selection()
    ends = np.cumsum((0, *SIZES))
    parts = [np.arange(a, b) for a, b in pairwise(ends)]
    return from_images("fashion", images, labels, parts, CLASS_NAMES)


def fashion_needs_network() -> bool:
    """Whether `fashion` would have to download. Half a second at most."""
    return _read_selection() is None and any(_find(name) is None for name in _CONTENTS)


def _read_selection():
    """The stored images and labels; None where there are none."""
    data = read_cached(_CACHED)
    if data is None:
        return None
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return arrays["images"], arrays["labels"]


def _make_selection():
    """The images and labels of the three parts, one after the other, from the four files; they are stored."""
    contents = _fetch()
    train_labels, test_labels, test_images, train_images = (contents[name] for name in _CONTENTS)
    train_labels, test_labels = (np.frombuffer(c, np.uint8, offset=8) for c in (train_labels, test_labels))
    train_images, test_images = (
        np.frombuffer(c, np.uint8, offset=16).reshape(-1, 28, 28) for c in (train_images, test_images)
    )
    train_rows = np.concatenate(split(train_images, train_labels, SIZES[:2], _SEED))
    (test_rows,) = split(test_images, test_labels, SIZES[2:], _SEED, excluded=train_images[train_rows])
    images = np.concatenate([train_images[train_rows], test_images[test_rows]])
    labels = np.concatenate([train_labels[train_rows], test_labels[test_rows]])
    file = io.BytesIO()
    np.savez(file, images=images, labels=labels)
    write_cached(_CACHED, file.getvalue())
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
    # Keras uses a file that is there without checking it, so a wrong one must go even if the download fails.
    for folder in _folders():
        if _contents(folder / name, name) is None:
            _remove(folder / name)
    contents = []

    def is_right(path):
        contents.append(_contents(path, name))  # now: another process may replace the file by its own, the same
        return contents[-1] is not None

    try:
        fetch(_URL + name, writable_home() / _FOLDER / name, is_right=is_right)
    except Exception as error:  # urllib, http.client and the disk have classes of their own
        raise _error(str(error)) from error
    return contents[-1]


def _find(name) -> bytes | None:
    return next((c for c in (_contents(folder / name, name) for folder in _folders()) if c is not None), None)


def _folders() -> list[Path]:
    return [home() / _FOLDER, spare_home() / _FOLDER]


def _contents(path, name) -> bytes | None:
    """The content of the gzip file; None where it isn't the published content."""
    try:
        with gzip.open(path, "rb") as file:
            content = file.read()
    except (OSError, EOFError, zlib.error):
        return None
    return content if sha256(content) == _CONTENTS[name] else None


def _remove(path):
    # A folder that can't be written keeps its wrong file, which isn't used.
    with contextlib.suppress(OSError):
        os.remove(path)


def _error(reason) -> DownloadError:
    return DownloadError(
        f"Fashion-MNIST ({MEGABYTES} MB)", reason, "digits-drawings or digits-halves, which need no network"
    )
