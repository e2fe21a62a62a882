"""What the pipelines of a comparison share: texts, features, seeds, and the networks, each built once."""

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sklearn.linear_model import LogisticRegression

from utils.tasks.task import PARTS
from utils.text.encoder import TextEncoder
from utils.text.features import encode, print_progress
from utils.text.statistics import TextStatistics
from utils.text.stopping import cross_entropy
from utils.text.texts import TextTask
from utils.text.tuning import EncoderTraining, HeadTraining

DRAWN = 0.9  # the share of the training texts that each seed draws
_TIMED = 200  # texts on which the time of encoding is measured


@dataclass(frozen=True, eq=False)
class Features:
    """What is computed from the texts before a pipeline sees them.

    Attributes:
        arrays: part ("train", "validation", "test") → array of shape (texts, columns).
        seconds_per_text: computing time of all cores together, per text.
    """

    arrays: Mapping[str, np.ndarray]
    seconds_per_text: float


class Experiment:
    """One task, one encoder, and the conditions under which pipelines are compared.

    Nothing in it depends on which pipelines are measured, or in which order: whatever one of them needs is computed
    when it's first asked for, from the encoder as it came.

    Args:
        task: The task whose classes are predicted.
        encoder: The encoder; `restore_encoder` gives it back the weights that it came with.
        old: The task that the encoder was trained on first.
        first_seed: The seed with which settings are chosen.
        progress: Wraps the list of batches while texts are encoded; see `utils.text.features.encode`.
    """

    def __init__(
        self, task: TextTask, encoder: TextEncoder, old: TextTask, first_seed: int, progress: Callable = print_progress
    ):
        self.task, self.encoder, self.old, self.first_seed = task, encoder, old, first_seed
        self.texts = {part: getattr(task, f"texts_{part}") for part in PARTS}
        self.labels = {part: getattr(task, f"y_{part}") for part in PARTS}
        self._progress, self._choices, self._heads, self._encoder_training = progress, {}, {}, None

    # Texts and features

    def drawn(self, seed: int) -> np.ndarray:
        """The positions of the training texts that a seed draws, in ascending order; the same for every pipeline."""
        order = np.random.default_rng(seed).permutation(len(self.labels["train"]))
        return np.sort(order[: int(DRAWN * len(order))])

    @cached_property
    def statistics(self) -> Features:
        """The statistics of the texts: float64, one column per statistic."""
        return self._timed(TextStatistics().transform)

    @cached_property
    def ids(self) -> Features:
        """Token numbers, as the encoder reads them: int32, padded."""
        return self._timed(self.encoder.ids)

    @cached_property
    def vectors(self) -> Features:
        """The frozen encoder's vectors: float32. Their time is measured even where they are read from disk."""
        arrays = {part: encode(self.encoder, texts, self._progress) for part, texts in self.texts.items()}
        sample = self.texts["test"][:_TIMED]
        self.encoder.vectors(sample)  # the first call traces the network, which isn't counted
        start = time.process_time()
        self.encoder.vectors(sample)
        return Features(arrays, (time.process_time() - start) / len(sample))

    def side_by_side(self, names: Sequence[str]) -> dict[str, np.ndarray]:
        """The named features ("statistics", "vectors", "ids") as one array for each part."""
        return {part: np.hstack([getattr(self, name).arrays[part] for name in names]) for part in PARTS}

    def seconds_per_text(self, names: Sequence[str]) -> float:
        """Time to compute the named features, per text."""
        return sum(getattr(self, name).seconds_per_text for name in names)

    # Networks

    def head_training(self, names: Sequence[str]) -> HeadTraining:
        """A new head on the named features, built once."""
        width = self.side_by_side(names)["train"].shape[1]
        if width not in self._heads:
            self._heads[width] = HeadTraining(width, self.task.classes)
        return self._heads[width]

    @property
    def encoder_training(self) -> EncoderTraining:
        """The encoder with a new head, all of it trained."""
        if self._encoder_training is None:
            _ = self.old_accuracy_before  # while the encoder still has the weights that it came with
            self._encoder_training = EncoderTraining(self.encoder, self.task.classes)
        return self._encoder_training

    def restore_encoder(self) -> None:
        """Give the encoder the weights that it came with, where a pipeline has trained it."""
        if self._encoder_training is not None:
            self._encoder_training.restore()

    # The old task

    @cached_property
    def old_head(self) -> tuple[np.ndarray, np.ndarray]:
        """The old task's weights (width, classes) and bias (classes,).

        They are the encoder's own head or, where it came without one, a linear probe on its frozen vectors.
        """
        if self.encoder.head is not None:
            return self.encoder.head
        probe = LogisticRegression(C=10, max_iter=2000)
        probe.fit(encode(self.encoder, self.old.texts_train, self._progress), self.old.y_train)
        return probe.coef_.T.astype(np.float32), probe.intercept_.astype(np.float32)

    @cached_property
    def old_accuracy_before(self) -> float:
        """Test accuracy of the old task with the encoder as it came, a fraction."""
        return self._old_accuracy(encode(self.encoder, self.old.texts_test, self._progress))

    def forgetting(self) -> float:
        """Points of old-task test accuracy that the encoder, as it is now, has lost."""
        return 100 * (self.old_accuracy_before - self._old_accuracy(self.encoder.vectors(self.old.texts_test)))

    # The choice of settings

    def choice(self, pipeline) -> dict:
        """The settings from a pipeline's grid with the lowest validation cross-entropy for the first seed.

        It is finer than accuracy, which moves in steps of a text. Where it's the same to three decimals, the first of
        the grid is chosen. Settings are found once. A grid of one is fitted, too, so that whatever is
        built or traced at the first fit is there before anything is timed.

        Args:
            pipeline: A `Pipeline`.

        Returns:
            A value for each setting of its grid.
        """
        if pipeline not in self._choices:
            grid = itertools.product(*pipeline.grid.values())
            choices = [dict(zip(pipeline.grid, values, strict=True)) for values in grid]
            self._choices[pipeline] = min(choices, key=lambda choice: self._loss(pipeline, choice))
        return self._choices[pipeline]

    def _loss(self, pipeline, choice):
        try:
            fitted = pipeline.fit(self, self.drawn(self.first_seed), self.first_seed, **choice)
            return round(cross_entropy(fitted.probabilities("validation"), self.labels["validation"]), 3)
        finally:
            self.restore_encoder()

    def _old_accuracy(self, vectors):
        kernel, bias = self.old_head
        return float(np.mean((vectors @ kernel + bias).argmax(axis=1) == self.old.y_test))

    def _timed(self, compute):
        start = time.process_time()
        arrays = {part: compute(texts) for part, texts in self.texts.items()}
        return Features(arrays, (time.process_time() - start) / sum(map(len, self.texts.values())))
