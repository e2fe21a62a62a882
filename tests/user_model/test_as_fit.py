"""A run of a reader's network is Keras's own `fit`: regularizers, constraints, dropout, augmentation and all."""

import json

import pytest

SEEDS = (0, 57, 158, 164)  # between them, they have nearly all kinds of layers
FURTHER = sorted({*range(60)} - {*SEEDS})


def check(found):
    """The weights are those of `fit`, they went somewhere, and the reader's model was left alone."""
    assert "error" not in found, found["error"]
    assert found["untouched"]
    assert all(isinstance(apart, float) and apart < 1e-6 for apart in found["apart"].values()), found
    went = found["went"]
    assert went.pop("new_head") > 1e-3
    assert all(distance == 0 for name, distance in went.items() if name not in found["trained"])
    assert any(went[name] > 1e-3 for name in found["trained"]) or not found["trained"]


@pytest.fixture(scope="module")
def drawn(start):
    """What was found of the first networks, in a process of its own, since Keras fixes the precision early."""
    return dict(map(json.loads, start("-m", "tests.user_model.drawn_models", *SEEDS).splitlines()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_drawn_network_trains_as_fit_does(drawn, seed):
    check(drawn[seed])


@pytest.mark.slow
def test_all_kinds_are_among_them(drawn):
    """Dropout under frozen layers, say, isn't tried where none was drawn."""
    kinds = set().union(*(found["layers"] for found in drawn.values()))
    assert {"Dropout", "GaussianNoise", "RandomFlip", "BatchNormalization", "Masking", "GRU", "Bidirectional"} <= kinds
    assert {"Shrinking", "Shaken", "Doubled", "ActivityRegularization", "Sequential", "SeparableConv2D"} <= kinds


@pytest.mark.exhaustive
@pytest.mark.timeout(3600)
def test_further_drawn_networks_train_as_fit_does(start):
    lines = start("-m", "tests.user_model.drawn_models", *FURTHER).splitlines()
    assert len(lines) == len(FURTHER)
    for seed, found in map(json.loads, lines):
        print(f"seed {seed}")
        check(found)
