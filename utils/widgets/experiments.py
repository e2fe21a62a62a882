"""Experiments that a board offers ready-made: a question with answers to choose from, and the run that decides."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from utils.checks import check_mapping, check_number, check_one_of, check_text
from utils.messages import refusal
from utils.strategies import Change, Settings
from utils.strategies.controls import check_schedule
from utils.training import Run
from utils.widgets.findings import MEASURES

# What an experiment has unless its own settings say otherwise; tasks, network, batches and seed are the board's.
_USUAL = {
    "strategy": "fine-tuning", "trained_layers": None, "learning_rate": 1e-3, "optimizer": "adam", "updates": 150,
    "evaluate_every": 10, "patience": 0, "warm_up": 0, "warm_up_rate": None, "unfreeze_every": 0, "rate_decay": 1.0,
    "layer_rates": None, "standardize": None, "head_l2": 0.0, "old_loss_weight": None, "loss_options": None,
    "old_images": None,
}  # fmt: skip
_ANSWERS = "give a mapping of two or more answers to the highest number for which each is right, in rising order"


@dataclass(frozen=True)
class Experiment:
    """A question about a run that hasn't been made yet, and that run.

    `FreezeBoard(presets=[*EXPERIMENTS, Experiment(...)])` offers one more.

    Attributes:
        name: What is on its button.
        question: What the reader predicts.
        answers: Each answer, and the highest number for which it's right; in rising order, the last one `math.inf`.
        measure: The number that decides: "after the change" (points that the old task gains after the first change of
            the run; below 0 it loses), "update of the loss" (when the old task has lost 5 points), "forgetting" (in
            points) or "new task" (in percent).
        settings: Fields of `Settings` by name, where they differ from fine-tuning for 150 updates.
        schedule: Pairs (update, `Change` or its dict): what changes during the run.
        look_at: What to watch while it runs, as a sentence.

    Raises:
        ValueError: For a value that isn't allowed.
    """

    name: str
    question: str
    answers: Mapping[str, float]
    measure: str = "after the change"
    settings: Mapping[str, object] = field(default_factory=dict)
    schedule: tuple[tuple[int, Change], ...] = ()
    look_at: str = ""

    def __post_init__(self):
        for name in ("name", "question", "look_at"):
            check_text(name, getattr(self, name))
        for name in ("name", "question"):
            if not getattr(self, name).strip():
                raise ValueError(refusal(name, getattr(self, name), "give a text"))
        check_one_of("measure", self.measure, MEASURES)
        answers = check_mapping("answers", self.answers, _ANSWERS)
        bounds = [check_number(f"answers: {text!r}", bound) for text, bound in list(answers.items())[:-1]]
        rises = bounds == sorted(set(bounds)) and list(answers.values())[-1:] == [math.inf]
        if len(answers) < 2 or not rises:
            raise ValueError(refusal("answers", answers, f"{_ANSWERS}, the last one math.inf"))
        settings = check_mapping("settings", self.settings, "give a mapping of fields to values")
        object.__setattr__(self, "answers", dict(answers))
        object.__setattr__(self, "settings", dict(settings))
        object.__setattr__(self, "schedule", check_schedule(self.schedule))
        check_schedule(self.schedule, self.settings_on(Settings()))

    def settings_on(self, base: Settings) -> Settings:
        """The settings of its run, on the tasks and the network of others."""
        return base.replace(**_USUAL | dict(self.settings))

    def verdict(self, run: Run, predicted: str) -> tuple[bool, str]:
        """What happened beside what was predicted.

        Args:
            run: The run.
            predicted: The answer that was chosen.

        Returns:
            Whether the prediction was right, and a sentence or two.
        """
        check_one_of("predicted", predicted, self.answers)
        finding = MEASURES[self.measure](run)
        if finding is None or run.status != "finished":
            return False, f"You predicted: {predicted} The run ended too early to tell."
        right = next(answer for answer, bound in self.answers.items() if finding.value <= bound)
        verdict = "That was right." if right == predicted else f"In fact: {right}"
        return right == predicted, f"You predicted: {predicted} {verdict} {finding.text}"


EXPERIMENTS = (
    Experiment(
        "Freeze everything at update 50",
        "Fine-tuning; at update 50 all layers but the new head are frozen. What happens to the old task's accuracy?",
        {"It keeps falling.": -1, "It stays where it is.": 1, "It comes back up.": math.inf},
        schedule=((50, Change(trained_layers=("new_head",))),),
        look_at="Watch the old task's curve from update 50 on.",
    ),
    Experiment(
        "Rate × 10 in the middle",
        "Fine-tuning; at update 75 the learning rate is raised tenfold. What happens to the old task's accuracy?",
        {"It falls by more than 20 points.": -20, "It falls by 5 to 20 points.": -5, "It hardly falls.": math.inf},
        schedule=((75, Change(learning_rate=1e-2)),),
        look_at="Watch both accuracies from update 75 on.",
    ),
    Experiment(
        "Probe first, then tune",
        "Only the new head trains up to update 75, then every layer does. When has the old task lost 5 points?",
        {"Before update 75.": 75, "After update 75.": 150, "Not within 150 updates.": math.inf},
        "update of the loss",
        {"warm_up": 75},
        look_at="Watch the lanes and the old task's curve.",
    ),
    Experiment(
        "Unfreeze from the top",
        "One more layer trains every 30 updates, from the top down. When has the old task lost 5 points?",
        {"By update 60, with the upper layers alone.": 60, "Later, with lower layers.": 150,
         "Not within 150 updates.": math.inf},
        "update of the loss",
        {"unfreeze_every": 30},
        look_at="Watch which lane turns orange when the old task's curve falls.",
    ),
)  # fmt: skip
