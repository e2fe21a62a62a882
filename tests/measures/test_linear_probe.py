"""What a linear probe finds, and which features are silent."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from utils.measures import linear_probe, silent_features


def task(seed, noise=0.0):
    """Three classes in the plane, apart by their angle, on axes of very different scales."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, 300)
    angles = 2 * np.pi * labels / 3 + random.normal(0, 0.2, 300)
    features = np.column_stack([np.cos(angles), 1e4 * np.sin(angles), random.normal(0, 1, 300)])
    wrong = random.random(300) < noise
    return features, np.where(wrong, (labels + 1) % 3, labels)


def test_it_finds_what_a_line_can_separate_on_any_scale():
    probe = linear_probe(task(0), task(1), task(2, noise=0.2))
    assert probe.validation > 0.99
    assert 0.75 < probe.test < 0.85  # one label in five is another


def test_validation_alone_chooses():
    always = np.full(300, np.bincount(task(0)[1]).argmax())  # test labels on which the constant answer does best
    test = task(2)[0], always
    strict, loose = (linear_probe(task(0), task(1), test, [c]) for c in (1e-6, 1.0))
    assert strict.test > loose.test and strict.validation < loose.validation
    assert linear_probe(task(0), task(1), test, [1.0, 1e-6]) == loose


@pytest.mark.parametrize("strength", [0.001, 0.1, 10.0])
def test_more_features_than_images_are_the_same_fit(strength):
    """As scikit-learn fits them without any rotation."""
    mixed = np.random.default_rng(5).normal(size=(3, 90))
    train, validation, test = ((x @ mixed, y) for x, y in (task(0, 0.1), task(1, 0.1), task(2, 0.1)))
    few = train[0][:40], train[1][:40]
    plain = make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=2000)).fit(*few)
    probe = linear_probe(few, validation, test, [strength])
    assert (probe.validation, probe.test) == (plain.score(*validation), plain.score(*test))
    assert probe.test < 1


def test_silent_features_are_0_for_every_image():
    features = np.array([[0, 1, 0, 0], [0, 2, 0, 1e-9], [0, 0, 0, 0]])
    assert silent_features(features) == 2
