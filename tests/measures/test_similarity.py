"""Linear CKA, against the formula and on representations of which its value is known."""

import numpy as np
import pytest

from utils.measures import linear_cka

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(40, 6))
TURNED = X @ np.linalg.qr(RANDOM.normal(size=(6, 6)))[0]


def test_it_is_the_formula_of_the_paper():
    """In the features' form, of which the function computes the images' form."""
    y = RANDOM.normal(size=(40, 3)) + X[:, :3]
    a, b = X - X.mean(axis=0), y - y.mean(axis=0)
    wanted = np.linalg.norm(b.T @ a) ** 2 / (np.linalg.norm(a.T @ a) * np.linalg.norm(b.T @ b))
    assert 0.2 < wanted < 0.9
    assert linear_cka(X, y) == pytest.approx(wanted) == linear_cka(y, X)


@pytest.mark.parametrize("same", [X, TURNED, -X, 3 * X, X + np.arange(6), X[:, ::-1]])
def test_a_turned_shifted_or_scaled_representation_is_the_same(same):
    assert linear_cka(X, same) == pytest.approx(1)


@pytest.mark.parametrize("other", [X * [9, 1, 1, 1, 1, 1], X[:, :1], np.tanh(3 * X), X[::-1]])
def test_a_representation_that_arranges_the_images_otherwise_is_less_similar(other):
    assert 0 <= linear_cka(X, other) < 0.95


def test_two_features_that_vary_independently_have_nothing_in_common():
    along, across = np.array([[1.0], [1.0], [-1.0], [-1.0]]), np.array([[1.0], [-1.0], [1.0], [-1.0]])
    assert linear_cka(along, across) == 0


def test_a_silent_feature_changes_nothing():
    assert linear_cka(np.column_stack([X, np.zeros(40)]), TURNED) == pytest.approx(1)


def test_feature_maps_are_flattened():
    maps = RANDOM.normal(size=(10, 4, 4, 2)).astype("float32")
    assert linear_cka(maps, maps.reshape(10, 32)) == pytest.approx(1)


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (X, X[:39], "40 images, second 39"),
        (X, np.ones((40, 2)), "second is the same for all 40 images"),
        (np.full((40, 2), np.nan), X, "^first=.*finite"),
        (X, "features", "second"),
    ],
)
def test_what_has_no_similarity_is_refused(first, second, says):
    with pytest.raises(ValueError, match=says):
        linear_cka(first, second)
