"""The drawings: seeded, balanced, and as dissimilar to digits as one sets."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from utils.tasks import digits, draw, drawings, sha256
from utils.tasks.digits import read
from utils.tasks.outlines import CLASS_NAMES, distances, segments

STEPS = [step / 10 for step in range(11)]


def test_the_task_has_the_form_asked_for():
    made = drawings(1.0, train=200, validation=50, test=100)
    assert made.name == "drawings" and made.class_names == CLASS_NAMES and len(CLASS_NAMES) == 10
    for part, size in (("train", 200), ("validation", 50), ("test", 100)):
        x, y = getattr(made, f"x_{part}"), getattr(made, f"y_{part}")
        assert x.shape == (size, 28, 28, 1) and x.dtype == np.float32 and x.min() >= 0 and x.max() <= 1
        assert y.dtype == np.int32 and np.bincount(y).tolist() == [size // 10] * 10


def test_the_name_tells_dissimilarity_apart():
    # Checkpoints are found by the name of their task.
    names = {drawings(u, 10, 10, 10).name for u in (0, 0.25, 0.250001, 1, 1.0)}
    assert names == {"drawings 0.0", "drawings 0.25", "drawings 0.250001", "drawings"}


@pytest.mark.parametrize("dissimilarity", [0.0, 0.5, 1.0])
def test_the_same_seed_draws_the_same_and_another_does_not(dissimilarity):
    images, labels = draw(300, dissimilarity, seed=4)
    again, labels_again = draw(300, dissimilarity, seed=4)
    assert images.dtype == np.uint8 and images.shape == (300, 28, 28)
    assert np.array_equal(images, again) and np.array_equal(labels, labels_again)
    assert not np.array_equal(images, draw(300, dissimilarity, seed=5)[0])


def test_another_process_draws_the_same():
    code = "from utils.tasks import *; print(sha256(draw(300, 0.7, seed=4)[0].tobytes()))"
    # Python's own hashing differs from process to process: nothing may depend on it.
    env = os.environ | {"PYTHONHASHSEED": "1"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.strip() == sha256(draw(300, 0.7, seed=4)[0].tobytes())


def test_dissimilarity_changes_the_style_and_not_the_shapes():
    thin, labels = draw(200, 0.0, seed=1)
    filled, labels_filled = draw(200, 0.5, seed=1)
    assert np.array_equal(labels, labels_filled)
    for line, area in zip(thin, filled, strict=True):
        assert np.corrcoef(line.ravel(), area.ravel())[0, 1] > 0.3
        assert (area[line > 200] > 90).all()


def difference(dissimilarity) -> float:
    """Mean distance of the gray levels' quantiles from those of the real digits, in gray levels."""
    steps = np.linspace(0, 1, 201)
    drawn, _ = draw(1000, dissimilarity, seed=3)
    return float(np.abs(np.quantile(drawn, steps) - np.quantile(read()[0], steps)).mean())


@pytest.mark.slow
def test_the_difference_from_digits_grows_with_dissimilarity():
    measured = [difference(step) for step in STEPS[::2]]
    assert measured[0] < 10
    assert measured[-1] > 120
    assert all(later > earlier + 4 for earlier, later in zip(measured, measured[1:], strict=False)), measured


def test_at_zero_the_ink_is_like_that_of_digits():
    drawn, real = draw(2000, 0.0, seed=3)[0], read()[0]
    assert drawn.mean() == pytest.approx(real.mean(), rel=0.1)
    assert (drawn > 127).mean() == pytest.approx((real > 127).mean(), rel=0.12)
    # Pixels at the four corners are black in both.
    assert np.median(drawn[:, 0, 0]) == np.median(real[:, 0, 0]) == 0


@pytest.mark.parametrize(("dissimilarity", "share"), [(0.0, 0), (0.5, 0), (0.6, 0.2), (0.75, 0.5), (1.0, 1)])
def test_the_share_of_inverted_pictures(dissimilarity, share):
    # The rim is ground: light where the picture is inverted.
    images, _ = draw(1000, dissimilarity, seed=2)
    rim = np.concatenate([images[:, 0], images[:, -1], images[:, :, 0], images[:, :, -1]], axis=1)
    assert (rim.mean(axis=1) > 127).mean() == pytest.approx(share, abs=0.05 if 0 < share < 1 else 0)


