"""The checks of notebook 01: what they accept, and what they say of what they don't."""

import pytest

from utils.exercises.features_and_weights import (
    GIVEN,
    LAYERS,
    check_features_alone,
    check_prediction,
    moved_by_training,
)

BEHIND = ["conv3", "dense", "old_head", "new_head"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (["conv2", "new_head"], True, "through conv2, has"),
        (["conv1"], True, "through conv1, has"),
        pytest.param(("new_head", "conv2", "conv1", "dense"), True, "conv1 and conv2", marks=pytest.mark.exhaustive),
        (["new_head"], False, "did not move either"),
        (["dense", "new_head"], False, "Nothing before conv3 trains"),
        (["conv2", "conv3"], False, "conv3 trains"),
        (["conv4"], False, "Did you mean 'conv3'"),
        ([], False, "every layer is frozen"),
        (["old_head"], False, "reaches old_head"),
        ("conv2", False, "Expected a list of the layers"),
        (None, False, "not None"),
    ],
)
def test_features_alone(answer, right, says):
    verdict = check_features_alone(answer)
    assert verdict.right is right
    assert says in verdict.why


@pytest.mark.slow
@pytest.mark.parametrize(
    ("weights", "features", "right", "says"),
    [
        (list(GIVEN), BEHIND, True, "every layer behind it"),
        (set(GIVEN), set(BEHIND), True, "every layer behind it"),
        (GIVEN[::-1], tuple(BEHIND[::-1]), True, "every layer behind it"),
        (["conv3"], BEHIND, False, "new head is trained"),
        ([*GIVEN, "old_head"], BEHIND, False, "old head is frozen"),
        (GIVEN, ["conv3", "new_head"], False, "dense's features moved"),
        (GIVEN, BEHIND[1:], False, "it trains itself"),
        (GIVEN, ["conv1", *BEHIND], False, "conv1's features did not move"),
        (GIVEN, ["conv4"], False, "There is no 'conv4'"),
        ("conv3", BEHIND, False, "weights: expected a list"),
        (GIVEN, None, False, "features: expected a list"),
    ],
)
def test_prediction(weights, features, right, says):
    verdict = check_prediction(weights, features)
    assert verdict.right is right
    assert says in verdict.why


@pytest.mark.slow
@pytest.mark.parametrize(
    "trained",
    [
        ("new_head",),
        ("conv2", "dense"),
        *(pytest.param(names, marks=pytest.mark.exhaustive) for names in (("conv1",), ("dense", "new_head"), LAYERS)),
    ],
)
def test_the_rule_that_the_notebook_teaches(trained):
    """Weights move where a layer trains (the old head never does here), features from the first such layer on."""
    moved = moved_by_training(trained)
    learning = [name for name in trained if name != "old_head"]
    assert [name for name, movement in moved.items() if movement.weights] == learning
    backbone = LAYERS[:-2]
    first = next((i for i, name in enumerate(backbone) if name in trained), len(backbone))
    expected = {*backbone[first:], *(name for name in LAYERS[-2:] if first < len(backbone) or name in learning)}
    assert {name for name, movement in moved.items() if movement.features} == expected
