"""A run cut into phases: the spans of updates in which nothing was switched."""

from dataclasses import dataclass, replace

from utils.training.run import Run
from utils.training.strategies import STRATEGIES


@dataclass(frozen=True)
class Phase:
    """The updates from `first` up to, but without, `last`.

    trained: the layers that learn. rate: the learning rate, before the layers' factors. weight: λ. temperature: T.
    anew: whether the optimizer begins anew, as at the start and after a warm-up.
    """

    first: int
    last: int
    trained: tuple[str, ...]
    rate: float
    weight: float
    temperature: float
    anew: bool = False


def phases(run: Run) -> list[Phase]:
    """All phases of a run, as far as its result came; none where no update was made.

    A run that went back to its best weights gets the updates up to there; one that diverged the one that broke it, too.
    """
    settings, strategy = run.settings, STRATEGIES[run.settings.strategy]
    end = min(run.result_update + (run.status == "diverged"), settings.updates)
    stages = list(settings.stages)
    now = {"rate": settings.learning_rate, "weight": settings.protection, "temperature": settings.temperature}
    starts = sorted({0, *(start for start, _ in stages), *(update for update, _ in run.events)})
    found, layers = [], ()
    for first in (start for start in starts if start < end):
        anew = first == 0
        while stages and stages[0][0] <= first:
            start, layers = stages.pop(0)
            anew |= start == settings.warm_up
        for change in (change for update, change in run.events if update == first):
            if change.trained_layers is not None:
                layers = change.trained_layers
                stages.clear()  # from here on the reader decided
            new = change.learning_rate, change.old_loss_weight, change.temperature
            now |= {name: value for name, value in zip(now, new, strict=True) if value is not None}
        trained = strategy.learning(layers, settings.backbone)
        phase = Phase(first, end, trained, **now, anew=anew)
        if found:
            if not anew and replace(found[-1], first=first, anew=False) == phase:
                continue
            found[-1] = replace(found[-1], last=first)
        found.append(phase)
    return found


def shares_one_optimizer(found: list[Phase]) -> bool:
    """Whether one optimizer for all layers does what one for each would do.

    So it is unless a layer joins while others have already learnt: its optimizer's state and its count of steps are
    then others than theirs.
    """
    pairs = zip(found, found[1:], strict=False)
    return all(later.anew or set(later.trained) <= set(earlier.trained) for earlier, later in pairs)