@pytest.mark.slow
def test_texture_grows_all_along():
    def roughness(images):
        """Mean step between neighbors at the rim, where no shape is."""
        rim = images[:, :2].astype(float)
        return np.abs(np.diff(rim, axis=2)).mean()

    measured = [roughness(draw(1000, step, seed=2)[0]) for step in STEPS]
    assert all(later > earlier for earlier, later in zip(measured, measured[1:], strict=False)), measured


@pytest.mark.slow
@pytest.mark.parametrize("dissimilarity", STEPS[::5])
def test_no_two_drawings_are_alike(dissimilarity):
    images, _ = draw(5000, dissimilarity, seed=7)
    assert len({image.tobytes() for image in images}) == 5000


@pytest.mark.parametrize("count", [0, 1, 9, 13])
def test_any_number_can_be_drawn(count):
    images, labels = draw(count, 0.5, seed=0)
    assert len(images) == len(labels) == count
    assert np.bincount(labels, minlength=10).max() <= 1 + count // 10


def test_distances_of_a_square_are_right():
    starts = np.array([[[4.0, 4], [20, 4], [20, 20], [4, 20]]])
    ends = np.roll(starts, -1, axis=1)
    closed, line = distances(starts, ends, True)[0], distances(starts, ends, False)[0]
    assert closed[12, 12] == -8 and closed[12, 5] == -1 and closed[12, 25] == 5
    assert closed[1, 0] == pytest.approx(5) and closed[23, 24] == pytest.approx(5)
    assert np.array_equal(np.abs(closed), line)


@pytest.mark.parametrize("name", CLASS_NAMES)
def test_the_outlines_have_radius_one_or_so_and_hang_together(name):
    starts, ends = segments(name)
    reach = np.hypot(*starts.T).max()
    assert 0.9 < reach < 1.35
    # A closed line has no loose end, a cross has two, and the arrow's shaft ends where its head bends.
    loose = sum(not np.isclose(starts, end).all(axis=1).any() for end in ends)
    assert loose == {"cross": 2, "arrow": 1, "zigzag": 1}.get(name, 0)


@pytest.mark.parametrize(
    "value", [-0.01, 1.01, float("nan"), float("inf"), True, "0.5", None, [0.5], np.array([0.5]), 1j]
)
def test_an_dissimilarity_that_is_none_is_refused(value):
    with pytest.raises(ValueError, match=rf"^dissimilarity={re.escape(repr(value))} .*\b0 .*\b1\b"):
        draw(10, value, seed=0)


@pytest.mark.parametrize("value", [0, 1, np.float32(0.5), np.int64(1)])
def test_any_kind_of_real_number_will_do(value):
    assert len(draw(10, value, seed=0)[0]) == 10


@pytest.mark.parametrize("change", [{"train": 9}, {"validation": 0}, {"test": -10}, {"test": 20.0}, {"train": True}])
def test_sizes_that_are_none_are_refused(change):
    (field,) = change
    with pytest.raises(ValueError, match=rf"^{field}={change[field]!r} .*\b10\b"):
        drawings(**({"train": 10, "validation": 10, "test": 10} | change))


@pytest.mark.slow
@pytest.mark.exhaustive
def test_a_small_network_learns_them_and_needs_more_than_the_digits_features():
    import keras

    def network(body):
        model = keras.Sequential([body, keras.layers.Dense(10, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def learned(model, task, epochs):
        model.fit(task.x_train, task.y_train, batch_size=64, epochs=epochs, verbose=0)
        return model.evaluate(task.x_test, task.y_test, verbose=0)[1]

    keras.utils.set_random_seed(0)
    layers = [keras.Input((28, 28, 1))]
    for filters in (16, 32, 64):
        layers += [keras.layers.Conv2D(filters, 3, activation="relu", padding="same"), keras.layers.MaxPool2D()]
    body = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(64, activation="relu")])
    learned(network(body), digits(), epochs=6)
    weights = body.get_weights()

    tuned, extracted = {}, {}
    for dissimilarity in (0.0, 1.0):
        task = drawings(dissimilarity)
        for frozen, results in ((False, tuned), (True, extracted)):
            body.set_weights(weights)
            body.trainable = not frozen
            results[dissimilarity] = learned(network(body), task, epochs=8)
    assert min(tuned.values()) > 0.9, tuned
    assert max(extracted.values()) < 0.95, extracted
    assert extracted[1.0] < extracted[0.0] - 0.1, extracted
