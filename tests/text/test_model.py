"""One model on chosen features of texts."""

import numpy as np
import pytest

from utils.text.encoder import small_text_encoder
from utils.text.model import FEATURES, MODELS, VECTOR, fit_text_model
from utils.text.reviews import reviews
from utils.text.statistics import STATISTICS


@pytest.fixture(scope="module")
def encoder():
    return small_text_encoder()


@pytest.fixture(scope="module")
def domain(encoder):
    return fit_text_model(reviews("domain"), encoder)


@pytest.mark.slow
def test_it_agrees_with_its_own_pipeline(domain):
    task = reviews("domain")
    predicted = domain.pipeline.predict(task.texts_validation)
    assert domain.accuracy == pytest.approx(np.mean(predicted == task.y_validation))
    assert domain.confusion.sum() == len(task.y_validation)
    assert np.trace(domain.confusion) == round(domain.accuracy * len(task.y_validation))


def test_the_vector_matters_most_for_what_the_encoder_has_learned(domain):
    assert domain.features == FEATURES and len(domain.importances) == len(FEATURES)
    assert FEATURES[int(domain.importances.argmax())] == VECTOR


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_a_sentence_and_its_neighbors(encoder, model):
    task = reviews()
    found = fit_text_model(task, encoder, [VECTOR, "words"], model)
    prediction = found.predict("  A fine   film. ")
    assert prediction.label in task.class_names and 0.5 <= prediction.probability <= 1
    text = task.texts_train[7]
    first, second, third = found.nearest(text)
    assert first.text == text and first.cosine == pytest.approx(1, abs=1e-4)
    assert first.label == task.class_names[task.y_train[7]] and first.cosine >= second.cosine >= third.cosine
    with pytest.raises(ValueError, match="text='' is not allowed"):
        found.predict("   ")


def test_features_keep_their_order_and_columns(encoder):
    found = fit_text_model(reviews(), encoder, ["digits", "words"])
    assert found.features == ("words", "digits")
    assert found.pipeline[-1].coef_.shape == (1, 2)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"features": ["color"]}, "features='color' is not allowed"),
        ({"features": []}, r"features=\(\) is not allowed"),
        ({"model": "BERT"}, "model='BERT' is not allowed"),
    ],
)
def test_what_is_refused(encoder, options, says):
    with pytest.raises(ValueError, match=says):
        fit_text_model(reviews(), encoder, **options)
    assert set(STATISTICS) < set(FEATURES)
