"""Tasks from arrays and datasets: labels of every kind, shapes, and what is refused."""

import numpy as np
import pytest

from utils.tasks import inputs, labeled_examples, load_pair, task_from
from utils.tasks.folder import Pictures

N = 60
RNG = np.random.default_rng(0)
X = RNG.random((N, 6, 6, 1), dtype=np.float32)
Y = np.arange(N) % 3


def labels_of(task):
    return np.concatenate([task.y_train, task.y_validation, task.y_test])


def placed(task):
    """The label of each example of X, wherever the split has put it."""
    images = np.concatenate([task.x_train, task.x_validation, task.x_test])
    order = [int(np.flatnonzero((image == X).all(axis=(1, 2, 3)))[0]) for image in images]
    found = np.empty(N, int)
    found[order] = labels_of(task)
    return found


@pytest.mark.parametrize(
    ("y", "names"),
    [
        (Y, ("0", "1", "2")),
        (Y[:, None], ("0", "1", "2")),
        (np.eye(3)[Y], ("0", "1", "2")),
        (Y.astype(float), ("0", "1", "2")),
        (Y * 10 + 5, ("5", "15", "25")),
        (np.array(["ant", "bee", "cow"])[Y], ("ant", "bee", "cow")),
        (np.array([b"ant", b"bee", b"cow"], object)[Y], ("ant", "bee", "cow")),
        (Y.astype(object), ("0", "1", "2")),
        (np.array([9, np.int64(10), 11.0], object)[Y], ("9", "10", "11")),
        (np.eye(3)[Y].astype(object), ("0", "1", "2")),
    ],
    ids=["numbers", "column", "one-hot", "floats", "gaps", "texts", "bytes", "objects", "mixed", "one-hot objects"],
)
def test_labels_of_every_kind(y, names):
    task = task_from((X, y), "mine")
    assert task.class_names == names
    assert np.array_equal(placed(task), Y)


def test_numbers_kept_as_objects_are_the_heads_columns():
    """As texts they'd be sorted "0", "1", "10", "2" and name other columns."""
    y = np.arange(N) % 11
    task = task_from((X, y.astype(object)), "mine", columns=11)
    assert task.class_names == tuple(map(str, range(11)))
    assert np.array_equal(placed(task), y)


def test_the_split_is_by_class_and_by_the_seed():
    task = task_from((X, Y), "mine")
    assert [len(getattr(task, f"y_{part}")) for part in ("train", "validation", "test")] == [42, 9, 9]
    assert np.bincount(task.y_test).tolist() == [3, 3, 3]
    again, other = task_from((X, Y), "mine"), task_from((X, Y), "mine", seed=1)
    assert np.array_equal(task.x_test, again.x_test)
    assert not np.array_equal(task.x_test, other.x_test)


def test_values_are_kept_and_copies_left_out():
    task = task_from((np.concatenate([X, X[:9]]) * 255 - 100, np.concatenate([Y, Y[:9]])), "mine")
    assert len(labels_of(task)) == N
    assert task.values == (np.float32(X.min()) * 255 - 100, pytest.approx(X.max() * 255 - 100, rel=1e-6))


@pytest.mark.slow
def test_copies_are_counted_and_those_with_other_labels_too():
    x, y = np.concatenate([X, X[:10]]), np.concatenate([Y, Y[:6], (Y[6:10] + 1) % 3])
    assert task_from((x, y), "mine").note == (
        "10 exact copies of examples left out, 4 of them with another label than the first"
    )
    assert "10 exact copies" in repr(task_from((x, y), "mine")) and task_from((X, Y), "mine").note == ""


def test_two_pairs_and_pictures_of_several_sizes_are_named():
    with pytest.raises(ValueError, match=r"^mine: \(\(x, y\), \(x, y\)\) .*load_data"):
        task_from(((X, Y), (X, Y)), "mine")
    with pytest.raises(ValueError, match="^mine: x has rows of several shapes"):
        task_from(([X[0], X[1, :3]], [0, 1]), "mine")


