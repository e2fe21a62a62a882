"""Whatever is pressed, uploaded and written on the panels that don't train: no error comes back from them."""

import io
from datetime import UTC, datetime

import ipywidgets as widgets
import keras
import numpy as np
import pandas as pd
import pytest
from keras import layers
from PIL import Image

from tests.fuzz.dice import dice
from tests.widgets.panel import parts
from utils import Quiz
from utils.tasks import patches
from utils.text import FEATURES, MODELS, TextPanel, text_task
from utils.widgets import PictureUpload

pytestmark = pytest.mark.exhaustive
USUAL = 300  # interactions with each panel
RNG = np.random.default_rng(3)


def test_the_quiz(watch):
    random, count = dice(USUAL)
    answers = {"<b>one</b>": "a & b", "two": "", "three": "$x_$"}
    quiz = Quiz("Which?", answers, "two")
    choice, check = (next(part for part in parts(quiz.widget) if isinstance(part, kind)) for kind in
                     (widgets.RadioButtons, widgets.Button))  # fmt: skip
    for _ in range(count):
        answer = random.choice([None, *answers])
        watch.attempt("choose", lambda answer=answer: setattr(choice, "value", answer))
        watch.attempt("check", check.click)
        verdict = quiz._feedback.value
        assert (answer is None) == ("Choose an answer first" in verdict) and ("Right." in verdict) == (answer == "two")


def picture(random):
    """A file as somebody may upload it: whole or damaged, of any kind and size."""
    size = random.choice([(1, 1), (64, 64), (200, 3), (640, 480)])
    kind = random.choice(["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
    mode = random.choice(["RGB", "L"] if kind == "JPEG" else ["RGB", "L", "P", "1"] if kind != "WEBP" else ["RGB"])
    file = io.BytesIO()
    Image.fromarray(RNG.integers(0, 256, (*size, 3), dtype=np.uint8)).convert(mode).save(file, kind)
    content = file.getvalue()
    if random.random() < 0.4:
        content = random.choice([content[: random.randrange(len(content))], b"", b"<svg>", content[::-1], b"\x00" * 99])
    name = random.choice([f"a.{kind.lower()}", "b.png", "<b>c</b>.jpg", "d.exe", "", "é.gif"])
    return {"name": name, "type": "image/png", "size": len(content), "content": content, "last_modified": None}


def test_the_picture_upload(watch):
    random, count = dice(USUAL)
    names = patches("old").class_names
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((64, 64, 3)), layers.Rescaling(1 / 255), layers.GlobalAveragePooling2D(),
                              layers.Dense(len(names))])  # fmt: skip
    panel, understood = PictureUpload(model, names), 0
    for _ in range(count):
        file = picture(random) | {"last_modified": datetime.now(UTC)}
        watch.attempt("upload", lambda file=file: setattr(panel._upload, "value", (file,)))
        status = panel._status.value
        assert "<b>c</b>" not in status
        understood += "classify this: " not in status
        panel._upload.value = ()
    watch.counts["pictures understood"] = understood
    assert understood


def _few_texts():
    rows = [(f"a {('good', 'bad')[number % 2]} thing{'!' * (number % 3)} {number}", number % 2) for number in range(60)]
    table = pd.DataFrame(rows, columns=["text", "label"]).replace({"label": {0: "good", 1: "bad"}})
    return text_task("few", table, np.array((["train"] * 6 + ["validation"] * 2 + ["test"] * 2) * 6), ("bad", "good"))


def test_the_text_panel(watch):
    random, count = dice(USUAL)
    panel = TextPanel(_few_texts(), features=("words",))
    light = [name for name in FEATURES if name != "encoder vector"]
    sentences = [
        "Good.",
        "",
        "   ",
        "<script>x</script>",
        "😀" * 50,
        "word " * 3000,
        "a\0b",
        "Очень вкусно",
        "\u202e",
        "$x_$",
    ]

    def tick():
        box = panel._ticks[random.choice(light)]
        box.value = not box.value

    def model():
        panel._model.value = random.choice(MODELS)

    def ask():
        panel._sentence.value = random.choice(sentences)

    def try_it():
        next(part for part in parts(panel.widget) if isinstance(part, widgets.Button)).click()

    def check():
        assert "<script>" not in panel._answer.value
        if ticked := panel._ticked():
            assert panel.fitted.features == ticked and panel.fitted.model == panel._model.value
            watch.counts["comparisons"] += 1

    watch.play(random, count, [tick, model, ask, ask, ask, try_it, panel.__repr__, panel.still], check)
