"""What a run is made of, checked when it is made, in this one place."""

from dataclasses import asdict, dataclass, fields, replace

from utils.models import BACKBONES, check_backbone
from utils.strategies.checks import (
    SettingsError,
    check_choice,
    check_flag,
    check_layers,
    check_learning_rate,
    check_number,
    check_rates,
    check_some_rate,
    check_whole,
)
from utils.strategies.strategy import STRATEGIES
from utils.tasks import DEFAULT_PAIR, KNOBS, check_pair, input_shape

OPTIMIZERS = ("adam", "sgd")
_WHOLE = {  # field: least, most
    "batch_size": (1, 1024),
    "updates": (1, 100_000),
    "new_images": (1, 60_000),
    "unfreeze_every": (0, 100_000),
    "evaluate_every": (1, 100_000),
    "patience": (0, 100_000),
    "seed": (0, 2**31 - 1),
}
NUMBERS = {  # from, to
    "temperature": (0.01, 1000),
    "rate_decay": (1, 1000),
    "old_loss_weight": (0, 1e6),
    "head_l2": (0, 1e6),
}


@dataclass(frozen=True)
class Settings:
    """Everything that a run depends on: the same settings give the same numbers.

    pair: a name in `PAIRS`.
    backbone: a name in `BACKBONES`; None for the first that takes the pair's inputs.
    strategy: a name in `STRATEGIES`.
    trained_layers: the layers that train, by name; None for those that the strategy trains.
    learning_rate: step size of the optimizer, above 0.
    optimizer: "adam", or "sgd" (with momentum 0.9).
    batch_size: images in an update.
    updates: how many optimizer steps in all, at most; the warm-up counts.
    patience: early stopping: once the new task's validation loss hasn't improved for this many evaluations, the run
        ends and goes back to the weights with which it was lowest. 0 to make all updates.
    warm_up: for so many updates only what is new trains, the new head; then the optimizer starts anew.
    unfreeze_every: gradual unfreezing: the backbone's blocks join one by one from the top, each so many updates after
        the one before (Howard & Ruder 2018); 0 for all at once.
    rate_decay: each layer learns at the rate of the one above it divided by this (2.6 in Howard & Ruder 2018).
    layer_rates: factors of the learning rate, by layer: a mapping, kept as pairs; None for 1 everywhere.
    standardize: whether the new head sees features with mean 0 and deviation 1, measured once, at the start, on the new
        training images. None for automatic: with patience, where the whole backbone is frozen at the start. Give
        False to change the patience alone.
    head_l2: factor of the sum of squares of the new head's kernel, which is added to the loss (ridge penalty, as
        Keras's `kernel_regularizer=L2(head_l2)`).
    old_loss_weight: λ, the factor of the loss terms that protect the old task; None for the strategy's own.
    temperature: T of the distillation (Li & Hoiem 2016, equation 4).
    new_images: how many of the new task's training images are used.
    old_images: how many of the old task's, by a strategy that needs them; None for all.
    unlikeness: of the pair "digits-drawings" alone, from 0 (strokes like digits) to 1; None means 1.
    old_shape, new_shape, noise, distance: of the pair "plane" alone, as in `load_pair`; None for its defaults.
    evaluate_every: updates from one evaluation on the validation images to the next.
    seed: draws the new head's first weights, the order of the batches and which images are used.
    """

    pair: str = DEFAULT_PAIR
    backbone: str | None = None
    strategy: str = "fine-tuning"
    trained_layers: tuple[str, ...] | None = None
    learning_rate: float = 1e-3
    optimizer: str = "adam"
    batch_size: int = 32
    updates: int = 1000
    patience: int = 0
    warm_up: int = 0
    unfreeze_every: int = 0
    rate_decay: float = 1.0
    layer_rates: tuple[tuple[str, float], ...] | None = None
    standardize: bool | None = None
    head_l2: float = 0.0
    old_loss_weight: float | None = None
    temperature: float = 2.0
    new_images: int = 1000
    old_images: int | None = None
    unlikeness: float | None = None
    old_shape: str | None = None
    new_shape: str | None = None
    noise: float | None = None
    distance: float | None = None
    evaluate_every: int = 10
    seed: int = 0

    def __post_init__(self):
        try:
            for field, value in check_pair(self.pair, self.knobs).items():
                self._set(field, value)
            self._set("backbone", check_backbone(self.backbone, input_shape(self.pair), self.pair))
        except ValueError as error:
            raise SettingsError(str(error)) from None
        check_choice("strategy", self.strategy, STRATEGIES)
        check_choice("optimizer", self.optimizer, OPTIMIZERS)
        for field, (least, most) in _WHOLE.items():
            self._set(field, check_whole(field, getattr(self, field), least, most))
        self._set("warm_up", check_whole("warm_up", self.warm_up, 0, self.updates, "updates"))
        self._set("learning_rate", check_learning_rate(self.learning_rate))
        if self.standardize is not None:
            self._set("standardize", check_flag("standardize", self.standardize))
        for field, (least, most) in NUMBERS.items():
            if getattr(self, field) is not None or field != "old_loss_weight":
                self._set(field, check_number(field, getattr(self, field), least, most))
        if self.old_images is not None:
            if STRATEGIES[self.strategy].needs_old_data and self.old_images == 0:
                raise SettingsError(f"old_images=0 is not allowed: {self.strategy} needs images of the old task.")
            self._set("old_images", check_whole("old_images", self.old_images, 0, 60_000))
        if self.layer_rates is not None:
            self._set("layer_rates", check_rates("layer_rates", self.layer_rates, self.backbone, self.strategy))
        if self.trained_layers is not None:
            self._set("trained_layers", check_layers(self.trained_layers, self.backbone, self.strategy))
        check_some_rate(self.rate_factors, STRATEGIES[self.strategy].learning(self.layers, self.backbone))

    def _set(self, field, value):
        object.__setattr__(self, field, value)

    @property
    def knobs(self) -> dict:
        """What is set of the pair, by name, as `load_pair` takes it: without what is None."""
        values = {name: getattr(self, name) for own in KNOBS.values() for name in own}
        return {name: value for name, value in values.items() if value is not None}

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that train (after the warm-up), from the input to the heads."""
        return self.trained_layers or STRATEGIES[self.strategy].layers(self.backbone)

    @property
    def stages(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Which layers train from which update on: the warm-up, then all at once or block by block."""
        strategy = STRATEGIES[self.strategy]
        stages = [(0, strategy.fresh)] if self.warm_up else []
        if not self.unfreeze_every:
            return (*stages, (self.warm_up, self.layers))
        blocks = [name for name in self.layers if name in BACKBONES[self.backbone].layer_names]
        # The heads come first, unless they have had their turn or are frozen.
        first = min(len(blocks), 1 if self.warm_up or len(blocks) == len(self.layers) else 0)
        for joined in range(first, len(blocks) + 1):
            waiting = blocks[: len(blocks) - joined]
            update = self.warm_up + (joined - first) * self.unfreeze_every
            stages.append((update, tuple(name for name in self.layers if name not in waiting)))
        return tuple(stages)

    @property
    def rate_factors(self) -> dict[str, float]:
        """By what the learning rate is multiplied at each layer."""
        strategy, free = STRATEGIES[self.strategy], dict(self.layer_rates or ())
        blocks = BACKBONES[self.backbone].layer_names
        factors = {}
        for name in strategy.network(self.backbone):
            below = len(blocks) - blocks.index(name) if name in blocks else 0  # layers further down than the heads
            usual = strategy.backbone_rate / self.rate_decay**below if name in blocks else 1.0
            factors[name] = usual * free.get(name, 1.0)
        return factors

    @property
    def standardizes(self) -> bool:
        """Whether the new head sees standardised features."""
        if self.standardize is None:
            return self.patience > 0 and not set(self.layers) & set(BACKBONES[self.backbone].layer_names)
        return self.standardize

    @property
    def protection(self) -> float:
        """λ: the factor of the loss terms that protect the old task."""
        return STRATEGIES[self.strategy].weight if self.old_loss_weight is None else self.old_loss_weight

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
        for name in changes:
            check_choice("field", name, [field.name for field in fields(self)])
        return replace(self, **changes)

    def until_converged(self, **changes) -> "Settings":
        """The same, trained until validation stops improving: for the question what can be reached.

        Evaluations come every 50 updates, and 10 in a row without an improvement end the run; 20,000 updates are the
        limit. The learning rate and the penalty are yours to choose, on validation images: see `utils.sweeps.choose`.
        """
        return self.replace(**{"updates": 20_000, "evaluate_every": 50, "patience": 10} | changes)

    def to_dict(self) -> dict:
        """Plain values, for JSON."""
        values = asdict(self)
        values["trained_layers"] = list(self.trained_layers) if self.trained_layers is not None else None
        values["layer_rates"] = dict(self.layer_rates) if self.layer_rates is not None else None
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
                parts.append(f"{name}={write_field(value)}")
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
            values[name] = parse_field(name, value)
        return cls(**values)


