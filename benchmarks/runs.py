"""Whole runs: what measuring costs beside learning, and what a race costs beside its runs."""

import time
from collections.abc import Iterator

import keras

from benchmarks.row import Row, side_by_side
from utils import Settings, StrategyRace, load_pair, run
from utils.models import pretrained

UPDATES, EVERY, BATCH = 400, 10, 32
MEASURED = 500  # validation images of each task at a point
RACERS = ("feature extraction", "fine-tuning", "joint training", "learning without forgetting")


def rows() -> Iterator[Row]:
    """A run of 400 updates with its 40 points, against plain Keras and against its own training; a race of four."""
    settings = Settings(updates=UPDATES, evaluate_every=EVERY, batch_size=BATCH)
    plain = _PlainKeras(settings)
    made = run(settings)
    own, keras_s = side_by_side(lambda: run(settings), plain.run, rounds=3)
    yield _at_least("a whole run of 400 updates with its 40 points, against the same in plain Keras", keras_s / own, 4)
    shares = []
    for _ in range(3):
        began = time.perf_counter()
        made = run(settings)
        shares.append((time.perf_counter() - began) / made.seconds)
    what = "a whole run of 400 updates, wall time against its training time alone"
    yield Row(what, f"{min(shares):.2f} ×", "at most 1.3 ×", min(shares) <= 1.3)
    yield _race(settings)


class _PlainKeras:
    """What a reader would write: ten updates with `fit`, then `evaluate` for both tasks, again and again."""

    def __init__(self, settings):
        pair = load_pair(settings.pair)
        model = pretrained(pair, settings.backbone)
        self._old, self._new = (model.keras_model(task) for task in ("old", "new"))
        for network in (self._old, self._new):
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            network.compile("adam", loss, metrics=["accuracy"])
        self._images, self._labels = (part[: EVERY * BATCH] for part in (pair.new.x_train, pair.new.y_train))
        self._measured = [
            (network, task.x_validation[:MEASURED], task.y_validation[:MEASURED])
            for network, task in ((self._old, pair.old), (self._new, pair.new))
        ]
        self._make(1)

    def run(self):
        """The whole run."""
        self._make(UPDATES // EVERY)

    def _make(self, points):
        for _ in range(points):
            self._new.fit(self._images, self._labels, batch_size=BATCH, verbose=0)
            for network, images, labels in self._measured:
                network.evaluate(images, labels, batch_size=100, verbose=0)


def _race(settings):
    """Against its runs one after another, undrawn; the race is drawn as on the page, up to ten times a second."""
    panel = StrategyRace(settings, RACERS)
    panel._live.set_pace(None)

    def one_after_another():
        for strategy in RACERS:
            run(Settings(strategy=strategy, updates=UPDATES, evaluate_every=EVERY, batch_size=BATCH))

    def live():
        panel._start(False)
        panel._live.join(300)

    one_after_another()
    live()
    runs, race = side_by_side(one_after_another, live, rounds=2)
    panel.close()
    what = "race of four strategies, drawn, against the four runs one after another"
    return Row(what, f"{race / runs:.2f} ×", "at most 1 ×", race <= runs)


def _at_least(what, ratio, wanted):
    return Row(what, f"{ratio:.1f} ×", f"at least {wanted} ×", ratio >= wanted)
