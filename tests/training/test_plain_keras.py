"""The engine trains what plain Keras trains: `fit` on the same batches, compiled anew at each switch."""

import json
import subprocess
import sys

import pytest

from tests.training.comparing import fit, furthest, moved, plain_optimizer, settings_for, weights_after
from utils.models import NEW_HEAD, pretrained
from utils.tasks import load_pair
from utils.training.batches import Batches, choose_images
from utils.training.engine import make_optimizer

STRATEGY_NAMES = ["feature extraction", "fine-tuning"]
WITHIN = {"sgd": 1e-5, "adam": 1e-3}  # after 100 updates, as the design asks


def fit_plainly(settings):
    """The weights after `fit` with these settings, and those before."""
    pair = load_pair(settings.pair)
    model = pretrained(pair, settings.backbone, settings.seed)
    before = model.snapshot()
    chosen = choose_images(pair.new.y_train, settings.new_images, settings.seed)
    spans = [(0, settings.warm_up, (NEW_HEAD,)), (settings.warm_up, settings.updates, settings.layers)]
    after = fit(
        model,
        pair.new.x_train[chosen],
        pair.new.y_train[chosen],
        [span for span in spans if span[1] > span[0]],
        Batches(settings.new_images, settings.batch_size, settings.seed),
        settings.optimizer,
        settings.learning_rate,
    )
    return before, after


def long(optimizer, **changes):
    return settings_for(optimizer, **{"updates": 100, "evaluate_every": 100, "batch_size": 32} | changes)


@pytest.mark.parametrize("warm_up", [0, 30])
@pytest.mark.parametrize("strategy", STRATEGY_NAMES)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_small_cnn_trains_as_with_fit(optimizer, strategy, warm_up):
    settings = long(optimizer, strategy=strategy, warm_up=warm_up, seed=1)
    before, plain = fit_plainly(settings)
    ours = weights_after(settings)
    assert furthest(ours, plain) < WITHIN[optimizer]
    assert moved(before, ours) == moved(before, plain) == set(settings.layers)
    assert furthest(before, ours) > 100 * WITHIN["sgd"]  # there was something to agree about


def test_layers_picked_by_hand_train_as_with_fit():
    settings = long("sgd", trained_layers=["conv2", "dense"], warm_up=20)
    before, plain = fit_plainly(settings)
    ours = weights_after(settings)
    assert furthest(ours, plain) < WITHIN["sgd"]
    assert moved(before, ours) == moved(before, plain) == {"conv2", "dense", "new_head"}


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_frozen_batch_normalisation_is_at_inference_as_with_fit(optimizer):
    settings = long(optimizer, backbone="small_resnet", strategy="feature extraction", warm_up=30)
    before, plain = fit_plainly(settings)
    ours = weights_after(settings)
    assert furthest(ours, plain) < WITHIN[optimizer]
    assert moved(before, ours) == moved(before, plain) == {"new_head"}


def test_small_resnet_trains_as_with_fit(project):
    """In double precision: in single precision, batch normalisation blows rounding up.

    After 100 updates of plain `fit` with SGD, weights differ by 0.01 between a learning rate of 0.003
    and one of 0.003 * (1 + 2e-7). In a process of its own, since Keras fixes the precision early.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.training.double_precision"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert set(found) == {"sgd", "adam"}
    for result in found.values():
        assert result["precision"] == "float64"
        assert result["apart"] < 1e-9  # of the weights and the batch statistics, whichever is furthest
        assert result["learnt"] > 1e-2
        assert result["moved"] == result["moved by fit"] == ["new_head", "stage1", "stage2", "stage3", "stem"]


@pytest.mark.parametrize("name", ["sgd", "adam"])
def test_optimizers_are_as_documented(name):
    made, wanted = make_optimizer(name), plain_optimizer(name, 1e-3)
    assert type(made) is type(wanted)
    leave = ("learning_rate", "name")
    assert {k: v for k, v in made.get_config().items() if k not in leave} == {
        k: v for k, v in wanted.get_config().items() if k not in leave
    }