SIX = np.arange(N) % 6
ONE_HOT = np.eye(6)[SIX]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("x", "y", "size"),
    [
        (X, ONE_HOT, None),
        (X, SIX[:, None], None),
        (X.reshape(N, 36), ONE_HOT, None),
        (X.reshape(N, 36)[:, :6], ONE_HOT, None),  # as many numbers as classes
        (X, ONE_HOT, 7),
        (X, SIX, 6),  # batches of as many as a picture has rows
        (X.reshape(N, 36), SIX, 6),
        (X, ONE_HOT, 6),
    ],
    ids=["one-hot", "column", "vectors", "square", "batches", "square batches", "batches of 6", "one-hot batches of 6"],
)
def test_examples_and_batches_are_told_apart_by_their_shapes(x, y, size):
    """With the network's shape known or not, and from a generator that says nothing of shapes."""
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((x, y))
    data = data if size is None else data.batch(size, drop_remainder=N % size == 0)
    unknown = tf.data.Dataset.from_generator(data.as_numpy_iterator, output_types=(tf.float32, tf.int32))
    for dataset in (data, unknown):
        examples, labels, _ = labeled_examples(dataset)
        assert np.array_equal(examples, x) and np.array_equal(labels, SIX)
        assert len(labels_of(task_from(dataset, "mine", x.shape[1:], 6))) == len(np.unique(x, axis=0))
    assert len(labels_of(task_from(data, "mine"))) == len(np.unique(x, axis=0))


def test_batches_of_gray_pictures_without_channel():
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices((X[..., 0], Y)).batch(7)
    assert np.array_equal(placed(task_from(batches, "mine", (6, 6, 1))), Y)


def test_labeled_examples_are_arrays_a_dataset_or_pictures():
    pictures = Pictures(PICTURES, Y.astype(np.int32), ("ant", "bee", "cow"))
    examples, labels, _ = labeled_examples(pictures)
    assert examples is PICTURES and np.array_equal(labels, Y)
    task = load_pair("digits-drawings").old
    for given, says in [
        ((task,), r"^x, y: a Task .*task\.x_test, task\.y_test\.$"),
        (((X, Y),), r"^x, y: x is a pair \(x, y\), which is not allowed: give x and y as two arguments"),
        ((X,), "^x, y: y is None, which is not allowed: give x and y"),
        ((pictures, Y), "^x, y: a Pictures has its labels: leave y out"),
    ]:
        with pytest.raises(ValueError, match=says):
            labeled_examples(*given)


def test_gray_pictures_without_channel_and_open_sizes():
    assert task_from((X[..., 0], Y), "mine", (6, 6, 1)).x_train.shape == (42, 6, 6, 1)
    assert task_from((X, Y), "mine", (None, None, 1)).x_train.shape == (42, 6, 6, 1)


def test_a_task_is_given_back():
    old = load_pair("digits-drawings").old
    assert task_from(old, "old_task", (28, 28, 1), 10) is old
    with pytest.raises(ValueError, match=r"^old_task: .*\b10 classes.*\b4 columns"):
        task_from(old, "old_task", (28, 28, 1), 4)


def objects(rows):
    """An array of arrays."""
    found = np.empty(len(rows), object)
    found[:] = list(rows)
    return found


def test_numbers_kept_as_objects_are_numbers():
    """A table with a column of booleans gives them."""
    rows = np.stack([X[:, 0, 0, 0].astype(object), (Y > 1).astype(object)], axis=1)
    task = task_from((rows, Y), "mine")
    assert task.x_train.dtype == np.float32 and task.values == (0, 1)


