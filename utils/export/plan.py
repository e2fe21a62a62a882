"""What of a run its script depends on, worked out once."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from utils.strategies import OutputCode, Settings, Span, WeightCode
from utils.tasks import TaskPair

NEW_LABELS, OLD_LABELS = "y", "old_y"  # what a script calls them


class CodePlan:
    """Settings and their timeline as a script sees them.

    phases: the spans of updates between two switches. several: whether there is more than one. factors: of the rate,
    by layer, for those that ever learn; one_rate: whether these are equal. together: whether one optimizer for all
    layers does what the run's did. rehearses: whether old images come with each batch. outputs, regularizers: the code
    of the loss terms that look at outputs, and of those that look at weights.
    """

    def __init__(self, settings: Settings, spans: Iterable[Span]):
        self.settings, self.strategy = settings, settings.row
        self.phases = phases(spans)
        self.several = len(self.phases) > 1
        self.rehearses = self.strategy.rehearses
        self.outputs = [term.code for term in self.strategy.losses if isinstance(term.code, OutputCode)]
        self.regularizers = [term.code for term in self.strategy.losses if isinstance(term.code, WeightCode)]
        learnt = {name for phase in self.phases for name in phase.trained}
        self.factors = {name: one for name, one in self.settings.rate_factors.items() if name in learnt}
        self.one_rate = len(set(self.factors.values())) <= 1
        self.together = self.one_rate and shares_one_optimizer(self.phases)

    @property
    def records(self) -> bool:
        """Whether the checkpoint's answers or features are recorded for the new images before training."""
        return any(output.wanted not in (NEW_LABELS, OLD_LABELS) for output in self.outputs)

    @property
    def factor(self) -> float:
        """Of the rate, where it's the same for all layers."""
        return next(iter(self.factors.values()), 1.0)

    @property
    def pair_arguments(self) -> dict:
        """What `load_pair` is given beside the pair's name."""
        return dict(self.settings.pair_options or ())

    @cached_property
    def pair(self) -> TaskPair:
        """The tasks of the run."""
        return self.settings.tasks()

    @cached_property
    def hyperparameters(self) -> dict[str, list]:
        """What is set besides layers, as far as this strategy uses it: by name, the value in each phase."""
        factor, asked = self.factor if self.together else 1.0, self.settings
        found = {"rate": [phase.learning_rate * factor for phase in self.phases] or [asked.learning_rate]}
        if self.strategy.protects:
            found["old_loss_weight"] = [phase.old_loss_weight for phase in self.phases] or [asked.protection]
        for option in self.strategy.options:
            values = [dict(phase.options)[option.name] for phase in self.phases]
            found[option.name] = values or [asked.options[option.name]]
        return found

    @property
    def symbols(self) -> dict[str, str]:
        """What the losses' hyperparameters are called in formulas, by name."""
        own = {option.name: option.symbol or option.name for option in self.strategy.options}
        return {"old_loss_weight": "λ"} | own

    @property
    def varying(self) -> list[str]:
        """The hyperparameters that were turned on the way."""
        return [name for name, values in self.hyperparameters.items() if len(set(values)) > 1]


def phases(spans: Iterable[Span]) -> list[Span]:
    """The spans in which the same layers learn alike: layers that no loss reaches may be unfrozen or not."""
    found = []
    for span in spans:
        alike = {"first": span.first, "last": span.last, "layers": span.layers, "fresh_optimizer": False}
        if found and replace(found[-1], **alike) == span:
            found[-1] = replace(found[-1], last=span.last)
        else:
            found.append(span)
    return found


def shares_one_optimizer(found: list[Span]) -> bool:
    """Whether one optimizer for all layers does what one for each would do.

    So it is unless a layer joins while others have already learnt: its optimizer's state and its count of steps are
    then others than theirs.
    """
    pairs = zip(found, found[1:], strict=False)
    return all(later.fresh_optimizer or set(later.trained) <= set(earlier.trained) for earlier, later in pairs)
