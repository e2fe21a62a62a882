"""Task and split: what is refused, and that no example is in two parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from utils.tasks import Task, TaskPair, from_images, split


def task(**changes) -> Task:
    arrays = {}
    for part in ("train", "validation", "test"):
        arrays[f"x_{part}"] = np.zeros((4, 28, 28, 1), np.float32)
        arrays[f"y_{part}"] = np.array([0, 1, 1, 0], np.int32)
    return Task(**({"name": "a task", "class_names": ("no", "yes"), **arrays} | changes))


def test_a_task_knows_its_classes_and_shape():
    assert task().classes == 2
    assert task().input_shape == (28, 28, 1)
    assert "4 / 4 / 4" in repr(task())


def test_points_in_the_plane_are_a_task_too():
    points = np.array([[-3.0, 2.5], [0.5, -1.0]], np.float32)
    labels = np.array([0, 1], np.int32)
    plane = Task("plane", points, labels, points, labels, points, labels, ("moon", "sun"))
    assert plane.input_shape == (2,)


def test_a_task_s_arrays_cannot_be_written_but_the_caller_s_stay_writable():
    mine = np.zeros((4, 28, 28, 1), np.float32)
    made = task(x_train=mine)
    with pytest.raises(ValueError, match="read-only"):
        made.x_train[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        made.y_test += 1
    mine[0] = 0.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x_train": np.zeros((4, 28, 28, 1))}, "^x_train .*float64, .* float32"),
        ({"x_train": np.zeros((4, 28, 28, 1), np.int8)}, "^x_train .*int8, .* float32 or uint8"),
        ({"x_test": np.zeros((4, 28, 28, 1), np.uint8)}, "^x_test .*uint8, and x_train .*float32"),
        ({"x_test": [[0.0]]}, "x_test is a list"),
        ({"x_test": np.ma.array(np.zeros((4, 28, 28, 1), np.float32), mask=True)}, "^x_test has masked values"),
        ({"y_train": np.ma.array(np.array([0, 1, 1, 0], np.int32), mask=[1, 0, 0, 0])}, "^y_train has masked values"),
        ({"x_test": np.zeros((4, 14, 14, 1), np.float32)}, r"^x_test .*shape \(4, 14, 14, 1\).*\(N, 28, 28, 1\)"),
        ({"x_validation": np.zeros((0, 28, 28, 1), np.float32)}, "x_validation has shape"),
        ({"x_train": np.full((4, 28, 28, 1), 255, np.float32)}, r"^x_train .*255\.0 to 255\.0.*0 to 1"),
        ({"x_train": np.full((4, 28, 28, 1), np.nan, np.float32)}, "x_train has values nan"),
        ({"y_train": np.array([0, 1, 2, 0], np.int32)}, "^y_train .*0 to 2.*0 to 1"),
        ({"y_train": np.array([0, 1, -1, 0], np.int32)}, "^y_train .*-1 to 1"),
        ({"y_test": np.array([0, 1, 1], np.int32)}, r"y_test has shape \(3,\).*\(4,\)"),
        ({"y_test": np.array([0, 1, 1, 0])}, "^y_test .*int64.*int32"),
        ({"class_names": ("one",)}, "class_names"),
    ],
)
def test_what_is_not_a_task_is_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        task(**changes)


def test_a_pair_holds_two_tasks():
    old, new = task(), task(name="another")
    assert TaskPair("both", old, new, "one line").new.name == "another"


def test_from_images_scales_to_one_and_adds_the_channel():
    images = np.arange(6 * 4, dtype=np.uint8).reshape(6, 2, 2)
    images[0, 0, 0] = 255
    made = from_images("small", images, np.array([0, 1, 0, 1, 0, 1]), ([0, 1], [2, 3], [4, 5]), ("a", "b"))
    assert made.x_train.shape == (2, 2, 2, 1) and made.x_train.dtype == np.float32
    assert made.x_train[0, 0, 0, 0] == 1 and made.x_test[1, 1, 1, 0] == np.float32(23) / np.float32(255)
    assert made.y_test.dtype == np.int32 and made.y_test.tolist() == [0, 1]


def test_split_removes_copies_and_keeps_the_first():
    images = np.array([[1], [2], [1], [3], [2], [4]], np.uint8)
    labels = np.zeros(6, int)
    (part,) = split(images, labels, [4], seed=0)
    assert sorted(part) == [0, 1, 3, 5]
    with pytest.raises(ValueError, match=r"^sizes=\[5\] .*\b4 distinct"):
        split(images, labels, [5], seed=0)


def test_split_leaves_out_what_is_taken():
    images = np.arange(10, dtype=np.uint8)[:, None]
    (part,) = split(images, np.zeros(10, int), [7], seed=0, excluded=images[[0, 4, 9]])
    assert sorted(part) == [1, 2, 3, 5, 6, 7, 8]


def test_split_wants_one_label_an_image():
    with pytest.raises(ValueError, match=r"\b2\b.*\b3\b"):
        split(np.zeros((3, 1)), [0, 1], [1], seed=0)


def test_split_of_some_classes_is_the_split_of_all_restricted_to_them():
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (400, 9), dtype=np.uint8), np.arange(400) % 4
    all_four = split(images, labels, [200, 100], seed=5)
    some = np.flatnonzero(labels < 2)
    two = split(images[some], labels[some], [100, 50], seed=5)
    for whole, half in zip(all_four, two, strict=True):
        assert set(some[half]) == {i for i in whole if labels[i] < 2}


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    labels=st.lists(st.integers(0, 3), min_size=12, max_size=80),
    values=st.integers(4, 300),
    shares=st.tuples(st.floats(0.05, 0.3), st.floats(0.05, 0.3), st.floats(0.05, 0.3)),
    seed=st.integers(0, 1000),
)
def test_split_deals_disjoint_stratified_parts_of_the_size_asked_for(labels, values, shares, seed):
    images = np.random.default_rng(seed).integers(0, values, (len(labels), 1), dtype=np.int64)
    labels = np.array(labels)
    first = np.unique(images[:, 0], return_index=True)[1]
    sizes = [int(share * len(first)) for share in shares]
    parts = split(images, labels, sizes, seed)

    assert [len(part) for part in parts] == sizes
    seen = [images[i, 0] for part in parts for i in part]
    assert len(set(seen)) == len(seen)
    share = np.bincount(labels[first], minlength=4) / len(first)
    for part, size in zip(parts, sizes, strict=True):
        assert np.abs(np.bincount(labels[part], minlength=4) - size * share).max() < 2
    for part, again in zip(parts, split(images, labels, sizes, seed), strict=True):
        assert np.array_equal(part, again)
