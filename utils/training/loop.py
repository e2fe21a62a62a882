"""The training loop: settings in, progress out. It is independent of the panels."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np

from utils.checks import check_kind, wrapped
from utils.frameworks import load, tf
from utils.strategies.checks import SettingsError, check_layers, check_loss_options
from utils.strategies.controls import Change, Controls, check_schedule
from utils.strategies.settings import Settings
from utils.strategies.timeline import timeline
from utils.training.batches import Batches, choose_images
from utils.training.evaluation import Evaluation
from utils.training.held_images import hold
from utils.training.held_weights import HeldWeights
from utils.training.pace import Pace
from utils.training.patience import Patience
from utils.training.pool import borrow_engine_for
from utils.training.preparation import check_settings_and_data
from utils.training.progress import Progress, check_last
from utils.training.recorder import Recorder
from utils.training.run import Run


def train(settings: Settings, controls: Controls | None = None) -> Iterator[Progress]:
    """Train from the checkpoint, chunk by chunk. Closing the iterator early ends the training.

    Args:
        settings: The settings of the run.
        controls: The reader's requests, which take effect between two chunks of some 20 ms; None where there will be
            none: then chunks take some 200 ms.

    Yields:
        A `Progress` before the first update, after every chunk, after every evaluation, and at the end, when the run's
        result is known.

    Raises:
        SettingsError: Where settings and data don't fit together.
    """
    check_kind("settings", settings, Settings, "give a Settings", SettingsError)
    attended = controls is not None
    if attended:
        check_kind("controls", controls, Controls, "give Controls, or None")
    yield from chunks(settings, controls if attended else Controls(), attended)


def run(settings: Settings, schedule: Iterable | None = None, progress: Callable = iter) -> Run:
    """Train to the end.

    `run(r.settings, schedule=r.events)` repeats a run `r`, with everything that was switched by hand.

    Args:
        settings: The settings of the run.
        schedule: Changes during the run: pairs (update, `Change`).
        progress: A function around the iterator of `train`, such as `utils.show_updates`, which shows the time left.

    Returns:
        The run.

    Raises:
        SettingsError: Where settings, schedule and data don't fit together.
    """
    check_kind("settings", settings, Settings, "give a Settings", SettingsError)
    controls, latest = Controls(check_schedule(() if schedule is None else schedule, settings)), None
    for step in wrapped(progress, chunks(settings, controls, attended=False)):
        latest = step  # earlier ones needn't be kept
    return check_last(latest).run()


def chunks(settings: Settings, controls: Controls, attended: bool) -> Iterator[Progress]:
    """The training, chunk by chunk.

    Args:
        settings: The settings of the run.
        controls: The requests.
        attended: Whether a switch may be flipped at any moment. If only a stop can come, chunks are longer.

    Yields:
        As `train`.

    Raises:
        SettingsError: As `train`.
    """
    load()  # waits where a panel has been shown before TensorFlow is imported
    pair = settings.tasks()
    check_settings_and_data(settings, pair)
    with borrow_engine_for(settings) as (engine, checkpoint):
        yield from _Training(settings, controls, pair, engine, checkpoint, attended).steps()


class _Training:
    """One training in progress."""

    def __init__(self, settings, controls, pair, engine, checkpoint, attended):
        self.settings, self.controls, self.pair, self.engine = settings, controls, pair, engine
        self.record = Recorder(settings)
        self.update, self.status = 0, "training"
        self.strategy = settings.row
        self.events, self.spans = [], timeline(settings, (), settings.updates)
        self.span = self.spans[0]
        images = settings.new_images + (self._old_images if self.strategy.rehearses else 0)
        engine.reset(checkpoint, settings.seed, images)
        engine.optimizers.set_learning_rate(self.span.learning_rate, settings.rate_factors)
        engine.set_trained(self.span.layers)
        self.images, self.labels = self._examples(pair.new, settings.new_images)
        began = time.perf_counter()
        if settings.standardizes:
            engine.standardize(self.images)
        self.seconds = time.perf_counter() - began
        self.batches = {"new": Batches(settings.new_images, settings.batch_size, settings.seed)}
        if self.strategy.rehearses:
            self.batches["old"] = Batches(self._old_images, settings.batch_size, settings.seed, task=1)
        self.evaluation = Evaluation(engine, pair, checkpoint)
        self.learned, self.pace, self.patience = set(), Pace(attended), Patience(settings.patience, settings.rate_drops)

    @property
    def _old_images(self):
        return len(self.pair.old.x_train) if self.settings.old_images is None else self.settings.old_images

    def _material(self):
        """The training data, with what the terms of the loss record and prepare from the checkpoint."""
        old = self._examples(self.pair.old, self._old_images) if self.strategy.needs_old_data else ()
        return self.engine.material(self.images, self.labels, *old)

    def _examples(self, task, count):
        chosen = choose_images(task.y_train, count, self.settings.seed)
        return hold(task.x_train, chosen), tf.constant(task.y_train[chosen])

    def steps(self):
        """The training, chunk by chunk."""
        self.record.set_fields(
            old_accuracy_before=self.evaluation.test_accuracy("old"),
            total_parameters=self.engine.parameters,
        )
        self._evaluate()
        began = time.perf_counter()
        self.material = self._material()
        self.seconds += time.perf_counter() - began  # recording is part of the strategy's cost
        yield self._progress(True)
        while self.status == "training" and self.update < self.settings.updates:
            self._apply(self._next_change())
            if self.status == "stopped":
                break
            self._advance()
            if self.status == "training":
                evaluates = self.update % self.settings.evaluate_every == 0 or self.update == self.settings.updates
                yield self._progress(False, evaluates)  # an evaluation takes as long as a chunk: time to draw before it
                if evaluates:
                    self._evaluate()
                    if self.patience.exhausted:
                        break
                    if self.status == "training":
                        yield self._progress(True)
        self._finish()
        yield self._progress(True)

    def _next_change(self):
        """What the schedule and the reader ask for; first a lower rate, where patience says so (as a replay's has)."""
        drop = Change(learning_rate=self.span.learning_rate / 10) if self.patience.take_drop() else Change()
        return drop.then(self.controls.take(self.update))

    def _apply(self, change: Change):
        """Make a change, record what it really changed, and enter the next span if one begins here."""
        stages_follow = self.spans[-1] != self.span
        if actual := self._actual_change(change):
            self.record.add_event(self.update, actual)
            self.events.append((self.update, actual))
            self.spans = timeline(self.settings, self.events, self.settings.updates)
        if change.stop:
            self.status = "stopped"
        if stages_follow or replace(actual, stop=False):
            self.patience.restart()
        span = self._span_now()
        if span.fresh_optimizer and span.first > self.span.first:
            self.engine.optimizers.reset()
        if span.layers != self.span.layers:
            self.engine.set_trained(span.layers)
        if span.learning_rate != self.span.learning_rate:
            self.engine.optimizers.set_learning_rate(span.learning_rate, self.settings.rate_factors)
        self.span = span

    def _span_now(self):
        return next(span for span in self.spans if span.first <= self.update < span.last)

    def _actual_change(self, change):
        """The change without what it leaves as it is."""
        now = self._span_now()
        layers = change.trained_layers
        if layers is not None:
            layers = check_layers(layers, self.settings.network, self.settings.row)
            if now == self.spans[-1] and layers == now.layers:  # with stages to come, the reader takes over
                layers = None
        names = ("learning_rate", "old_loss_weight")
        values = {name: getattr(change, name) for name in names if getattr(change, name) != getattr(now, name)}
        options = dict(set(change.options.items()) - set(now.options))
        values["temperature"] = options.pop("temperature", None)
        values["loss_options"] = check_loss_options(options, self.settings.row) if options else None
        return Change(layers, stop=change.stop, **values)

    def _advance(self):
        """Make a chunk of updates, up to the next evaluation or change at most."""
        every = self.settings.evaluate_every
        ends = [self.span.last, (self.update // every + 1) * every, self.controls.next_scheduled()]
        count = min(end for end in ends if end is not None and end > self.update) - self.update
        count = min(count, self.pace.updates(self.engine.trained), self.controls.most_updates or count)
        self.engine.trace(self.settings.batch_size)  # the second that it takes isn't part of the strategy's cost
        began = time.perf_counter()
        rows = {task: batches.rows(self.update, count) for task, batches in self.batches.items()}
        weight, options = self.span.old_loss_weight, dict(self.span.options)
        losses = self.engine.update(self.material, rows, weight, options, self.settings.head_l2)
        seconds = time.perf_counter() - began
        self.pace.record(self.engine.trained, count, seconds)
        self.seconds += seconds
        is_finite = np.isfinite(losses)
        finite = count if is_finite.all() else int(np.argmin(is_finite))
        self.record.add_losses(losses[:finite])
        self.update += finite
        self.learned.update(self.span.trained)
        if finite < count:
            self._diverge()

    def _evaluate(self):
        values, drift = self.evaluation.point()
        if np.isfinite([*values.values(), *drift]).all():
            self.record.add_evaluation(self.update, drift, **values)
            self.patience.observe(self.update, values["new_loss"], self.engine.model.snapshot)
        else:
            self._diverge()

    def _diverge(self):
        self.status = "diverged"
        self.record.set_fields(
            message=f"The loss stopped being a number at update {self.update}: with a learning rate of "
            f"{self.span.learning_rate:g} the steps were too large. Start again with a lower rate."
        )

    def _finish(self):
        if self.status == "training":
            self.status = "finished"
        if self.status == "stopped":
            self.record.set_fields(message=f"Stopped by hand at update {self.update} of {self.settings.updates}.")
        if self.status != "diverged" and self.record.last_evaluated != self.update:
            self._evaluate()
        if self.status != "diverged" and self.patience.best_weights:
            self._restore_best()
        for task in ("old", "new"):
            accuracy, balanced = self.evaluation.test_accuracies(task)
            self.record.set_fields(**{f"{task}_accuracy": accuracy, f"{task}_balanced_accuracy": balanced})

    def _restore_best(self):
        self.engine.model.restore(self.patience.best_weights)
        ended = f"Stopped by hand at update {self.update:,}"
        if self.status == "finished":
            ended = "Validation stopped improving" if self.patience.exhausted else "The updates were used up"
        best = f"the result is from update {self.patience.best_update:,}, where the validation loss was lowest"
        self.record.set_fields(message=f"{ended}: {best}.")

    def _progress(self, evaluated, pending=False):
        learned = [name for name in self.engine.model.layer_names if name in self.learned]
        self.record.set_fields(
            status=self.status,
            seconds=self.seconds,
            trained_parameters=sum(map(self.engine.model.parameters, learned)),
        )
        weights = self.engine.model.snapshot
        if self.status != "training":  # from here on the engine may be lent to another run
            final = weights()
            self.record.set_fields(held=HeldWeights(final))
            weights = lambda: final  # noqa: E731
        return Progress(
            self.update, self.settings.updates, self.status, evaluated, self.span.trained, self.span.learning_rate,
            self.record.run, pending, weights, self.settings.patience > 0,
        )  # fmt: skip
