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
    # A picture whose blue says which tile it's from, and whose red is never the same: no patch shows two tiles.
    shape = 300, 451
    rows, columns = np.indices(shape) // module._TILE
    picture = np.zeros((*shape, 3), np.uint8)
    picture[..., 2] = rows * 7 + columns
    picture[..., 0] = np.random.default_rng(2).integers(0, 256, shape)
    dealt = module._deal_tiles(picture, np.random.default_rng(0))
    tiles = [tile for tiles in dealt.values() for tile in tiles]
    assert len(tiles) == len(set(tiles)) == 4 * 6
    assert {name: len(found) for name, found in dealt.items()} == {"train": 14, "validation": 5, "test": 5}
    draw = np.random.default_rng(1)
    for top, left in tiles:
        patch = module._cut(picture, (top, left), 32, draw)
        assert (patch[..., 2] == top // module._TILE * 7 + left // module._TILE).all()


def test_what_shows_nothing_is_left_out():
    picture = np.full((280, 280, 3), 100, np.uint8)  # 16 tiles of plain sky
    picture[:70, :140] = np.random.default_rng(0).integers(0, 256, (70, 140, 3))  # two that aren't
    picture[70:140, :10] = 255  # and one with a bright edge, which most of its patches don't show
    dealt = module._deal_tiles(picture, np.random.default_rng(0))
    assert sorted(tile for tiles in dealt.values() for tile in tiles) == [(0, 0), (0, 70), (70, 0)]
    draw = np.random.default_rng(1)
    assert all(module._cut(picture, (70, 0), 64, draw).std() > 5 for _ in range(20))


@pytest.mark.parametrize("part", SETS)
def test_no_patch_is_blank(part):
    contrasts = patches(part).x_test.mean(axis=-1).std(axis=(1, 2))
    assert contrasts.min() > 0.9 * module._LEAST_CONTRAST  # scaling smooths a little


def test_gray_pictures_are_gray_in_all_channels_and_colored_ones_are_not():
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
    assert np.bincount(half.y_train).tolist() == [24] * 7 and len(half.x_test) == 15 * 7
    assert half.name != patches("new").name  # tasks of one name hold the same arrays


@pytest.mark.parametrize(
    ("given", "message"), [(("middle", 64), "part='middle'"), (("new", 8), "size=8"), (("new", 64.0), "size=64.0"),
                        (("new", 64, 0), "every=0")]
)
def test_bad_values_are_named(given, message):
    with pytest.raises(ValueError, match=f"{message} is not allowed"):
        patches(*given)
