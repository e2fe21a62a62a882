"""What a run is made of, checked when it is made, in this one place."""

import difflib
import math
import numbers
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace

from utils.models import BACKBONES, DEFAULT_BACKBONE, NEW_HEAD, layer_names
from utils.tasks import DEFAULT_PAIR, check_pair
from utils.training.strategies import STRATEGIES

OPTIMIZERS = ("adam", "sgd")
_WHOLE = {  # field: least, most
    "batch_size": (1, 1024),
    "updates": (1, 100_000),
    "new_images": (1, 60_000),
    "evaluate_every": (1, 100_000),
    "seed": (0, 2**31 - 1),
}

LEAST_LEARNING_RATE = 1e-30  # far below it, a float32 is 0 and nothing would train


class SettingsError(ValueError):
    """A setting that can't be: the message names the field, its value and what is allowed."""


@dataclass(frozen=True)
class Settings:
    """Everything that a run depends on: the same settings give the same numbers.

    pair: a name in `PAIRS`.
    backbone: a name in `BACKBONES`.
    strategy: a name in `STRATEGIES`.
    trained_layers: the layers that train, by name; None for those that the strategy trains.
    learning_rate: step size of the optimizer, above 0.
    optimizer: "adam", or "sgd" (with momentum 0.9).
    batch_size: images in an update.
    updates: how many optimizer steps in all; the warm-up counts.
    warm_up: for so many updates only the new head trains; then the optimizer starts anew.
    new_images: how many of the new task's training images are used.
    unlikeness: of the pair "digits-drawings" alone, from 0 (strokes like digits) to 1; None means 1.
    evaluate_every: updates from one evaluation on the validation images to the next.
    seed: draws the new head's first weights, the order of the batches and which images are used.
    """

    pair: str = DEFAULT_PAIR
    backbone: str = DEFAULT_BACKBONE
    strategy: str = "fine-tuning"
    trained_layers: tuple[str, ...] | None = None
    learning_rate: float = 1e-3
    optimizer: str = "adam"
    batch_size: int = 32
    updates: int = 1000
    warm_up: int = 0
    new_images: int = 1000
    unlikeness: float | None = None
    evaluate_every: int = 10
    seed: int = 0

    def __post_init__(self):
        try:
            check_pair(self.pair, self.unlikeness)
        except ValueError as error:
            raise SettingsError(str(error)) from None
        if self.unlikeness is not None:
            self._set("unlikeness", float(self.unlikeness))
        check_choice("backbone", self.backbone, BACKBONES)
        check_choice("strategy", self.strategy, STRATEGIES)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        for field, (least, most) in _WHOLE.items():
            self._set(field, check_whole(field, getattr(self, field), least, most))
        self._set("warm_up", check_whole("warm_up", self.warm_up, 0, self.updates, "updates"))
        self._set("learning_rate", check_learning_rate(self.learning_rate))
        if self.trained_layers is not None:
            self._set("trained_layers", check_layers(self.trained_layers, self.backbone, self.strategy))

    def _set(self, field, value):
        object.__setattr__(self, field, value)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that train (after the warm-up), from the input to the heads."""
        return self.trained_layers or STRATEGIES[self.strategy].layers(self.backbone)

    @property
    def label(self) -> str:
        """A short name: the strategy, and the layers where they were picked by hand."""
        strategy = STRATEGIES[self.strategy]
        learning = strategy.learning(self.layers, self.backbone)
        if learning == strategy.layers(self.backbone):
            return self.strategy
        return f"{self.strategy}, only {' + '.join(learning)}"

    def replace(self, **changes) -> "Settings":
        """The same settings but for the changes, checked anew."""
        return replace(self, **changes)

    def to_dict(self) -> dict:
        """Plain values, for JSON."""
        values = asdict(self)
        values["trained_layers"] = list(self.trained_layers) if self.trained_layers is not None else None
        return values

    @classmethod
    def from_dict(cls, values: dict) -> "Settings":
        """The inverse of `to_dict`; a missing field keeps its default, an unknown one is an error."""
        if not isinstance(values, dict):
            raise SettingsError(f"settings={values!r} is no mapping of fields to values")
        known = [field.name for field in fields(cls)]
        for name in values:
            check_choice("field", name, known)
        return cls(**values)

    def to_text(self) -> str:
        """One line to copy and paste: the fields that differ from the defaults, `field=value; field=value`."""
        default = Settings()
        parts = [f"pair={self.pair}", f"strategy={self.strategy}"]
        for name, value in self.to_dict().items():
            if name not in ("pair", "strategy") and getattr(self, name) != getattr(default, name):
                parts.append(f"{name}={'+'.join(value) if isinstance(value, list) else value}")
        return "; ".join(parts)

    @classmethod
    def from_text(cls, text: str) -> "Settings":
        """The inverse of `to_text`. Nothing in the text is executed."""
        if not isinstance(text, str) or not text.strip():
            raise SettingsError(f"settings={text!r} is not allowed: write field=value; field=value.")
        kinds = {field.name: field.type for field in fields(cls)}
        values = {}
        for part in filter(None, (piece.strip() for piece in text.replace("\n", ";").split(";"))):
            name, equals, value = (piece.strip() for piece in part.partition("="))
            if not equals:
                raise SettingsError(f"settings: {part!r} is not allowed: write field=value; field=value.")
            check_choice("field", name, kinds)
            if name in values:
                raise SettingsError(f"settings: {name} is given twice; give it once.")
            values[name] = _parse(name, value, kinds[name])
        return cls(**values)


def _parse(name, value, kind):
    """The value behind a field's text; the field's type annotation says which kind is due."""
    if value == "None":
        return None
    if name == "trained_layers":
        return tuple(part.strip() for part in value.split("+"))
    convert, wanted = {int: (int, "a whole number"), str: (str, "a text")}.get(kind, (float, "a number"))
    try:
        return convert(value)
    except ValueError:
        raise SettingsError(f"{name}={value!r} is not allowed: it must be {wanted}.") from None


def check_choice(field, value, allowed) -> None:
    """An error naming the allowed values, and the nearest of them, unless the value is one of them."""
    if not isinstance(value, str) or value not in allowed:
        near = difflib.get_close_matches(str(value), list(allowed), n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise SettingsError(
            f"{field}={value!r} is not allowed: it must be one of {', '.join(map(repr, allowed))}.{hint}"
        )


def check_whole(field, value, least, most, most_is=None) -> int:
    """The value as an int, or an error naming the field, the value and the range."""
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or not least <= value <= most:
        limit = f"{most:,}" if most_is is None else f"{most:,} ({most_is})"
        raise SettingsError(f"{field}={value!r} is not allowed: it must be a whole number from {least} to {limit}.")
    return int(value)


def check_learning_rate(value) -> float:
    """The value as a float, or an error naming it and what is allowed."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    try:
        rate = float(value) if number else math.nan
    except OverflowError:  # a whole number beyond all floats
        rate = math.inf
    if not LEAST_LEARNING_RATE <= rate < math.inf:
        raise SettingsError(
            f"learning_rate={value!r} is not allowed: it must be a finite number of {LEAST_LEARNING_RATE} or more."
        )
    return rate


