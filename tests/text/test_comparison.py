"""The pipelines on an easy task, and what each of them leaves untouched."""

from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd
import pytest

from utils.text import pipelines
from utils.text.comparison import TextRow, compare
from utils.text.encoder import BATCH, small_text_encoder
from utils.text.experiment import DRAWN, Experiment
from utils.text.pipelines import PIPELINES, FineTuning
from utils.text.reviews import reviews
from utils.text.statistics import STATISTICS
from utils.text.texts import text_task
from utils.text.tuning import EncoderTraining, HeadTraining, batches_by_length

pytestmark = pytest.mark.slow  # what its tests share takes seconds

HEAD, LINEAR, BASELINE = "vector → new head", "vector → logistic regression", "TF-IDF → logistic regression"
# The first rate learns nothing, so the probe has to choose the second, also where only fine-tuning is asked for.
PROBE = replace(PIPELINES[HEAD], grid={"rate": (1e-9, 1e-2)})
TUNED = replace(PIPELINES["encoder fine-tuned"], grid={"rate": (1e-3,)}, probe=PROBE, epochs=4)


def quick(pipeline):
    """With the middle of each grid alone."""
    return replace(pipeline, grid={name: values[len(values) // 2 :][:1] for name, values in pipeline.grid.items()})


QUICK = {name: quick(pipeline) for name, pipeline in PIPELINES.items()} | {PROBE.name: PROBE, TUNED.name: TUNED}


@pytest.fixture(scope="module", autouse=True)
def few_epochs():
    """What is to be learned here takes no more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipelines, "_HEAD_EPOCHS", 60)
        yield


@pytest.fixture(scope="module")
def task():
    """What is positive says so, and is longer."""
    rows = []
    for number in range(160):
        good = number % 2
        sentence = "I loved this film and so did we all" if good else "awful soup"
        rows.append((f"{sentence} {number}", "positive" if good else "negative"))
    parts = np.array((["train"] * 6 + ["validation"] * 2 + ["test"] * 2) * 16)
    return text_task("plain", pd.DataFrame(rows, columns=["text", "label"]), parts, ("negative", "positive"))


@pytest.fixture(scope="module")
def encoder():
    return small_text_encoder()


@pytest.fixture(scope="module")
def rows(task, encoder):
    before = encoder.fingerprint()
    reported = []
    found = compare(task, encoder, reviews("domain"), QUICK.values(), seeds=(0, 1), report=reported.append)
    assert encoder.fingerprint() == before  # given back as it came
    assert reported == found
    return {row.name: row for row in found}


def without_seconds(row):
    return {name: value for name, value in vars(row).items() if not name.endswith("_seconds")}


@pytest.mark.slow
def test_every_pipeline_learns_it(rows):
    assert list(rows) == list(PIPELINES)
    assert {name: min(row.accuracies) for name, row in rows.items() if min(row.accuracies) < 0.95} == {}


def test_what_trains(rows, encoder):
    total = encoder.network.count_params()
    assert rows[HEAD].trained_parameters == 2 * (encoder.width + 1)
    assert rows["vector + statistics → new head"].trained_parameters == 2 * (encoder.width + len(STATISTICS) + 1)
    assert rows["encoder fine-tuned"].trained_parameters == total + 2 * (encoder.width + 1)
    assert rows[LINEAR].trained_parameters == encoder.width + 1


def test_forgetting_where_there_is_an_old_task(rows):
    assert rows[HEAD].forgetting == pytest.approx((0, 0), abs=1e-9)
    assert any(lost != 0 for lost in rows["encoder fine-tuned"].forgetting)
    assert rows[BASELINE].forgetting is None and rows["statistics → new head"].forgetting is None


def test_the_texts_and_the_seeds_have_the_same_mean(rows, task):
    for row in rows.values():
        assert len(row.times_right) == len(task.y_test) and set(row.times_right) <= {0, 1, 2}
        assert row.accuracy_over_texts.mean == pytest.approx(row.accuracy.mean)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        BASELINE,
        LINEAR,
        "vector + statistics → XGBoost",
        HEAD,
        # `test_fine_tuning_starts_from_the_chosen_probe` compares such a row, too.
        pytest.param("encoder fine-tuned", marks=pytest.mark.exhaustive),
    ],
)
def test_a_row_alone_is_the_same(task, encoder, rows, name):
    (alone,) = compare(task, encoder, reviews("domain"), [QUICK[name]], seeds=(0, 1), report=lambda row: None)
    assert without_seconds(alone) == without_seconds(rows[name])


@pytest.mark.exhaustive
def test_the_order_of_the_rows_does_not_matter(task, encoder, rows):
    order = [QUICK[name] for name in ("encoder fine-tuned", HEAD, LINEAR)]
    found = compare(task, encoder, reviews("domain"), order, seeds=(0, 1), report=lambda row: None)
    assert [without_seconds(row) for row in found] == [without_seconds(rows[pipeline.name]) for pipeline in order]


@pytest.mark.slow
def test_fine_tuning_starts_from_the_chosen_probe(task, encoder, rows):
    """As if the probe had no other rate than the one that it should choose."""
    assert rows[PROBE.name].choice == {"rate": 1e-2}
    known = replace(TUNED, probe=replace(PROBE, grid={"rate": (1e-2,)}))
    (row,) = compare(task, encoder, reviews("domain"), [known], seeds=(0, 1), report=lambda row: None)
    assert without_seconds(row) == without_seconds(rows[TUNED.name])


def test_an_interrupted_comparison_gives_the_encoder_back(task, encoder):
    class Interrupted(FineTuning):
        """Interrupted when the encoder's weights have changed."""

        def fit(self, experiment, *given, **choice):
            network = experiment.encoder_training.encoder.network
            network.set_weights([weight + 1 for weight in network.get_weights()])
            raise KeyboardInterrupt

    before = encoder.fingerprint()
    with pytest.raises(KeyboardInterrupt):
        compare(task, encoder, reviews("domain"), [Interrupted("interrupted", TUNED.grid, probe=PROBE)])
    assert encoder.fingerprint() == before


def test_forgetting_is_what_the_encoder_has_lost(task):
    """An encoder without weights gives the same answer to every text: a third of the old test texts is right."""
    encoder = small_text_encoder()
    experiment = Experiment(task, encoder, reviews("domain"), first_seed=0)
    assert experiment.encoder_training.encoder is encoder
    encoder.network.set_weights([np.zeros_like(weight) for weight in encoder.network.get_weights()])
    assert experiment.forgetting() == pytest.approx(100 * (experiment.old_accuracy_before - 1 / 3))
    assert experiment.old_accuracy_before > 0.8
    experiment.restore_encoder()
    assert experiment.forgetting() == pytest.approx(0, abs=1e-9)


@pytest.mark.slow
def test_seconds_include_the_encoder(task, encoder, monkeypatch):
    """As if it took a minute per text: every pipeline that needs the vectors pays for them, also for a probe."""
    compute = Experiment.vectors.func
    slow = cached_property(lambda self: replace(compute(self), seconds_per_text=60.0))
    slow.__set_name__(Experiment, "vectors")
    monkeypatch.setattr(Experiment, "vectors", slow)
    trees = QUICK["statistics → XGBoost"]

    class Untrained(FineTuning):
        """What it pays for counts here, and not what it learns."""

        def fit(self, *given, **choice):
            return trees.fit(*given, **{name: values[0] for name, values in trees.grid.items()})

    untrained = Untrained(TUNED.name, TUNED.grid, features=TUNED.features, probe=PROBE)
    chosen = trees, QUICK["vector + statistics → XGBoost"], untrained
    plain, both, tuned = compare(task, encoder, reviews("domain"), chosen, (0, 1), report=lambda row: None)
    train, test = 60 * int(DRAWN * len(task.y_train)), 60 * len(task.y_test)
    assert plain.train_seconds < 60 and plain.predict_seconds < 60
    assert train < both.train_seconds < train + 60 and test < both.predict_seconds < test + 60
    assert train < tuned.train_seconds < train + 60 and tuned.predict_seconds < 60


def test_settings_come_from_validation_texts_alone(task, encoder, rows):
    """With the opposite labels on the test texts, the same is chosen, though it is then nearly always wrong."""
    other = type(task)(**{**vars(task), "y_test": 1 - task.y_test})
    (found,) = compare(other, encoder, reviews("domain"), [PROBE], seeds=(0, 1))
    assert found.choice == rows[PROBE.name].choice
    assert found.accuracies == pytest.approx([1 - accuracy for accuracy in rows[PROBE.name].accuracies])


def test_each_seed_draws_nine_tenths(task, encoder):
    experiment = Experiment(task, encoder, reviews("domain"), first_seed=0)
    drawn = experiment.drawn(0)
    assert DRAWN == 0.9 and len(drawn) == int(0.9 * len(task.y_train)) == len(set(drawn))
    assert drawn.tolist() == sorted(experiment.drawn(0)) != experiment.drawn(1).tolist()


def test_accuracy_is_in_percent():
    row = TextRow("a row", {}, (0.5, 0.7), 1.0, 1.0, 3, None, (2, 1, 0))
    assert row.accuracy.mean == pytest.approx(60) and row.accuracy_over_texts.mean == pytest.approx(50)
    assert TextRow("a row", {}, (0.5, 0.7), 1.0, 1.0, 3).accuracy_over_texts is None


def test_an_encoder_without_a_head_gets_a_probe(task):
    encoder = small_text_encoder()
    encoder.head = None
    kernel, bias = Experiment(task, encoder, reviews("domain"), first_seed=0).old_head
    assert kernel.shape == (encoder.width, 3) and bias.shape == (3,)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"pipelines": ("BERT",)}, "^pipelines='BERT' "),
        ({"seeds": (0,)}, r"^seeds=\[0\] .*two"),
        ({"old": reviews("sentiment")}, r"^old=.*\b3 classes"),
    ],
)
def test_what_is_refused(task, encoder, options, says):
    with pytest.raises(ValueError, match=says):
        compare(task, encoder, **{"old": reviews("domain")} | options)


