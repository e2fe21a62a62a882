"""Patches of pictures that come with packages: apart from one another, and the same each time."""

from importlib import import_module

import numpy as np
import pytest

from utils.tasks.patches import SETS, patches

module = import_module("utils.tasks.patches")

@pytest.mark.parametrize("part", SETS)
def test_as_many_of_each_class_everywhere(part):
    task = patches(part)
    assert task.input_shape == (64, 64, 3) and task.class_names == tuple(SETS[part])
    for name, count in (("train", 48), ("validation", 20), ("test", 30)):
        assert np.bincount(getattr(task, f"y_{name}")).tolist() == [count] * task.classes
        x = getattr(task, f"x_{name}")
        assert x.dtype == np.float32 and x.min() >= 0 and 200 < x.max() <= 255


def test_no_two_parts_share_a_pixel():
    shape = 300, 451, 3
    dealt = module._deal_tiles(shape, np.random.default_rng(0))
    tiles = [tile for tiles in dealt.values() for tile in tiles]
    assert len(tiles) == len(set(tiles)) == 4 * 6
    assert {name: len(found) for name, found in dealt.items()} == {"train": 14, "validation": 5, "test": 5}
    # A picture whose values say which tile they're from: no patch shows two of them.
    rows, columns = np.indices(shape[:2]) // module._TILE
    picture = np.repeat((rows * 7 + columns)[..., None], 3, axis=-1).astype(np.uint8)
    draw = np.random.default_rng(1)
    for top, left in tiles:
        patch = module._cut(picture, (top, left), 32, draw)
        assert (patch == top // module._TILE * 7 + left // module._TILE).all()


def test_grey_pictures_are_grey_in_all_channels_and_coloured_ones_are_not():
    old, new = patches("old"), patches("new")
    bricks = old.x_train[old.y_train == 0]
    assert (bricks[..., 0] == bricks[..., 2]).all()
    astronaut = new.x_train[new.y_train == 0]
    assert np.abs(astronaut[..., 0] - astronaut[..., 2]).mean() > 5


def test_drawn_the_same_each_time():
    first = patches("new").x_test
    module._patches.cache_clear()
    assert (patches("new").x_test == first).all()


def test_another_size_shows_the_same_at_more_pixels():
    small, large = patches("new", 32), patches("new", 64)
    smaller = large.x_test.reshape(-1, 32, 2, 32, 2, 3).mean(axis=(2, 4))
    assert np.abs(small.x_test - smaller).mean() < 6


def test_half_as_many():
    half = patches("new", every=2)
    assert np.bincount(half.y_train).tolist() == [24] * 6 and len(half.x_test) == 15 * 6
    assert half.name != patches("new").name  # tasks of one name hold the same arrays


@pytest.mark.parametrize(
    ("given", "message"), [(("middle", 64), "part='middle'"), (("new", 8), "size=8"), (("new", 64.0), "size=64.0"),
                        (("new", 64, 0), "every=0")]
)
def test_bad_values_are_named(given, message):
    with pytest.raises(ValueError, match=f"{message} is not allowed"):
        patches(*given)
