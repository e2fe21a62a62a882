"""What trained when: one timeline, and everybody who tells of it tells the same."""

import ast
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as draw

from tests.plots.test_run_figure import boxes
from utils.plots import RunFigure
from utils.strategies import STRATEGIES, Change, Settings
from utils.strategies.timeline import timeline
from utils.training import run
from utils.training.engine import Engine

pytestmark = pytest.mark.slow  # what its tests share takes seconds
UPDATES = 20
NAMES = ("layer1", "layer2", "layer3", "old_head", "new_head")
LAYERS = draw.none() | draw.sets(draw.sampled_from(NAMES[:3])).map(
    lambda chosen: (*(name for name in NAMES if name in chosen), "new_head")
)
CHANGES = draw.builds(
    Change,
    trained_layers=LAYERS | draw.just(("layer2", "old_head", "new_head")),
    learning_rate=draw.sampled_from([None, 1e-3, 0.005]),
    old_loss_weight=draw.sampled_from([None, 0.5, 2.0]),
    temperature=draw.sampled_from([None, 1.5]),
    stop=draw.sampled_from([False] * 9 + [True]),
)
SCHEDULES = draw.lists(draw.tuples(draw.integers(0, UPDATES), CHANGES), max_size=4)
SETTINGS = draw.builds(
    lambda **given: Settings("plane", learning_rate=1e-3, updates=UPDATES, evaluate_every=UPDATES, **given),
    strategy=draw.sampled_from(["fine-tuning", "feature extraction", "joint training", "learning without forgetting"]),
    trained_layers=LAYERS,
    warm_up=draw.sampled_from([0, 0, 3, 7, UPDATES]),
    warm_up_rate=draw.sampled_from([None, 2e-3]),
    unfreeze_every=draw.sampled_from([0, 0, 2, 5]),
    rate_decay=draw.sampled_from([1.0, 2.0]),
)


@pytest.fixture(scope="module")
def trained_by_engine():
    """For each update of the last run: the layers, the head's rate, λ and T with which the engine made it."""
    made, update, reset = [], Engine.update, Engine.reset

    def watched(self, material, batches, weight, options, *others):
        (head,) = (optimizer for name, optimizer in self.optimizers.items() if name == "new_head")
        state = self.trained, float(head.learning_rate.numpy()), weight, options["temperature"]
        made.extend([state] * len(batches["new"]))
        return update(self, material, batches, weight, options, *others)

    def begins(self, *arguments):
        made.clear()
        reset(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "update", watched)
        patch.setattr(Engine, "reset", begins)
        yield made


def state_at(settings, events, update):
    """Read off settings and events as somebody would who follows them with a finger."""
    by_hand = [change.trained_layers for at, change in events if at <= update and change.trained_layers]
    planned = [layers for at, layers in settings.stages if at <= update]
    latest = [settings.learning_rate, settings.protection, settings.temperature]
    warm_up = min([settings.warm_up, *(at for at, change in events if change.trained_layers)])
    if settings.warm_up_rate is not None and update < warm_up:
        latest[0] = settings.warm_up_rate
    for at, change in events:
        if at <= update:
            if settings.warm_up_rate is not None and at < warm_up <= update:
                change = replace(change, learning_rate=None)  # the rate of the warm-up ends with it
            wanted = change.learning_rate, change.old_loss_weight, change.temperature
            latest = [old if new is None else new for old, new in zip(latest, wanted, strict=True)]
    return (by_hand or planned)[-1], *latest


def in_script(text):
    """(first, last, layers that learn) of each phase in a script, whether it has a table or a single phase."""
    if table := re.search(r"^PHASES = (\[.*?^\])", text, re.MULTILINE | re.DOTALL):
        return [(row[0], row[1], row[-1]) for row in ast.literal_eval(table[1])]
    return [(0, None, ast.literal_eval(names)) for names in re.findall(r"^trained = (.*)$", text, re.MULTILINE)]


@hypothesis_settings(max_examples=7, deadline=None)
@given(SETTINGS, SCHEDULES)
def test_engine_run_figure_and_script_agree(trained_by_engine, settings, schedule):
    made = run(settings, schedule)
    strategy = STRATEGIES[settings.strategy]
    assert len(trained_by_engine) == made.updates
    wanted = [state_at(settings, made.events, update) for update in range(made.updates)]
    for by_engine, (layers, rate, weight, temperature) in zip(trained_by_engine, wanted, strict=True):
        assert by_engine == (layers, pytest.approx(rate), weight, temperature)

    spans = made.timeline
    assert [span.first for span in spans[1:]] == [span.last for span in spans[:-1]]
    by_timeline = [
        (span.layers, span.learning_rate, span.old_loss_weight, dict(span.options)["temperature"])
        for span in spans
        for _ in range(span.first, span.last)
    ]
    assert by_timeline == wanted
    assert all(span.fresh_optimizer or by_timeline[span.first] != by_timeline[span.first - 1] for span in spans)

    learns = np.zeros((len(made.layer_names), made.updates), bool)
    for update, (layers, *_) in enumerate(wanted):
        for name in strategy.learning(layers, "small_mlp"):
            learns[made.layer_names.index(name), update] = True

    shown = RunFigure(scale=1)
    shown.show(made)
    in_lanes = np.zeros_like(learns)
    for row, first, last in boxes(shown.figure.axes[2].collections[2]):
        in_lanes[row, first:last] = True
    assert np.array_equal(in_lanes, learns)

    in_phases = np.zeros_like(learns)
    for first, last, layers in in_script(made.to_keras_code()):
        for name in layers:
            in_phases[made.layer_names.index(name), first:last] = True
    assert np.array_equal(in_phases, learns)


def test_the_optimizer_begins_anew_after_the_warm_up_alone():
    settings = Settings(updates=100, warm_up=20, unfreeze_every=20)
    events = [(50, Change(trained_layers=("conv1",))), (70, Change(learning_rate=0.5))]
    spans = timeline(settings, events, 100)
    assert [(span.first, span.last, span.trained, span.learning_rate, span.fresh_optimizer) for span in spans] == [
        (0, 20, ("new_head",), 1e-3, True),
        (20, 40, ("dense", "new_head"), 1e-3, True),
        (40, 50, ("conv3", "dense", "new_head"), 1e-3, False),
        (50, 70, ("conv1",), 1e-3, False),
        (70, 100, ("conv1",), 0.5, False),
    ]
    in_it = timeline(Settings(updates=100, warm_up=20), [(10, Change(trained_layers=("conv1",)))], 100)
    assert [(span.first, span.last, span.fresh_optimizer) for span in in_it] == [(0, 10, True), (10, 100, False)]
    assert timeline(settings, events, 0) == ()
