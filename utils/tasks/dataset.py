"""All examples of a tf.data.Dataset of pairs, in batches or not, as two arrays."""

import time

import numpy as np

from utils.messages import reason

from .inputs import check_size, fits, held_bytes
from .labels import is_one_hot
from .task import example_digest

LONGEST_UNKNOWN = 200_000  # examples of a dataset that doesn't say how many it has, as one from a generator
_LOOKED_AT = 100  # elements of a dataset, to tell a batch of labels from a one-hot row
SILENCE = 5  # seconds until it is said how many there are so far, and between two such lines
_PASSES, _PATIENCE = 3, 1000  # after that many rounds of all it has, and that many examples more, nothing new comes


def examples_of(data, name: str, input_shape: tuple[int, ...] | None) -> tuple[np.ndarray, np.ndarray]:
    """The examples and labels of a dataset. The arguments are those of `task_from`.

    Raises:
        ValueError: For a dataset that isn't one of pairs of tensors, can't be read, is empty or doesn't end.
    """
    _check_elements(data, name)
    if int(data.cardinality()) == -1:
        raise ValueError(f"{name}: the dataset never ends: remove its repeat(), or give dataset.take(n).")
    batched = _is_batched(data, name, input_shape)
    single = "dataset.unbatch()" if batched else "dataset"
    watch = _Watch(name, single) if int(data.cardinality()) < 0 else None
    xs, ys, size = [], [], 0
    for x, y in _elements(data if batched else data.batch(64), name, input_shape):
        xs.append(x)
        ys.append(y)
        for of_all in (xs, ys):
            if of_all[-1].shape[1:] != of_all[0].shape[1:]:
                raise ValueError(_several(name, f"{of_all[0].shape[1:]} and {of_all[-1].shape[1:]}", input_shape))
        size += held_bytes(x)
        check_size(size, name, f"give fewer, {single}.take(n)")
        if watch is not None:
            watch.look(x)
    if not xs:
        raise ValueError(f"{name}: the dataset is empty.")
    return np.concatenate(xs), np.concatenate(ys)


class _Watch:
    """Looks at the examples of a dataset of unknown length, which may have no end."""

    def __init__(self, name, single):
        self.name, self.single = name, single  # what gives its examples one by one
        self.seen, self.count, self.nothing_new = set(), 0, 0
        self.due = time.monotonic() + SILENCE

    def look(self, x):
        """Raise a ValueError where it gives nothing new anymore, or too much; say how many came while one waits."""
        for example in x:
            digest = example_digest(example)
            self.nothing_new = self.nothing_new + 1 if digest in self.seen else 0
            self.seen.add(digest)
        self.count += len(x)
        if self.nothing_new > _PASSES * len(self.seen) + _PATIENCE:
            raise ValueError(
                f"{self.name}: the dataset gives the same {len(self.seen):,} examples again and again, and no end was "
                f"found in {self.count:,}: give {self.single}.take({len(self.seen)})."
            )
        if self.count > LONGEST_UNKNOWN:
            raise ValueError(
                f"{self.name}: no end of the dataset in {LONGEST_UNKNOWN:,} examples: give {self.single}.take(n)."
            )
        if time.monotonic() > self.due:
            print(
                f"{self.name}: {self.count:,} examples so far. The dataset doesn't say how many it has: if it has no "
                f"end, stop this, and give {self.single}.take(n).",
                flush=True,
            )
            self.due = time.monotonic() + SILENCE


def _check_elements(data, name):
    spec = data.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:
        raise ValueError(f"{name}: the dataset's elements aren't pairs (x, y): map it to such pairs.")
    for axis, part in zip("xy", spec, strict=True):
        if type(part).__name__ != "TensorSpec":
            raise ValueError(
                f"{name}: {axis} of the dataset's pairs is a {type(part).__name__}, and one plain tensor is expected: "
                "map it to one, such as dataset.map(lambda x, y: (x['image'], y))."
            )


def _is_batched(data, name, input_shape):
    """Whether the elements of a dataset of pairs are batches, in which x and y have their first axis in common."""
    x, y = _sizes_of_an_element(data, name, input_shape)
    if not x or not y:  # a number alone
        return False
    if input_shape is not None and len(x) != len(input_shape):
        return len(x) > len(input_shape)
    if input_shape is not None and fits(x, input_shape):
        return False
    if x[0] != y[0] or x[0] is None:
        return x[0] == y[0]
    # As many rows as classes: four pictures of 4 x 4 with a label each, or one picture with its one-hot row?
    several = _elements(data.take(_LOOKED_AT), name, input_shape)
    return len(x) > 1 and not (len(y) == 1 and all(is_one_hot(label[None]) for _, label in several))


def _sizes_of_an_element(data, name, input_shape):
    """The sizes of x and y, None for an open one; where a generator doesn't even say how many axes, the first has."""
    shapes = [part.shape for part in data.element_spec]
    if any(shape.rank is None for shape in shapes):
        shapes = [np.shape(part) for part in next(_elements(data.take(1), name, input_shape), ([], []))]
    return [tuple(shape) for shape in shapes]


def _elements(data, name, input_shape):
    """The dataset's elements as arrays."""
    try:
        yield from data.as_numpy_iterator()
    except Exception as error:  # the reader's own functions may raise anything
        why = reason(error)
        if "different shapes" in why:
            raise ValueError(_several(name, why, input_shape)) from None
        raise ValueError(
            f"{name}: the dataset can't be read to its end ({why}): go through it by itself, `for x, y in dataset: "
            "pass`, and fix what raises this."
        ) from None


def _several(name, why, input_shape):
    """The sentence for elements that don't fit into one array."""
    size = tuple(input_shape[:2]) if input_shape and len(input_shape) == 3 and None not in input_shape else "size"
    return (
        f"{name}: the dataset's elements have several shapes ({why}): bring them to one first, pictures with "
        f"dataset.map(lambda x, y: (tf.image.resize(x, {size}), y))."
    )
