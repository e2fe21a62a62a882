"""Every row of the table does what it says: what moves, what stays, what is looked at, what is kept."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.training.comparing import assert_same, engine_for, furthest, live, moved, settings_for, weights_after
from utils.models import EXPANSION, NEW_HEAD, OLD_HEAD, pretrained
from utils.strategies import STRATEGIES, Change, Settings, SettingsError, Strategy
from utils.strategies.losses import LOSSES, cross_entropy, distillation
from utils.tasks import load_pair
from utils.training import Run, run
from utils.training.batches import Batches, choose_images

pytestmark = pytest.mark.usefixtures("few_images")
BLOCKS = ("conv1", "conv2", "conv3", "dense")
PAIR = load_pair("digits-drawings")
IMAGES = PAIR.old.x_test[:200]


def old_answers(settings):
    """The old head's logits on old test images after a run, as whoever uses the network gets them."""
    live(settings)
    with engine_for(settings) as engine:
        return engine.outputs(tf.constant(IMAGES))[0]


def checkpoint_answers(backbone="small_cnn"):
    return pretrained(PAIR, backbone).keras_model("old")(IMAGES).numpy()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("strategy", "backbone"),
    [(name, "small_cnn") for name in STRATEGIES]
    + [("fine-tune-FC", "small_resnet")]
    + [
        pytest.param(name, "small_resnet", marks=pytest.mark.exhaustive)
        for name in ("joint training", "network expansion + LwF")
    ],
)
def test_what_trains_moves_and_all_else_stays(strategy, backbone):
    settings = settings_for("adam", strategy=strategy, backbone=backbone)
    live(settings)
    with engine_for(settings) as engine:
        after, model = engine.model.snapshot(), engine.model
        engine.reset({}, settings.seed, 100)  # the same new head, and no other change
        before = model.snapshot() | pretrained(PAIR, backbone, settings.seed).snapshot()
        for name in STRATEGIES[strategy].fresh(backbone):
            before[name] = model.snapshot()[name]
    assert moved(before, after) == set(settings.layers)
    assert STRATEGIES[strategy].learning(settings.layers, backbone) == settings.layers
    rows = {
        "feature extraction": {NEW_HEAD},
        "fine-tuning": {*blocks(backbone), NEW_HEAD},
        "fine-tune-FC": {blocks(backbone)[-1], NEW_HEAD},
        "joint training": {*blocks(backbone), OLD_HEAD, NEW_HEAD},
        "learning without forgetting": {*blocks(backbone), OLD_HEAD, NEW_HEAD},
        "less-forgetting learning": {*blocks(backbone), NEW_HEAD},
        "network expansion": {EXPANSION, NEW_HEAD},
        "network expansion + LwF": {*blocks(backbone), EXPANSION, OLD_HEAD, NEW_HEAD},
    }
    assert set(settings.layers) == rows.get(strategy, rows["fine-tuning"])


def blocks(backbone):
    return {"small_cnn": BLOCKS, "small_resnet": ("stem", "stage1", "stage2", "stage3")}[backbone]


@pytest.mark.slow
@pytest.mark.parametrize("backbone", ["small_cnn", pytest.param("small_resnet", marks=pytest.mark.exhaustive)])
@pytest.mark.parametrize("strategy", ["feature extraction", "duplicate and fine-tune", "network expansion"])
def test_the_old_task_stays_bit_identical(strategy, backbone):
    settings = settings_for("adam", strategy=strategy, backbone=backbone)
    made = live(settings)
    before = old_answers(settings.replace(learning_rate=1e-30))  # nothing moves by so little
    np.testing.assert_array_equal(old_answers(settings), before)
    np.testing.assert_allclose(before, checkpoint_answers(backbone), atol=1e-5)
    assert made.forgetting == 0 and len(set(made.history["old_accuracy"])) == 1


@pytest.mark.slow
def test_a_duplicate_counts_twice_and_learns_as_fine_tuning_does():
    tuned, kept = (live(settings_for(strategy=name)) for name in ("fine-tuning", "duplicate and fine-tune"))
    assert kept.new_accuracy == tuned.new_accuracy and kept.forgetting == 0
    np.testing.assert_array_equal(kept.history["training_loss"], tuned.history["training_loss"])
    assert kept.total_parameters == tuned.total_parameters + 60_224 + 650


