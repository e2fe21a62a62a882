"""A task from the reader's arrays, tf.data.Dataset, pictures or Task; labels are numbers, one-hot rows or texts."""

import numbers

import numpy as np

from utils.checks import check_list, check_seed, check_text, check_unmasked, check_whole_number
from utils.messages import given

from .dataset import examples_of
from .folder import Pictures
from .inputs import check_shape, inputs_of
from .labels import check_classes, from_objects, labels_of
from .task import PARTS, Task, first_copies, split

SHARES = (0.7, 0.15, 0.15)  # of train, validation and test
_MOST_CLASSES = 100_000


def task_from(
    data,
    name: str,
    input_shape: tuple[int, ...] | None = None,
    columns: int | None = None,
    class_names: tuple[str, ...] | None = None,
    seed: int = 0,
) -> Task:
    """Make a `Task`, split by class into training, validation and test. Exact copies of an example are left out.

    Args:
        data: A pair of arrays `(x, y)`, a tf.data.Dataset of such pairs, or what `pictures_from_folder` returns. x:
            (N, ...) numbers, which aren't scaled: uint8 stays, and becomes float32 a batch at a time; others become
            float32 here. y: (N,) or (N, 1) whole numbers or texts, or (N, classes) one-hot rows. A `Task` is returned
            as it is.
        name: The task's name.
        input_shape: The shape that the network takes, None in it for any size. The axis for the channel of gray
            pictures is added where it's missing.
        columns: The number of columns of an existing head: labels are its columns, 0 to columns - 1, or texts in
            alphabetical order. None for the classes in y.
        class_names: The names of the classes, in the order of the labels; pictures from a folder bring theirs, and
            datasets that have `class_names`, as from `keras.utils.image_dataset_from_directory`.
        seed: Determines the split.

    Raises:
        ValueError: For data that can't become a task; the message names the field and the remedy.
    """
    check_text("name", name)
    input_shape = _check_input_shape(input_shape)
    columns = columns if columns is None else check_whole_number("columns", columns, 1, _MOST_CLASSES)
    if class_names is not None:
        names = check_list("class_names", class_names, (str, numbers.Integral), "give a list of names", 2)
        class_names = tuple(map(str, names))
    seed = check_seed("seed", seed)
    if isinstance(data, Task):
        _check_task(data, name, input_shape, columns)
        return data
    if class_names is None:
        class_names = _names_of(data)
    if isinstance(data, Pictures):
        data = data.images, data.labels
    x, y = examples_of(data, name, input_shape) if hasattr(data, "element_spec") else _from_pair(data, name)
    x = inputs_of(x, name, input_shape)
    labels, classes = labels_of(y, name, columns, class_names)
    if len(labels) != len(x):
        raise ValueError(_unequal(name, x, labels))
    firsts = first_copies(x)
    contradictions = int((labels != labels[firsts]).sum())
    note = _note(int((firsts != np.arange(len(x))).sum()), contradictions)
    unique = np.flatnonzero(firsts == np.arange(len(x)))
    if len(unique) < len(x):
        x, labels = x[unique], labels[unique]
    check_classes(labels, classes, name, note)
    parts = split(x, labels, _sizes(len(x)), seed)
    arrays = {f"x_{part}": x[rows] for part, rows in zip(PARTS, parts, strict=True)}
    arrays |= {f"y_{part}": labels[rows] for part, rows in zip(PARTS, parts, strict=True)}
    values = float(x.min()), float(x.max())
    return Task(name=name, class_names=classes, values=values, note=note, contradictions=contradictions, **arrays)


def _names_of(data):
    """The names of the classes that pictures from a folder bring, read by this project or by Keras; None for others."""
    if not isinstance(data, Pictures) and not hasattr(data, "element_spec"):
        return None
    names = getattr(data, "class_names", None)
    return tuple(map(str, names)) if isinstance(names, list | tuple) else None


def _note(copies, contradictions):
    """What the reader should know of copies that are left out."""
    if not copies:
        return ""
    among = f", {contradictions:,} of them with another label than the first" if contradictions else ""
    return f"{copies:,} exact {'copy' if copies == 1 else 'copies'} of examples left out{among}"


