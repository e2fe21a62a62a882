"""What is frozen doesn't move by a bit: not its weights, its batch statistics, its optimizer's memory."""

import numpy as np
import pytest
import tensorflow as tf

from tests.training.comparing import assert_same, engine_for, live, settings_for, state
from utils.models import pretrained
from utils.strategies import Change, Controls
from utils.tasks import load_pair
from utils.training import engine, pool, train
from utils.training.step import FrozenPrefix

pytestmark = pytest.mark.usefixtures("few_images")

# From which update on what trains. Frozen layers lie below, between and above trained ones.
SWITCHES = {
    "small_cnn": [
        (4, ("conv3", "new_head")),
        (8, ("conv1", "dense")),
        (12, ("conv1", "conv2", "conv3", "dense", "old_head", "new_head")),
        (16, ("new_head",)),
        (20, ("conv2", "old_head")),
    ],
    "small_resnet": [
        (4, ("stem", "new_head")),
        (8, ("stage2", "stage3")),
        (12, ("stem", "stage1", "stage2", "stage3", "old_head", "new_head")),
        (16, ("stage2", "new_head")),
        (20, ("stem", "stage2")),
    ],
}


def states(engine):
    return {name: state(engine, name) for name in engine.model.layer_names}


def followed(settings, schedule, lent, chunk=2):
    """A training step by step: (what trained in it, the states before, the states after)."""
    controls = Controls(schedule)
    controls.limit_chunk(chunk)
    before = None
    for progress in train(settings, controls):
        now = states(lent[-1])
        if progress.status == "training" and progress.evaluated:
            assert before in (None, now)  # looking changes nothing
        elif before is not None and progress.status == "training":
            yield progress, before, now
        before = now


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "optimizer"),
    [
        ("small_cnn", "adam"),
        ("small_cnn", "sgd"),
        ("small_resnet", "adam"),
        pytest.param("small_resnet", "sgd", marks=pytest.mark.exhaustive),
    ],
)
def test_a_frozen_layer_stays_and_a_trained_one_moves(backbone, optimizer, lent):
    settings = settings_for(optimizer, backbone=backbone)
    switches = SWITCHES[backbone]
    schedule = [(update, Change(layers)) for update, layers in switches]
    wanted = {0: settings.layers} | dict(switches)
    seen = set()
    for progress, before, now in followed(settings, schedule, lent):
        layers = wanted[max(start for start in wanted if start < progress.update)]
        assert progress.trained_layers == tuple(name for name in layers if name != "old_head")
        seen.add(layers)
        for name in lent[0].model.layer_names:
            if name in layers and name != "old_head":  # no loss reaches that one
                weights = len(lent[0].model.weights(name))
                assert now[name][:weights] != before[name][:weights], (progress.update, name)
                assert now[name][weights:] != before[name][weights:], (progress.update, name)
            else:
                assert now[name] == before[name], (progress.update, name)
    assert seen == set(wanted.values())
    assert len(lent) == 1


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", pytest.param("sgd", marks=pytest.mark.exhaustive)])
def test_every_weight_and_statistic_of_a_trained_layer_moves(optimizer, lent):
    """Also the moving statistics, the last bias, each slot of the optimizer."""
    settings = settings_for(optimizer, backbone="small_resnet", updates=8)
    start, *_, end = ({name: state(lent[-1], name) for name in settings.layers} for _ in train(settings))
    for name in settings.layers:
        assert all(a != b for a, b in zip(start[name], end[name], strict=True)), name