@pytest.fixture
def watched(monkeypatch):
    """What the engine is given at each update."""
    from utils.training.engine import Engine

    seen, update = [], Engine.update

    def watch(self, material, batches, weight, options, head_l2):
        copied = {name: rows.copy() for name, rows in batches.items()}
        seen.append((material, copied, weight, options["temperature"]))
        return update(self, material, batches, weight, options, head_l2)

    monkeypatch.setattr(Engine, "update", watch)
    return seen


@pytest.mark.slow
def test_what_is_recorded_is_the_checkpoints_answer_and_stays_so(watched):
    settings = settings_for("sgd", strategy="learning without forgetting", warm_up=5, learning_rate=0.1)
    live(settings)
    recorded = [material.recorded["distillation"]["outputs"].numpy() for material, *_ in watched]
    assert len(recorded) > 3 and all(values.tobytes() == recorded[0].tobytes() for values in recorded)
    chosen = choose_images(PAIR.new.y_train, settings.new_images, settings.seed)
    answers = pretrained(PAIR).keras_model("old")(PAIR.new.x_train[chosen]).numpy()
    np.testing.assert_allclose(recorded[0], answers, atol=1e-5)


@pytest.mark.slow
def test_less_forgetting_learning_records_the_features(watched):
    settings = settings_for(strategy="less-forgetting learning")
    live(settings)
    chosen = choose_images(PAIR.new.y_train, settings.new_images, settings.seed)
    features = pretrained(PAIR).backbone(PAIR.new.x_train[chosen]).numpy()
    np.testing.assert_allclose(watched[0][0].recorded["features"]["features"], features, atol=1e-5)
    assert list(watched[0][0].recorded) == ["features"]


