"""Six ways to tell a text's sentiment, from twelve statistics to a fine-tuned encoder, under the same conditions.

Each seed draws nine tenths of the training texts, the same for every way, and what else is random in it. Settings are
chosen on the validation texts, by the first seed; accuracy is told on the test texts.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from utils.measures.spread import Spread, mean_interval
from utils.text.encoder import TextEncoder
from utils.text.features import encode, print_progress
from utils.text.statistics import TextStatistics
from utils.text.texts import TextTask
from utils.text.ways import WAYS, frozen_head

ROWS = (
    "statistics → XGBoost",
    "TF-IDF → logistic regression",
    "frozen vector → logistic regression",
    "frozen vector + statistics → XGBoost",
    "frozen encoder + new head",
    "encoder fine-tuned",
)
SEEDS = 0, 1, 2, 3, 4
DRAWN = 0.9  # of the training texts, for each seed
TUNING = {"rate": (3e-3, 1e-3, 3e-4), "epochs": (4, 12, 25)}  # what fine-tuning of the small encoder chooses from
_TIMED = 200  # texts by which the time of encoding is measured
_PARTS = "train", "validation", "test"


@dataclass(frozen=True)
class TextRow:
    """One way: accuracies on the test texts (fractions) and forgetting of the old task (points), each one a seed.

    train_seconds and predict_seconds: means over the seeds, for all training and all test texts, from the text on, so
    the time to encode them is in. trained_parameters: for trees, their nodes. forgetting: None without an old task.
    """

    name: str
    choice: dict
    accuracies: tuple[float, ...]
    train_seconds: float
    predict_seconds: float
    trained_parameters: int
    forgetting: tuple[float, ...] | None = None

    @property
    def accuracy(self) -> Spread:
        """In %, with its 95 % interval."""
        return mean_interval([100 * one for one in self.accuracies])


def compare(
    task: TextTask,
    encoder: TextEncoder,
    old: TextTask,
    rows: Sequence[str] = ROWS,
    seeds: Sequence[int] = SEEDS,
    tuning: dict | None = None,
    report: Callable[[TextRow], None] | None = None,
) -> list[TextRow]:
    """The rows, measured. old: the task that the encoder knew first. tuning: what fine-tuning chooses from, "rate" and
    "epochs" with a tuple each; None for `TUNING`. report: called with each row as soon as it's measured; None to print
    it. The encoder is given back with the weights that it came with.

    Raises ValueError for an unknown row, less than two seeds, and an old task that the encoder's head isn't for.
    """
    if unknown := [name for name in rows if name not in ROWS]:
        raise ValueError(f"rows: {unknown[0]!r} is not allowed: it must be one of {', '.join(ROWS)}.")
    if len(seeds) < 2:
        raise ValueError(f"seeds={tuple(seeds)} is not allowed: a spread needs at least two.")
    if encoder.head is not None and encoder.head[1].shape != (old.classes,):
        raise ValueError(f"old={old.name!r} is not allowed: the encoder's head is for {len(encoder.head[1])} classes.")
    bench = _Bench(task, encoder, old, tuning or TUNING)
    found = []
    for name in rows:
        found.append(bench.row(name, seeds))
        report(found[-1]) if report else print(f"{name}: {found[-1].accuracy} %", flush=True)
    return found


class _Bench:
    """What the six ways share: the texts' features, and the networks, which are built once."""

    def __init__(self, task, encoder, old, tuning):
        self.task, self.encoder, self.old, self.tuning = task, encoder, old, tuning
        self.texts = {part: getattr(task, f"texts_{part}") for part in _PARTS}
        self.y = {part: getattr(task, f"y_{part}") for part in _PARTS}
        self.head_choice = None
        self._kept = {}

    def kept(self, name, make):
        """What `make` gives, made once."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def features(self, *names):
        """The named features side by side, for each part, and the seconds that they take a text."""
        found = [self.kept(name, getattr(self, f"_{name}")) for name in names]
        return {p: np.hstack([arrays[p] for arrays, _ in found]) for p in _PARTS}, sum(s for _, s in found)

    def _statistics(self):
        start = time.perf_counter()
        arrays = {part: TextStatistics().transform(texts) for part, texts in self.texts.items()}
        return arrays, (time.perf_counter() - start) / sum(map(len, self.texts.values()))

    def _vectors(self):
        arrays = {part: encode(self.encoder, texts, print_progress) for part, texts in self.texts.items()}
        some = self.texts["test"][:_TIMED]
        self.encoder.vectors(some)  # the first time, Keras traces the network; that's not counted
        start = time.perf_counter()
        self.encoder.vectors(some)  # anew, whatever is kept on disk
        return arrays, (time.perf_counter() - start) / len(some)

    def ids(self):
        """Token numbers for each part, and the seconds that they take a text."""
        return self.kept("ids", self._ids)

    def _ids(self):
        start = time.perf_counter()
        arrays = {part: self.encoder.ids(texts) for part, texts in self.texts.items()}
        return arrays, (time.perf_counter() - start) / sum(map(len, self.texts.values()))

    def row(self, name, seeds):
        way, choices, a_text = WAYS[ROWS.index(name)](self)
        tried, best, chosen = {}, -1.0, None
        for number, choice in enumerate(choices):
            fitted, seconds = self._fit(way, choice, seeds[0])
            right = float(np.mean(fitted.predict("validation") == self.y["validation"]))
            if right > best:
                best, chosen, tried = right, number, {}
                tried[seeds[0]] = self._measure(fitted, seconds, a_text)
        rest = {seed: self._measure(*self._fit(way, choices[chosen], seed), a_text) for seed in seeds[1:]}
        right, train, predict, parameters, lost = zip(*(tried | rest).values(), strict=True)
        if way is frozen_head:
            self.head_choice = choices[chosen]
        return TextRow(
            name, choices[chosen], right, float(np.mean(train)), float(np.mean(predict)), round(np.mean(parameters)),
            None if lost[0] is None else lost,
        )  # fmt: skip

    def _fit(self, way, choice, seed):
        drawn = np.random.default_rng(seed).permutation(len(self.y["train"]))
        drawn = np.sort(drawn[: int(DRAWN * len(drawn))])
        start = time.perf_counter()
        return way(self, drawn, choice, seed), time.perf_counter() - start

    def _measure(self, fitted, seconds, a_text):
        start = time.perf_counter()
        said = fitted.predict("test")
        to_train, to_predict = a_text if isinstance(a_text, tuple) else (a_text, a_text)
        took = time.perf_counter() - start + to_predict * len(said)
        lost = fitted.forgetting() if fitted.forgetting else None
        train = seconds + to_train * int(DRAWN * len(self.y["train"]))
        return float(np.mean(said == self.y["test"])), train, took, fitted.parameters, lost