def write_field(value) -> str:
    """A field's value as text: what `parse_field` reads."""
    if isinstance(value, dict) or (value and isinstance(value, tuple) and isinstance(value[0], tuple)):
        return "+".join(f"{name}:{factor!r}" for name, factor in dict(value).items())
    return "+".join(value) if isinstance(value, list | tuple) else str(value)


def parse_field(name: str, text: str):
    """The value behind a field's text, not yet checked; a `SettingsError` where it isn't even of its kind.

    The field's type annotation says which kind is due. Nothing in the text is executed. A decimal comma is read.
    """
    kind, value = {field.name: field.type for field in fields(Settings)}[name], text.strip()
    if value == "None":
        return None
    if name == "trained_layers":
        return tuple(part.strip() for part in value.split("+"))
    if name == "layer_rates":
        pairs = [part.partition(":") for part in value.split("+")]
        return tuple((layer.strip(), _converted(name, factor.strip(), float)) for layer, _, factor in pairs)
    return _converted(name, value, kind)


_TEXT = (str, "a text")


def _converted(name, value, kind):
    if kind == bool | None:
        return {"True": True, "False": False}.get(value, value)  # anything else is for the check to refuse
    whole = (int, "a whole number")
    convert, wanted = {int: whole, int | None: whole, str: _TEXT, str | None: _TEXT}.get(kind, (float, "a number"))
    try:
        return convert(value.replace(",", ".") if convert is float and value.count(",") == 1 else value)
    except ValueError:
        raise SettingsError(f"{name}={value!r} is not allowed: it must be {wanted}.") from None