RGBA = np.repeat(X, 4, axis=-1)
REFUSED = [
    (((X, Y, Y), "old_task"), "tuple is not allowed"),
    (((X, Y[:-1]), "old_task"), "60 examples and 59 labels"),
    (((X, Y * 0), "old_task"), "y holds one class ('0')"),
    (((X, np.where(np.arange(N) < 2, 1, 0)), "t"), "class '1' has fewer than 3 different examples, too few"),
    (((np.repeat(X[:4], 15, 0), (np.arange(N) == 1) | (np.arange(N) > 44)), "t"), "class '1' has fewer than 3 "
     "different examples (56 exact copies of examples left out, 1 of them with another label than the first), too few"),
    (((np.repeat(X[:4], 15, 0), np.arange(N) % 15 > 0), "t"), "y holds one class ('0') (56 exact copies"),
    (((X, Y + 0.5), "t"), "y holds 0.5, which is no class"),
    (((X, np.where(Y == 1, np.inf, Y)), "t"), "y holds inf, which is no class"),
    (((X, np.where(Y == 1, np.nan, Y)), "t"), "y holds nan, which is no class"),
    (((X, np.where(Y == 1, None, Y)), "t"), "y holds None, a missing label"),
    (((X, np.array(["a", "b", np.nan], object)[Y]), "t"), "y holds nan, a missing label"),
    (((X, np.array([0, 1, -np.inf], object)[Y]), "t"), "y holds -inf, which is no class"),
    (((X, Y.astype("datetime64[D]")), "t"), "y holds datetime64[D]"),
    (((X[[*range(30), 0, 0, 0]], np.repeat([0, 1], [29, 4])), "t"), "class '1' has fewer than 3"),
    (((X, np.full((N, 3), 0.3)), "t"), "rows of 3 that aren't one-hot"),
    (((X, np.zeros((N, 2, 2))), "t"), "y has the shape (60, 2, 2)"),
    (((X, Y + 1), "t", (6, 6, 1), 3), "y - 1"),
    (((X, Y - 1), "t", (6, 6, 1), 3), "y holds -1, which is out of range: 0 to 2"),
    (((X, np.array(["a", "b", "c"])[Y]), "t", (6, 6, 1), 5), "3 texts, and the head has 5 columns"),
    (((X.astype(str), Y), "t"), "and numbers are expected: take x.astype('float32')"),
    (((np.array(["a text", "another"])[Y % 2], Y), "t"), "x holds texts, such as 'a text', and numbers are expected: "
     "turn texts into numbers first, such as with keras.layers.TextVectorization"),
    (((np.array(["1/a.png", "2.PNG"])[Y % 2], Y), "t"), "read these pictures first, such as with pictures_from_folder"),
    (((np.array([[0.5, "red"], [1.5, "blue"]], object)[Y % 2], Y), "t"), "such as 'red' in its column 1 (from 0)"),
    (((np.array([[0.5, None]] * N, object), Y), "t"), "x holds None, and numbers are expected"),
    (((np.zeros((N, 3), "datetime64[D]"), Y), "t"), "x holds datetime64[D], and numbers"),
    (((objects(X), Y), "t"), "np.stack(x)"),
    (((np.ma.array(X, mask=X > 0.5), Y), "t"), "x has masked values, which are not allowed"),
    (((list(np.ma.array(X, mask=X > 0.5)), Y), "t"), "x has masked values"),
    (((X, np.ma.array(Y, mask=Y > 1)), "t"), "y has masked values"),
    (((np.where(X > 0.9, np.nan, X), Y), "t"), "a value that isn't a finite number"),
    (((X[:0], Y[:0]), "t"), "N > 0"),
    (((X, Y), "t", (6, 6, 3)), "np.repeat"),
    (((RGBA, Y), "t", (6, 6, 3)), "x[..., :3]"),
    (((RGBA[..., :3], Y), "t", (6, 6, 1)), "x.mean(axis=-1, keepdims=True)"),
    (((np.moveaxis(X, -1, 1), Y), "t", (6, 6, 1)), "its channels come first, and are expected last; "
     "take np.moveaxis(x, 1, -1)."),
    (((np.moveaxis(RGBA, -1, 1), Y), "t", (None, None, 3)), "np.moveaxis(x, 1, -1)"),
    (((np.moveaxis(X[:, :5], -1, 1), Y), "t", (9, 9, 3)), "np.moveaxis(x, 1, -1)"),
    (((np.moveaxis(X, 0, -1), Y), "t", (6, 6, 1)), "its examples come last, and are expected first; "
     "take np.moveaxis(x, -1, 0)."),
    (((X, Y), "t", (9, 9, 1)), "keras.ops.image.resize(x, (9, 9))"),
    (((X, Y), "t", (36,)), "reshape"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "says"), REFUSED, ids=[says[:30] for _, says in REFUSED])
