"""Pipelines measured under the same conditions, from twelve statistics to a fine-tuned encoder.

Each seed draws nine tenths of the training texts, the same ones for every pipeline, and fixes whatever else is random.
So two seeds share nine tenths of their texts, and an interval over seeds is narrower than one over training sets would
be. Settings are chosen on the validation texts with the first seed; accuracy is measured on the test texts.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from utils.checks import check_function, check_kind, check_list, check_one_of, check_seed
from utils.measures.spread import Spread, mean_interval
from utils.text.encoder import TextEncoder
from utils.text.experiment import Experiment
from utils.text.features import print_progress
from utils.text.pipelines import PIPELINES, Pipeline
from utils.text.texts import TextTask

SEEDS = 0, 1, 2, 3, 4


@dataclass(frozen=True)
class TextRow:
    """A pipeline, measured.

    Attributes:
        name: The pipeline's name.
        choice: The settings that were chosen for it.
        accuracies: Test accuracy for each seed, a fraction.
        train_seconds: Computing time, of all cores together, to train on all drawn texts, the encoder's work included;
            the mean over the seeds.
        predict_seconds: Computing time to predict all test texts, likewise.
        trained_parameters: The numbers that were learned; for trees, their nodes.
        forgetting: Forgetting of the old task for each seed, in points; None where there is no old task.
        times_right: For each test text, with how many of the seeds it was classified correctly; None where that wasn't
            kept.
    """

    name: str
    choice: dict
    accuracies: tuple[float, ...]
    train_seconds: float
    predict_seconds: float
    trained_parameters: int
    forgetting: tuple[float, ...] | None = None
    times_right: tuple[int, ...] | None = None

    @property
    def accuracy(self) -> Spread:
        """Mean test accuracy in %, with its 95% interval over the seeds."""
        return mean_interval([100 * accuracy for accuracy in self.accuracies])

    @property
    def accuracy_over_texts(self) -> Spread | None:
        """The same mean, with its 95% interval over the test texts: for other texts of the same kind."""
        if self.times_right is None:
            return None
        return mean_interval([100 * times / len(self.accuracies) for times in self.times_right])


def print_row(row: TextRow) -> None:
    """Print a row's name and accuracy, with its interval over seeds."""
    print(f"{row.name}: {row.accuracy}%", flush=True)


def compare(
    task: TextTask,
    encoder: TextEncoder,
    old: TextTask,
    pipelines: Iterable[str | Pipeline] = tuple(PIPELINES),
    seeds: Sequence[int] = SEEDS,
    report: Callable[[TextRow], None] = print_row,
    progress: Callable = print_progress,
) -> list[TextRow]:
    """Measure pipelines on a task. What is measured for one doesn't depend on the others, nor on their order.

    Args:
        task: The task whose classes are predicted.
        encoder: The encoder that some of them use. It ends with the weights that it came with.
        old: The task that the encoder was trained on first.
        pipelines: Names from `PIPELINES`, or `Pipeline` objects.
        seeds: At least two; settings are chosen with the first.
        report: Called with each row as soon as it's measured.
        progress: Wraps the list of batches while texts are encoded, such as `utils.show_progress`.

    Returns:
        A row for each pipeline, in their order.

    Raises:
        ValueError: For an unknown pipeline, fewer than two seeds, or an old task that the encoder's head doesn't fit.
    """
    for name, value in (("task", task), ("old", old)):
        check_kind(name, value, TextTask, "give a TextTask")
    check_kind("encoder", encoder, TextEncoder, "give a TextEncoder")
    selected = [_find_pipeline(pipeline) for pipeline in check_list("pipelines", pipelines)]
    seeds = [check_seed("seeds", seed) for seed in check_list("seeds", seeds)]
    if len(seeds) < 2:
        raise ValueError(f"seeds={seeds} is not allowed: a spread needs at least two.")
    check_function("report", report, 1)
    check_function("progress", progress, 1)
    if encoder.head is not None and encoder.head[1].shape != (old.classes,):
        raise ValueError(f"old={old.name!r} is not allowed: the encoder's head is for {len(encoder.head[1])} classes.")
    experiment = Experiment(task, encoder, old, seeds[0], progress)
    rows = []
    for pipeline in selected:
        choice = experiment.choice(pipeline)
        rows.append(_row(pipeline.name, choice, [_measure(experiment, pipeline, choice, seed) for seed in seeds]))
        report(rows[-1])
    return rows


@dataclass(frozen=True)
class _Measurement:
    """What `TextRow` is made of, for a single seed; `is_right`: whether each test text was classified correctly."""

    is_right: np.ndarray
    train_seconds: float
    predict_seconds: float
    trained_parameters: int
    forgetting: float | None


def _find_pipeline(pipeline):
    if isinstance(pipeline, Pipeline):
        return pipeline
    return PIPELINES[check_one_of("pipelines", pipeline, PIPELINES)]


def _measure(experiment, pipeline, choice, seed):
    drawn = experiment.drawn(seed)
    try:
        start = time.process_time()
        fitted = pipeline.fit(experiment, drawn, seed, **choice)
        after_training = time.process_time()
        predicted = fitted.predict("test")
        end = time.process_time()
        return _Measurement(
            is_right=predicted == experiment.labels["test"],
            train_seconds=after_training - start + pipeline.train_seconds_per_text(experiment) * len(drawn),
            predict_seconds=end - after_training + pipeline.predict_seconds_per_text(experiment) * len(predicted),
            trained_parameters=fitted.trained_parameters,
            forgetting=experiment.forgetting() if pipeline.keeps_old_task else None,
        )
    finally:
        experiment.restore_encoder()


def _row(name, choice, measurements):
    forgetting = tuple(measurement.forgetting for measurement in measurements)
    return TextRow(
        name,
        choice,
        accuracies=tuple(float(np.mean(measurement.is_right)) for measurement in measurements),
        train_seconds=float(np.mean([measurement.train_seconds for measurement in measurements])),
        predict_seconds=float(np.mean([measurement.predict_seconds for measurement in measurements])),
        trained_parameters=round(np.mean([measurement.trained_parameters for measurement in measurements])),
        forgetting=None if None in forgetting else forgetting,
        times_right=tuple(sum(measurement.is_right for measurement in measurements).tolist()),
    )
