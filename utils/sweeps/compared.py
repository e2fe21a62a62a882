"""Two groups of runs with the same seeds, compared in a standard sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

from utils.checks import check_list
from utils.measures import Spread, paired_difference
from utils.messages import refusal
from utils.strategies import Settings, write_field
from utils.sweeps.outcome import Outcome
from utils.training import Run

_SYMBOLS = {"old_loss_weight": "λ", "temperature": "T"}
_WANTED = "give a list of runs that have ended, one for each seed"


@dataclass(frozen=True)
class Comparison:
    """The differences between two groups of runs, first minus second, seed by seed, in percentage points.

    Its text is a sentence for each task.

    Attributes:
        differs: What differs in the settings: field → (first, second), as texts.
        seeds: The number of seeds.
        saved: How much less the first forgets; below 0 where it forgets more.
        gained: How much more of the new task the first learns.
    """

    differs: dict[str, tuple[str, str]]
    seeds: int
    saved: Spread
    gained: Spread

    def __str__(self):
        changes = (
            f"{_SYMBOLS.get(name, name.replace('_', ' '))} {a} instead of {b}" for name, (a, b) in self.differs.items()
        )
        first = "; ".join(changes)
        return (
            f"{first or 'the same settings'} ({self.seeds} seeds): "
            f"{_sentence(Spread(-self.saved.mean, self.saved.half_width), 'forgets')}; "
            f"{_sentence(self.gained, 'learns', ' of the new task')}."
        )

    __repr__ = __str__


def compare(first: Sequence[Run | Outcome], second: Sequence[Run | Outcome]) -> Comparison:
    """Compare two groups of runs with the same seeds: what differs in their settings, and what follows for both tasks.

    Args:
        first: Runs that have ended, one for each seed, as `run_seeds` gives them.
        second: Runs with the same seeds, in the same order.

    Returns:
        The comparison; show it to read it as a sentence. A difference is clear where its 95% interval excludes zero.

    Raises:
        ValueError: For fewer than two seeds, seeds that differ, or runs that haven't ended.
    """
    groups = [check_list(name, runs, (Run, Outcome), _WANTED) for name, runs in (("first", first), ("second", second))]
    for name, runs in zip(("first", "second"), groups, strict=True):
        if any(run.forgetting is None for run in runs):
            raise ValueError(refusal(name, runs, _WANTED))
    seeds = [[run.settings.seed for run in runs] for runs in groups]
    if seeds[0] != seeds[1] or len(set(seeds[0])) != len(seeds[0]) or len(seeds[0]) < 2:
        raise ValueError(
            f"first has the seeds {seeds[0]}, second {seeds[1]}: give runs with the same seeds, two or more, each once."
        )
    forgotten, learned = (
        [[scale * getattr(run, name) for run in runs] for runs in groups]
        for name, scale in (("forgetting", 1), ("new_accuracy", 100))
    )
    return Comparison(
        _differing(groups[0][0].settings, groups[1][0].settings),
        len(seeds[0]),
        paired_difference(forgotten[1], forgotten[0]),
        paired_difference(*learned),
    )


def _differing(first: Settings, second: Settings):
    """The fields that differ, besides the seed; λ by its value in force, where both have one."""
    values = [settings.to_dict() | {"old_loss_weight": settings.protection} for settings in (first, second)]
    names = [field.name for field in fields(Settings) if field.name != "seed"]
    if not (first.row.protects and second.row.protects):
        names.remove("old_loss_weight")
    return {name: tuple(_text(of[name]) for of in values) for name in names if values[0][name] != values[1][name]}


def _text(value):
    return f"{value:g}" if isinstance(value, float) else write_field(value)


def _sentence(change, verb, of=""):
    """What the first does, in points: `change` is first minus second."""
    if not change.clear:
        return f"what it {verb} differs by {change:+} points, an interval that contains zero"
    word = "more" if change.mean > 0 else "less"
    return f"it {verb} {Spread(abs(change.mean), change.half_width)} points {word}{of}"