def test_what_is_refused(given, says):
    with pytest.raises(ValueError) as caught:
        task_from(*given)
    assert says in str(caught.value)
    assert str(caught.value).startswith(given[1])


def test_class_names():
    assert task_from((X, Y), "t", class_names=("a", "b", "c")).class_names == ("a", "b", "c")
    with pytest.raises(ValueError, match="2 class_names, and 3 classes"):
        task_from((X, Y), "t", columns=3, class_names=("a", "b"))
    texts = np.array(["a", "b", "z"])[Y]
    with pytest.raises(ValueError, match=r"^t: y holds 'z', .*class_names=\('a', 'b', 'c'\)"):
        task_from((X, texts), "t", class_names=("a", "b", "c"))
    swapped = task_from((X, texts), "t", class_names=("z", "b", "a"))
    assert np.array_equal(placed(swapped), 2 - Y)


PICTURES = RNG.integers(0, 256, (N, 6, 6, 1), np.uint8)


def test_pictures_in_uint8_stay_so_and_are_split_as_floats_are():
    held, floats = (task_from((PICTURES.astype(kind), Y), "mine") for kind in (np.uint8, np.float32))
    assert held.values == floats.values == (PICTURES.min(), PICTURES.max())
    for part in ("x_train", "x_validation", "x_test"):
        assert (getattr(held, part).dtype, getattr(floats, part).dtype) == (np.uint8, np.float32)
        np.testing.assert_array_equal(getattr(held, part), getattr(floats, part))
    for other in (np.int16, np.int64, np.float64):
        assert task_from((PICTURES.astype(other), Y), "mine").x_train.dtype == np.float32


def test_the_caller_s_pictures_are_not_the_task_s():
    mine = PICTURES.copy()
    task = task_from((mine, Y), "mine")
    assert not any(np.shares_memory(mine, getattr(task, f"x_{part}")) for part in ("train", "validation", "test"))


def test_what_the_readers_of_files_return_is_taken_with_its_names():
    task = task_from(Pictures(PICTURES, Y.astype(np.int32), ("ant", "bee", "cow")), "mine", (6, 6, 1), 3)
    assert task.class_names == ("ant", "bee", "cow") and task.x_train.dtype == np.uint8
    again = task_from((PICTURES, Y), "mine")
    assert np.array_equal(task.x_test, again.x_test) and np.array_equal(task.y_test, again.y_test)
    named = task_from(Pictures(PICTURES, Y.astype(np.int32), ("a", "b", "c")), "mine", class_names=("x", "y", "z"))
    assert named.class_names == ("x", "y", "z")
    with pytest.raises(ValueError, match="3 class_names, and 4 classes"):
        task_from(Pictures(PICTURES, Y.astype(np.int32), ("a", "b", "c")), "mine", columns=4)


def test_what_counts_is_what_is_held(monkeypatch):
    monkeypatch.setattr(inputs, "MOST_BYTES", PICTURES.size)
    assert task_from((PICTURES, Y), "mine").x_train.dtype == np.uint8
    with pytest.raises(ValueError, match="^mine: .*uint8"):
        task_from((PICTURES.astype(np.float32), Y), "mine")


def test_too_much_is_refused_before_it_is_copied():
    big = np.broadcast_to(np.float32(0), (1001, 1000, 100, 1))
    with pytest.raises(ValueError, match="more than 400 MB"):
        task_from((big, np.zeros(1001, int)), "t")
