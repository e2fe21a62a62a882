"""Datasets as tasks: in batches or not, of any length, and what can't be read."""

import itertools

import numpy as np
import pytest

from utils.tasks import dataset as dataset_module
from utils.tasks import task_from

N = 60
RNG = np.random.default_rng(0)
X = RNG.random((N, 6, 6, 1), dtype=np.float32)
Y = np.arange(N) % 3


def tensorflow():
    import tensorflow as tf

    return tf


def labels_are_kept(task):
    """Whether each example of X has its label, wherever the split has put it."""
    found = 0
    for part in ("train", "validation", "test"):
        for x, y in zip(getattr(task, f"x_{part}"), getattr(task, f"y_{part}"), strict=True):
            found += Y[np.flatnonzero((x == X).all(axis=(1, 2, 3)))[0]] == y
    return found == N


def generated(examples, shape=X.shape[1:]):
    """A dataset that doesn't know how many examples it has."""
    tf = tensorflow()
    kinds = tf.TensorSpec(shape), tf.TensorSpec((), tf.int32)
    return tf.data.Dataset.from_generator(examples, output_signature=kinds)


def test_in_batches_or_not():
    tf = tensorflow()
    single = tf.data.Dataset.from_tensor_slices((X, Y))
    for dataset in (single, single.batch(7)):
        assert labels_are_kept(task_from(dataset, "mine", (6, 6, 1)))
    with pytest.raises(ValueError, match="never ends.*repeat"):
        task_from(single.repeat(), "mine")
    with pytest.raises(ValueError, match="aren't pairs"):
        task_from(tf.data.Dataset.from_tensor_slices(X), "mine")
    by_name = single.map(lambda x, y: ({"image": x}, y))
    with pytest.raises(ValueError, match="^mine: x .*dict.*map"):
        task_from(by_name, "mine", (6, 6, 1))
    with pytest.raises(ValueError, match="^mine: y .*dict"):
        task_from(single.map(lambda x, y: (x, {"label": y})), "mine")
    with pytest.raises(ValueError, match="the dataset is empty"):
        task_from(single.take(0), "mine")


def test_unknown_length_that_does_not_end(monkeypatch):
    """One without an end gives the same again in whatever order, or more than any that ends."""

    def cycle(stop=None):
        return lambda: zip(itertools.islice(itertools.cycle(X), stop), itertools.cycle(Y), strict=False)

    def drawn():
        while True:
            position = RNG.integers(N)
            yield X[position], Y[position]

    in_order, in_any_order = generated(cycle()), generated(drawn)
    for endless, single in ((in_order, ""), (in_order.batch(7), ".unbatch()"), (in_any_order, "")):
        with pytest.raises(ValueError) as caught:
            task_from(endless, "mine")
        assert str(caught.value).startswith("mine: the dataset gives the same 60 examples again and again")
        assert str(caught.value).endswith(f": give dataset{single}.take(60).")
    for often in (1, 5):  # a few passes are no reason
        assert labels_are_kept(task_from(generated(cycle(often * N)), "mine", X.shape[1:]))

    monkeypatch.setattr(dataset_module, "LONGEST_UNKNOWN", 3 * N)
    with pytest.raises(ValueError, match=r"^mine: no end .*180 .*dataset\.take\(n\)"):
        task_from(generated(lambda: ((RNG.random(X.shape[1:]), 0) for _ in itertools.count())), "mine")
    monkeypatch.setattr("utils.tasks.inputs.MOST_BYTES", 10_000)
    with pytest.raises(ValueError, match=r"^mine: the examples are more than 0 MB .*give fewer, dataset\.take\(n\)"):
        task_from(generated(lambda: ((RNG.random(X.shape[1:]), 0) for _ in itertools.count())), "mine")


def test_one_that_takes_long_says_how_far_it_is(monkeypatch, capsys):
    task_from(generated(lambda: zip(X, Y, strict=True)), "mine", X.shape[1:])
    assert capsys.readouterr().out == ""
    monkeypatch.setattr(dataset_module, "SILENCE", 0)
    task_from(generated(lambda: zip(X, Y, strict=True)).batch(40), "mine", X.shape[1:])
    assert [line.partition(" examples")[0] for line in capsys.readouterr().out.splitlines()] == ["mine: 40", "mine: 60"]


def test_elements_of_several_shapes():
    def examples():
        return ((x[: 6 - i % 2], y) for i, (x, y) in enumerate(zip(X, Y, strict=True)))

    shapes = r"several shapes \(.*6, ?6, ?1.*5, ?6, ?1.*\): .*tf\.image\.resize\(x, \(6, 6\)\)"
    single = generated(examples, (None, 6, 1))
    for dataset in (single, single.batch(1)):
        with pytest.raises(ValueError, match=f"^mine: the dataset's elements have {shapes}"):
            task_from(dataset, "mine", (6, 6, 1))
    with pytest.raises(ValueError, match=r"^mine: the dataset's elements have .*resize\(x, size\)"):
        task_from(single.batch(1), "mine")


def test_what_its_functions_raise_is_one_sentence():
    tf = tensorflow()
    dataset = tf.data.Dataset.from_tensor_slices((X, Y))

    def broken():
        yield X[0], Y[0]
        raise KeyError("no such picture")

    for spoilt, why in (
        (dataset.map(lambda x, y: (tf.py_function(lambda a: 1 / 0, [x], tf.float32), y)), "ZeroDivisionError: "),
        (dataset.map(lambda x, y: (tf.debugging.check_numerics(x / 0, "bad"), y)), "bad : Tensor had"),
        (generated(broken), "KeyError: 'no such picture'"),
    ):
        with pytest.raises(ValueError) as caught:
            task_from(spoilt, "mine", (6, 6, 1))
        assert str(caught.value).startswith(f"mine: the dataset can't be read to its end ({why}")
        assert "\n" not in str(caught.value) and "{{" not in str(caught.value)


def test_the_classes_names_come_with_a_dataset_that_has_them(tmp_path):
    import keras
    from PIL import Image

    for name in ("bee", "ant"):
        (tmp_path / name).mkdir()
        for number in range(4):
            color = (10 * number, 200, 0) if name == "ant" else (200, 10 * number, 0)
            Image.new("RGB", (6, 6), color).save(tmp_path / name / f"{number}.png")
    for mode in ("int", "categorical", "binary"):
        read = keras.utils.image_dataset_from_directory(tmp_path, label_mode=mode, image_size=(6, 6), verbose=0)
        task = task_from(read, "mine", (6, 6, 3), 2)
        assert task.class_names == ("ant", "bee")
        assert (task.x_train[:, 0, 0, 0] > 100).tolist() == (task.y_train == 1).tolist()
    assert task_from(read, "mine", class_names=("a", "b")).class_names == ("a", "b")
