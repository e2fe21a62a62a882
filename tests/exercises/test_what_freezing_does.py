"""The checks of notebook 02: what they accept, and what they say of what they don't."""

import keras
import pytest

from utils import set_trainable
from utils.exercises import what_freezing_does as module
from utils.exercises.what_freezing_does import (
    check_layers,
    check_puzzle,
    check_stage,
    compile_photos,
    puzzle,
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (["block_2_conv", "head"], True, "not a bit of anything else"),
        (["base/block_2_c*", "h*"], True, "not a bit of anything else"),
        pytest.param(("head", "block_2_conv"), True, "not a bit of anything else", marks=pytest.mark.exhaustive),
        pytest.param(["*2_conv", "head"], True, "not a bit of anything else", marks=pytest.mark.exhaustive),
        (["block_2*", "head"], False, "changes, too: block_2_norm. A pattern"),
        (2, False, "changes, too: block_2_norm"),
        (["head"], False, "doesn't change: block_2_conv"),
        (["block2_conv", "head"], False, "near: block_2_conv"),
        (["base", "head"], False, "changes, too: block_1_conv"),
        (["block_2_conv"], False, "doesn't change: head"),
        pytest.param(["*conv", "head"], False, "changes, too: block_1_conv", marks=pytest.mark.exhaustive),
        ("head", False, "give a list of names"),
        (None, False, "is no list of names"),
    ],
)
def test_layers(answer, right, says):
    verdict = check_layers(answer)
    assert verdict.right is right
    assert says in verdict.why


def nothing(model):
    pass


def flag_alone(model):
    model.get_layer("base").trainable = True


def same_optimizer(model):
    model.get_layer("base").trainable = True
    model.compile(model.optimizer, model.loss)


def whole_base(model):
    model.get_layer("base").trainable = True
    compile_photos(model)


def by_hand(model):
    model.get_layer("base").trainable = True
    for layer in model.get_layer("base").layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)
    compile_photos(model)


def by_helper(model):
    set_trainable(model, ["*conv", "head"])


def by_paths(model):
    set_trainable(model, ["base/block_1_conv", "base/block_2_conv", "head"])


def normalizations_by_name(model):
    """Compiled twice, the second time with all flags set."""
    whole_base(model)
    for name in ("block_1_norm", "block_2_norm"):
        model.get_layer("base").get_layer(name).trainable = False
    compile_photos(model)


def all_frozen(model):
    set_trainable(model, [])


def compiled_before(model):
    """The flags that are set last take effect only because nothing was fitted since."""
    whole_base(model)
    for name in ("block_1_norm", "block_2_norm"):
        model.get_layer("base").get_layer(name).trainable = False


def compiled_first(model):
    compile_photos(model)
    model.get_layer("base").trainable = True
    for layer in model.get_layer("base").layers:
        layer.trainable = not isinstance(layer, keras.layers.BatchNormalization)


def gamma_and_beta_alone(model):
    model.get_layer("base").trainable = True
    for name in ("block_1_norm", "block_2_norm"):
        norm = model.get_layer("base").get_layer(name)
        norm.gamma.trainable = norm.beta.trainable = False
    compile_photos(model)


def second_block_alone(model):
    set_trainable(model, ["block_2_conv", "head"])


def layers_inside(model):
    """The base's own flag stays off; the model asks each layer."""
    for layer in model.get_layer("base").layers:
        layer.trainable = "conv" in layer.name
    compile_photos(model)


def head_frozen(model):
    set_trainable(model, ["*conv"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("answer", "right", "says"),
    [
        (by_hand, True, "not"),
        pytest.param(by_helper, True, "no batch normalization has changed", marks=pytest.mark.exhaustive),
        (layers_inside, True, "no batch normalization has changed"),
        pytest.param(by_paths, True, "no batch normalization has changed", marks=pytest.mark.exhaustive),
        pytest.param(normalizations_by_name, True, "no batch normalization has changed", marks=pytest.mark.exhaustive),
        pytest.param(nothing, False, "Was the model compiled", marks=pytest.mark.exhaustive),
        (flag_alone, False, "Was the model compiled"),
        (same_optimizer, False, "a new optimizer"),
        (whole_base, False, "block_1_norm has changed, too: gamma, beta, moving_mean"),
        (all_frozen, False, "Nothing trains at all"),
        (compiled_before, False, "after the last compile"),
        pytest.param(compiled_first, False, "after the last compile", marks=pytest.mark.exhaustive),
        (gamma_and_beta_alone, False, "block_1_norm has changed, too: moving_mean"),
        (second_block_alone, False, "doesn't change: block_1_conv"),
        pytest.param(head_frozen, False, "doesn't change: head", marks=pytest.mark.exhaustive),
        ("base", False, "not str"),
    ],
)
def test_stage(answer, right, says):
    verdict = check_stage(answer)
    assert verdict.right is right
    assert right or says in verdict.why


@pytest.mark.slow
def test_puzzle(monkeypatch):
    moved = {layer: weights for layer, weights in puzzle().items() if weights}
    assert moved.keys() == {"block_2_norm", "head"}
    assert check_puzzle(moved).right
    found = puzzle()  # made once for all that follow
    monkeypatch.setattr(module, "puzzle", lambda: found)
    for right in ({"block_2_norm", "head"}, ["head", "block_2_norm"], ("block_2_norm", "head"), iter(moved)):
        assert check_puzzle(right).right
    assert check_puzzle({"base/block_2_norm", "head"}).right
    assert "without a compile" in check_puzzle({"block_2_norm"}).why
    assert "flag of its own" in check_puzzle({"head"}).why
    assert "not a bit" in check_puzzle({*moved, "block_1_conv"}).why
    assert "not a bit" in check_puzzle(found.keys()).why
    assert "flag of its own" in check_puzzle(set()).why
    assert "There is no base" in check_puzzle({"base", "head"}).why
    assert "There is no foot" in check_puzzle({"foot"}).why
    assert "Expected a set of names" in check_puzzle("head").why
    assert "Expected a set of names" in check_puzzle(2).why
