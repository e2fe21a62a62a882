"""Layers as pictures: every number in its place, and no other."""

import numpy as np

from utils.plots.tiles import feature_tiles, kernel_tiles


def test_feature_maps_stand_side_by_side():
    maps = np.arange(2 * 2 * 3, dtype="float32").reshape((2, 2, 3))  # three units
    picture = feature_tiles(maps)
    assert picture.shape == (5, 5)
    np.testing.assert_array_equal(picture[:2, :2], maps[..., 0])
    np.testing.assert_array_equal(picture[:2, 3:], maps[..., 1])
    np.testing.assert_array_equal(picture[3:, :2], maps[..., 2])
    assert np.isnan(picture[2]).all() and np.isnan(picture[:, 2]).all() and np.isnan(picture[3:, 3:]).all()


def test_a_vector_is_a_square_of_points():
    np.testing.assert_array_equal(feature_tiles(np.arange(4.0)), [[0, 1], [2, 3]])


def test_a_unit_s_square_holds_all_its_weights():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 8, 5))
    picture = kernel_tiles(kernel)  # 8 inputs: 2 rows of 4, so 6 x 12 a unit; 5 units: 2 rows of 3
    assert picture.shape == (2 * 6 + 1, 3 * 12 + 2)
    first = picture[:6, :12]
    np.testing.assert_array_equal(first[:3, :3], kernel[:, :, 0, 0])
    np.testing.assert_array_equal(first[:3, 9:], kernel[:, :, 3, 0])
    np.testing.assert_array_equal(first[3:, :3], kernel[:, :, 4, 0])
    np.testing.assert_array_equal(picture[7:, 13:25][:3, :3], kernel[:, :, 0, 4])
    assert np.isfinite(picture).sum() == kernel.size


def test_a_dense_layer_s_weights_are_points():
    kernel = np.arange(6.0).reshape((6, 1))
    np.testing.assert_array_equal(kernel_tiles(kernel), [[0, 1, 2], [3, 4, 5]])
