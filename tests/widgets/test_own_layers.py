"""Layers that a reader's strategy adds to the network work wherever the project's own do: nothing else names them."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import layers

from tests.strategies.own_layers import ADAPTERS, WIDTH, build, features, names
from tests.training.comparing import QUICK
from utils import StrategyRace
from utils.models import AddedLayers, Backbone, Block, pretrained
from utils.models.teaching import RECIPE
from utils.plots import PlaneFigure, plot_run
from utils.plots.plane_outputs import PlaneOutputs
from utils.strategies import STRATEGIES, Settings, SettingsError, Strategy
from utils.sweeps.figure2 import figure2
from utils.tasks import load_pair
from utils.training import Run, run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_strategies")]
PLANE = Settings(pair="plane", updates=1, new_images=50)  # a network that is traced in a moment
BLOCKS = ("conv1", "conv2", "conv3", "dense")
ADDED = tuple(f"{name}_adapter" for name in BLOCKS)


def test_on_the_board_each_has_a_switch(open_board):
    panel = open_board(QUICK.replace(strategy=ADAPTERS, updates=20))
    mine = [f"{name} adapter" for name in BLOCKS]
    assert list(panel.boxes()) == [*BLOCKS, *mine, "old head", "new head"]
    assert panel.switched_on() == [*mine, "new head"]
    panel.flip("conv2 adapter")
    panel.press("Start")
    panel.wait_for_end()
    (made,) = panel.board.runs
    moved = {name for name, end in zip(made.layer_names, made.history["drift"][-1], strict=True) if end > 0}
    assert moved == {*ADDED, "new_head"} - {"conv2_adapter"}
    assert made.trained_parameters == 64 * 10 + 10 + sum(WIDTH * (2 * n + 1) + n for n in (16, 64, 64))


def test_they_learn_for_the_new_task_and_the_old_one_stays():
    head, adapted = StrategyRace(QUICK.replace(updates=60), ["feature extraction", ADAPTERS]).run()
    assert adapted.old_accuracy == adapted.old_accuracy_before == head.old_accuracy
    assert adapted.history["new_loss"][0] == pytest.approx(head.history["new_loss"][0], rel=1e-5)  # as if without them
    assert adapted.history["new_loss"][-1] < head.history["new_loss"][-1]
    np.testing.assert_array_equal(adapted.history["drift"][:, :4], 0)
    new = load_pair("digits-drawings").new
    answers = adapted.model("new").predict(new.x_test[:100], verbose=0).argmax(1)  # as many as are measured here
    assert np.mean(answers == new.y_test[:100]) == pytest.approx(adapted.new_accuracy)


def test_on_the_playground_and_in_the_table():
    made = run(Settings(pair="plane", strategy=ADAPTERS, updates=5, new_images=50))
    weights = made.held.values
    outputs = PlaneOutputs()(made.settings, weights, np.zeros((3, 2), "float32"))
    assert list(outputs) == list(made.layer_names)
    PlaneFigure(scale=1).show(made, weights, made.settings.layers)
    STRATEGIES[ADAPTERS.name] = ADAPTERS
    assert figure2().loc["adapters"][["θs", "θo", "old data"]].tolist() == ["adapters between", "fixed", "no"]


def test_a_saved_run_is_read_where_the_layers_are_not_known_and_runs_where_they_are(tmp_path):
    made = run(QUICK.replace(strategy=ADAPTERS, updates=5))
    made.save(tmp_path / "run.json")
    there = Run.load(tmp_path / "run.json")
    assert there.layer_names == made.layer_names == (*BLOCKS, *ADDED, "old_head", "new_head")
    assert there.timeline == made.timeline and plot_run(there)
    with pytest.raises(SettingsError, match="^added: 'adapters' is not known"):
        run(there.settings)
    STRATEGIES[ADAPTERS.name] = ADAPTERS
    again = Run.load(tmp_path / "run.json").settings
    assert again == made.settings and run(again).history["new_loss"].tolist() == made.history["new_loss"].tolist()


def added(**changes):
    return AddedLayers("adapters", **{"layer_names": names, "build": build, "new_features": features} | changes)


@pytest.mark.parametrize(
    "wrong, says",
    [
        (lambda: AddedLayers("top", names, build, features), "^name='top' "),
        (lambda: added(new_features="any text"), "^new_features='any text' .*function"),
        (lambda: added(old_features=3), "^old_features=3 .*function"),
        (lambda: added(code="seen = ("), "^code: line 1"),
        (lambda: added(code="other = features"), "^code=.*`seen`"),
        (lambda: added(beside=0), "^beside=0 .*whole number"),
        (lambda: added(code=3), "^code=3 .*text"),
        (lambda: Strategy("mine", ("new_head",), added="adapters"), "^added='adapters' .*AddedLayers"),
        (lambda: Strategy("mine", ("expansion", "new_head"), added=added()), "^trains: 'expansion' .*adapters"),
        (lambda: QUICK.replace(strategy=of(layer_names=lambda backbone: ("conv1",))), "'conv1' .*small_cnn"),
        (lambda: QUICK.replace(strategy=of(layer_names=lambda backbone: ("a", "a"))), "^layer_names .*'a' "),
        (lambda: QUICK.replace(strategy=of(layer_names=lambda backbone: "ab")), "^layer_names .*gave 'ab'"),
        (lambda: QUICK.replace(strategy=of("conv1", trains=("conv1",))), "^name='conv1' .*small_cnn"),
        (
            lambda: run(PLANE.replace(strategy=of(build=lambda *_: ()))),
            r"^build of 'adapters' gave \(\).*layer1_adapter",
        ),
        (lambda: run(PLANE.replace(strategy=of(build=lambda *_: None))), "^build of 'adapters' gave None"),
        (lambda: run(PLANE.replace(strategy=of(build=lambda *_: SHARED))).model("new"), "new layers each time; 'sh"),
        (lambda: run(PLANE.replace(strategy=of(new_features=lambda *given: None))), "^new_features .*gave None"),
        (lambda: run(PLANE.replace(strategy=of(new_features=lambda *given: 1 / 0))), "can't be computed: ZeroDivision"),
        (lambda: run(PLANE.replace(strategy=of(new_features=plain))), "doesn't use 'layer1_adapter'"),
        (lambda: run(PLANE.replace(strategy=of(old_features=wide))), "^old_features .* 16 numbers: .* 8"),
        (lambda: run(PLANE.replace(strategy=of(beside=1))), "^(new_features .*beside=1|beside=1 .*'layer1_adapter')"),
        (lambda: keras_code_of(code="seen = x = features"), "assigns x, which the script uses"),
        (lambda: run(PLANE.replace(strategy=of())).to_keras_code(), "'adapters': they have no code"),
    ],
)
def test_what_cannot_be_is_named(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()


SHARED = tuple(Block(f"layer{n}_adapter", (layers.Dense(1, name="shared"),)) for n in (1, 2, 3))


def of(name="adapters", trains=("adapters", "new_head"), **changes):
    """A strategy with such layers."""
    return Strategy("mine", trains, added=replace(added(**changes), name=name))


def plain(x, blocks, added, call):
    for block in blocks:
        x = call(block, x)
    return x


def wide(*given):
    return layers.Concatenate()([plain(*given), plain(*given)])


def keras_code_of(**changes):
    return run(PLANE.replace(strategy=of(**changes))).to_keras_code()


@keras.saving.register_keras_serializable("tests")
class Scaled(layers.Layer):
    """Weights by any name: one that begins at random, one with zeros, one with ones."""

    def build(self, shape):
        self.a = self.add_weight(shape=(shape[-1], WIDTH), initializer="random_normal", name="a")
        self.b = self.add_weight(shape=(WIDTH, shape[-1]), initializer="zeros", name="b")
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x):
        return x @ self.a @ self.b * self.scale


def test_weights_begin_as_their_layer_says_and_at_random_from_the_seed():
    strategy = of(build=lambda backbone, shapes: tuple(Block(name, (Scaled(),)) for name in names(backbone)))
    starts = [pretrained("digits-drawings", seed=seed, added=strategy.added) for seed in (1, 1, 2)]
    (a, b, scale), again, other = (model.snapshot()["dense_adapter"] for model in starts)
    assert (b == 0).all() and (scale == 1).all() and np.array_equal(a, again[0]) and not np.array_equal(a, other[0])
    made = run(QUICK.replace(strategy=strategy))
    assert (made.history["drift"][-1, 4:8] > 0).all()


def normalized(shape):
    """The smallest network whose blocks have statistics."""
    return tuple(
        Block(name, (layers.Dense(4, name=name), layers.BatchNormalization(name=f"{name}_norm")))
        for name in ("layer1", "layer2")
    )


def test_statistics_of_a_block_move_once_in_an_update(monkeypatch):
    """The old head's part of the network, which no loss reaches, moves none; so much moves without any adapters."""
    monkeypatch.setitem(RECIPE, "epochs", 1)
    names = "layer1", "layer2"
    small = Backbone("normalized", "two layers", names, normalized, lambda shape: normalized(shape)[1], input_axes=1)
    settings = PLANE.replace(backbone=small, updates=1, learning_rate=1e-9, trained_layers=("layer1", "new_head"))
    alone, adapted = (
        run(settings.replace(strategy=strategy)).held.values["layer1"] for strategy in ("fine-tuning", ADAPTERS)
    )
    start = pretrained("plane", small).snapshot()["layer1"]
    assert [np.abs(a - b).max() > 1e-3 for a, b in zip(alone, start, strict=True)] == [False] * 4 + [True] * 2
    for expected, found in zip(alone, adapted, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_cell_that_is_run_again_replaces_its_strategy():
    for width in (1, 2):
        strategy = of(build=lambda backbone, shapes, w=width: build(backbone, shapes), beside=None if width == 1 else 4)
        race = StrategyRace(PLANE.replace(updates=2), ["feature extraction", strategy])
        assert STRATEGIES["mine"] is strategy and race.run()[1].settings.row is strategy
