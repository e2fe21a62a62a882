"""The six ways on a task that is easy to see through, and what each of them leaves untouched."""

import numpy as np
import pandas as pd
import pytest

from utils.text.comparison import DRAWN, ROWS, TextRow, _Bench, compare
from utils.text.encoder import small_text_encoder
from utils.text.reviews import reviews
from utils.text.texts import text_task
from utils.text.tuning import BATCH, EncoderTraining, HeadTraining, _batches
from utils.text.ways import old_head

pytestmark = pytest.mark.slow  # what its tests share takes seconds


@pytest.fixture(scope="module")
def task():
    """What is positive says so, and is longer."""
    rows = []
    for number in range(160):
        good = number % 2
        words = "I loved this film and so did we all" if good else "awful soup"
        rows.append((f"{words} {number}", "positive" if good else "negative"))
    parts = np.array((["train"] * 6 + ["validation"] * 2 + ["test"] * 2) * 16)
    return text_task("plain", pd.DataFrame(rows, columns=["text", "label"]), parts, ("negative", "positive"))


@pytest.fixture(scope="module")
def encoder():
    return small_text_encoder()


@pytest.fixture(scope="module")
def rows(task, encoder):
    before = encoder.fingerprint()
    told = []
    found = compare(
        task, encoder, reviews("domain"), seeds=(0, 1), tuning={"rate": (1e-3,), "epochs": (4,)}, report=told.append
    )
    assert encoder.fingerprint() == before  # given back as it came
    assert told == found
    return {row.name: row for row in found}


@pytest.mark.slow
def test_every_way_learns_it(rows):
    assert tuple(rows) == ROWS
    assert {name: min(row.accuracies) for name, row in rows.items() if min(row.accuracies) < 0.95} == {}


def test_what_trains(rows, encoder):
    total = encoder.network.count_params()
    assert rows["frozen encoder + new head"].trained_parameters == 2 * (encoder.width + 1)
    assert rows["encoder fine-tuned"].trained_parameters == total + 2 * (encoder.width + 1)
    assert rows["frozen vector → logistic regression"].trained_parameters == encoder.width + 1


def test_forgetting_where_there_is_an_old_task(rows):
    assert rows["frozen encoder + new head"].forgetting == pytest.approx((0, 0), abs=1e-9)
    assert all(lost != 0 for lost in rows["encoder fine-tuned"].forgetting)
    assert rows["TF-IDF → logistic regression"].forgetting is None


@pytest.mark.slow
def test_seconds_have_the_encoder_in_them(task, encoder, monkeypatch):
    """As if it took a minute a text: whoever needs the vectors pays for them, the head of fine-tuning's start too."""
    made = _Bench._vectors
    monkeypatch.setattr(_Bench, "_vectors", lambda self: (made(self)[0], 60.0))
    names = ROWS[0], ROWS[3], ROWS[5]
    once = {"rate": (1e-3,), "epochs": (1,)}
    found = compare(task, encoder, reviews("domain"), names, (0, 1), once, report=lambda row: None)
    plain, both, tuned = found
    train, test = 60 * int(DRAWN * len(task.y_train)), 60 * len(task.y_test)
    assert plain.train_seconds < 60 and plain.predict_seconds < 60
    assert train < both.train_seconds < train + 60 and test < both.predict_seconds < test + 60
    assert train < tuned.train_seconds < train + 60 and tuned.predict_seconds < 60


def test_settings_come_from_validation_texts_alone(task, encoder, rows):
    """With other labels on the test texts, the same is chosen."""
    other = type(task)(**{**vars(task), "y_test": 1 - task.y_test})
    name = "TF-IDF → logistic regression"
    (found,) = compare(other, encoder, reviews("domain"), rows=(name,), seeds=(0, 1))
    assert found.choice == rows[name].choice
    assert found.accuracies == pytest.approx([1 - one for one in rows[name].accuracies])


def test_each_seed_draws_nine_tenths(task, encoder):
    assert DRAWN == 0.9
    row = TextRow("one", {}, (0.5, 0.7), 1.0, 1.0, 3)
    assert row.accuracy.mean == pytest.approx(60)


def test_an_encoder_without_a_head_gets_a_probe(task):
    encoder = small_text_encoder()
    encoder.head = None
    kernel, bias = old_head(encoder, reviews("domain"))
    assert kernel.shape == (encoder.width, 3) and bias.shape == (3,)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rows": ("BERT",)}, "^rows: 'BERT' "),
        ({"seeds": (0,)}, r"^seeds=\(0,\) .*two"),
        ({"old": reviews("sentiment")}, r"^old=.*\b3 classes"),
    ],
)
def test_what_is_refused(task, encoder, options, says):
    with pytest.raises(ValueError, match=says):
        compare(task, encoder, **{"old": reviews("domain")} | options)


# Training


@pytest.mark.slow
def test_only_what_is_named_moves(task):
    encoder = small_text_encoder()
    start = {name: encoder.network.get_layer(name).get_weights() for name in encoder.blocks}
    training = EncoderTraining(encoder, 2, trained=["block_2"])
    training.fit(encoder.ids(task.texts_train), task.y_train, rate=1e-3, epochs=1, seed=0)
    moved = [
        name
        for name in encoder.blocks
        if any((a != b).any() for a, b in zip(start[name], encoder.network.get_layer(name).get_weights(), strict=True))
    ]
    assert moved == ["block_2"]
    training.restore()
    assert encoder.fingerprint() == small_text_encoder().fingerprint()
    with pytest.raises(ValueError, match="there is no 'block_9'"):
        EncoderTraining(encoder, 2, trained=["block_9"])


def test_the_same_seed_gives_the_same_again(task, encoder):
    vectors = encoder.vectors(task.texts_train)
    training = HeadTraining(encoder.width, 2)
    first, other, again = (training.fit(vectors, task.y_train, 1e-2, 3, seed) for seed in (0, 1, 0))
    np.testing.assert_array_equal(first[0], again[0])
    assert (first[0] != other[0]).any()


def test_batches_are_of_one_size_and_of_like_length():
    sizes = np.random.default_rng(0).integers(1, 100, 300)
    batches = _batches(sizes, np.random.default_rng(1))
    assert {len(one) for one in batches} == {BATCH} and len(batches) == 9
    assert len(set(np.concatenate(batches))) == 9 * BATCH
    assert np.mean([np.ptp(sizes[one]) for one in batches]) < 50
    assert [len(one) for one in _batches(sizes[:10], np.random.default_rng(1))] == [10]


def test_a_seed_fixes_dropout_too(task):
    """Whatever was trained before: dropout begins anew with each fit."""

    def tuned(seed):
        training.fit(ids, task.y_train, rate=1e-3, epochs=1, seed=seed, head=head)
        return training.vectors(ids)

    encoder = small_text_encoder()
    ids = encoder.ids(task.texts_train)
    head = np.ones((encoder.width, 2), np.float32), np.zeros(2, np.float32)
    training = EncoderTraining(encoder, 2)
    first, other, again = tuned(0), tuned(1), tuned(0)
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-4
