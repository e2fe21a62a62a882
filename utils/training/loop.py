"""The training loop: settings in, progress out. It knows no widget."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from utils.tasks import load_pair
from utils.training.batches import Batches, choose_images
from utils.training.checks import SettingsError, check_layers
from utils.training.controls import Change, Controls, check_schedule
from utils.training.evaluation import Evaluation, as_tensor
from utils.training.patience import Patience
from utils.training.pool import borrowed_for
from utils.training.recorder import Recorder
from utils.training.run import Run
from utils.training.settings import Settings
from utils.training.step import Material
from utils.training.strategies import STRATEGIES

CHUNK_SECONDS = 0.02  # so long may a switch wait


@dataclass(frozen=True)
class Progress:
    """How far a training has come.

    update: made so far, of `updates` planned. status: as in `Run`. evaluated: whether a new evaluation point is there.
    trained_layers: those that learn now. learning_rate: as it is now. run: makes a `Run` of all that was recorded.
    pending: whether an evaluation of just this update comes next.
    weights: makes a copy of all weights, layer by layer, as they are when it's called: call it in the thread that
        trains, before the training goes on. At the end it gives the last ones.
    may_end_early: whether `updates` is a limit rather than a plan.
    """

    update: int
    updates: int
    status: str
    evaluated: bool
    trained_layers: tuple[str, ...]
    learning_rate: float
    run: Callable[[], Run]
    pending: bool = False
    weights: Callable[[], dict[str, list[np.ndarray]]] = dict
    may_end_early: bool = False


def train(settings: Settings, controls: Controls | None = None) -> Iterator[Progress]:
    """Train from the checkpoint, a chunk of some 20 ms at a time; between two, `controls` is obeyed.

    Yields a `Progress` before the first update, after every chunk, after every evaluation, and at the end, when the
    run's result is known.
    Leaving the iterator early (or closing it) ends the training.
    Raises a `SettingsError` where settings and data don't fit together.
    """
    controls = controls or Controls()
    pair = load_pair(settings.pair, **settings.knobs)
    _check_images("new_images", settings.new_images, settings.pair, pair.new)
    if STRATEGIES[settings.strategy].needs_old_data and settings.old_images is not None:
        _check_images("old_images", settings.old_images, settings.pair, pair.old)
    with borrowed_for(settings) as (engine, checkpoint):
        yield from _Training(settings, controls, pair, engine, checkpoint).steps()


def run(settings: Settings, schedule: Iterable | None = None, progress: Callable = iter) -> Run:
    """Train to the end and give the `Run`. schedule: pairs (update, `Change`), what is switched when.

    `run(r.settings, schedule=r.events)` makes a run again that was switched by hand.
    progress: wraps what `train` yields, such as `utils.counted_updates`, which says how long it still takes.
    """
    if not isinstance(settings, Settings):
        raise SettingsError(f"settings={settings!r} is not allowed: give a Settings.")
    for step in progress(train(settings, Controls(check_schedule(schedule or (), settings)))):
        latest = step  # what came before needn't be kept
    return latest.run()


def _check_images(field, wanted, name, task):
    there = len(task.x_train)
    if wanted > there:
        raise SettingsError(f"{field}={wanted} is not allowed: {name} has {there:,} of that task to train on.")


class _Training:
    """One training in progress."""

    def __init__(self, settings, controls, pair, engine, checkpoint):
        self.settings, self.controls, self.pair, self.engine = settings, controls, pair, engine
        self.record = Recorder(settings)
        self.update, self.status = 0, "training"
        self.strategy = STRATEGIES[settings.strategy]
        self.stages = list(settings.stages)
        self.learning_rate, self.factors = settings.learning_rate, settings.rate_factors
        self.knobs = {"old_loss_weight": settings.protection, "temperature": settings.temperature}
        images = settings.new_images + (self._old_images if self.strategy.needs_old_data else 0)
        engine.reset(checkpoint, settings.seed, images)
        engine.set_learning_rate(self.learning_rate, self.factors)
        engine.set_trained(self.stages.pop(0)[1])
        chosen = choose_images(pair.new.y_train, settings.new_images, settings.seed)
        self.images, self.labels = as_tensor(pair.new.x_train[chosen]), tf.constant(pair.new.y_train[chosen])
        began = time.perf_counter()
        if settings.standardizes:
            engine.standardize(self.images)
        self.seconds = time.perf_counter() - began
        self.batches = {"new": Batches(settings.new_images, settings.batch_size, settings.seed)}
        if self.strategy.needs_old_data:
            self.batches["old"] = Batches(self._old_images, settings.batch_size, settings.seed, task=1)
        self.evaluation = Evaluation(engine, pair, checkpoint)
        self.learned = set()
        self.pace, self.patience = _Pace(), Patience(settings.patience)

    @property
    def _old_images(self):
        there = len(self.pair.old.x_train)
        return there if self.settings.old_images is None else self.settings.old_images

    def _material(self):
        """The images of this run, and what the checkpoint says about the new ones, recorded once."""
        old, recorded = self.pair.old, self.engine.record(self.images)
        if not self.strategy.needs_old_data:
            return Material(self.images, self.labels, recorded=recorded)
        chosen = choose_images(old.y_train, self._old_images, self.settings.seed)
        rehearsed = as_tensor(old.x_train[chosen]), tf.constant(old.y_train[chosen])
        return Material(self.images, self.labels, *rehearsed, recorded)

    def steps(self):
        """The training, chunk by chunk."""
        self.record.facts(
            old_accuracy_before=self.evaluation.test_accuracy("old"),
            total_parameters=self.engine.parameters,
        )
        self._evaluate()
        began = time.perf_counter()
        self.material = self._material()
        self.seconds += time.perf_counter() - began  # what is recorded is part of the strategy's cost
        yield self._progress(True)
        while self.status == "training" and self.update < self.settings.updates:
            self._apply(self.controls.take(self.update))
            if self.status == "stopped":
                break
            self._advance()
            if self.status == "training":
                due = self.update % self.settings.evaluate_every == 0 or self.update == self.settings.updates
                yield self._progress(False, due)  # evaluating takes as long as a chunk: who draws may do so before
                if due:
                    self._evaluate()
                    if self.patience.exhausted:
                        break
                    if self.status == "training":
                        yield self._progress(True)
        self._finish()
        yield self._progress(True)

    def _apply(self, change: Change):
        """Obey a change, and write down what it really changed."""
        waits_for_a_stage = bool(self.stages)
        while self.stages and self.stages[0][0] <= self.update:
            start, layers = self.stages.pop(0)
            if start == self.settings.warm_up:
                self.engine.reset_optimizers()
            self.engine.set_trained(layers)
        layers, rate, knobs = None, None, {}
        if change.trained_layers is not None:
            wanted = check_layers(change.trained_layers, self.settings.backbone, self.settings.strategy)
            if self.stages or wanted != self.engine.trained:
                layers = wanted
                self.stages.clear()  # from here on the reader decides
                self.engine.set_trained(wanted)
        if change.learning_rate is not None and change.learning_rate != self.learning_rate:
            rate = self.learning_rate = change.learning_rate
            self.engine.set_learning_rate(rate, self.factors)
        for name, now in self.knobs.items():
            if getattr(change, name) not in (None, now):
                knobs[name] = self.knobs[name] = getattr(change, name)
        if change.stop:
            self.status = "stopped"
        if waits_for_a_stage or layers or rate or knobs:
            self.patience.restart()
        if done := Change(layers, rate, change.stop, **knobs):
            self.record.event(self.update, done)

    def _advance(self):
        """Make a chunk of updates: no longer than a reader may wait, and up to the next thing that is due."""
        every = self.settings.evaluate_every
        ends = [self.settings.updates, (self.update // every + 1) * every, self.controls.next_scheduled()]
        if self.stages:
            ends.append(self.stages[0][0])
        count = min(end for end in ends if end is not None and end > self.update) - self.update
        count = min(count, self.pace.updates(self.engine.trained), self.controls.most_updates or count)
        self.engine.trace(self.settings.batch_size)  # a second that belongs to TensorFlow, not to the strategy
        began = time.perf_counter()
        rows = {task: batches.rows(self.update, count) for task, batches in self.batches.items()}
        knobs = self.knobs["old_loss_weight"], self.knobs["temperature"], self.settings.head_l2
        losses = self.engine.update(self.material, rows, *knobs)
        taken = time.perf_counter() - began
        self.pace.measured(self.engine.trained, count, taken)
        self.seconds += taken
        finite = np.isfinite(losses)
        good = count if finite.all() else int(np.argmin(finite))
        self.record.losses(losses[:good])
        self.update += good
        self.learned.update(self.engine.trained)
        if good < count:
            self._diverge()

    def _evaluate(self):
        values, drift = self.evaluation.point()
        if np.isfinite([*values.values(), *drift]).all():
            self.record.evaluation(self.update, drift, **values)
            self.patience.see(self.update, values["new_loss"], self.engine.model.snapshot)
        else:
            self._diverge()

    def _diverge(self):
        self.status = "diverged"
        self.record.facts(
            message=f"The loss stopped being a number at update {self.update}: with a learning rate of "
            f"{self.learning_rate:g} the steps were too large. Start again with a lower rate."
        )

    def _finish(self):
        if self.status == "training":
            self.status = "finished"
        if self.status == "stopped":
            self.record.facts(message=f"Stopped by hand at update {self.update} of {self.settings.updates}.")
        if self.status != "diverged" and self.record.last_evaluated != self.update:
            self._evaluate()
        if self.status != "diverged" and self.patience.best_weights:
            self._go_back_to_the_best()
        measured = {f"{task}_accuracy": self.evaluation.test_accuracy(task) for task in ("old", "new")}
        self.record.facts(**measured)

    def _go_back_to_the_best(self):
        self.engine.model.restore(self.patience.best_weights)
        ended = f"Stopped by hand at update {self.update:,}"
        if self.status == "finished":
            ended = "Validation stopped improving" if self.patience.exhausted else "The updates were used up"
        best = f"the result is from update {self.patience.best_update:,}, where the validation loss was lowest"
        self.record.facts(message=f"{ended}: {best}.")

    def _progress(self, evaluated, pending=False):
        backbone = self.settings.backbone
        learned = [name for name in self.strategy.reached(backbone) if name in self.learned]
        self.record.facts(
            status=self.status,
            seconds=self.seconds,
            trained_parameters=sum(map(self.engine.model.parameters, learned)),
        )
        trained = self.strategy.learning(self.engine.trained, backbone)
        weights = self.engine.model.snapshot
        if self.status != "training":  # from here on the engine is lent to others
            last = weights()
            weights = lambda: last  # noqa: E731
        return Progress(
            self.update, self.settings.updates, self.status, evaluated, trained, self.learning_rate, self.record.run,
            pending, weights, self.settings.patience > 0,
        )  # fmt: skip


class _Pace:
    """How many updates fit into a chunk, learnt from the chunks before. It changes no number, only the waiting."""

    def __init__(self):
        self._seconds = {}

    def updates(self, trained):
        if trained not in self._seconds:
            return 2
        return max(1, int(CHUNK_SECONDS / self._seconds[trained]))

    def measured(self, trained, count, seconds):
        each = seconds / count
        # The first chunk may hold a trace: let it count for little.
        self._seconds[trained] = min(each, CHUNK_SECONDS / 4) if trained not in self._seconds else each