def check_names(layers) -> tuple[str, ...]:
    """The trained layers as a tuple, or an error where this is no list."""
    if isinstance(layers, str) or not isinstance(layers, Iterable):
        example = layers if isinstance(layers, str) else NEW_HEAD
        raise SettingsError(f"trained_layers={layers!r} is not allowed: give a list of names, such as [{example!r}].")
    return tuple(layers)


def check_layers(layers, backbone, strategy) -> tuple[str, ...]:
    """The trained layers in the network's order; an error where one is unknown or nothing would learn."""
    names, wanted = layer_names(BACKBONES[backbone]), check_names(layers)
    for name in wanted:
        check_choice("trained_layers", name, names)
    if len(set(wanted)) < len(wanted):
        twice = next(name for name in wanted if wanted.count(name) > 1)
        raise SettingsError(f"trained_layers={list(wanted)} is not allowed: {twice!r} stands there twice.")
    if not set(wanted) & set(STRATEGIES[strategy].reached(backbone)):
        what = "every layer is frozen" if not wanted else f"no loss of {strategy} reaches {' or '.join(wanted)}"
        raise SettingsError(
            f"trained_layers={list(wanted)} is not allowed: nothing would train, since {what}. "
            f"Unfreeze at least one of {', '.join(STRATEGIES[strategy].reached(backbone))}."
        )
    return tuple(name for name in names if name in wanted)
