"""Weights above features: what stands there in words, and that the picture follows what is shown."""

from dataclasses import replace

import numpy as np
import pytest

from utils import load_pair, observe, plot_features, pretrained
from utils.plots import FeatureFigure, LivePicture, describe_movement, describe_other_image, movement_text, png


@pytest.fixture(scope="module")
def pair():
    return load_pair("digits-drawings")


@pytest.fixture(scope="module")
def before(pair):
    return observe(pretrained(pair), pair.old.x_test[0])


@pytest.fixture(scope="module")
def now(pair):
    model = pretrained(pair)
    kernel = model.weights("conv2")[0]
    kernel.assign(kernel * 1.1)
    return observe(model, pair.old.x_test[0])


def texts(figure):
    """The texts of the figure, those in its axes after those beside them."""
    return [text.get_text() for axes in (figure, *figure.axes) for text in axes.texts]


def test_each_layer_is_told_of(before, now, pair):
    figure = plot_features(before, now, pair, trained=["conv2", "new_head"])
    labels = texts(figure)
    assert {"conv1: frozen", "conv2: trained", "old head: frozen", "new head: trained"} <= set(labels)
    movements = [text for text in labels if "move" in text]
    weights, features = movements[0::2], movements[1::2]
    assert [text == "did not move" for text in weights] == [True, False, True, True, True, True]
    assert [text == "did not move" for text in features] == [True] + 5 * [False]
    assert "conv3: weights did not move, features moved by" in figure.description


def test_nothing_is_said_of_what_trains_and_moves_unless_there_is_anything(before, pair):
    figure = plot_features(before, before, pair)
    labels = [*texts(figure), figure.description]
    assert "conv2" in labels and not any("move" in text for text in labels)


@pytest.mark.slow
def test_the_picture_follows_view_image_and_network(before, now, pair):
    shown = [png(plot_features(before, now, pair, view=view)) for view in ("now", "at the start", "the change")]
    shown += [png(plot_features(before, before, pair)), png(plot_features(now, now, pair))]
    assert len(set(shown)) == 5
    with pytest.raises(ValueError, match="^view='then' .*'now'"):
        plot_features(before, now, pair, view="then")


@pytest.mark.slow
def test_live_it_is_the_same_picture(before, now, pair):
    live = LivePicture(FeatureFigure(scale=1))
    first = live.frame(before, before, pair)
    assert live.frame(before, now, pair) != first
    assert live.frame(before, before, pair) == first


def test_what_is_no_number_is_drawn_and_told(before, pair):
    broken = replace(before, features=before.features | {"dense": np.full(64, np.nan, "float32")})
    assert "is not a number" in texts(plot_features(before, broken, pair))


def test_words():
    assert movement_text(0.0) == "did not move"
    assert movement_text(1e-9) == "moved by 1e-07%"
    assert movement_text(0.0123) == "moved by 1.2%"
    assert movement_text(0.256) == "moved by 26%"
    assert movement_text(float("inf")) == "moved from 0"


def test_sentences(before, now, pair):
    assert describe_movement(before, before) == "Nothing has moved, neither weights nor features."
    assert describe_movement(before, now) == (
        "Weights moved: conv2. Features of this image moved: conv2, conv3, dense, old head and new head. "
        "Same weights, but different features: conv3, dense, old head and new head."
    )
    other = observe(pretrained(pair), pair.old.x_test[1])
    assert describe_other_image(before, other).startswith("Another image, the same weights. Its features differ")