@pytest.mark.slow
def test_joint_training_takes_as_many_images_of_each_task(watched):
    settings = settings_for(strategy="joint training", updates=50, old_images=40)
    live(settings)
    new, old = (np.concatenate([rows[task] for _, rows, *_ in watched]) for task in ("new", "old"))
    assert new.shape == old.shape == (50, settings.batch_size)
    for rows, images in ((new, settings.new_images), (old, 40)):
        whole = rows.reshape(-1)[: rows.size // images * images].reshape(-1, images)
        assert (np.sort(whole, axis=1) == np.arange(images)).all()  # each image once an epoch
    material = watched[0][0]
    assert material.old_images.shape == (40, 28, 28, 1)
    assert np.bincount(material.old_labels).tolist() == [4] * 10  # as many of each class


@pytest.mark.slow
def test_old_images_are_looked_at_by_joint_training_alone(watched):
    for name, row in STRATEGIES.items():
        watched.clear()
        live(settings_for(strategy=name, updates=2))
        assert ("old" in watched[0][1]) == (watched[0][0].old_images is not None) == row.needs_old_data
        assert row.needs_old_data == (name == "joint training")


# The networks below run layer after layer; `small_cnn` in training takes some layers in one step, which rounds
# differently, and rounding grows: from 1e-7 after two updates to 1e-5 after eight. Either penalty, if it were a tenth
# too strong, would move some weight by 1e-3 or more.
FEW = {"updates": 5, "evaluate_every": 5}


def plain(settings, terms):
    """The weights after a loop in plain TensorFlow. terms: from the model and the rows of a batch to the loss."""
    model = pretrained(PAIR, settings.backbone, settings.seed)
    weights = [w for name in settings.layers for w in model.trainable_weights(name)]
    optimizer = keras.optimizers.SGD(settings.learning_rate, momentum=0.9)
    optimizer.build(weights)
    batches = Batches(settings.new_images, settings.batch_size, settings.seed)
    for row in batches.rows(0, settings.updates):
        with tf.GradientTape() as tape:
            loss = terms(model, row)
        optimizer.apply(tape.gradient(loss, [w.value for w in weights]), weights)
    return model.snapshot()


def new_images(settings):
    chosen = choose_images(PAIR.new.y_train, settings.new_images, settings.seed)
    return PAIR.new.x_train[chosen], PAIR.new.y_train[chosen]


@pytest.mark.slow
def test_learning_without_forgetting_trains_as_a_plain_loop_does():
    settings = settings_for("sgd", strategy="learning without forgetting", temperature=3, old_loss_weight=0.7, **FEW)
    x, y = new_images(settings)
    recorded = pretrained(PAIR).keras_model("old")(x).numpy()

    def terms(model, row):
        features = model.backbone(x[row])
        distilled = distillation(model.old_head(features), recorded[row], 3.0)
        return cross_entropy(model.new_head(features), y[row]) + 0.7 * distilled

    assert furthest(plain(settings, terms), weights_after(settings)) < 1e-4


@pytest.mark.slow
def test_joint_training_trains_as_a_plain_loop_does():
    settings = settings_for("sgd", strategy="joint training", old_images=60, **FEW)
    x, y = new_images(settings)
    chosen = choose_images(PAIR.old.y_train, 60, settings.seed)
    old_x, old_y = PAIR.old.x_train[chosen], PAIR.old.y_train[chosen]
    old_rows = iter(Batches(60, settings.batch_size, settings.seed, task=1).rows(0, settings.updates))

    def terms(model, row):
        old, count = next(old_rows), len(row)
        features = model.backbone(np.concatenate([x[row], old_x[old]]))
        rehearsed = cross_entropy(model.old_head(features[count:]), old_y[old])
        return cross_entropy(model.new_head(features[:count]), y[row]) + rehearsed

    assert furthest(plain(settings, terms), weights_after(settings)) < 1e-4


@pytest.mark.slow
def test_the_two_penalties_train_as_plain_loops_do():
    settings = settings_for("sgd", strategy="L2 to the start", old_loss_weight=5, **FEW)
    x, y = new_images(settings)
    start = pretrained(PAIR).snapshot()

    def pulled_back(model, row):
        far = sum(
            tf.reduce_sum((w.value - s) ** 2)
            for name in BLOCKS
            for w, s in zip(model.weights(name), start[name], strict=True)
        )
        return cross_entropy(model.keras_model("new")(x[row]), y[row]) + 5 * far / 2

    assert furthest(plain(settings, pulled_back), weights_after(settings)) < 1e-4
    settings = settings.replace(strategy="less-forgetting learning", old_loss_weight=0.05)
    kept = pretrained(PAIR).backbone(x).numpy()

    def held(model, row):
        features = model.backbone(x[row])
        far = tf.reduce_mean(tf.reduce_sum((features - kept[row]) ** 2, axis=1))
        return cross_entropy(model.new_head(features), y[row]) + 0.05 * far / 2

    assert furthest(plain(settings, held), weights_after(settings)) < 1e-4


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", [pytest.param("sgd", marks=pytest.mark.exhaustive), "adam"])
@pytest.mark.parametrize("strategy", ["learning without forgetting", "less-forgetting learning", "L2 to the start"])
def test_without_its_weight_a_penalty_is_fine_tuning_bit_for_bit(strategy, optimizer):
    tuned = weights_after(settings_for(optimizer, seed=3))
    same = weights_after(settings_for(optimizer, strategy=strategy, old_loss_weight=0, seed=3))
    assert not moved(tuned, same)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["learning without forgetting", "less-forgetting learning", "L2 to the start"])
def test_the_larger_the_weight_the_less_is_forgotten(strategy):
    drifts = []
    for weight in (0, 0.1, 10):
        changes = {"strategy": strategy, "old_loss_weight": weight} if weight else {}  # 0 is fine-tuning: see above
        answers = old_answers(settings_for(updates=100, evaluate_every=100, **changes))
        drifts.append(float(np.abs(answers - checkpoint_answers()).mean()))
    assert drifts[0] > drifts[1] > drifts[2]
    assert drifts[2] < 0.7 * drifts[0]


@pytest.mark.slow
def test_a_large_weight_keeps_the_old_outputs_on_the_new_images():
    x = tf.constant(PAIR.new.x_train[:100])
    before = tf.nn.softmax(pretrained(PAIR).keras_model("old")(x))
    apart = {}
    for weight in (0, 100):
        lwf = {"strategy": "learning without forgetting", "old_loss_weight": weight}
        settings = settings_for(updates=50, evaluate_every=50, **lwf)
        live(settings)
        with engine_for(settings) as engine:
            after = tf.nn.softmax(engine.outputs(x)[0])
        apart[weight] = float(tf.reduce_mean(tf.abs(after - before)))
    assert apart[100] < apart[0] / 5 and apart[100] < 0.02


