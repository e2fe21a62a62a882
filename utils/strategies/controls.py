"""The reader's requests during a run: the only object that a panel and the engine share."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from utils.checks import check_list
from utils.messages import given, refusal
from utils.strategies.checks import (
    SettingsError,
    check_layers,
    check_learning_rate,
    check_loss_options,
    check_names,
    check_number,
    check_numbers,
    check_whole,
)
from utils.strategies.fields import NUMBERS
from utils.strategies.settings import Settings

_LOSS_FIELDS = ("old_loss_weight", "temperature")
_FIELDS = ("trained_layers", "learning_rate", *_LOSS_FIELDS, "loss_options")  # None in a change leaves them as they are


@dataclass(frozen=True)
class Change:
    """What changes from one update of a run on. None leaves a setting as it is.

    Attributes:
        trained_layers: The layers that train.
        learning_rate: The step size.
        stop: Whether the run ends here.
        old_loss_weight: λ, as in `Settings`.
        temperature: T, as in `Settings`.
        loss_options: Other options of the loss terms: a mapping, kept as pairs. Options that aren't named stay.

    Raises:
        SettingsError: For a value that isn't allowed.
    """

    trained_layers: tuple[str, ...] | None = None
    learning_rate: float | None = None
    stop: bool = False
    old_loss_weight: float | None = None
    temperature: float | None = None
    loss_options: tuple[tuple[str, float], ...] | None = None

    def __post_init__(self):
        if self.trained_layers is not None:
            object.__setattr__(self, "trained_layers", check_names(self.trained_layers))
        if self.learning_rate is not None:
            object.__setattr__(self, "learning_rate", check_learning_rate(self.learning_rate))
        for field in _LOSS_FIELDS:
            if getattr(self, field) is not None:
                object.__setattr__(self, field, check_number(field, getattr(self, field), *NUMBERS[field]))
        if self.loss_options is not None:
            object.__setattr__(self, "loss_options", check_numbers("loss_options", self.loss_options))
        if not isinstance(self.stop, bool):
            raise SettingsError(f"stop={self.stop!r} is not allowed: it must be True or False.")

    @property
    def options(self) -> dict[str, float]:
        """The options of the loss terms that change, including T, by name."""
        temperature = {} if self.temperature is None else {"temperature": self.temperature}
        return temperature | dict(self.loss_options or ())

    @property
    def numbers(self) -> dict[str, float]:
        """All numbers that change, by the name of their setting or option."""
        fields = {name: getattr(self, name) for name in ("learning_rate", "old_loss_weight")}
        return {name: value for name, value in fields.items() if value is not None} | self.options

    def then(self, later: "Change") -> "Change":
        """Combine two changes; where both change the same thing, the later one counts."""
        if not isinstance(later, Change):
            raise SettingsError(refusal("change", later, "give a Change, such as Change(learning_rate=0.01)"))
        values = {}
        for field in _FIELDS:
            values[field] = getattr(self, field) if getattr(later, field) is None else getattr(later, field)
        values["loss_options"] = tuple((dict(self.loss_options or ()) | dict(later.loss_options or ())).items()) or None
        return Change(**values, stop=later.stop or self.stop)

    def __bool__(self):
        return self != Change()

    def to_dict(self) -> dict:
        """Plain values, for JSON, without what stays as it is."""
        values = {field: getattr(self, field) for field in _FIELDS if getattr(self, field) is not None}
        if self.trained_layers is not None:
            values["trained_layers"] = list(self.trained_layers)
        if self.loss_options is not None:
            values["loss_options"] = dict(self.loss_options)
        return values | ({"stop": True} if self.stop else {})

    @classmethod
    def from_dict(cls, values: dict) -> "Change":
        """The inverse of `to_dict`."""
        known = [field.name for field in fields(cls)]
        if not isinstance(values, dict) or not set(values) <= set(known):
            raise SettingsError(refusal("change", values, f"give a mapping of {', '.join(known)} to values"))
        return cls(**values)


def check_schedule(schedule: Iterable, settings: Settings | None = None) -> tuple[tuple[int, Change], ...]:
    """Check a schedule.

    Args:
        schedule: Pairs of an update (0 for the start) and a `Change` or its dict.
        settings: The settings of its run, to check updates, layers and options against; None to leave that out.

    Returns:
        Pairs (update, `Change`) in the order of the updates.

    Raises:
        SettingsError: For a schedule that isn't allowed.
    """
    if not isinstance(settings, Settings | None):
        raise SettingsError(refusal("settings", settings, "give a Settings, or None"))
    schedule = check_list("schedule", schedule, wanted="give a list of pairs (update, change)", error=SettingsError)
    checked = []
    for entry in schedule:
        try:
            update, change = entry
        except (TypeError, ValueError):
            raise SettingsError(f"schedule: {given(entry)} is not allowed: give a pair (update, change).") from None
        update = check_whole("schedule", update, 0, 100_000)
        change = change if isinstance(change, Change) else Change.from_dict(change)
        if settings is not None and update > settings.updates:
            raise SettingsError(f"schedule: update {update} is not allowed: the run ends at {settings.updates}.")
        if settings is not None and change.trained_layers is not None:
            layers = check_layers(change.trained_layers, settings.network, settings.row)
            change = replace(change, trained_layers=layers)
        if settings is not None and change.loss_options is not None:
            check_loss_options(change.loss_options, settings.row)
        checked.append((update, change))
    return tuple(sorted(checked, key=lambda entry: entry[0]))


class Controls:
    """The reader's requests, safe to make from any thread; the engine takes them between two chunks.

    Args:
        schedule: Changes that are known from the start: pairs (update, `Change`).
    """

    def __init__(self, schedule: Iterable = ()):
        self._lock = threading.Lock()
        self._scheduled = list(check_schedule(schedule))
        self._requested = Change()
        self._most_updates = None

    def request(self, change: Change) -> None:
        """Ask for a change before the next chunk. A later request for the same thing replaces an earlier one."""
        with self._lock:
            self._requested = self._requested.then(change)

    def stop(self) -> None:
        """Ask for the run to end."""
        self.request(Change(stop=True))

    def limit_chunk(self, updates: int | None) -> None:
        """Limit the number of updates in a chunk; None for no limit."""
        if updates is not None:
            updates = check_whole("updates", updates, 1, 2**31 - 1)
        with self._lock:
            self._most_updates = updates

    @property
    def waiting(self) -> bool:
        """Whether a request hasn't been taken yet."""
        with self._lock:
            return bool(self._requested)

    @property
    def most_updates(self) -> int | None:
        """The largest number of updates in a chunk; None for no limit."""
        with self._lock:
            return self._most_updates

    def take(self, update: int) -> Change:
        """Take what changes before this update: first what is scheduled up to here, then what was requested."""
        with self._lock:
            change = Change()
            while self._scheduled and self._scheduled[0][0] <= update:
                change = change.then(self._scheduled.pop(0)[1])
            change, self._requested = change.then(self._requested), Change()
            return change

    def next_scheduled(self) -> int | None:
        """The update before which the next scheduled change takes effect; None where no more are scheduled."""
        with self._lock:
            return self._scheduled[0][0] if self._scheduled else None
