"""Everything about a run that its script depends on."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from utils.strategies import OutputCode, Settings, Span, WeightCode
from utils.tasks import TaskPair

NEW_LABELS, OLD_LABELS = "y", "old_y"  # what a script calls them


class CodePlan:
    """Settings and their timeline, as a script needs them.

    Args:
        settings: The settings of the run.
        spans: Its timeline.

    Attributes:
        settings: The settings.
        strategy: Their strategy.
        phases: The spans of updates between two switches.
        has_several_phases: Whether there is more than one.
        rehearses: Whether each batch contains old images, too.
        outputs: The code of the loss terms that depend on outputs.
        regularizers: The code of the loss terms that depend on weights.
        factors: The factors of the learning rate by layer, for layers that learn at some time.
        one_rate: Whether these are equal.
        one_optimizer: Whether a single optimizer for all layers does what the run's optimizers did.
    """

    def __init__(self, settings: Settings, spans: Iterable[Span]):
        self.settings, self.strategy = settings, settings.row
        self.phases = phases(spans)
        self.has_several_phases = len(self.phases) > 1
        self.rehearses = self.strategy.rehearses
        self.outputs = [term.code for term in self.strategy.losses if isinstance(term.code, OutputCode)]
        self.regularizers = [term.code for term in self.strategy.losses if isinstance(term.code, WeightCode)]
        trained = {name for phase in self.phases for name in phase.trained}
        self.factors = {name: factor for name, factor in settings.rate_factors.items() if name in trained}
        self.one_rate = len(set(self.factors.values())) <= 1
        self.one_optimizer = self.one_rate and shares_one_optimizer(self.phases)

    @property
    def records(self) -> bool:
        """Whether the checkpoint's answers or features are recorded for the new images before training."""
        return any(output.target not in (NEW_LABELS, OLD_LABELS) for output in self.outputs)

    @property
    def factor(self) -> float:
        """The factor of the learning rate, where all layers have the same."""
        return next(iter(self.factors.values()), 1.0)

    @property
    def pair_arguments(self) -> dict:
        """The arguments of `load_pair` after the pair's name."""
        return dict(self.settings.pair_options or ())

    @cached_property
    def pair(self) -> TaskPair:
        """The tasks of the run."""
        return self.settings.tasks()

    @cached_property
    def hyperparameters(self) -> dict[str, list]:
        """The value in each phase of the rate, and of λ and the options that the strategy has; without phases, one."""
        factor, settings = self.factor if self.one_optimizer else 1.0, self.settings
        values = {"rate": [phase.learning_rate * factor for phase in self.phases] or [settings.learning_rate]}
        if self.strategy.protects:
            values["old_loss_weight"] = [phase.old_loss_weight for phase in self.phases] or [settings.protection]
        for option in self.strategy.options:
            in_phases = [dict(phase.options)[option.name] for phase in self.phases]
            values[option.name] = in_phases or [settings.options[option.name]]
        return values

    @property
    def symbols(self) -> dict[str, str]:
        """The symbols of the losses' hyperparameters in formulas, by name."""
        options = {option.name: option.symbol or option.name for option in self.strategy.options}
        return {"old_loss_weight": "λ"} | options

    @property
    def varying(self) -> list[str]:
        """The hyperparameters that changed during the run."""
        return [name for name, values in self.hyperparameters.items() if len(set(values)) > 1]


def phases(spans: Iterable[Span]) -> list[Span]:
    """Merge neighboring spans that differ only in unfrozen layers that no loss reaches."""
    merged = []
    for span in spans:
        changes = {"first": span.first, "last": span.last, "layers": span.layers, "fresh_optimizer": False}
        if merged and replace(merged[-1], **changes) == span:
            merged[-1] = replace(merged[-1], last=span.last)
        else:
            merged.append(span)
    return merged


def shares_one_optimizer(spans: list[Span]) -> bool:
    """Whether one optimizer for all layers does what one for each would do.

    It does, unless a layer joins others that have already learned: the state of its optimizer and the number of its
    steps then differ from theirs.
    """
    pairs = zip(spans, spans[1:], strict=False)
    return all(later.fresh_optimizer or set(later.trained) <= set(earlier.trained) for earlier, later in pairs)
