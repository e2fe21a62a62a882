"""The backbones and the two-headed model: names, counts, and whose weights are whose."""

import re

import keras
import numpy as np
import pytest

from utils.models import BACKBONES, NEW_HEAD, OLD_HEAD, TransferModel, check_backbone, fitting, layer_names

IMAGE, POINT = (28, 28, 1), (2,)


def shape_of(backbone):
    return IMAGE if backbone in fitting(IMAGE) else POINT


@pytest.fixture(scope="module", params=list(BACKBONES))
def model(request):
    """A fresh model, the same for all tests of this file: each puts back what it changes."""
    return TransferModel(BACKBONES[request.param], shape_of(request.param), 10, 7)


def bits(snapshot):
    return {name: [value.tobytes() for value in values] for name, values in snapshot.items()}


def stated_weights(backbone):
    """The count that the description tells the reader."""
    return int(re.search(r"([\d,]+) weights", backbone.description)[1].replace(",", ""))


def test_the_stated_counts_are_those_of_the_paper_work():
    # Worked out by hand: kernels 3x3, then one dense layer; and the sum over the residual stages.
    cnn = (9 * 1 + 1) * 16 + (9 * 16 + 1) * 32 + (9 * 32 + 1) * 64 + (3 * 3 * 64 + 1) * 64
    stages = sum(9 * a * b + 9 * b * b + a * b + 3 * 2 * b for a, b in ((16, 16), (16, 32), (32, 64)))
    assert stated_weights(BACKBONES["small_cnn"]) == cnn == 60_224
    assert stated_weights(BACKBONES["small_mlp"]) == (2 + 1) * 8 + 2 * (8 + 1) * 8 == 168
    assert stated_weights(BACKBONES["small_resnet"]) == 9 * 16 + 2 * 16 + stages == 77_392


def test_the_description_states_the_weights_there_are(model):
    backbone = BACKBONES[model.backbone_name]
    counted = sum(model.parameters(name) for name in backbone.layer_names)
    assert counted == stated_weights(backbone)
    assert counted == sum(int(np.prod(w.shape)) for w in model.backbone.trainable_weights)  # as Keras counts


def test_layers_have_the_names_that_the_recipe_promises(model):
    backbone = BACKBONES[model.backbone_name]
    assert tuple(block.name for block in model.blocks) == backbone.layer_names
    assert model.layer_names == (*backbone.layer_names, OLD_HEAD, NEW_HEAD) == layer_names(backbone)
    expected = {
        "small_cnn": ("conv1", "conv2", "conv3", "dense"),
        "small_resnet": ("stem", "stage1", "stage2", "stage3"),
        "small_mlp": ("layer1", "layer2", "layer3"),
    }
    assert backbone.layer_names == expected[backbone.name]


def test_every_weight_belongs_to_exactly_one_layer(model):
    listed = [id(weight) for name in model.layer_names for weight in model.weights(name)]
    heads = [*model.old_head.weights, *model.new_head.weights]
    assert sorted(listed) == sorted(map(id, [*model.backbone.weights, *heads]))
    assert len(set(listed)) == len(listed)


def test_trainable_weights_are_all_but_the_batch_statistics(model):
    for name in model.layer_names:
        gradients_change = [w for layer in model.layers(name) for w in layer.trainable_weights]
        assert [id(w) for w in model.trainable_weights(name)] == [id(w) for w in gradients_change]
        for layer in model.layers(name):
            layer.trainable = False
        assert [id(w) for w in model.trainable_weights(name)] == [
            id(w) for w in gradients_change
        ]  # frozen, too
        for layer in model.layers(name):
            layer.trainable = True
    statistics = sum(len(model.weights(n)) - len(model.trainable_weights(n)) for n in model.layer_names)
    assert statistics == {"small_resnet": 2 * (1 + 3 * 3)}.get(model.backbone_name, 0)


def test_heads_have_as_many_outputs_as_their_task_has_classes(model):
    x = np.zeros((3, *model.input_shape), "float32")
    assert model.keras_model("old")(x).shape == (3, 10)
    assert model.keras_model("new")(x).shape == (3, 7)
    wide = model.feature_size(len(model.blocks))
    assert (model.parameters(OLD_HEAD), model.parameters(NEW_HEAD)) == ((wide + 1) * 10, (wide + 1) * 7)


def test_feature_shapes_are_what_the_blocks_give(model):
    x = np.zeros((2, *model.input_shape), "float32")
    assert model.feature_size(0) == np.prod(model.input_shape)
    for depth, block in enumerate(model.blocks, start=1):
        x = block(x)
        assert tuple(x.shape[1:]) == model.feature_shapes[depth]
        assert model.feature_size(depth) == np.prod(x.shape[1:])


def test_only_blocks_with_batch_normalization_act_differently_in_training(model):
    x = np.random.default_rng(0).random((4, *model.input_shape), "float32")
    before = model.snapshot()
    for block in model.blocks:
        same = np.array_equal(block(x), block(x, training=True))
        assert block.acts_differently_in_training == (not same), block.name
        x = block(x)
    assert all(b.acts_differently_in_training for b in model.blocks) == (
        model.backbone_name == "small_resnet"
    )
    model.restore(before)  # its moving statistics moved


