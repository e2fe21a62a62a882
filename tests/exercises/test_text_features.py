"""The checks of notebook 10: what they accept, and what they say of what they don't."""

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
    ("answer", "right", "says"),
    [
        (longest, True, "in negative training texts"),
        (lambda text: 2 * text.count("!"), False, "'exclamation marks' again"),
        (lambda text: 1 / text.count("a"), False, "raises ZeroDivisionError"),
        (lambda text: float("nan"), False, "gives nan: it must give a finite number"),
        (lambda text: None, False, "raises TypeError"),
        (lambda text: 7, False, "7 for every training text"),
        (3, False, "not int"),
    ],
)
def test_statistic(answer, right, says):
    verdict = check_statistic(answer)
    assert verdict.right is right and says in verdict.why


@pytest.fixture(scope="module")
def models():
    return [fit_text_model(reviews(), small_text_encoder(), model=name) for name in ("logistic regression", "XGBoost")]


@pytest.mark.slow
def test_fooled(models):
    task = reviews()
    wrong = {
        text: task.class_names[label]
        for text, label in zip(task.texts_validation, task.y_validation, strict=True)
        if all(model.predict(text).label != task.class_names[label] for model in models)
    }
    text, label = next(iter(wrong.items()))
    assert check_fooled(text, label, models).right
    other = next(name for name in task.class_names if name != label)
    verdict = check_fooled(text, other, models)
    assert not verdict.right and ": logistic regression on 13 features, XGBoost" in verdict.why


@pytest.mark.parametrize(
    ("sentence", "label", "says"),
    [("Fine.", "positive", "at least 4 words"), (None, "positive", "at least 4"), ("a b c d", "good", "label='good'")],
)
def test_fooled_by_nothing(models, sentence, label, says):
    verdict = check_fooled(sentence, label, models)
    assert not verdict.right and says in verdict.why
    assert "Expected a list of models" in check_fooled("a b c d", "positive", []).why


@pytest.mark.slow
@pytest.mark.parametrize(
    ("trained", "right", "says"),
    [
        (["block_2"], True, "block_2 has changed"),
        ([], False, "No layer"),
        (["block_1", "block_2"], False, "block_1, block_2. Only block_2"),
    ],
)
def test_last_block(trained, right, says):
    training = EncoderTraining(small_text_encoder(), 2, trained=trained)
    texts = reviews()
    training.fit(training.encoder.ids(texts.texts_train[:64]), texts.y_train[:64], rate=1e-3, epochs=1, seed=0)
    verdict = check_last_block(training)
    assert verdict.right is right and says in verdict.why


def test_last_block_of_nothing():
    assert "not list" in check_last_block(["block_2"]).why
