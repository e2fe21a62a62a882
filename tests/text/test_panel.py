"""The text panel without a front end: setting a control does what a reader's click does."""

import pytest

from utils.text.model import MODELS, VECTOR, fit_text_model
from utils.text.panel import TextPanel

pytestmark = pytest.mark.slow  # what its tests share takes seconds


@pytest.fixture(scope="module")
def panel():
    return TextPanel()


@pytest.mark.slow
def test_a_tick_fits_again(panel):
    panel.run(features=[VECTOR, "words"], model=MODELS[0])
    picture = panel._image.value
    panel._ticks[VECTOR].value = False
    assert panel.fitted.features == ("words",)
    assert panel._image.value != picture and f"{panel.fitted.accuracy:.1%}" in panel._status.value
    panel._model.value = MODELS[1]
    same = fit_text_model(panel._task, panel._encoder, ["words"], MODELS[1])
    assert panel.fitted.model == MODELS[1] and (panel.fitted.confusion == same.confusion).all()


def test_nothing_ticked_is_explained_and_can_be_fixed(panel):
    panel.run(features=["words"])
    panel._ticks["words"].value = False
    assert "Select at least one feature" in panel._status.value
    panel._ticks["digits"].value = True
    assert panel.fitted.features == ("digits",) and "right (a single fit)" in panel._status.value


def test_a_sentence(panel):
    prediction = panel.ask("I <b>loved</b> it.")
    assert f"<b>{prediction.label}</b>, {prediction.probability:.0%}." in panel._answer.value
    assert panel._answer.value.count("<li>") == 3
    panel._sentence.value = "Очень вкусно"
    assert "none of these words" in panel._answer.value
    panel._sentence.value = "?!"
    assert "Nearest training texts" in panel._answer.value


@pytest.mark.parametrize(("sentence", "says"), [("", "at least one character"), ("so " * 900, "first 128 tokens")])
def test_an_odd_sentence_is_explained(panel, sentence, says):
    panel._sentence.value = sentence
    assert says in panel._answer.value


def test_what_is_saved_has_a_picture(panel):
    bundle, _ = panel._repr_mimebundle_()
    assert bundle["image/png"] and "validation texts right" in bundle["text/plain"]