def first_step(**changes):
    """How far each layer's kernels go in one step of plain gradient descent (momentum doesn't matter yet)."""
    settings = settings_for("sgd", updates=1, evaluate_every=1, **changes)
    before = pretrained(PAIR, seed=settings.seed).snapshot()
    after = weights_after(settings)
    return {name: after[name][0] - before[name][0] for name in (*BLOCKS, NEW_HEAD)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "factors"),
    [
        ({"strategy": "fine-tuning at a tenth of the rate"}, (0.1, 0.1, 0.1, 0.1, 1)),
        ({"rate_decay": 2}, (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1)),
        ({"layer_rates": {"conv2": 0.5, "new_head": 3}}, (1, 0.5, 1, 1, 3)),
        ({"rate_decay": 2, "layer_rates": {"conv3": 8, "conv1": 0}}, (0, 1 / 8, 2, 1 / 2, 1)),
    ],
)
def test_a_rate_for_each_layer(changes, factors):
    usual, changed = first_step(), first_step(**changes)
    for (name, step), factor in zip(usual.items(), factors, strict=True):
        np.testing.assert_allclose(changed[name], factor * step, rtol=1e-3, atol=1e-7, err_msg=name)


@pytest.mark.slow
def test_gradual_unfreezing_goes_from_the_top():
    made = live(settings_for(updates=24, unfreeze_every=4))
    spans = {name: spans for name, spans in made.trained_spans().items() if spans}
    assert spans == {
        "conv1": [(16, 24)], "conv2": [(12, 24)], "conv3": [(8, 24)], "dense": [(4, 24)], "new_head": [(0, 24)],
    }  # fmt: skip
    drift = made.to_frame()
    assert drift.loc[8, "drift_dense"] > 0 == drift.loc[8, "drift_conv3"]


@pytest.mark.slow
def test_gradual_unfreezing_after_a_warm_up_begins_with_the_top_block():
    settings = settings_for(updates=24, warm_up=8, unfreeze_every=6)
    assert [(update, len(layers)) for update, layers in settings.stages] == [(0, 1), (8, 2), (14, 3), (20, 4), (26, 5)]
    assert live(settings).trained_spans()["dense"] == [(8, 24)]


@pytest.mark.slow
def test_whoever_flips_a_switch_ends_the_gradual_unfreezing():
    made = run(settings_for(updates=24, unfreeze_every=4), [(10, Change(trained_layers=("conv1",)))])
    assert made.trained_spans()["conv1"] == [(10, 24)] and made.trained_spans()["conv2"] == []


@pytest.mark.slow
def test_changing_hyperparameters_on_the_way_is_recorded_and_made_again(watched):
    settings = settings_for(strategy="learning without forgetting")
    made = run(settings, [(5, {"old_loss_weight": 4}), (9, {"temperature": 1.0}), (12, {"old_loss_weight": 4.0})])
    assert made.events == ((5, Change(old_loss_weight=4)), (9, Change(temperature=1)))  # the third changed nothing
    turned = {(weight, temperature) for _, _, weight, temperature in watched}
    assert turned == {(1.0, 2.0), (4.0, 2.0), (4.0, 1.0)}
    assert_same(Run.from_dict(made.to_dict()), made)
    assert_same(run(settings, made.events), made)


