"""What a run is made of, checked when it is made, in this one place."""

from dataclasses import asdict, dataclass, fields, replace

from utils.models import Backbone
from utils.strategies.checks import (
    SettingsError,
    check_choice,
    check_flag,
    check_layers,
    check_learning_rate,
    check_loss_options,
    check_mapping,
    check_number,
    check_rates,
    check_some_rate,
    check_whole,
)
from utils.strategies.field_text import OPTIONS_OF_PAIRS, in_todays_names, parsed, read_fields, write_fields
from utils.strategies.losses import TEMPERATURE
from utils.strategies.meaning import Meaning, check_options, look_up
from utils.strategies.strategy import Strategy
from utils.tasks import DEFAULT_PAIR, TaskPair, load_pair

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
    "temperature": (TEMPERATURE.least, TEMPERATURE.most),
    "rate_decay": (1, 1000),
    "old_loss_weight": (0, 1e6),
    "head_l2": (0, 1e6),
}


@dataclass(frozen=True)
class Settings:
    """Everything that a run depends on: the same settings give the same numbers.

    Instead of a name, the thing itself can be given: a `TaskPair`, a `Backbone`, a `Strategy`. The field then holds its
    name, and the settings keep the thing.

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
    warm_up: how many updates at first train the new head alone (and new units); then the optimizer starts afresh.
    unfreeze_every: gradual unfreezing: the backbone's blocks join one by one from the top, this many updates apart
        (Howard & Ruder 2018); 0 for all at once.
    rate_decay: each layer learns at the rate of the one above it divided by this (2.6 in Howard & Ruder 2018).
    layer_rates: factors of the learning rate, by layer: a mapping, kept as pairs; None for 1 everywhere.
    standardize: whether the new head sees features with mean 0 and deviation 1, measured once, at the start, on the new
        training images. None for automatic: with patience, where the whole backbone is frozen at the start. Give
        False to change the patience alone.
    head_l2: factor of the sum of squares of the new head's kernel, which is added to the loss (ridge penalty, as
        Keras's `kernel_regularizer=L2(head_l2)`).
    old_loss_weight: λ, the factor of the loss terms that protect the old task; None for the strategy's own.
    temperature: T of the distillation (Li & Hoiem 2016, equation 4).
    loss_options: values of the other numbers that the strategy's loss terms depend on (`LossTerm.options`): a mapping,
        kept as pairs; None for their defaults.
    new_images: how many of the new task's training images are used.
    old_images: how many of the old task's, by a strategy that needs them; None for all.
    pair_options: what the pair itself depends on, as in `load_pair` (`PAIR_OPTIONS` lists it): a mapping such as
        {"dissimilarity": 0.5}, kept as pairs without what is the default; None for the defaults.
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
    temperature: float = TEMPERATURE.default
    loss_options: tuple[tuple[str, float], ...] | None = None
    new_images: int = 1000
    old_images: int | None = None
    pair_options: tuple[tuple[str, float | str], ...] | None = None
    evaluate_every: int = 10
    seed: int = 0

    def __post_init__(self):
        options = check_mapping("pair_options", self.pair_options or {})
        if hasattr(self, "meaning"):
            options = check_options(self.pair, self.meaning.tasks, options)
        else:
            meaning, names, options = look_up(self.pair, self.backbone, self.strategy, options)
            self._set("meaning", meaning)
            for field, name in names.items():
                self._set(field, name)
        self._set("pair_options", tuple(options.items()) or None)
        row, network = self.row, self.network
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
            if row.needs_old_data and self.old_images == 0:
                raise SettingsError(f"old_images=0 is not allowed: {row.name} needs images of the old task.")
            self._set("old_images", check_whole("old_images", self.old_images, 0, 60_000))
        if self.layer_rates is not None:
            self._set("layer_rates", check_rates("layer_rates", self.layer_rates, network, row))
        if self.loss_options is not None:
            self._set("loss_options", check_loss_options(self.loss_options, row))
        if self.trained_layers is not None:
            self._set("trained_layers", check_layers(self.trained_layers, network, row))
        check_some_rate(self.rate_factors, row.learning(self.layers, network))

    def _set(self, field, value):
        object.__setattr__(self, field, value)

    @property
    def row(self) -> Strategy:
        """The strategy: which parts train, and under which loss."""
        return self.meaning.row

    @property
    def network(self) -> Backbone:
        """The recipe of the shared layers."""
        return self.meaning.network

    @property
    def examples(self) -> str:
        """What the tasks are made of: "images", "points" or, of the reader's own, "examples"."""
        return self.meaning.examples

    def tasks(self) -> TaskPair:
        """The pair of tasks. A `SettingsError` where this process doesn't know it."""
        if self.meaning.tasks:
            return self.meaning.tasks
        try:
            return load_pair(self.pair, **dict(self.pair_options or ()))
        except ValueError as error:
            raise SettingsError(str(error)) from None

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that train (after the warm-up), from the input to the heads."""
        return self.trained_layers or self.row.layers(self.network)

    @property
    def stages(self) -> tuple[tuple[int, tuple[str, ...]], ...]:
        """Which layers train from which update on: the warm-up, then all at once or block by block."""
        stages = [(0, self.row.fresh)] if self.warm_up else []
        if not self.unfreeze_every:
            return (*stages, (self.warm_up, self.layers))
        blocks = [name for name in self.layers if name in self.network.layer_names]
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
        row, free, blocks = self.row, dict(self.layer_rates or ()), self.network.layer_names
        factors = {}
        for name in row.network(self.network):
            below = len(blocks) - blocks.index(name) if name in blocks else 0  # layers further down than the heads
            usual = row.backbone_rate / self.rate_decay**below if name in blocks else 1.0
            factors[name] = usual * free.get(name, 1.0)
        return factors

    @property
    def standardizes(self) -> bool:
        """Whether the new head sees standardised features."""
        if self.standardize is None:
            return self.patience > 0 and not set(self.layers) & set(self.network.layer_names)
        return self.standardize

    @property
    def protection(self) -> float:
        """λ: the factor of the loss terms that protect the old task."""
        return self.row.weight if self.old_loss_weight is None else self.old_loss_weight

    @property
    def options(self) -> dict[str, float]:
        """The values of the numbers that loss terms depend on, beside λ, by name: T, and those of this strategy."""
        defaults = {option.name: option.default for option in self.row.options}
        return defaults | {"temperature": self.temperature} | dict(self.loss_options or ())

    @property
    def label(self) -> str:
        """A short name: the strategy, and the layers where they were picked by hand."""
        learning = self.row.learning(self.layers, self.network)
        if learning == self.row.layers(self.network):
            return self.strategy
        return f"{self.strategy}, only {' + '.join(learning)}"

    def replace(self, **changes) -> "Settings":
        """The same settings but for the changes, checked again."""
        for name in changes:
            check_choice("field", name, [field.name for field in fields(self)])
        if {"pair", "backbone", "strategy"}.isdisjoint(changes):
            values = {field.name: getattr(self, field.name) for field in fields(self)}
            return self._made(values | changes, self.meaning)
        things = {"strategy": self.row, "backbone": self.network, "pair": self.meaning.tasks or self.pair}
        return replace(self, **things | changes)

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
        for name in ("layer_rates", "loss_options", "pair_options"):
            values[name] = dict(getattr(self, name)) if getattr(self, name) is not None else None
        return values

    @classmethod
    def from_dict(cls, values: dict, meaning: Meaning | None = None) -> "Settings":
        """The inverse of `to_dict`; a missing field keeps its default, an unknown one is an error.

        meaning: what the names stand for, where they aren't to be looked up.
        """
        values, known = in_todays_names(values), [field.name for field in fields(cls)]
        for name in values:
            check_choice("field", name, known)
        return cls._made(values, meaning) if meaning else cls(**values)

    @classmethod
    def _made(cls, values, meaning):
        made = cls.__new__(cls)
        made._set("meaning", meaning)
        made.__init__(**values)
        return made

    def __eq__(self, other):
        return isinstance(other, Settings) and self._identity() == other._identity()

    def __hash__(self):
        return hash(self._identity())

    def _identity(self):
        """All fields, and what their names stand for: another strategy of the same name makes other settings."""
        meaning = self.meaning
        network = meaning.network if meaning.known else meaning.network.layer_names
        things = meaning.row, network, None if meaning.tasks is None else id(meaning.tasks)
        return (*(getattr(self, field.name) for field in fields(self)), *things)

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):  # the recipes of networks hold functions that can't be pickled
        return _restored, (self.to_dict(), self.meaning.to_dict())

    def to_text(self) -> str:
        """One line to copy and paste: what differs from the defaults, `field=value; field=value`.

        An option of the pair stands there like a field: `dissimilarity=0.5`.
        """
        default, values = Settings().to_dict(), self.to_dict()
        shown = {name: values.pop(name) for name in ("pair", "strategy")}
        for name, value in values.items():
            if name == "pair_options":
                shown |= value or {}
            elif value != default[name]:
                shown[name] = value
        return write_fields(shown)

    @classmethod
    def from_text(cls, text: str) -> "Settings":
        """The inverse of `to_text`. Nothing in the text is executed."""
        known = [*(field.name for field in fields(cls)), *OPTIONS_OF_PAIRS]
        known.remove("pair_options")  # each stands for itself
        values = {}
        for name, value in read_fields(text):
            check_choice("field", name, known)
            if name in values:
                raise SettingsError(f"settings: {name} is given twice; give it once.")
            values[name] = parse_field(name, value)
        return cls.from_dict(values)


def _restored(values, meaning):
    return Settings.from_dict(values, Meaning.from_dict(meaning, values["backbone"], values["pair"]))


def parse_field(name: str, text: str):
    """The value behind the text of a field, or of an option of the pair or of a loss term; not yet checked.

    See `parsed`.
    """
    kinds = {option: type(OPTIONS_OF_PAIRS[option].default) for option in OPTIONS_OF_PAIRS}
    return parsed(name, text, (kinds | {field.name: field.type for field in fields(Settings)}).get(name, float))
