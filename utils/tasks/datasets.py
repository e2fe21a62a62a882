"""A tf.data.Dataset of pairs as two arrays, whether its elements are examples or batches of them."""

import numpy as np

from .labels import is_one_hot
from .task_form import check_held_bytes, fits, held_bytes

LONGEST_UNKNOWN = 200_000  # examples of a dataset that doesn't say how many it has, as one from a generator
_LOOKED_AT = 100  # elements of a dataset, to tell a batch of labels from a one-hot row


def from_dataset(data, name, input_shape):
    """All examples of a dataset, in batches or not, as two arrays. `input_shape` as in `task_from`."""
    spec = data.element_spec
    if not isinstance(spec, tuple) or len(spec) != 2:
        raise ValueError(f"{name}: the dataset's elements aren't pairs (x, y): map it to such pairs.")
    for axis, part in zip("xy", spec, strict=True):
        if type(part).__name__ != "TensorSpec":
            raise ValueError(
                f"{name}: {axis} of the dataset's pairs is a {type(part).__name__}, and one plain tensor is expected: "
                "map it to one, such as dataset.map(lambda x, y: (x['image'], y))."
            )
    if int(data.cardinality()) == -1:
        raise ValueError(f"{name}: the dataset never ends: remove its repeat(), or give dataset.take(n).")
    batched = _is_batched(data, input_shape)
    xs, ys, size, count = [], [], 0, 0
    for x, y in (data if batched else data.batch(64)).as_numpy_iterator():
        xs.append(x)
        ys.append(y)
        size, count = size + held_bytes(x), count + len(x)
        check_held_bytes(size, name)
        if count > LONGEST_UNKNOWN and int(data.cardinality()) < 0:
            raise ValueError(f"{name}: no end of the dataset in {LONGEST_UNKNOWN:,} examples: give dataset.take(n).")
    if not xs:
        raise ValueError(f"{name}: the dataset is empty.")
    return np.concatenate(xs), np.concatenate(ys)


def _is_batched(data, input_shape):
    """Whether the elements of a dataset of pairs are batches, in which x and y have their first axis in common."""
    x, y = _sizes_of_an_element(data)
    if not x or not y:  # a number alone
        return False
    if input_shape is not None and len(x) != len(input_shape):
        return len(x) > len(input_shape)
    if input_shape is not None and fits(x, input_shape):
        return False
    if x[0] != y[0] or x[0] is None:
        return x[0] == y[0]
    # As many rows as classes: four pictures of 4 x 4 with a label each, or one picture with its one-hot row?
    several = data.take(_LOOKED_AT).as_numpy_iterator()
    return len(x) > 1 and not (len(y) == 1 and all(is_one_hot(label[None]) for _, label in several))


def _sizes_of_an_element(data):
    """The sizes of x and y, None for an open one; where a generator doesn't even say how many axes, the first has."""
    shapes = [part.shape for part in data.element_spec]
    if any(shape.rank is None for shape in shapes):
        shapes = [part.shape for part in next(data.take(1).as_numpy_iterator(), (np.empty(0), np.empty(0)))]
    return [tuple(shape) for shape in shapes]
