"""The upload button: what is uploaded isn't trusted, and what can be read is shown to the network."""

import datetime
import io

import keras
import numpy as np
import pytest
from PIL import Image

from utils.models.photo_networks import shipped_photo_net
from utils.tasks.patches import patches
from utils.widgets import picture_upload as module
from utils.widgets.picture_upload import PictureUpload

TASK = patches("old")


@pytest.fixture(scope="module")
def model():
    return shipped_photo_net()


@pytest.fixture
def panel(model):
    return PictureUpload(model, TASK.class_names)


def encoded(pixels, kind="PNG", mode=None):
    file = io.BytesIO()
    picture = Image.fromarray(pixels.astype(np.uint8))
    (picture.convert(mode) if mode else picture).save(file, kind)
    return file.getvalue()


def upload(panel, content, name="mine.png"):
    now = datetime.datetime.now(datetime.UTC)
    file = {"name": name, "type": "image/png", "size": len(content), "last_modified": now, "content": content}
    panel._upload.value = (file,)
    return panel._status.value


@pytest.mark.slow
def test_it_says_what_the_model_says(panel, model):
    answers = panel.ask(io.BytesIO(encoded(TASK.x_test[0])))
    logits = model.predict(np.round(TASK.x_test[:1]), verbose=0)[0]
    assert next(iter(answers)) == TASK.class_names[logits.argmax()]
    assert sum(answers.values()) == pytest.approx(1, abs=1e-5)
    assert list(answers.values()) == sorted(answers.values(), reverse=True)
    wanted = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert answers[TASK.class_names[0]] == pytest.approx(wanted[0], abs=0.05)


def test_an_uploaded_picture_is_shown_and_named(panel):
    bricks = TASK.x_test[TASK.y_test == 0][3]
    assert "bricks" in upload(panel, encoded(bricks))
    assert panel._image.layout.display is None
    shown = np.asarray(Image.open(io.BytesIO(panel._image.value)))
    assert shown.shape == (64, 64, 3) and np.abs(shown - bricks).max() <= 1


@pytest.mark.parametrize(("mode", "kind", "name"), [("L", "PNG", "a.png"), ("RGBA", "PNG", "a.PNG"),
                                                    (None, "JPEG", "a.jpeg"), ("P", "GIF", "a.gif")])  # fmt: skip
def test_other_kinds_of_pictures(panel, mode, kind, name):
    large = np.kron(TASK.x_test[TASK.y_test == 1][0], np.ones((3, 4, 1)))
    assert "always names one of them" in upload(panel, encoded(large, kind, mode), name)


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"no picture", "a.png", "no picture"),
        (encoded(TASK.x_test[0])[:200], "a.png", "damaged"),
        (b"import os", "a.py", "by its name"),
        (b"\x80\x04.", "model.pkl", "by its name"),
        (b"<b>x</b>", "<b>x.txt", "by its name"),
    ],
)
def test_what_is_no_picture_is_refused_and_the_panel_goes_on(panel, content, name, message):
    assert message in upload(panel, content, name) and "<b>x" not in panel._status.value
    assert panel._image.layout.display == "none"
    assert "always names" in upload(panel, encoded(TASK.x_test[0]))


def test_too_large_a_file_is_not_decoded(panel, monkeypatch):
    monkeypatch.setattr(module, "MOST_BYTES", 100)
    assert "MB are more than" in upload(panel, encoded(TASK.x_test[0]))


def test_the_older_form_of_an_upload(panel):
    content = encoded(TASK.x_test[0])
    old = {"mine.png": {"metadata": {"name": "mine.png"}, "content": content}}  # ipywidgets 7
    assert module._content(old).read() == content


def test_a_model_that_does_not_fit(model):
    with pytest.raises(ValueError, match=r"\b3 class_names"):
        PictureUpload(model, ["a", "b", "c"])
    flat = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    with pytest.raises(ValueError, match="pictures and one logit"):
        PictureUpload(flat, ["a", "b"])
