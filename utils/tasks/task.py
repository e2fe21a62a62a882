"""A task, a pair of tasks to be learned one after the other, and the split that keeps a test honest."""

import hashlib
from dataclasses import dataclass, field

import numpy as np

from utils.checks import (
    check_array,
    check_iterable,
    check_kind,
    check_list,
    check_names,
    check_seed,
    check_text,
    check_whole_number,
)
from utils.names import check_name

from .task_form import check_inputs, check_labels, check_parts, check_range

PARTS = ("train", "validation", "test")


@dataclass(frozen=True, eq=False)
class Task:
    """A classification task: inputs and labels in three parts that share no example.

    The arrays are read-only views, since all models of a comparison share them.

    Attributes:
        name: Says which examples these are: two tasks of one name hold the same arrays.
        x_train, x_validation, x_test: float32: images of shape (N, height, width, channels) with values in [0, 1], or
            points of shape (N, features). Or uint8, as pictures in files: a network gets the same values, as floats.
        y_train, y_validation, y_test: int32 of shape (N,), the position of the class in `class_names`.
        class_names: The names of the classes.
        values: The range of an image's values: (0, 1) except for the reader's own tasks.
        note: What the reader should know of it, such as copies that were left out.
        contradictions: How many of those had another label than the one that stayed.

    Raises:
        ValueError: Where an array isn't of that form; the message names it.
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_validation: np.ndarray
    y_validation: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    class_names: tuple[str, ...]
    values: tuple[float, float] = (0.0, 1.0)
    note: str = ""
    contradictions: int = 0

    def __post_init__(self):
        check_text("name", self.name)
        check_text("note", self.note)
        check_whole_number("contradictions", self.contradictions)
        names = check_names("class_names", self.class_names, 2, "give a list of the classes' names")
        object.__setattr__(self, "class_names", names)
        object.__setattr__(self, "values", check_range(self.values))
        for part in PARTS:
            x, y = getattr(self, f"x_{part}"), getattr(self, f"y_{part}")
            check_inputs(f"x_{part}", x, self.x_train, self.values)
            check_labels(f"y_{part}", y, len(x), len(self.class_names))
            for name, array in ((f"x_{part}", x), (f"y_{part}", y)):
                # A view, so that an array which belongs to the caller stays writable there.
                array = array.view()
                array.setflags(write=False)
                object.__setattr__(self, name, array)

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of one example, without the batch axis: (28, 28, 1) for the digits."""
        return self.x_train.shape[1:]

    @property
    def sizes(self) -> str:
        """How many examples each part has, as a text: 700 / 150 / 150 train/validation/test."""
        counts = " / ".join(f"{len(getattr(self, f'x_{part}')):,}" for part in PARTS)
        return f"{counts} {'/'.join(PARTS)}"

    def __repr__(self):
        note = f"; {self.note}" if self.note else ""
        return f"Task({self.name!r}: {self.classes} classes of {self.input_shape}, {self.sizes}{note})"


@dataclass(frozen=True, eq=False)
class TaskPair:
    """Two tasks.

    Attributes:
        name: The pair's name.
        old: The task that is learned first.
        new: The task that is learned second.
        description: One line for menus and tables.
        options: For a pair in `PAIRS`, the name and value of each option that isn't at its default:
            ("dissimilarity", 0.5). None for the reader's own pair.
        notes: For the reader's own pair, what looks wrong with it, or makes accuracies look better than they are.

    Raises:
        ValueError: For a name that can't be written in the text of settings.
    """

    name: str
    old: Task
    new: Task
    description: str
    options: tuple[tuple[str, object], ...] | None = field(default=None, init=False)  # a changed copy has none
    notes: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self):
        check_name("name", self.name)
        for field_name in ("old", "new"):
            check_kind(field_name, getattr(self, field_name), Task, "give a Task")
        check_text("description", self.description)


