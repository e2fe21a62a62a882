"""The settings of a run, checked when they are made."""

from dataclasses import asdict, dataclass, fields, replace

from utils.checks import check_kind
from utils.models import NEW_HEAD, Backbone
from utils.strategies import field_text, stages
from utils.strategies.checks import SettingsError, check_choice, check_mapping, check_some_rate
from utils.strategies.fields import check_fields
from utils.strategies.losses import TEMPERATURE
from utils.strategies.meaning import Meaning, check_options, look_up
from utils.strategies.strategy import Strategy
from utils.tasks import DEFAULT_PAIR, TaskPair, load_pair


@dataclass(frozen=True)
class Settings:
    """Everything that a run depends on: the same settings give the same numbers.

    Instead of a name, the object itself can be given: a `TaskPair`, a `Backbone`, a `Strategy`. The field then holds
    its name, and the settings keep the object.

    Attributes:
        pair: A name in `PAIRS`.
        backbone: A name in `BACKBONES`; None for the first that takes the pair's inputs.
        strategy: A name in `STRATEGIES`.
        trained_layers: The names of the layers that train; None for those that the strategy trains.
        learning_rate: The step size of the optimizer, above 0.
        optimizer: "adam", or "sgd" (with momentum 0.9).
        batch_size: The number of new images per update.
        updates: The number of optimizer steps, the warm-up included; with patience, the largest number.
        patience: Early stopping: once the new task's validation loss hasn't improved for this many evaluations, the run
            ends and goes back to the weights with the lowest loss. 0 to make all updates.
        rate_drops: How often the rate falls to a tenth where patience would end the run (Li & Hoiem 2016: once).
        warm_up: The number of updates at the start that train the new head alone, with those of the added layers that
            train; then the optimizer starts afresh.
        warm_up_rate: The learning rate of the warm-up, so that a new head can converge before the rest learns more
            slowly; None for the same as later.
        unfreeze_every: Gradual unfreezing (Howard & Ruder 2018): the backbone's blocks join one by one from the top,
            this many updates apart; 0 for all at once.
        rate_decay: Each block's learning rate is that of the layer above divided by this (2.6 in Howard & Ruder 2018).
        layer_rates: Factors of the learning rate by layer: a mapping, kept as pairs; None for 1 everywhere.
        standardize: Whether the new head sees features with mean 0 and deviation 1, measured at the start on the new
            training images. None to do so with patience, where the whole backbone is frozen at the start.
        head_l2: The weight of the new head's L2 penalty, as in Keras's `kernel_regularizer=L2(head_l2)`.
        old_loss_weight: λ, the factor of the loss terms that protect the old task; None for the strategy's own.
        temperature: T of the distillation (Li & Hoiem 2016, equation 4).
        loss_options: The other options of the strategy's loss terms (`LossTerm.options`) by name: a mapping, kept as
            pairs without the defaults; None for the defaults.
        new_images: The number of the new task's training images that are used.
        old_images: The number of the old task's, for a strategy that needs them; None for all.
        pair_options: The options of the pair, as in `load_pair` (`PAIR_OPTIONS` lists them): a mapping such as
            {"dissimilarity": 0.5}, kept as pairs without the defaults; None for the defaults.
        evaluate_every: The number of updates from one evaluation on the validation images to the next.
        seed: Draws the new head's first weights, the order of the batches and the images that are used.

    Raises:
        SettingsError: For a value that isn't allowed; the message names the field, the value and what is allowed.
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
    rate_drops: int = 0
    warm_up: int = 0
    warm_up_rate: float | None = None
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

    def __new__(cls, *args, **values):
        field_text.check_field_names(values, cls.__dataclass_fields__)  # `__init__` has a TypeError for them
        return super().__new__(cls)

    def __post_init__(self):
        options = check_mapping("pair_options", {} if self.pair_options is None else self.pair_options)
        if hasattr(self, "meaning"):
            options = check_options(self.pair, self.meaning.tasks, options)
        else:
            meaning, names, options = look_up(self.pair, self.backbone, self.strategy, options)
            vars(self).update(meaning=meaning, **names)  # the class is frozen
        vars(self).update(pair_options=tuple(options.items()) or None)
        vars(self).update(**check_fields(vars(self), self.row, self.network))
        check_some_rate(self.rate_factors, self.row.learning(self.layers, self.network))

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
        """The kind of input: "images", "points" or, for the reader's own tasks, "examples"."""
        return self.meaning.examples

    def tasks(self) -> TaskPair:
        """The pair of tasks; a `SettingsError` where this process doesn't know it."""
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
        fresh = tuple(name for name in self.row.fresh(self.network) if name == NEW_HEAD or name in self.layers)
        return stages.stages(self.layers, self.network.layer_names, fresh, self.warm_up, self.unfreeze_every)

    @property
    def rate_factors(self) -> dict[str, float]:
        """The factor of the learning rate for each layer."""
        names, blocks = self.row.network(self.network), self.network.layer_names
        layer_rates = dict(self.layer_rates or ())
        return stages.rate_factors(names, blocks, self.row.backbone_rate, self.rate_decay, layer_rates)

    @property
    def standardizes(self) -> bool:
        """Whether the new head sees standardized features."""
        if self.standardize is None:
            return self.patience > 0 and not set(self.layers) & set(self.network.layer_names)
        return self.standardize

    @property
    def protection(self) -> float:
        """λ: the factor of the loss terms that protect the old task."""
        return self.row.weight if self.old_loss_weight is None else self.old_loss_weight

    @property
    def options(self) -> dict[str, float]:
        """The values of the loss terms' options by name: T, and those of this strategy's terms."""
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
        """The same settings with these changes, checked again."""
        for name in changes:
            check_choice("field", name, [field.name for field in fields(self)])
        if {"pair", "backbone", "strategy"}.isdisjoint(changes):
            values = {field.name: getattr(self, field.name) for field in fields(self)}
            return self._from_meaning(values | changes, self.meaning)
        objects = {"strategy": self.row, "backbone": self.network, "pair": self.meaning.tasks or self.pair}
        return replace(self, **objects | changes)

    def until_converged(self, **changes) -> "Settings":
        """The same settings, trained until validation stops improving: for the question of what can be reached.

        The run is evaluated every 50 updates; 10 evaluations in a row without an improvement end it, or 20,000 updates.
        Choose the learning rate and the penalty yourself, on validation images: see `utils.sweeps.choose`.
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

        Args:
            values: The values by field.
            meaning: What the names stand for; None to look them up.
        """
        check_kind("meaning", meaning, Meaning | None, "give a Meaning, or None", SettingsError)
        values, known = field_text.current_fields(values), [field.name for field in fields(cls)]
        for name in values:
            check_choice("field", name, known)
        return cls._from_meaning(values, meaning) if meaning else cls(**values)

    @classmethod
    def _from_meaning(cls, values, meaning):
        settings = cls.__new__(cls)
        vars(settings).update(meaning=meaning)
        settings.__init__(**values)
        return settings

    def __eq__(self, other):
        return isinstance(other, Settings) and self._identity() == other._identity()

    def __hash__(self):
        return hash(self._identity())

    def _identity(self):
        return (*(getattr(self, field.name) for field in fields(self)), *self.meaning.identity())

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):  # the recipes of networks hold functions that can't be pickled
        return _unpickle, (self.to_dict(), self.meaning.to_dict())

    def to_text(self) -> str:
        """One line to copy and paste: what differs from the defaults, `field=value; field=value`.

        The options of the pair are written like fields: `dissimilarity=0.5`.
        """
        return field_text.write_fields(self.to_dict(), Settings().to_dict())

    @classmethod
    def from_text(cls, text: str) -> "Settings":
        """The inverse of `to_text`. Nothing in the text is executed."""
        known = [field.name for field in fields(cls) if field.name != "pair_options"]
        values = field_text.read_fields(text, [*known, *field_text.OPTIONS_OF_PAIRS])
        return cls.from_dict({name: parse_field(name, value) for name, value in values.items()})


def _unpickle(values, meaning):
    return Settings.from_dict(values, Meaning.from_dict(meaning, values["backbone"], values["pair"]))


def parse_field(name: str, text: str):
    """Convert the text of a field, of an option of a pair or of a loss term; the value isn't checked yet.

    Raises:
        SettingsError: Where the text can't be converted to the field's type.
    """
    return field_text.convert_field(name, text, {field.name: field.type for field in fields(Settings)})
