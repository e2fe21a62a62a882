"""Several strategies side by side: one start, one budget, the same batches. It knows no widget."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields

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
from utils.tasks import PAIR_OPTIONS
from utils.training.loop import Progress, train
from utils.training.run import Run

# One start, one budget, the same images in the same order: otherwise it's no race.
_SHARED = {"pair", "backbone", "strategy", "seed", "updates", "batch_size", "new_images", "evaluate_every", "patience"}
_SHARED |= {option for own in PAIR_OPTIONS.values() for option in own}
_FIELDS = [field.name for field in fields(Settings)]


@dataclass(frozen=True)
class RacePlan:
    """Who takes part. settings: everybody's, but for the strategy and the seed, which counts up from its own.

    strategies: names in `STRATEGIES`, or rows of your own, which are in it from then on. seeds: so many races, one
    after another.
    changes: settings of single strategies, by name: {"feature extraction": {"learning_rate": 0.01}}.
    A `SettingsError` says what can't be.
    """

    settings: Settings
    strategies: tuple[str, ...]
    seeds: int = 1
    changes: dict | None = None

    def __post_init__(self):
        if not isinstance(self.settings, Settings):
            raise SettingsError(f"settings={self.settings!r} is not allowed: give a Settings.")
        if isinstance(self.strategies, str) or not isinstance(self.strategies, Iterable):
            raise SettingsError(f"strategies={self.strategies!r} is not allowed: give a list of names.")
        names = tuple(
            register_name("strategies", given, STRATEGIES) if isinstance(given, Strategy) else given
            for given in self.strategies
        )
        object.__setattr__(self, "strategies", names)
        if not isinstance(self.changes, Mapping | None) or not all(
            isinstance(own, Mapping) for own in (self.changes or {}).values()
        ):
            raise SettingsError(
                f"changes={self.changes!r} is not allowed: give a mapping of strategies to settings, such as "
                "{'fine-tuning': {'learning_rate': 0.01}}."
            )
        for name in (*self.strategies, *(self.changes or {})):
            check_choice("strategies", name, STRATEGIES)
        if not self.strategies or len(set(self.strategies)) < len(self.strategies):
            raise SettingsError(f"strategies={list(self.strategies)} is not allowed: give one or more, each once.")
        for name, own in (self.changes or {}).items():
            for field in own:
                check_choice(f"changes of {name}", field, _FIELDS)
            for field in _SHARED & set(own):
                raise SettingsError(f"changes: {field} of {name} is not allowed: all who race share it.")
        check_whole("seeds", self.seeds, 1, 20)
        for seed in range(self.seeds):
            self.heat(seed)

    @property
    def updates(self) -> int:
        """How many each strategy makes."""
        return self.settings.updates

    def heat(self, number: int) -> list[Settings]:
        """The settings of all strategies in one race."""
        seed = self.settings.seed + number
        given = self.changes or {}
        return [
            self.settings.replace(
                **{"strategy": name, "trained_layers": None, "seed": seed, "loss_options": self._options(name)}
                | given.get(name, {})
            )
            for name in self.strategies
        ]

    def _options(self, strategy):
        """Those of the settings' loss options that this strategy has."""
        names = {option.name for option in STRATEGIES[strategy].options}
        return {name: value for name, value in self.settings.loss_options or () if name in names} or None


@dataclass(frozen=True)
class RaceProgress:
    """How far a race has come. update: of the one furthest behind, in this heat. status: as in `Run`.

    runs: makes a `Run` for each strategy and heat that has begun.
    """

    update: int
    status: str
    evaluated: bool
    runs: Callable[[], list[Run]]
    pending: bool = False  # the next chunk may be another strategy's


def race(plan: RacePlan, controls: Controls | None = None) -> Iterator[RaceProgress]:
    """Train all strategies in turns, a chunk each, so that they stay side by side; heat after heat.

    A stop ends all that are under way, where they are; what came of them is kept.
    """
    controls, ended = controls or Controls(), []
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
        self.steps = train(settings, self.controls)
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
    begun = [lane.progress for lane in (*ended, *lanes) if lane.progress is not None]
    behind = max(0, min(lane.update for lane in [lane for lane in lanes if not lane.ended] or lanes))
    return RaceProgress(behind, status, evaluated, lambda: [progress.run() for progress in begun])
