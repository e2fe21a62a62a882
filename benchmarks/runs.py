"""Whole runs: what measuring costs beside learning, and what a race costs beside its runs."""

from collections.abc import Iterator

import keras
import numpy as np

from benchmarks import kernels
from benchmarks.row import Row, side_by_side
from utils import RacePlan, Settings, StrategyRace, load_pair, race, run
from utils.models import pretrained

UPDATES, EVERY, BATCH = 400, 10, 32
POINTS = UPDATES // EVERY
MEASURED = 500  # validation images of each task at a point
RACERS = ("feature extraction", "fine-tuning", "joint training", "learning without forgetting")


def rows() -> Iterator[Row]:
    """A run of 400 updates with its 40 points, against plain Keras and against its own training; a race of four."""
    settings = Settings(updates=UPDATES, evaluate_every=EVERY, batch_size=BATCH)
    plain = _PlainKeras(settings)
    run(settings)
    training = []

    def whole():
        training.append(run(settings).seconds)

    own, keras_s, learning, measuring = side_by_side(whole, plain.run, plain.gradients(), plain.points(), rounds=3)
    alone = f"the kernels alone: {keras_s / (learning + measuring):.1f} ×"
    what = f"a whole run of {UPDATES} updates with its {POINTS} points, against the same in plain Keras"
    yield Row(what, f"{keras_s / own:.1f} × ({alone})", "at least 4 ×", keras_s / own >= 4)
    share, least = own / min(training), 1 + measuring / min(training)
    what = f"a whole run of {UPDATES} updates, wall time against its training time alone"
    measured = f"{share:.2f} × (with the kernels of its points alone: {least:.2f} ×)"
    yield Row(what, measured, "at most 1.3 ×", share <= 1.3)
    yield _race(settings)


class _PlainKeras:
    """What a reader would write: ten updates with `fit`, then `evaluate` for both tasks, again and again."""

    def __init__(self, settings):
        pair = load_pair(settings.pair)
        self._model = model = pretrained(pair, settings.backbone)
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
        self._make(POINTS)

    def gradients(self):
        """What the updates can't do without."""
        batches = np.arange(EVERY * BATCH).reshape(EVERY, BATCH)
        ten = kernels.gradients(self._model, self._images, self._labels, batches)
        return lambda: [ten() for _ in range(POINTS)]

    def points(self):
        """What the points can't do without."""
        both = kernels.forward(self._model, np.concatenate([images for _, images, _ in self._measured]))
        return lambda: [both() for _ in range(POINTS)]

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

    def undrawn():
        for _ in race(RacePlan(settings, RACERS)):
            pass

    one_after_another()
    live()
    runs, drawn, alone = side_by_side(one_after_another, live, undrawn, rounds=2)
    panel.close()
    what = "race of four strategies, drawn, against the four runs one after another"
    return Row(what, f"{drawn / runs:.2f} × (undrawn: {alone / runs:.2f} ×)", "at most 1 ×", drawn <= runs)
