"""Notebook 02, What freezing does: what it states, held against its saved outputs, and what it says of Keras."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.notebooks.statements.stated import cells, printed, prose
from utils.freezing import set_trainable

NAME = "02_what_freezing_does.ipynb"
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def row(text, name):
    """The words in a row of the table that the saved cell with this text shows; a wide table has several parts."""
    lines = printed(NAME, text).splitlines()
    return " ".join(line[len(name) :] for line in lines if line.startswith(name)).split()


def test_it_is_short():
    assert len(cells(NAME, "code")) + len(cells(NAME, "markdown")) <= 35


def test_flags():
    text = prose(NAME)
    (surprise,) = re.findall(r"Surprises: (.*)\.", printed(NAME, "low.trainable = False after a fit"))
    assert surprise == "low: you believed it frozen, and it moved"
    table = "change_flag(True, False, fit_first=False)"
    assert "In the second and third rows, the list and the training disagree" in text
    listed = {name: row(table, name) for name in ("frozen after compile, before any fit", "frozen after a fit ")}
    assert [" ".join(words) for words in listed.values()] == ["frozen stood still", "frozen moved"]
    assert row(table, "unfrozen after a fit") == ["trained", "stood", "still"]
    assert row(table, "frozen after a fit, compiled again") == ["frozen", "stood", "still"]


def test_a_gradient_of_zero():
    table = "def step_without_gradient"
    moved = {name: row(table, name) for name in ("SGD  ", "SGD, momentum 0.9", "AdamW, weight decay 0.5")}
    assert [held for _, held in moved.values()] == ["0.0"] * 3
    plain, momentum, adamw = (zero for zero, _ in moved.values())
    assert float(plain) == 0
    assert f"momentum moves it by {float(momentum):.2f}, AdamW by {float(adamw):.2f}" in prose(NAME)


def test_models_in_models():
    table = '"base off, low on": set_flags'
    assert row(table, "base off, low on") == ["True", "0", "moved", "stood", "still"]
    assert row(table, "low off, base on") == ["False", "2", "stood", "still", "moved"]
    assert row(table, "low off, base off, base on") == ["True", "4", "moved", "moved"]


def test_batch_normalization():
    text, table = prose(NAME), "table[state] ="
    (before,) = re.findall(r"Old task before: (\d+\.\d)%", printed(NAME, table))
    states = ("trained", "called with training=False", "gamma and beta frozen", "frozen")
    after = {name: re.findall(r"\d+\.\d ± \d+\.\d", " ".join(row(table, f"{name}  ")))[0] for name in states}
    assert f"Before, {before}% of the digits are read correctly; after 10 updates, {after['trained']}% are." in text
    assert f"with gamma and beta frozen, too, {after['gamma and beta frozen']}% are left" in text
    assert "The argument `training=False` changes nothing here" in text
    assert after["called with training=False"] == after["trained"]
    assert f"also within `fit`: {after['frozen']}%" in text and after["frozen"] == f"{before} ± 0.0"
    assert f"An interval of ± {after['gamma and beta frozen'].split(' ± ')[1]} isn't certainty" in text
    assert f"$0.9^{{10}} =$ {0.9**10:.0%} or $0.99^{{10}} =$ {0.99**10:.0%}" in text


def test_the_momentum_of_batch_normalization():
    text = prose(NAME)
    output = printed(NAME, "pass_drawings")
    found = [re.search(rf"{momentum}: (\S+) after 10 updates, (\S+) after 100", output) for momentum in ("0.9", "0.99")]
    ten, hundred = zip(*(match.groups() for match in found), strict=True)
    assert f"ten updates do next to nothing: {ten[1]} are left, against {ten[0]}" in text
    assert f"After a hundred, {hundred[1]} are left. The default takes about ten times as long" in text
    assert abs(float(hundred[1][:-1]) - float(ten[0][:-1])) < 5


def test_the_recipe():
    probed, tuned = re.findall(r"\d+\.\d%", printed(NAME, "# Stage 1: the head alone."))
    text = prose(NAME)
    assert f"the head alone gets {probed} of the test drawings right, and both stages together {tuned}" in text
    moved = re.findall(r"([\w/]+): moved", printed(NAME, "# Stage 1: the head alone."))
    assert "only the head and the convolutions of `stage3` have moved" in text
    assert len(moved) == 4 and all("stage3/conv2d" in layer or "dense" in layer for layer in moved)


def test_what_freezing_saves():
    text, lines = prose(NAME), printed(NAME, "best_time(step").splitlines()
    costs = {
        name: [float(value) for value in values.split()] for name, _, values in (line.partition(": ") for line in lines)
    }
    (ms_all, ms_alone), (mb_all, mb_alone) = (
        [costs[f"{cost}, it {case}"] for case in ("and all above", "alone")]
        for cost in ("ms of CPU time per step", "MB kept for the gradient")
    )
    assert f"A step of all layers takes {ms_all[0]:.1f} ms of computing time" in text
    assert f"one of the head alone {ms_all[4]:.1f} ms" in text
    assert f"`conv1` alone takes {ms_alone[0]:.1f} ms" in text and ms_alone[0] > ms_all[0] / 2
    assert "closer to the full step than to that of the head" in text and ms_alone[0] > (ms_all[0] + ms_all[4]) / 2
    kept = f"{mb_all[0]:.1f} MB are kept from the forward pass for the backward pass"
    assert f"{kept}, {mb_alone[0]:.1f} MB for `conv1`" in text
    assert f"and {mb_all[4]:.2f} MB for the head" in text


# What the Markdown says of Keras, without a cell that shows it.


@pytest.fixture
def model():
    keras.utils.set_random_seed(0)
    low = keras.layers.Dense(8, kernel_regularizer=keras.regularizers.L2(0.1), name="low")
    model = keras.Sequential([keras.Input((6,)), low, keras.layers.Dense(3, name="head")])
    model.compile(keras.optimizers.SGD(0.1), LOSS)
    return model


X, Y = np.random.default_rng(0).random((32, 6), "float32"), np.random.default_rng(1).integers(0, 3, 32)


@pytest.mark.slow
def test_an_optimizer_refuses_what_it_has_never_met(model):
    set_trainable(model, ["head"])
    model.fit(X, Y, verbose=0)
    model.get_layer("low").trainable = True
    model.compile(model.optimizer, LOSS)
    with pytest.raises(ValueError, match="Unknown variable"):
        model.fit(X, Y, verbose=0)


@pytest.mark.slow
def test_a_penalty_leaves_the_loss_with_the_layer(model):
    trained = model.evaluate(X, Y, verbose=0)
    set_trainable(model, ["head"])
    assert model.evaluate(X, Y, verbose=0) < trained - 0.1


@pytest.mark.slow
def test_a_checkpoint_keeps_its_best_value(model, tmp_path):
    keeper = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", monitor="loss", save_best_only=True)
    start = model.get_weights()
    model.fit(X, Y, epochs=5, verbose=0, callbacks=[keeper])
    best = keeper.best
    model.set_weights(start)
    loss = model.fit(X, Y, verbose=0, callbacks=[keeper]).history["loss"][0]
    assert keeper.best == best < loss


def test_a_set_that_is_shuffled_before_it_is_split():
    items = tf.data.Dataset.range(100).shuffle(100)
    test = {int(item) for item in items.take(20)}
    assert test & {int(item) for item in items.skip(20)}


def test_a_clone_has_other_weights(model):
    clone = keras.models.clone_model(model)
    assert (clone.get_weights()[0] != model.get_weights()[0]).any()
    clone.set_weights(model.get_weights())
    assert (clone.get_weights()[0] == model.get_weights()[0]).all()
