"""The training loop: settings in, progress out. It knows no widget."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import tensorflow as tf

from utils.strategies.checks import SettingsError, check_layers, check_loss_options
from utils.strategies.controls import Change, Controls, check_schedule
from utils.strategies.settings import Settings
from utils.strategies.timeline import timeline
from utils.training.batches import Batches, choose_images
from utils.training.evaluation import Evaluation, as_tensor
from utils.training.held_weights import HeldWeights
from utils.training.pace import Pace
from utils.training.patience import Patience
from utils.training.pool import borrowed_for
from utils.training.progress import Progress
from utils.training.recorder import Recorder
from utils.training.run import Run


def train(settings: Settings, controls: Controls | None = None) -> Iterator[Progress]:
    """Train from the checkpoint, a chunk of some 20 ms at a time; between two, `controls` is obeyed.

    Yields a `Progress` before the first update, after every chunk, after every evaluation, and at the end, when the
    run's result is known.
    Leaving the iterator early (or closing it) ends the training.
    Raises a `SettingsError` where settings and data don't fit together.
    """
    controls = controls or Controls()
    pair = settings.tasks()
    _check_images("new_images", settings.new_images, settings.pair, pair.new)
    if settings.row.needs_old_data and settings.old_images is not None:
        _check_images("old_images", settings.old_images, settings.pair, pair.old)
    for term in settings.row.losses:
        if not term.known:
            raise SettingsError(
                f"losses: {term.name!r} is not known in this process: to run this again, give Settings its Strategy."
            )
    with borrowed_for(settings) as (engine, checkpoint):
        yield from _Training(settings, controls, pair, engine, checkpoint).steps()


def run(settings: Settings, schedule: Iterable | None = None, progress: Callable = iter) -> Run:
    """Train to the end and give the `Run`. schedule: pairs (update, `Change`), what is switched when.

    `run(r.settings, schedule=r.events)` makes a run again that was switched by hand.
    progress: wraps what `train` yields, such as `utils.show_updates`, which says how long it still takes.
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
        self.strategy = settings.row
        self.events, self.spans = [], timeline(settings, (), settings.updates)
        self.span = self.spans[0]
        images = settings.new_images + (self._old_images if self.strategy.rehearses else 0)
        engine.reset(checkpoint, settings.seed, images)
        engine.set_learning_rate(self.span.learning_rate, settings.rate_factors)
        engine.set_trained(self.span.layers)
        chosen = choose_images(pair.new.y_train, settings.new_images, settings.seed)
        self.images, self.labels = as_tensor(pair.new.x_train[chosen]), tf.constant(pair.new.y_train[chosen])
        began = time.perf_counter()
        if settings.standardizes:
            engine.standardize(self.images)
        self.seconds = time.perf_counter() - began
        self.batches = {"new": Batches(settings.new_images, settings.batch_size, settings.seed)}
        if self.strategy.rehearses:
            self.batches["old"] = Batches(self._old_images, settings.batch_size, settings.seed, task=1)
        self.evaluation = Evaluation(engine, pair, checkpoint)
        self.learned = set()
        self.pace, self.patience = Pace(), Patience(settings.patience)

    @property
    def _old_images(self):
        there = len(self.pair.old.x_train)
        return there if self.settings.old_images is None else self.settings.old_images

    def _material(self):
        """The images of this run, and what the terms of the loss record and prepare of the checkpoint."""
        old = self.pair.old
        if not self.strategy.needs_old_data:
            return self.engine.material(self.images, self.labels)
        chosen = choose_images(old.y_train, self._old_images, self.settings.seed)
        old_images, old_labels = as_tensor(old.x_train[chosen]), tf.constant(old.y_train[chosen])
        return self.engine.material(self.images, self.labels, old_images, old_labels)

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
        """Obey a change, write down what it really changed, and take the step into another span if one begins here."""
        awaited = self.spans[-1] != self.span
        if done := self._really_changed(change):
            self.record.event(self.update, done)
            self.events.append((self.update, done))
            self.spans = timeline(self.settings, self.events, self.settings.updates)
        if change.stop:
            self.status = "stopped"
        if awaited or replace(done, stop=False):
            self.patience.restart()
        span = next(one for one in self.spans if one.first <= self.update < one.last)
        if span.fresh_optimizer and span.first > self.span.first:
            self.engine.reset_optimizers()
        if span.layers != self.span.layers:
            self.engine.set_trained(span.layers)
        if span.learning_rate != self.span.learning_rate:
            self.engine.set_learning_rate(span.learning_rate, self.settings.rate_factors)
        self.span = span

    def _really_changed(self, change):
        """The change without what is so already."""
        now = next(one for one in self.spans if one.first <= self.update < one.last)
        layers = change.trained_layers
        if layers is not None:
            layers = check_layers(layers, self.settings.network, self.settings.row)
            if now == self.spans[-1] and layers == now.layers:  # with stages to come, the reader takes over
                layers = None
        names = ("learning_rate", "old_loss_weight")
        others = {name: getattr(change, name) for name in names if getattr(change, name) != getattr(now, name)}
        options = dict(set(change.options.items()) - set(now.options))
        others["temperature"] = options.pop("temperature", None)
        others["loss_options"] = check_loss_options(options, self.settings.row) if options else None
        return Change(layers, stop=change.stop, **others)

    def _advance(self):
        """Make a chunk of updates: no longer than a reader may wait, and up to the next thing that is due."""
        every = self.settings.evaluate_every
        ends = [self.span.last, (self.update // every + 1) * every, self.controls.next_scheduled()]
        count = min(end for end in ends if end is not None and end > self.update) - self.update
        count = min(count, self.pace.updates(self.engine.trained), self.controls.most_updates or count)
        self.engine.trace(self.settings.batch_size)  # a second that belongs to TensorFlow, not to the strategy
        began = time.perf_counter()
        rows = {task: batches.rows(self.update, count) for task, batches in self.batches.items()}
        weight, options = self.span.old_loss_weight, dict(self.span.options)
        losses = self.engine.update(self.material, rows, weight, options, self.settings.head_l2)
        taken = time.perf_counter() - began
        self.pace.measured(self.engine.trained, count, taken)
        self.seconds += taken
        finite = np.isfinite(losses)
        good = count if finite.all() else int(np.argmin(finite))
        self.record.losses(losses[:good])
        self.update += good
        self.learned.update(self.span.trained)
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
            f"{self.span.learning_rate:g} the steps were too large. Start again with a lower rate."
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
        learned = [name for name in self.engine.model.layer_names if name in self.learned]
        self.record.facts(
            status=self.status,
            seconds=self.seconds,
            trained_parameters=sum(map(self.engine.model.parameters, learned)),
        )
        weights = self.engine.model.snapshot
        if self.status != "training":  # from here on the engine is lent to others
            last = weights()
            self.record.facts(held=HeldWeights(last))
            weights = lambda: last  # noqa: E731
        return Progress(
            self.update, self.settings.updates, self.status, evaluated, self.span.trained, self.span.learning_rate,
            self.record.run, pending, weights, self.settings.patience > 0,
        )  # fmt: skip
