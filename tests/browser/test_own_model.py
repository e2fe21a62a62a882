"""A network of the reader's own on the board, and live curves of plain `fit`, in JupyterLab."""

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_it_fits

BOARD = """import utils
import keras
import numpy as np
from keras import layers

pair = utils.load_pair("digits-drawings")
model = keras.Sequential([
    keras.Input((28, 28, 1)), layers.Conv2D(8, 3, strides=2, activation="relu", name="edges"),
    layers.Flatten(), layers.Dense(16, activation="relu", name="mix"), layers.Dense(10, name="digit")], name="mine")
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile("adam", loss, metrics=["accuracy"])
new = pair.new.x_train[:600], pair.new.y_train[:600]
board = utils.FreezeBoard.for_model(model, pair.old, new, {"updates": 60, "evaluate_every": 20})
board"""
RESULT = """one = board.runs[-1]
moved = dict(zip(one.layer_names, one.history["drift"][-1]))
print(one.updates, moved["edges"] > 0, moved["mix"] > 0, one.settings.pair.rsplit("-", 1)[0], sep="|")"""
FIT = """callbacks = [utils.ForgettingCallback(pair.old.x_test[:100], pair.old.y_test[:100]), utils.LiveCurves()]
history = model.fit(*new, epochs=3, verbose=0, callbacks=callbacks).history"""

DEEP = """blocks = [layers.Conv2D(4, 3, padding="same", name=f"stage{i // 4 + 1}_conv{i}") for i in range(36)]
deep = keras.Sequential([keras.Input((28, 28, 1)), *blocks, layers.Flatten(), layers.Dense(10)], name="deep")
utils.FreezeBoard.for_model(deep, pair.old, new, outputs="logits")"""


@pytest.fixture(scope="module")
def notebook(show):
    notebook = show("own.ipynb", BOARD, RESULT, FIT, DEEP)
    notebook.run(0)
    return notebook


def test_the_readers_network_by_mouse(notebook):
    """One block is frozen with its switch, and the run leaves its weights as they were."""
    area = notebook.output(0)
    area.get_by_role("checkbox", name="edges", exact=True).uncheck()
    area.get_by_label("speed").select_option(label="no limit")
    area.get_by_role("button", name="Start", exact=True).click()
    expect(area.get_by_role("status")).to_contain_text("(60 updates, ", timeout=90_000)
    assert notebook.printed(1) == "60|False|True|mine"


def test_live_curves_of_a_plain_fit(notebook):
    notebook.run(2)
    picture = notebook.output(2).locator("img").first
    expect(picture).to_be_visible(timeout=60_000)
    assert picture.evaluate("image => image.naturalWidth") >= 760
    check_it_fits(notebook, 2)


def test_the_names_of_nine_blocks_can_be_read(notebook):
    notebook.run(3)
    area = notebook.output(3)

    def names_are_whole():
        for number in range(1, 10):
            switch = area.locator(".widget-checkbox", has_text=f"stage{number}")
            expect(switch).to_be_visible(timeout=60_000)
            cut = "name => [name, name.parentElement].some(one => one.scrollWidth > one.clientWidth)"
            assert not switch.locator("span").evaluate(cut), number

    check_it_fits(notebook, 3, names_are_whole)
    area.get_by_role("button", name="Projector mode", exact=True).click()
    expect(area.get_by_label("seed", exact=True)).to_be_hidden()
    names_are_whole()
