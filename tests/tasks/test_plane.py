"""Points in the plane: where they lie, what they are drawn from, and what is refused."""

import numpy as np
import pytest

from utils.tasks import SHAPES, load_pair, points

PARTS = ("train", "validation", "test")


def everything(task):
    return np.concatenate([getattr(task, f"x_{part}") for part in PARTS])


@pytest.mark.parametrize("shape", SHAPES)
def test_each_shape_is_a_balanced_task_of_two_classes(shape):
    task = points(shape)
    assert task.input_shape == (2,) and task.classes == 2 and task.name == shape
    for part, size in zip(PARTS, (1000, 500, 1000), strict=True):
        x, y = getattr(task, f"x_{part}"), getattr(task, f"y_{part}")
        assert x.dtype == np.float32 and x.shape == (size, 2)
        assert np.bincount(y).tolist() == [size // 2] * 2
    assert np.abs(everything(task)).max() < 2.2


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("noise", [0, 0.1])
def test_no_point_is_in_two_parts_or_two_tasks(shape, noise):
    both = np.concatenate([everything(points(shape, noise)), everything(points(shape, noise, role="new"))])
    assert len(np.unique(both, axis=0)) == len(both) == 5000


def test_without_noise_the_rings_are_circles_and_the_moons_half_circles():
    rings = points("rings", noise=0)
    radius = np.hypot(*rings.x_train.T)
    assert np.allclose(radius[rings.y_train == 0], 0.45, atol=1e-6)
    assert np.allclose(radius[rings.y_train == 1], 1, atol=1e-6)
    moons = points("moons", noise=0)
    upper = moons.x_test[moons.y_test == 0]
    assert np.allclose(np.hypot(upper[:, 0] + 0.5, upper[:, 1] + 0.25), 1, atol=1e-6) and upper[:, 1].min() > -0.26


def test_spirals_and_blobs_are_mirrored_in_the_origin():
    for shape in ("spirals", "blobs"):
        task = points(shape, noise=0)
        middles = [task.x_train[task.y_train == label].mean(0) for label in (0, 1)]
        assert np.allclose(middles[0], -middles[1], atol=0.08)
    blobs = points("blobs", noise=0)
    assert blobs.x_train[blobs.y_train == 0].std(0) == pytest.approx([0.2, 0.2], abs=0.02)


def test_noise_is_the_standard_deviation_off_the_line():
    for noise in (0.05, 0.3):
        off = points("moons", noise).x_train - points("moons", 0).x_train
        assert off.std() == pytest.approx(noise, rel=0.05) and abs(off.mean()) < 0.1 * noise


def test_distance_moves_the_shape_to_the_right_and_nothing_else():
    near, far = points("rings"), points("rings", distance=1.5)
    assert np.allclose(far.x_train - near.x_train, [1.5, 0], atol=1e-6)
    assert np.array_equal(far.y_train, near.y_train)
    assert far.name == "rings, 1.5 to the right"


def test_the_same_arguments_give_the_same_arrays():
    assert points("moons") is points("moons", 0.1, 0)
    assert load_pair("plane").old is load_pair("plane", new_shape="spirals", distance=1).old is points("moons")
    assert load_pair("plane") is load_pair("plane", old_shape="moons", noise=np.float64(0.1))
    pair = load_pair("plane", old_shape="blobs", new_shape="moons", noise=0.2, distance=1)
    assert (pair.old.name, pair.new.name) == ("blobs, noise 0.2", "new moons, noise 0.2, 1 to the right")
    assert all(knob in pair.description for knob in ("shape blobs", "shape moons", "noise 0.2", "distance 1"))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"shape": "star"}, "^shape='star' .*'moons', 'rings', 'spirals', 'blobs'"),
        ({"noise": -0.1}, r"^noise=-0\.1 .*\b0 .*\b0\.5\b"),
        ({"noise": "much"}, r"^noise='much' .*\b0 .*\b0\.5\b"),
        ({"distance": 3.1}, r"^distance=3\.1 .*\b0 .*\b3\b"),
        ({"distance": True}, r"^distance=True .*\b0 .*\b3\b"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        points(**{"shape": "moons"} | wrong)


def test_the_options_belong_to_the_plane():
    with pytest.raises(ValueError, match=r"^noise=0\.2 .*only 'plane'.*'digits-halves'"):
        load_pair("digits-halves", noise=0.2)
    with pytest.raises(ValueError, match="^old_shape='x' .*'moons'"):
        load_pair("plane", old_shape="x")