def test_both_tasks_share_the_backbone_and_not_the_heads(model):
    old, new = model.keras_model("old"), model.keras_model("new")
    shared = {id(w) for w in old.weights} & {id(w) for w in new.weights}
    assert shared == {id(w) for w in model.backbone.weights}
    x = np.random.default_rng(1).random((2, *model.input_shape), "float32")
    before, logits = model.snapshot(), np.array(old(x))
    weight = model.weights(model.blocks[0].name)[0]
    weight.assign(weight + 0.1)  # what training the new task would do
    assert not np.array_equal(old(x), logits)
    model.restore(before)
    kernel = model.weights(NEW_HEAD)[0]
    kernel.assign(kernel + 1)
    assert np.array_equal(old(x), logits)
    model.restore(before)


def test_plain_keras_models_come_out(model):
    assert isinstance(model.keras_model("old"), keras.Model)
    assert model.keras_model("new") is model.keras_model("new")
    with pytest.raises(ValueError, match="^task='both' .*'old'.*'new'"):
        model.keras_model("both")


@pytest.mark.parametrize("ask", ["layers", "weights", "trainable_weights", "parameters"])
def test_an_unknown_layer_is_named_with_those_there_are(model, ask):
    with pytest.raises(ValueError, match=f"'conv9' .*{', '.join(map(repr, model.layer_names))}"):
        getattr(model, ask)("conv9")


def test_a_snapshot_is_a_copy_and_restoring_it_is_exact(model):
    taken = model.snapshot()
    kept = bits(taken)
    assert list(taken) == list(model.layer_names)
    for name in model.layer_names:
        for weight in model.weights(name):
            weight.assign(weight * 3 + 1)
    assert bits(taken) == kept
    changed = bits(model.snapshot())
    assert all(changed[name][0] != kept[name][0] for name in kept)
    model.restore(taken)
    assert bits(model.snapshot()) == kept
    for values in taken.values():
        for value in values:
            value += 1
    assert bits(model.snapshot()) == kept


def test_restoring_some_layers_leaves_the_others(model):
    first, *others = model.layer_names
    before = model.snapshot()
    for name in (first, NEW_HEAD):
        model.weights(name)[0].assign(model.weights(name)[0] + 1)
    moved = bits(model.snapshot())
    model.restore({first: before[first]})
    now = bits(model.snapshot())
    assert now[first] == bits(before)[first]
    assert all(now[name] == moved[name] for name in others)
    assert now[NEW_HEAD] != bits(before)[NEW_HEAD]
    model.restore(before)


def test_a_snapshot_of_another_network_is_refused(model):
    before = model.snapshot()
    with pytest.raises(ValueError, match="another shape"):
        model.restore({OLD_HEAD: before[OLD_HEAD][:1]})
    with pytest.raises(ValueError, match="shape"):
        model.restore({OLD_HEAD: before[NEW_HEAD]})
    with pytest.raises(ValueError, match="'conv9'"):
        model.restore({"conv9": before[OLD_HEAD]})
    model.restore(before)


def test_the_new_head_is_drawn_from_the_seed_alone(model):
    others = {name: value for name, value in bits(model.snapshot()).items() if name != NEW_HEAD}
    drawn = []
    for seed in (5, 6, 5):
        model.weights(NEW_HEAD)[1].assign(np.ones(7, "float32"))
        model.initialize_new_head(seed)
        drawn.append(model.weights(NEW_HEAD)[0].numpy().copy())
        assert not model.weights(NEW_HEAD)[1].numpy().any()
    assert np.array_equal(drawn[0], drawn[2])
    assert not np.isclose(drawn[0], drawn[1]).any(axis=None) or np.mean(drawn[0] == drawn[1]) < 0.01
    limit = np.sqrt(6 / (drawn[0].shape[0] + 7))  # Glorot & Bengio 2010, uniform
    assert 0.9 * limit < np.abs(drawn[0]).max() <= limit
    after = {name: value for name, value in bits(model.snapshot()).items() if name != NEW_HEAD}
    assert after == others


def test_another_model_with_the_same_seed_has_the_same_new_head(model):
    twin = TransferModel(BACKBONES[model.backbone_name], model.input_shape, 10, 7)
    model.initialize_new_head(11)
    twin.initialize_new_head(11)
    assert bits(twin.snapshot())[NEW_HEAD] == bits(model.snapshot())[NEW_HEAD]


def test_which_backbone_takes_what_is_said_in_one_place():
    assert fitting(IMAGE) == ("small_cnn", "small_resnet") and fitting(POINT) == ("small_mlp",)
    assert check_backbone(None, POINT, "plane").name == "small_mlp"
    assert check_backbone(None, IMAGE, "digits") is check_backbone("small_cnn", IMAGE, "digits")
    with pytest.raises(ValueError, match=r"'small_cnn' .*'plane'.*\(2,\).*'small_mlp'"):
        check_backbone("small_cnn", POINT, "plane")
