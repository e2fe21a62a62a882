"""Several strategies side by side: one start, one budget, the same batches. It is independent of the panels."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields

from utils.checks import check_kind, check_list
from utils.messages import refusal
from utils.strategies import (
    STRATEGIES,
    Controls,
    Settings,
    SettingsError,
    Strategy,
    check_choice,
    check_whole,
    register_name,
)
from utils.training.loop import Progress, chunks
from utils.training.run import Run

# One start, one budget, the same images in the same order: only then are the results comparable.
_SHARED = {"pair", "pair_options", "backbone", "strategy", "seed"}
_SHARED |= {"updates", "batch_size", "new_images", "evaluate_every", "patience", "rate_drops"}
_FIELDS = [field.name for field in fields(Settings)]


@dataclass(frozen=True)
class RacePlan:
    """Several strategies with the same start, budget and batches.

    Attributes:
        settings: The settings that all share, except for the strategy and the seed, which counts up from this one.
        strategies: Names in `STRATEGIES`, or strategies of your own, which are added to it.
        seeds: The number of races, one after another.
        changes: Settings of single strategies, by name: {"feature extraction": {"learning_rate": 0.01}}.

    Raises:
        SettingsError: For what isn't possible.
    """

    settings: Settings
    strategies: tuple[str, ...]
    seeds: int = 1
    changes: dict | None = None

    def __post_init__(self):
        check_kind("settings", self.settings, Settings, "give a Settings", SettingsError)
        strategies = check_list("strategies", self.strategies, wanted="give a list of names", error=SettingsError)
        names = tuple(
            register_name("strategies", strategy, STRATEGIES) if isinstance(strategy, Strategy) else strategy
            for strategy in strategies
        )
        object.__setattr__(self, "strategies", names)
        if not isinstance(self.changes, Mapping | None) or not all(
            isinstance(changed, Mapping) for changed in (self.changes or {}).values()
        ):
            wanted = "give a mapping of strategies to settings, such as {'fine-tuning': {'learning_rate': 0.01}}"
            raise SettingsError(refusal("changes", self.changes, wanted))
        for name in self.strategies:
            check_choice("strategies", name, STRATEGIES)
        for name in self.changes or {}:
            check_choice("changes", name, STRATEGIES)
        if not self.strategies or len(set(self.strategies)) < len(self.strategies):
            raise SettingsError(f"strategies={list(self.strategies)} is not allowed: give one or more, each once.")
        for name, changed in (self.changes or {}).items():
            for field in changed:
                check_choice(f"changes of {name}", field, _FIELDS)
            for field in _SHARED & set(changed):
                raise SettingsError(f"changes: {field} of {name} is not allowed: all strategies of a race share it.")
        check_whole("seeds", self.seeds, 1, 20)
        for seed in range(self.seeds):
            self.heat(seed)

    @property
    def updates(self) -> int:
        """The number of updates of each strategy."""
        return self.settings.updates

    def heat(self, number: int) -> list[Settings]:
        """The settings of all strategies in one race."""
        check_whole("number", number, 0, self.seeds - 1)
        seed = self.settings.seed + number
        changes = self.changes or {}
        return [
            self.settings.replace(
                **{"strategy": name, "trained_layers": None, "seed": seed, "loss_options": self._options(name)}
                | changes.get(name, {})
            )
            for name in self.strategies
        ]

    def _options(self, strategy):
        """Those of the settings' loss options that this strategy has."""
        names = {option.name for option in STRATEGIES[strategy].options}
        return {name: value for name, value in self.settings.loss_options or () if name in names} or None


@dataclass(frozen=True)
class RaceProgress:
    """How far a race has come.

    Attributes:
        update: The update of the strategy furthest behind, in this heat.
        status: As in `Run`.
        evaluated: Whether a new evaluation point has been reached.
        runs: Makes a `Run` for each strategy and heat that has begun.
        pending: As in `Progress`; False, since the next chunk may be another strategy's.
    """

    update: int
    status: str
    evaluated: bool
    runs: Callable[[], list[Run]]
    pending: bool = False


def race(plan: RacePlan, controls: Controls | None = None) -> Iterator[RaceProgress]:
    """Train all strategies in turns, a chunk at a time, so that they stay side by side; one heat after another.

    Args:
        plan: The strategies and their settings.
        controls: The reader's requests. A stop ends all strategies of the current heat where they are, with results,
            after a chunk of at most some 200 ms.

    Yields:
        A `RaceProgress` after every chunk, and at the end.
    """
    check_kind("plan", plan, RacePlan, "give a RacePlan", SettingsError)
    controls = Controls() if controls is None else check_kind("controls", controls, Controls, "give Controls, or None")
    ended = []
    for number in range(plan.seeds):
        lanes = [_Lane(settings) for settings in plan.heat(number)]
        try:
            while running := [lane for lane in lanes if not lane.ended]:
                stopped = controls.take(0).stop
                for lane in running if stopped else ():
                    lane.controls.stop()
                slowest = min(running, key=lambda lane: lane.update)
                slowest.controls.limit_chunk(controls.most_updates)
                slowest.advance()
                yield _progress("training", ended, lanes, slowest.progress.evaluated and not slowest.ended)
        finally:
            for lane in lanes:
                lane.steps.close()
        if any(lane.progress.status == "stopped" for lane in lanes):
            yield _progress("stopped", ended, lanes, True)
            return
        ended += lanes
    yield _progress("finished", ended[: -len(lanes)], lanes, True)


class _Lane:
    """One strategy in one heat."""

    def __init__(self, settings):
        self.controls = Controls()
        self.steps = chunks(settings, self.controls, attended=False)  # in a race there are no switches to flip
        self.progress: Progress | None = None

    @property
    def ended(self):
        return self.progress is not None and self.progress.status != "training"

    @property
    def update(self):
        return -1 if self.progress is None else self.progress.update

    def advance(self):
        self.progress = next(self.steps)


def _progress(status, ended, lanes, evaluated):
    reports = [lane.progress for lane in (*ended, *lanes) if lane.progress is not None]
    slowest = max(0, min(lane.update for lane in [lane for lane in lanes if not lane.ended] or lanes))
    return RaceProgress(slowest, status, evaluated, lambda: [report.run() for report in reports])
