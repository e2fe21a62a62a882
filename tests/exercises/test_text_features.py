"""The checks of notebook 10: what they accept, and what they say of what they don't."""

import random
import zlib

import numpy as np
import pytest

from utils.exercises.text_features import check_fooled, check_last_block, check_statistic
from utils.text.encoder import small_text_encoder
from utils.text.model import fit_text_model
from utils.text.reviews import reviews
from utils.text.tuning import EncoderTraining

pytestmark = pytest.mark.slow  # what its tests share takes seconds


def longest(text):
    return max(map(len, text.split()), default=0)


@pytest.mark.parametrize(
    "answer",
    [
        longest,
        lambda text: text.lower().count("n't"),
        lambda text: text.lower().startswith("i "),
        lambda text: text.rstrip().endswith("."),
        lambda text: sum(word.endswith("ly") for word in text.lower().split()),
        lambda text: len(text.split()) / (1 + text.count(".")),
    ],
)
def test_a_statistic_of_ones_own(answer):
    verdict = check_statistic(answer)
    assert verdict.right and "in negative training texts" in verdict.why


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda text: 2 * text.count("!"), "'exclamation marks' again"),
        (lambda text: -sum(character.isdigit() for character in text), "'digits' again"),
        (hash, "without describing them"),
        (lambda text: zlib.crc32(text.encode()), "without describing them"),
        (lambda text: random.random(), "two different numbers"),
        (lambda text: 1 / text.count("a"), "raises ZeroDivisionError"),
        (lambda text: float("nan"), "gives nan: it must give a finite number"),
        (lambda text: None, "raises TypeError"),
        (lambda text: 7, "7 for every training text"),
        (3, "not int"),
    ],
)
def test_no_statistic_of_ones_own(answer, says):
    verdict = check_statistic(answer)
    assert not verdict.right and says in verdict.why


@pytest.fixture(scope="module")
def models():
    return [fit_text_model(reviews(), small_text_encoder(), model=name) for name in ("logistic regression", "XGBoost")]


@pytest.mark.slow
def test_fooled(models):
    """Right where both models are wrong, and nowhere else: a third of the validation texts, and the last."""
    task, seen = reviews(), set()
    for number in (*range(0, 89, 3), 89):
        text, label = task.texts_validation[number], task.y_validation[number]
        wrong = [model.predict(text).label != task.class_names[label] for model in models]
        verdict = check_fooled(number, models)
        assert verdict.right is all(wrong), number
        seen.add(sum(wrong))
        assert all(wrong) or f"Text {number} is {task.class_names[label]}. Right about it:" in verdict.why
    assert seen == {0, 1, 2}
    assert check_fooled(np.int64(number), models) == check_fooled(number, models)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (90, "There is no validation text 90"),
        (-1, "There is no validation text -1"),
        ("It was good.", "not 'It was good.'"),
        (True, "not True"),
        (2.0, "not 2.0"),
    ],
)
def test_fooled_by_nothing(models, number, says):
    verdict = check_fooled(number, models)
    assert not verdict.right and says in verdict.why


def test_fooled_without_models():
    for nothing in ([], ["XGBoost"]):
        assert "Expected a list of models" in check_fooled(0, nothing).why


# What has changed, and what is said of it.
BLOCKS = [
    (["block_2"], True, "block_2 has changed"),
    ([], False, "No layer"),
    (["embeddings", "block_1", "block_2"], False, "embeddings, block_1, block_2. Only block_2"),
    (["block_1"], False, "These have changed: block_1. Only"),
    (["embeddings"], False, "These have changed: embeddings. Only"),
    (["block_1", "block_2"], False, "block_1, block_2. Only block_2"),
]


@pytest.fixture(scope="module")
def training():
    return EncoderTraining(small_text_encoder(), 2, trained=["block_2"])


@pytest.mark.slow
@pytest.mark.parametrize(("changed", "right", "says"), BLOCKS)
def test_blocks_that_have_changed(training, changed, right, says):
    """A single number in each of them: that is enough."""
    training.restore()
    for name in changed:
        weight = training.encoder.network.get_layer(name).weights[-1]
        values = weight.numpy()
        values.flat[0] += 0.01
        weight.assign(values)
    verdict = check_last_block(training)
    assert verdict.right is right and says in verdict.why


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trained", "right", "says"),
    [
        ("the last", True, "block_2 has changed"),
        *(pytest.param(*row, marks=pytest.mark.exhaustive) for row in BLOCKS),
        pytest.param(("block_2",), True, "block_2 has changed", marks=pytest.mark.exhaustive),
        pytest.param(None, False, "embeddings, block_1, block_2. Only block_2", marks=pytest.mark.exhaustive),
    ],
)
def test_last_block(trained, right, says):
    encoder = small_text_encoder()
    training = EncoderTraining(encoder, 2, trained=encoder.blocks[-1:] if trained == "the last" else trained)
    texts = reviews()
    training.fit(training.encoder.ids(texts.texts_train[:8]), texts.y_train[:8], rate=1e-3, epochs=1, seed=0)
    verdict = check_last_block(training)
    assert verdict.right is right and says in verdict.why


def test_last_block_of_nothing():
    assert "not list" in check_last_block(["block_2"]).why