# Training


@pytest.fixture(scope="module")
def last_block():
    """A training of the last block and a head; whoever trains gives the encoder back."""
    return EncoderTraining(small_text_encoder(), 2, trained=["block_2"])


@pytest.mark.slow
def test_only_the_named_layers_change(task, last_block):
    training, encoder = last_block, last_block.encoder
    start = {name: encoder.network.get_layer(name).get_weights() for name in encoder.blocks}
    training.fit(encoder.ids(task.texts_train), task.y_train, rate=1e-3, epochs=1, seed=0)
    changed = [
        name
        for name in encoder.blocks
        if any((a != b).any() for a, b in zip(start[name], encoder.network.get_layer(name).get_weights(), strict=True))
    ]
    assert changed == ["block_2"]
    training.restore()
    assert encoder.fingerprint() == small_text_encoder().fingerprint()
    with pytest.raises(ValueError, match="trained='block_9'"):
        EncoderTraining(encoder, 2, trained=["block_9"])


def test_the_same_seed_gives_the_same_again(task, encoder):
    vectors = encoder.vectors(task.texts_train)
    training = HeadTraining(encoder.width, 2)
    first, other, again = (training.fit(vectors, task.y_train, 1e-2, 3, seed) for seed in (0, 1, 0))
    np.testing.assert_array_equal(first[0], again[0])
    assert (first[0] != other[0]).any()


def test_batches_have_one_size_and_texts_of_similar_length():
    sizes = np.random.default_rng(0).integers(1, 100, 300)
    batches = batches_by_length(sizes, np.random.default_rng(1))
    assert {len(batch) for batch in batches} == {BATCH} and len(batches) == 9
    assert len(set(np.concatenate(batches))) == 9 * BATCH
    assert np.mean([np.ptp(sizes[batch]) for batch in batches]) < 50
    assert [len(batch) for batch in batches_by_length(sizes[:10], np.random.default_rng(1))] == [10]


def test_a_seed_fixes_dropout_too(task, last_block):
    """Whatever was trained before, dropout restarts with each fit."""

    def tuned(seed):
        training.fit(ids, task.y_train, rate=1e-3, epochs=1, seed=seed, head=head)
        return encoder.vectors(task.texts_train)

    training, encoder = last_block, last_block.encoder
    ids = encoder.ids(task.texts_train)
    head = np.ones((encoder.width, 2), np.float32), np.zeros(2, np.float32)
    first, other, again = tuned(0), tuned(1), tuned(0)
    training.restore()
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4