def from_images(name, images, labels, parts, class_names) -> Task:
    """Make a Task from uint8 images.

    Args:
        name: The task's name.
        images: uint8 (N, height, width) or (N, height, width, channels).
        labels: Positions in `class_names`, (N,).
        parts: Three arrays of positions, as from `split`: train, validation, test.
        class_names: The names of the classes.

    Raises:
        ValueError: For arrays of another form.
    """
    images = check_array("images", images, 3, 4, kinds="u")
    labels = check_array("labels", labels, 1, kinds="iu")
    parts = check_parts(parts, len(images))
    if len(labels) != len(images):
        raise ValueError(f"labels has shape {labels.shape}, which is not allowed: give a label to each image.")
    images = images[..., None] if images.ndim == 3 else images
    arrays = {}
    for part, rows in zip(PARTS, parts, strict=True):
        arrays[f"x_{part}"] = images[rows].astype(np.float32) / np.float32(255)
        arrays[f"y_{part}"] = labels[rows].astype(np.int32)
    return Task(name=name, class_names=class_names, **arrays)


def split(images, labels, sizes, seed, excluded=()) -> tuple[np.ndarray, ...]:
    """Choose examples for several parts so that none is in two of them.

    First, exact copies are removed (by the bytes of the image; the first one stays), and images in `excluded`. Then
    every class is shuffled by itself and distributed in proportion to its share, so that the parts are stratified. How
    a class is shuffled depends on `seed`, its label and its own images only: the split of the digits 0 to 4 is the
    split of all ten, restricted to them.

    Args:
        images: (N, ...) of any type.
        labels: Integers, (N,).
        sizes: The number of examples in each part.
        seed: Determines the split.
        excluded: Images that no part may contain.

    Returns:
        An array of positions for each part.

    Raises:
        ValueError: Where there are too few distinct examples.
    """
    images, labels = check_array("images", images), check_array("labels", labels, 1, kinds="iu")
    seed = check_seed("seed", seed)
    if labels.min() < 0 or len(images) != len(labels):
        raise ValueError(
            f"labels of shape {labels.shape}, from {labels.min()}, are not allowed with images of shape {images.shape}"
            ": give one label to each image, from 0."
        )
    wanted = "give the number of examples in each part"
    sizes = [check_whole_number("sizes", size, wanted=wanted) for size in check_list("sizes", sizes, least=1)]
    check_iterable("excluded", excluded, "give an array of images, or ()")
    unique = distinct(images, excluded)
    if sum(sizes) > len(unique):
        raise ValueError(f"sizes={sizes} is not allowed: there are {len(unique)} distinct examples in all.")

    classes = np.unique(labels[unique])
    pools = []
    for label in classes:
        pool = unique[labels[unique] == label]
        pools.append(np.random.default_rng([seed, int(label)]).permutation(pool))
    parts = []
    used = np.zeros(len(classes), dtype=int)
    for number, size in enumerate(sizes):
        counts = _shares(size, np.array([len(pool) for pool in pools]), used)
        part = np.concatenate([p[u : u + c] for p, u, c in zip(pools, used, counts, strict=True)])
        parts.append(np.random.default_rng([seed, number, len(part)]).permutation(part))
        used += counts
    return tuple(parts)


def distinct(images, excluded=()) -> np.ndarray:
    """The positions of the images without exact copies, of which the first one stays, and without those excluded."""
    digests = {example_digest(image) for image in excluded}
    positions = []
    for position, image in enumerate(images):
        digest = example_digest(image)
        if digest not in digests:
            digests.add(digest)
            positions.append(position)
    return np.array(positions, dtype=int)


def first_copies(images) -> np.ndarray:
    """For each image, the position of the first exact copy of it, which may be its own: (N,)."""
    seen = {}
    return np.array([seen.setdefault(example_digest(image), i) for i, image in enumerate(images)], dtype=int)


def example_digest(image) -> bytes:
    """The same for exact copies of an example only."""
    return hashlib.blake2b(np.ascontiguousarray(image).tobytes(), digest_size=16).digest()


def _shares(size, available, used) -> np.ndarray:
    # Largest remainders: whole numbers that add up to `size` exactly, in proportion, within what is left.
    exact = size * available / available.sum()
    counts = np.minimum(np.floor(exact).astype(int), available - used)
    while counts.sum() < size:
        room = counts + used < available
        counts[np.argmax(np.where(room, exact - counts, -np.inf))] += 1
    return counts