def labeled_examples(x, y=None, name: str = "x, y") -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Examples and labels: two arrays, or, without y, a tf.data.Dataset of pairs or the pictures of a folder.

    Args:
        x: The examples, (N, ...), of any type; or the dataset, or what `pictures_from_folder` returns.
        y: The labels: whole numbers, (N,) or (N, 1), one-hot rows, or texts.
        name: What to call them in messages.

    Returns:
        The examples as they are; the labels as int32 (N,), columns of a head; and the texts in alphabetical order, in
        which they stand for columns, or () for labels that are numbers.

    Raises:
        ValueError: For data that aren't examples with a label each.
    """
    check_text("name", name)
    if isinstance(x, Task):
        raise ValueError(f"{name}: a Task is not allowed: give two of its arrays, such as task.x_test, task.y_test.")
    if hasattr(x, "element_spec") or isinstance(x, Pictures):
        if y is not None:
            raise ValueError(f"{name}: a {type(x).__name__} has its labels: leave y out.")
        x, y = (x.images, x.labels) if isinstance(x, Pictures) else examples_of(x, name, None)
    if y is None:
        is_pair = isinstance(x, tuple | list) and len(x) == 2 and _are_arrays(x)
        what = "x is a pair (x, y)" if is_pair else "y is None"
        wanted = "give x and y as two arguments, or a tf.data.Dataset of pairs"
        raise ValueError(f"{name}: {what}, which is not allowed: {wanted}.")
    x, y = _one_array("x", x, name), _one_array("y", y, name)
    if x.dtype.kind == "O":
        raise ValueError(f"{name}: x is {given(x)}, which is not allowed: give an array of numbers.")
    y = from_objects(y, name) if y.dtype.kind == "O" else y
    positions, names = labels_of(y, name, None, None)
    if len(positions) != len(x) or not len(x):
        raise ValueError(_unequal(name, x, positions))
    if y.dtype.kind in "SUO":
        return x, positions, names
    return x, np.array([int(float(value)) for value in names], np.int32)[positions], ()


def _unequal(name, x, labels):
    counts = f"{len(x):,} examples and {len(labels):,} labels"
    return f"{name}: {counts} don't fit (x has the shape {x.shape}): give a label to each."


def _one_array(axis, values, name):
    check_unmasked(f"{name}: {axis}", values)
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(
            f"{name}: {axis} has rows of several shapes, {given(values)}: bring them to one shape first."
        ) from None
    if array.ndim == 0:
        raise ValueError(f"{name}: {axis} is {given(values)}, which is not allowed: give one array.")
    return array


def _check_input_shape(shape):
    """The shape as a tuple; None in it stands for any size."""
    if shape is None:
        return None
    wanted = "give a tuple of whole numbers, such as (28, 28, 1)"
    sizes = check_list("input_shape", shape, wanted=wanted, least=1)
    return tuple(size if size is None else check_whole_number("input_shape", size, 1, wanted=wanted) for size in sizes)


def _sizes(count):
    validation, test = (max(1, int(count * share)) for share in SHARES[1:])
    return count - validation - test, validation, test


def _from_pair(data, name):
    if not isinstance(data, tuple | list) or len(data) != 2:
        raise ValueError(
            f"{name}: {type(data).__name__} is not allowed: give a pair of arrays (x, y), a tf.data.Dataset of such "
            "pairs, what pictures_from_folder returns, or a Task."
        )
    if all(isinstance(part, tuple | list) and len(part) == 2 and _are_arrays(part) for part in data):
        raise ValueError(
            f"{name}: ((x, y), (x, y)) is not allowed, which load_data() returns: give one of the two pairs, or a "
            "Task, which has a training, a validation and a test part."
        )
    return tuple(_one_array(axis, part, name) for axis, part in zip("xy", data, strict=True))


def _are_arrays(values):
    return all(hasattr(value, "shape") and len(value.shape) > 0 for value in values)


def _check_task(task, name, input_shape, columns):
    if input_shape is not None:
        check_shape(task.x_train, name, input_shape)
    if columns is not None and task.classes != columns:
        raise ValueError(f"{name}: the Task has {task.classes} classes, and the network's head {columns} columns.")
