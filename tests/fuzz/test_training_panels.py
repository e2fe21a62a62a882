"""Whatever is pressed on the other panels that train: no error comes back from them, and what they show is so."""

import html
import json
import time

import ipywidgets as widgets
import keras
import numpy as np
import pytest
from keras import layers

from tests.fuzz.dice import dice
from tests.fuzz.player import SHORT, Player, buttons_but_early_stopping
from tests.fuzz.watch import CHECK_EVERY
from tests.training.comparing import QUICK, assert_same
from tests.widgets.panel import Panel
from utils import FeatureViewer, FreezeBoard, Playground, Settings, StrategyRace, run

pytestmark = [pytest.mark.exhaustive, pytest.mark.usefixtures("quick")]
USUAL = 300  # interactions with each panel
RNG = np.random.default_rng(3)
X = RNG.random((120, 8, 8, 1), dtype=np.float32)


def play(board, watch, random, count, **options):
    """Interactions with a board or the playground."""
    player = Player(board, random, watch, **options)
    for number in range(1, count + 1):
        player.act()
        if number % CHECK_EVERY == 0:
            player.check()
    player.end()


def test_the_playground(watch):
    random, count = dice(USUAL)
    play(
        Playground(Settings("plane", updates=24, new_images=100, batch_size=16, evaluate_every=8)), watch, random, count
    )


def own_network(random_layer):
    keras.utils.set_random_seed(0)
    body = [
        layers.Conv2D(3, 3, name="low"),
        random_layer,
        layers.Conv2D(3, 3, name="high"),
        layers.BatchNormalization(),
    ]
    return keras.Sequential([keras.Input((8, 8, 1)), *body, layers.Flatten(), layers.Dense(2)], name="mine")


@pytest.mark.parametrize(
    "make", [lambda: layers.Dropout(0.4), lambda: layers.GaussianNoise(0.3)], ids=["Dropout", "GaussianNoise"]
)
def test_a_network_of_ones_own(watch, make):
    random, count = dice(USUAL // 2)
    old, new = ((x, (x[:, 0, 0, 0] > 0.5).astype(int)) for x in (X[:60], X[60:]))
    quick = {"updates": 16, "evaluate_every": 8, "batch_size": 16, "new_images": 30}
    board = FreezeBoard.for_model(own_network(make()), old, new, quick)
    play(board, watch, random, count, strategies=("fine-tuning", "learning without forgetting"))


def test_the_race(watch):
    """Ticks, fields, Start at any moment; the code of any run; runs of a race that ended can be repeated alone."""
    random, count = dice(USUAL)
    panel = Panel(StrategyRace(QUICK.replace(updates=16), ["fine-tuning", "feature extraction"]))
    panel.field("speed").label = "no limit"
    race, repeated, settings = panel.board, set(), panel.board.plan.settings
    cheap = ("fine-tuning", "feature extraction", "joint training", "fine-tune-FC")

    def press():
        random.choice(buttons_but_early_stopping(panel)).click()

    def tick():
        box = panel.described(widgets.Checkbox, random.choice(cheap))
        box.value = not box.value

    def type_in():
        field = random.choice([text for text in panel.of(widgets.Text) if text.description in SHORT])
        field.value = random.choice(SHORT[field.description])
        panel.field("seeds").value = random.choice(["1", "1", "2", "0", "21", "x", ""])

    def choose():
        choice = panel.described(widgets.Dropdown, "of")
        if choice.options:
            choice.value = random.choice(choice.options)

    def check():
        race._live.stop()
        assert race._live.join(120), "a race that doesn't end"
        with race._live._advancing:
            pass
        for made in race.runs[:1]:
            if id(made) not in repeated and made.status in ("finished", "stopped") and made.updates <= 60:
                repeated.add(id(made))
                assert_same(made, run(made.settings, made.events))
                watch.counts["replays"] += 1

    def start():
        if not race._live.active:
            race._form.set(settings)
            panel.field("seeds").value = "1"
            panel.press("Start")
        if random.random() < 0.6:
            race._live.resume()
            assert race._live.join(120), "a race that doesn't end"

    acts = [press] * 5 + [tick] * 3 + [type_in] * 3 + [choose, race.still, race.__repr__, start, start]
    watch.play(random, count, acts, check)
    race._live.abandon()
    assert race._live.join(120)


def test_the_feature_viewer(watch):
    random, count = dice(USUAL)
    viewer = FeatureViewer(QUICK.replace(updates=40))
    panel = Panel(viewer)
    panel.field("speed").label = "no limit"
    pair = viewer._pair

    def press():
        random.choice(panel.of(widgets.Button)).click()

    def flip():
        switch = random.choice(panel.of(widgets.Checkbox))
        switch.value = not switch.value

    def choose():
        choice = random.choice([box for box in panel.of(widgets.Dropdown) if box.description != "speed"])
        choice.index = random.randrange(len(choice.options))

    def look():
        task = random.choice(["old", "new"])
        viewer.look_at(task, random.choice(getattr(pair, task).class_names), random.randrange(1000))

    def check():
        assert viewer._live.join(120), "a training that doesn't end"
        with viewer._live._advancing:
            pass
        trained = {name for name, state in panel.boxes().items() if state == "trained"}
        assert trained == {name.replace("_", " ") for name in viewer._trained()} or trained == set(viewer._trained())
        watch.counts["comparisons"] += 1

    def finish():
        viewer._live.stop()
        check()

    acts = [press] * 4 + [flip] * 4 + [choose] * 3 + [look, viewer.__repr__, lambda: time.sleep(0.01)]
    watch.play(random, count, acts, finish)
    viewer._live.abandon()
    assert viewer._live.join(120)


def test_the_keras_code(watch):
    """Shown and hidden while runs start, end and are removed: what is shown is the code of a run that there is."""
    random, count = dice(USUAL)
    panel = Panel(FreezeBoard(QUICK.replace(updates=8)))
    panel.field("speed").label = "no limit"
    board, code = panel.board, panel.board._display.code

    def toggle():
        random.choice([b for b in panel.of(widgets.Button) if "the Keras code" in b.description]).click()

    def press():
        panel.press(random.choice(["Start", "Stop", "Step", "Remove selected runs", "Undo", "Back to the checkpoint"]))

    def strategy():
        panel.field("strategy").value = random.choice(
            ["fine-tuning", "feature extraction", "learning without forgetting"]
        )

    def check():
        board._live.stop()
        assert board._live.join(120)
        with board._live._advancing:
            pass
        if code.shown is not None:
            assert code.shown in code._runs().values(), "the code of a run that is gone"
            assert html.escape(json.dumps(code.shown.to_keras_code())) in code._copy.value, "other code is copied"
            watch.counts["comparisons"] += 1

    def finish():
        board._live.resume()
        assert board._live.join(120)

    acts = [toggle] * 4 + [press] * 4 + [strategy, finish, lambda: time.sleep(0.005)]
    watch.play(random, count, acts, check)
    board._live.abandon()
    assert board._live.join(120)