@pytest.mark.slow
def test_the_optimizer_of_a_frozen_layer_goes_on_where_it_was(lent):
    """Frozen for a while and trained again: momentum and step count are those from before."""
    settings = settings_for("adam")
    schedule = [(8, Change(("new_head",))), (16, Change(settings.layers))]
    steps = {}
    for progress, _, _ in followed(settings, schedule, lent, chunk=8):
        # The first number that Adam keeps is its step count.
        steps[progress.update] = {n: int(lent[0].optimizers.state(n)[0]) for n in lent[0].model.layer_names}
    assert [steps[update]["conv1"] for update in (8, 16, 24)] == [8, 8, 16]
    assert [steps[update]["new_head"] for update in (8, 16, 24)] == [8, 16, 24]
    assert [steps[update]["old_head"] for update in (8, 16, 24)] == [0, 0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("backbone", SWITCHES)
def test_feature_extraction_forgets_exactly_nothing(backbone):
    settings = settings_for("sgd", backbone=backbone, strategy="feature extraction", learning_rate=1e-3)
    pair = load_pair(settings.pair)
    fresh = pretrained(pair, backbone, settings.seed).keras_model("old")
    run = live(settings)
    with engine_for(settings) as used:
        now, images = used.model.keras_model("old"), pair.old.x_test[:300]
        assert np.array_equal(now(images), fresh(images))
    assert run.forgetting == 0 and run.old_accuracy == run.old_accuracy_before
    assert len(set(run.history["old_accuracy"])) == len(set(run.history["old_loss"])) == 1
    head = run.layer_names.index("new_head")
    assert not np.delete(run.history["drift"], head, axis=1).any()
    assert (run.history["drift"][1:, head] > 0).all()
    assert run.trained_parameters == (64 + 1) * 10
    assert run.history["new_loss"][-1] < run.history["new_loss"][0]


@pytest.mark.slow
def test_fine_tuning_forgets_something():
    """So that the test above says something."""
    run = live(settings_for("sgd"))
    assert run.forgetting > 1
    assert (run.history["drift"][-1] > 0).tolist() == [True, True, True, True, False, True]


# The frozen first blocks, computed once

FLIPS = [
    (8, Change(("conv1", "conv2", "dense", "new_head"))),
    (12, Change(("new_head",))),
    (18, Change(("dense",))),
]


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", pytest.param("sgd", marks=pytest.mark.exhaustive)])
def test_computing_the_frozen_blocks_once_changes_nothing(optimizer, lent, monkeypatch):
    """Against an engine that never keeps an output; trained and frozen again in between."""
    settings = settings_for(optimizer, strategy="feature extraction")
    outcomes = []
    for most in (64e6, 0):
        monkeypatch.setattr(engine, "_MOST_FEATURE_BYTES", most)
        run = live(settings, FLIPS[:2])
        assert lent[-1]._prefix == FrozenPrefix(computed=4 if most else 0, frozen=4)
        with engine_for(settings) as used:
            outcomes.append((run, used.model.snapshot()))
    (once, weights), (whole, other) = outcomes
    for name in weights:
        for a, b in zip(weights[name], other[name], strict=True):
            np.testing.assert_allclose(a, b, rtol=0, atol=1e-5)
    for name in ("training_loss", "old_loss", "new_loss", "drift"):
        np.testing.assert_allclose(once.history[name], whole.history[name], rtol=1e-4, atol=1e-5)
    assert once.history["drift"][-1, 0] > 1e-3  # conv1 has moved meanwhile


@pytest.mark.slow
def test_what_would_fill_the_memory_isn_t_kept():
    """small_resnet's stem gives 50 kB an image: 2,000 images are too many of it, not of what comes later."""
    pair = load_pair("digits-drawings")
    found = {}
    with pool.borrow_engine(pair, "small_resnet", "adam") as (used, weights):
        for images in (1000, 2000):
            used.reset(weights, 0, images)
            for layer in ("stem", "stage1", "stage2", "new_head"):
                used.set_trained((layer, "new_head"))
                found[images, layer] = used._prefix.computed
    assert [found[1000, layer] for layer in ("stem", "stage1", "stage2", "new_head")] == [0, 1, 2, 4]
    assert [found[2000, layer] for layer in ("stem", "stage1", "stage2", "new_head")] == [0, 0, 2, 4]


@pytest.mark.slow
def test_kept_outputs_are_those_of_the_network_as_it_is_now(lent):
    settings = settings_for("sgd", strategy="feature extraction")
    images = tf.constant(load_pair(settings.pair).new.x_validation[:20])
    controls = Controls(FLIPS)
    controls.limit_chunk(2)
    depths, outputs = set(), []
    for progress in train(settings, controls):
        used = lent[-1]
        x = images
        for block in used.model.blocks[: used._prefix.computed]:
            x = block(x)
        kept = used._outputs_of(used._prefix.computed, "probe", images)
        np.testing.assert_allclose(kept, x, rtol=1e-5, atol=1e-6)
        assert (used._outputs_of(used._prefix.computed, "probe", images) is kept) or not used._prefix.computed
        depths.add((progress.trained_layers, used._prefix.computed))
        if used._prefix.computed == 4:
            outputs.append(np.array(kept))
    assert depths == {
        (("new_head",), 4),
        (("conv1", "conv2", "dense", "new_head"), 0),
        (("dense",), 3),
    }
    assert np.array_equal(outputs[0], outputs[1])
    assert np.abs(outputs[0] - outputs[-1]).max() > 0.01


@pytest.mark.slow
def test_a_new_run_keeps_nothing_of_the_images_of_the_run_before(monkeypatch):
    settings = settings_for("sgd", strategy="feature extraction", updates=8)
    other = settings.replace(pair_options={"dissimilarity": 0.2}, seed=2)
    live(settings)
    after = live(other)
    monkeypatch.setattr(pool, "_idle", [])
    assert_same(after, live(other))


# No switch costs a trace


def traces(engine):
    made = [*engine._updates.values(), *engine._passes.forwards.values(), *engine._passes.prefixes.values()]
    return len(made), sum(function.experimental_get_tracing_count() for function in made)


@pytest.mark.slow
def test_switching_back_and_forth_traces_nothing_anew(lent):
    settings = settings_for("sgd")
    live(settings.replace(updates=1))
    with engine_for(settings) as prepared:
        prepared.prepare(settings.batch_size)
        before = traces(prepared)
        none_to_four_frozen = {(FrozenPrefix(n, n), settings.batch_size, None) for n in range(5)}
        assert none_to_four_frozen <= set(prepared._updates)
        assert set(range(5)) == set(prepared._passes.forwards)
        assert before[0] == before[1]  # each was traced once
    plans = [
        ("new_head",),
        ("conv1",),
        ("conv2", "new_head"),
        ("conv3",),
        ("dense", "old_head"),
        ("conv1", "dense"),
        settings.layers,
    ]
    schedule = [(i, Change(plans[i % len(plans)], learning_rate=10 ** -(2 + i % 3))) for i in range(21)]
    for changes in ({}, {"new_images": 33, "seed": 5}, {"warm_up": 3}):
        run = live(settings.replace(updates=23, **changes), schedule, chunk=1)
        assert len(run.events) >= 20
    assert {id(used) for used in lent} == {id(prepared)}
    assert traces(prepared) == before


@pytest.mark.slow
def test_preparing_changes_no_number():
    settings = settings_for("adam", updates=4)
    live(settings)
    with engine_for(settings) as used:
        before = states(used)
        used.prepare(settings.batch_size)
        assert states(used) == before
