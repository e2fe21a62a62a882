"""Pictures in uint8 give what the same pictures give as float32, to the last bit, and are never floats as a whole."""

import keras
import numpy as np
import pytest
from keras import layers

from tests.strategies.own_term import EWC
from tests.training.comparing import engine_for, live
from utils.models import pretrained
from utils.strategies import Change
from utils.tasks.folder import Pictures
from utils.training import engine, forward
from utils.training.held_images import HeldImages
from utils.training.live import prepare
from utils.user_model import own_model

pytestmark = pytest.mark.slow

RNG = np.random.default_rng(5)
PICTURES = RNG.integers(0, 256, (180, 8, 8, 3), np.uint8)
LABELS = PICTURES.mean(axis=(1, 2, 3)) > np.median(PICTURES.mean(axis=(1, 2, 3)))
COUNT = 60  # new images, of 64 in the training part


@pytest.fixture(scope="module")
def network():
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Rescaling(1 / 255), layers.RandomFlip(seed=2),
         layers.Conv2D(4, 3, activation="relu", name="edges"), layers.BatchNormalization(name="norm"),
         layers.Conv2D(4, 3, activation="relu", name="shapes"), layers.Flatten(), layers.Dense(2, name="head")],
        name="tiny",
    )  # fmt: skip


def own(network, old=np.uint8, new=np.uint8):
    """The network with its tasks, in these types."""
    first, second = PICTURES[:90].astype(old), PICTURES[90:].astype(new)
    return own_model(network, (first, LABELS[:90].astype(int)), (second, LABELS[90:].astype(int)))


def made(mine, **changes):
    """A short run's curves and accuracies, and all weights at its end."""
    usual = {"updates": 6, "evaluate_every": 3, "batch_size": 16, "new_images": COUNT}
    settings = mine.settings(**usual | changes)
    run = live(settings, chunk=4)
    with engine_for(settings) as engine:
        return run, engine.model.snapshot()


CASES = {
    "fine-tuning": {"strategy": "fine-tuning"},
    "feature extraction": {"strategy": "feature extraction", "standardize": True},
    "the top alone": {"trained_layers": ("shapes", "new_head"), "patience": 1},
    "joint training": {"strategy": "joint training"},
    "learning without forgetting": {"strategy": "learning without forgetting"},
    "a copy that answers": {"strategy": "duplicate and fine-tune"},
    "a term of a reader": {"strategy": EWC},
}
DIFFERENT = ("feature extraction", "joint training", "a term of a reader")


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(name, marks=pytest.mark.slow if name in DIFFERENT else pytest.mark.exhaustive, id=name)
        for name in CASES
    ],
)
def test_the_same_as_with_floats_to_the_last_bit(network, case):
    (run, weights), (with_floats, expected) = (
        made(own(network, kind, kind), **CASES[case]) for kind in (np.uint8, np.float32)
    )
    assert run.status == with_floats.status == "finished"
    for name, values in with_floats.history.items():
        np.testing.assert_array_equal(run.history[name], values, name)
    assert (run.old_accuracy_before, run.old_accuracy) == (with_floats.old_accuracy_before, with_floats.old_accuracy)
    assert run.new_accuracy == with_floats.new_accuracy
    for name, arrays in expected.items():
        assert [array.tobytes() for array in weights[name]] == [array.tobytes() for array in arrays], name


@pytest.mark.parametrize(
    "kinds",
    [
        pytest.param((np.uint8, np.float32), marks=pytest.mark.exhaustive, id="old"),
        pytest.param((np.float32, np.uint8), id="new"),
    ],
)
def test_one_task_alone_may_be_in_uint8(network, kinds):
    run, weights = made(own(network, *kinds), strategy="joint training")
    with_floats, expected = made(own(network, np.float32, np.float32), strategy="joint training")
    np.testing.assert_array_equal(run.history["training_loss"], with_floats.history["training_loss"])
    assert all(map(np.array_equal, weights["edges"], expected["edges"]))


def test_nothing_is_copied_as_a_whole(network, monkeypatch):
    """The engine has the task's own array; a forward pass makes floats of a portion, an update of its batch."""
    materials, portions, material, in_precision = [], [], engine.Engine.material, forward.in_precision

    def watched(images):
        portions.append(len(images))
        return in_precision(images)

    monkeypatch.setattr(engine.Engine, "material", lambda *given: materials.append(material(*given)) or materials[-1])
    monkeypatch.setattr(forward, "in_precision", watched)
    monkeypatch.setattr(forward, "_NUMBERS_AT_ONCE", 10 * 8 * 8 * 3)
    mine = own(network)
    for strategy in ("feature extraction", "joint training"):
        made(mine, strategy=strategy)
    assert {task.x_train.dtype for task in (mine.pair.old, mine.pair.new)} == {np.dtype(np.uint8)}
    (first, second), (old, new) = materials, (mine.pair.old, mine.pair.new)
    for images, task in ((first.images, new), (second.images, new), (second.old_images, old)):
        assert isinstance(images, HeldImages) and np.shares_memory(images.images, task.x_train)
    assert first.images.shape == (COUNT, 8, 8, 3)
    assert 1 < max(portions) <= 10


def test_large_pictures_go_in_smaller_portions():
    sizes = [
        [len(part) for part in forward.portions(np.zeros((150, side, side, 3), np.uint8))] for side in (8, 96, 160)
    ]
    assert sizes[0] == [100, 50] and max(sizes[1]) == 45 and max(sizes[2]) == 16
    assert all(sum(parts) == 150 for parts in sizes)


def test_features_and_predictions_take_them_too(network):
    mine = own(network)
    model, x = pretrained(mine.pair, mine.name), mine.pair.new.x_test
    for name, values in model.features(x).items():
        np.testing.assert_array_equal(values, model.features(x.astype(np.float32))[name])
    old = model.keras_model("old")
    np.testing.assert_array_equal(old.predict(x, verbose=0), old.predict(x.astype(np.float32), verbose=0))


def test_what_the_readers_of_files_return_is_taken_as_it_is(network):
    def read(part):
        return Pictures(PICTURES[part], LABELS[part].astype(np.int32), ("0", "1"))

    mine = own(network)
    assert own_model(network, read(slice(90)), read(slice(90, None))) is mine


def test_the_board_is_ready_for_them_before_its_run(network):
    settings = own(network).settings(updates=4, evaluate_every=4, batch_size=16, new_images=COUNT)
    prepare(settings)
    with engine_for(settings) as prepared:
        traces = len(prepared._updates)
    live(settings, [(2, Change(trained_layers=("shapes", "new_head")))])
    with engine_for(settings) as engine:
        assert engine is prepared and len(engine._updates) == traces
