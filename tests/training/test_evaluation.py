"""What is measured: the same numbers as Keras gives, whether or not the backbone's outputs are known already."""

import keras
import numpy as np
import pytest

from tests.training.comparing import assert_same, engine_for, live, settings_for
from utils.models import checkpoint_weights
from utils.tasks import load_pair
from utils.training import evaluation
from utils.training.evaluation import Evaluation


@pytest.fixture
def measured():
    """An engine at the checkpoint, and what measures it."""
    settings = settings_for()
    pair = load_pair(settings.pair)
    weights = checkpoint_weights(pair.old, settings.backbone)
    with engine_for(settings) as engine:
        engine.reset(weights, settings.seed, 1)
        yield engine, Evaluation(engine, pair, weights)


def by_keras(engine, task, data, part):
    model = engine.model.keras_model(task)
    x, y = (getattr(data, f"{name}_{part}")[: 500 if part == "validation" else None] for name in "xy")
    logits = model.predict(x, batch_size=100, verbose=0)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)(y, logits)
    return (logits.argmax(axis=1) == y).mean(), float(loss)


@pytest.mark.slow
@pytest.mark.parametrize("moved", [None, "conv1", "old_head", "new_head"])
def test_accuracies_and_losses_are_those_of_keras(measured, moved):
    engine, evaluation = measured
    pair = load_pair("digits-drawings")
    evaluation.point(), evaluation.test_accuracy("old")  # what is known from the checkpoint must not be told again
    if moved:
        for weight in engine.model.trainable_weights(moved):
            weight.assign(weight * 1.3)  # a constant added to all would change no answer of a head
    values, drift = evaluation.point()
    for task in ("old", "new"):
        accuracy, loss = by_keras(engine, task, getattr(pair, task), "validation")
        assert values[f"{task}_accuracy"] == pytest.approx(accuracy)
        assert values[f"{task}_loss"] == pytest.approx(loss, rel=1e-5)
        assert evaluation.test_accuracy(task) == pytest.approx(by_keras(engine, task, getattr(pair, task), "test")[0])
    assert [name for name, far in zip(engine.model.layer_names, drift, strict=True) if far] == [moved] * bool(moved)


@pytest.mark.slow
def test_another_scale_of_the_features_is_another_point():
    settings = settings_for(standardize=True)
    pair = load_pair(settings.pair)
    weights = checkpoint_weights(pair.old, settings.backbone)
    with engine_for(settings) as engine:
        engine.reset(weights, settings.seed, 1)
        evaluation = Evaluation(engine, pair, weights)
        before = evaluation.point()[0]
        engine.model.standardization.deviation.assign(engine.model.standardization.deviation * 3)
        after = evaluation.point()[0]
    assert before["new_loss"] != after["new_loss"] == pytest.approx(by_keras(engine, "new", pair.new, "validation")[1])
    assert before["old_loss"] == after["old_loss"]


@pytest.mark.slow
def test_the_backbone_of_the_checkpoint_sees_each_image_once(measured, monkeypatch):
    engine, evaluation = measured
    evaluation.point(), evaluation.test_accuracy("new")
    monkeypatch.setattr(engine, "backbone_features", None)
    monkeypatch.setattr(engine, "outputs", None)
    engine.model.initialize_new_head(seed=5)  # another run's
    evaluation.point(), evaluation.test_accuracy("new")


@pytest.mark.slow
@pytest.mark.usefixtures("few_images")  # the other tests take what measures themselves, and all images
@pytest.mark.parametrize(
    "strategy",
    ["feature extraction", pytest.param("fine-tuning", marks=pytest.mark.exhaustive), "network expansion"],
)
def test_what_is_known_changes_no_number(strategy, monkeypatch):
    settings = settings_for(strategy=strategy)
    live(settings)
    after = live(settings)
    monkeypatch.setattr(evaluation, "_checkpoint_features", type(evaluation._checkpoint_features)())
    assert_same(after, live(settings))


@pytest.mark.slow
def test_batch_statistics_belong_to_the_backbone():
    """They move without a gradient."""
    settings = settings_for(backbone="small_resnet")
    pair = load_pair(settings.pair)
    weights = checkpoint_weights(pair.old, "small_resnet")
    with engine_for(settings) as engine:
        engine.reset(weights, 0, 1)
        evaluation = Evaluation(engine, pair, weights)
        before = evaluation.point()[0]["old_loss"]
        statistics = [w for w in engine.model.weights("stem") if w.name == "moving_mean"]
        statistics[0].assign(np.full(statistics[0].shape, 2.0))
        assert evaluation.point()[0]["old_loss"] != before