@pytest.mark.slow
def test_a_row_of_your_own_runs_like_any_other(monkeypatch):
    mine = Strategy("mine", trains=("top", "old_head", "new_head"), losses=("new task", "features", "distillation"))
    monkeypatch.setitem(STRATEGIES, "mine", mine)
    made = run(settings_for(strategy="mine", old_loss_weight=0.5))
    assert made.status == "finished"
    assert {name for name, spans in made.trained_spans().items() if spans} == {"dense", "old_head", "new_head"}
    assert mine.losses == tuple(map(LOSSES.get, ("new task", "distillation", "features"))) and not mine.needs_old_data


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"trains": ()}, r"^trains=\(\) .*nothing"),
        ({"trains": ("old_head",)}, r"^trains=\('old_head',\) .*nothing"),
        ({"trains": ("conv1",)}, "^trains: 'conv1' .*tuple .*backbone, top"),
        ({"trains": "backbone"}, "^trains='backbone' .*tuple"),
        ({"trains": None}, "^trains=None .*tuple .*backbone, top"),
        ({"trains": (["backbone"],)}, r"^trains\[0\]=\['backbone'\] "),
        ({"trains": ("backbone",), "losses": 5}, "^losses=5 .*tuple .*new task"),
        ({"trains": ("backbone",), "losses": ("distillation",)}, r"^losses=\('distillation',\) .*'new task'"),
        ({"trains": ("backbone",), "losses": ("new task", "EWC")}, "^losses: 'EWC' "),
        ({"trains": ("backbone",), "weight": -1}, "^weight=-1 "),
        ({"trains": ("backbone",), "backbone_rate": float("nan")}, "^backbone_rate=nan "),
        ({"trains": ("backbone",), "weight": "1"}, r"^weight='1' .*finite .*0\b"),
        ({"trains": ("backbone",), "weight": None}, "^weight=None "),
        ({"trains": ("backbone", "new_head"), "backbone_rate": 0}, r"^backbone_rate=0 .*trains=\('backbone', "),
        ({"trains": ("top", "new_head"), "backbone_rate": 0}, r"^backbone_rate=0 .*trains=\('top', "),
    ],
)
def test_a_row_that_cannot_be_is_refused(row, message):
    with pytest.raises(ValueError, match=message):
        Strategy("mine", **row)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strategy": "joint training", "old_images": 0}, "^old_images=0 .*joint training needs"),
        ({"old_images": -1}, "^old_images=-1 "),
        ({"temperature": 0}, r"^temperature=0 .*number from 0\.01\b"),
        ({"temperature": -2.0}, r"^temperature=-2\.0 "),
        ({"temperature": float("nan")}, "^temperature=nan "),
        ({"temperature": "2"}, "^temperature='2' "),
        ({"old_loss_weight": -0.1}, r"^old_loss_weight=-0\.1 .*number from 0\b"),
        ({"old_loss_weight": float("inf")}, "^old_loss_weight=inf "),
        ({"rate_decay": 0.5}, r"^rate_decay=0\.5 .*number from 1\b"),
        ({"unfreeze_every": -1}, "^unfreeze_every=-1 "),
        ({"layer_rates": {"conv9": 1}}, "^layer_rates='conv9' "),
        ({"layer_rates": {"conv1": -1}}, "^layer_rates=-1 "),
        ({"layer_rates": 0.1}, r"^layer_rates=0\.1 .*mapping"),
        ({"layer_rates": {"expansion": 1}}, "^layer_rates='expansion' "),
        ({"layer_rates": {"new_head": 0}, "strategy": "feature extraction"}, "^layer_rates={'new_head': 0} .*all"),
        ({"layer_rates": dict.fromkeys((*BLOCKS, NEW_HEAD), 0)}, "^layer_rates={'conv1': 0, .*'new_head': 0} .*all"),
        ({"layer_rates": {"conv1": 0}, "trained_layers": ["conv1"]}, "^layer_rates={'conv1': 0} .*all"),
    ],
)
def test_settings_that_cannot_be_are_named(changes, message):
    with pytest.raises(SettingsError, match=message):
        Settings(**changes)


def test_an_unknown_change_of_settings_is_named():
    with pytest.raises(SettingsError, match="^field='learning_rat' .*mean 'learning_rate'"):
        Settings().replace(learning_rat=0.1)


def test_more_old_images_than_there_are():
    there = len(PAIR.old.x_train)
    with pytest.raises(SettingsError, match=f"^old_images={there + 1} .*digits-drawings has {there:,} "):
        run(settings_for(strategy="joint training", old_images=there + 1))
    with pytest.raises(SettingsError, match="^new_images=60000 "):
        run(settings_for(new_images=60_000))


def test_every_row_says_what_it_is_and_where_it_comes_from():
    for name, row in STRATEGIES.items():
        assert row.name == name and row.idea and row.source
        assert set(row.losses) <= set(LOSSES.values()) and set(row.words) <= {
            "new task", "old task", "training", "testing", "storage", "old data"
        }  # fmt: skip
    answers = {name: row.words["old data"] for name, row in STRATEGIES.items() if row.words}
    assert {name for name, old_data in answers.items() if old_data == "yes"} == {"joint training"}
    assert len(answers) == 5


@pytest.mark.parametrize(
    "changes",
    [
        {"layer_rates": {"conv2": 0.1, "conv1": 1e-3}},
        {"old_loss_weight": 0.3, "temperature": 1.5, "old_images": 7, "unfreeze_every": 3, "rate_decay": 2.6},
    ],
)
def test_the_new_settings_travel_as_text_and_as_json(changes):
    settings = Settings(strategy="learning without forgetting", **changes)
    assert Settings.from_text(settings.to_text()) == settings == Settings.from_dict(settings.to_dict())
    assert hash(settings) == hash(Settings.from_dict(settings.to_dict()))
