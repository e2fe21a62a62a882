"""A term of a loss: what it prepares, what it computes, what it stores, and how it looks in plain Keras."""

import keyword
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import ClassVar

import numpy as np
import tensorflow as tf

from utils.models import NEW_HEAD, OLD_HEAD, TransferModel

IN_EACH_UPDATE, BEFORE_TRAINING = "in each update", "before training"
LayerArrays = Mapping[str, list]  # for each block of the backbone an array for each of its trainable weights


@dataclass(frozen=True)
class LossOption:
    """A number that a term of the loss depends on, beside λ: a setting, and a field on the panels.

    Attributes:
        name: as in `Settings(loss_options={name: value})` and in the Keras code, where it's a variable.
        default: its value where the settings name none.
        least: the smallest value that is allowed.
        most: the largest.
        symbol: what it is called in formulas, such as "T".
        label: what stands before its field on a panel; None for the name.
        description: what it means, in a line.
    """

    name: str
    default: float
    least: float = 0.0
    most: float = 1e6
    symbol: str = ""
    label: str | None = None
    description: str = ""
    choices: ClassVar[tuple] = ()  # a panel's field takes any number; some options of pairs have choices instead

    def __post_init__(self):
        for name in ("name", "symbol") if self.symbol else ("name",):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.isidentifier() or keyword.iskeyword(text):
                raise ValueError(
                    f"{name}={text!r} is not allowed: it must be a name that Python allows for a variable."
                )
        for name in ("default", "least", "most"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise ValueError(f"{name}={value!r} is not allowed: it must be a finite number.")
        if not self.least <= self.default <= self.most:
            raise ValueError(f"default={self.default!r} is not allowed: it must be from {self.least} to {self.most}.")


@dataclass(frozen=True)
class Answers:
    """What the network at the checkpoint makes of some training images of the new task.

    Attributes:
        model: the network.
        images: (N, height, width, channels).
        features: what comes out of the last block, (N, width).
        logits: by head, (N, classes).
    """

    model: TransferModel
    images: tf.Tensor
    features: tf.Tensor
    logits: dict[str, tf.Tensor]


@dataclass(frozen=True)
class CheckpointData:
    """What a term may look at before training: the network at the checkpoint, and training images.

    Attributes:
        model: the network; it must not be changed.
        images: those of the new task, (N, height, width, channels).
        labels: theirs, (N,).
        old_images: those of the old task; None for a term that says it needs none.
        old_labels: theirs.
    """

    model: TransferModel
    images: tf.Tensor
    labels: tf.Tensor
    old_images: tf.Tensor | None = None
    old_labels: tf.Tensor | None = None

    def weights(self) -> dict[str, list[np.ndarray]]:
        """A copy of the backbone's trainable weights, block by block."""
        return {
            block.name: [np.array(weight.numpy()) for weight in self.model.trainable_weights(block.name)]
            for block in self.model.blocks
        }


@dataclass(frozen=True)
class Batch:
    """What the value of a term depends on: the network's answers on one batch, and what belongs to it.

    Attributes:
        logits: by head, (N, classes); the old head's are those of the new images.
        labels: of the new images, (N,).
        features: of the new images, what goes into the old head, (N, width).
        weights: the trainable weights of the blocks that aren't part of the frozen prefix: all that can have moved.
        old_logits: the old head's on a batch of old images, (N, classes); None unless a term needs them in each update.
        old_labels: the labels of those.
        recorded: of what the term recorded of each image, by name, the rows of the new images.
        prepared: what the term prepared for each weight, by name, for the same blocks as `weights`.
        options: the values of the term's options, by name.
    """

    logits: dict[str, tf.Tensor]
    labels: tf.Tensor
    features: tf.Tensor
    weights: dict[str, list[tf.Tensor]]
    old_logits: tf.Tensor | None = None
    old_labels: tf.Tensor | None = None
    recorded: Mapping[str, tf.Tensor] = field(default_factory=dict)
    prepared: Mapping[str, LayerArrays] = field(default_factory=dict)
    options: Mapping[str, tf.Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class OutputCode:
    """How a term that looks at an output of the network is written in plain Keras: as one of the losses of `compile`.

    Attributes:
        key: The name of the output.
        output: The expression of the symbolic output; it can use `image`, `features`, `old_task` and `new_task`.
        target: The expression of its targets for all images x, evaluated at the checkpoint.
        function: The name of the loss function, which is called with rows of the targets and of the output.
        definition: The lines that define that function; it can use `old_loss_weight` and the options as variables.
    """

    key: str
    output: str
    target: str
    function: str
    definition: str = ""


@dataclass(frozen=True)
class WeightCode:
    """How a term that looks at weights is written in plain Keras: as regularizers.

    Attributes:
        definition: functions and classes; options and `old_loss_weight` are variables that they can use, and it's for
            them to multiply by `old_loss_weight`.
        setup: the lines that hand each weight its regularizer, run once at the checkpoint; `BACKBONE` (names of the
            blocks), `network` (layers by name), `old_task`, `new_task`, the images `x` with the labels `y` and, for a
            term that needs some, `old_x` with `old_y` are there.
    """

    definition: str
    setup: str


@dataclass(frozen=True, eq=False, repr=False)
class LossTerm:
    """A term of a strategy's loss. The engine, the panels, the Keras code and the table of strategies ask it alone.

    Attributes:
        name: what it is called in `Strategy(losses=...)`.
        formula: what it adds, for readers.
        value: from a `Batch` to a scalar.
        source: the paper and equation.
        head: the head that it reaches besides the backbone; None for neither.
        protects: whether it is there for the old task, and is multiplied by λ.
        old_images: when images of the old task have to be there: "in each update", as many as new ones (rehearsal),
            "before training", for what is prepared, or None for never.
        options: the numbers that it depends on, beside λ.
        record: what is recorded of each new image before training, by name: functions from `Answers` to an array
            (N, ...). They are called for portions of the images, and with one black image for the shape.
        prepare: what is prepared for each weight before training, by name: functions from `CheckpointData` to
            arrays of the shapes of the backbone's trainable weights, by block.
        code: how it's written in plain Keras; None for a term that can't be exported.
    """

    name: str
    formula: str
    value: Callable[[Batch], tf.Tensor]
    source: str = ""
    head: str | None = None
    protects: bool = True
    old_images: str | None = None
    options: tuple[LossOption, ...] = ()
    record: Mapping[str, Callable[[Answers], tf.Tensor]] = field(default_factory=dict)
    prepare: Mapping[str, Callable[[CheckpointData], LayerArrays]] = field(default_factory=dict)
    code: OutputCode | WeightCode | None = None
    known: bool = True  # whether this process has its functions: not so for what a saved run tells of it

    def __post_init__(self):
        for name in ("name", "formula", "source"):
            if not isinstance(getattr(self, name), str):
                raise ValueError(f"{name}={getattr(self, name)!r} is not allowed: it must be a text.")
        if self.head not in (None, OLD_HEAD, NEW_HEAD):
            raise ValueError(f"head={self.head!r} is not allowed: it must be {OLD_HEAD!r}, {NEW_HEAD!r} or None.")
        if self.old_images not in (None, BEFORE_TRAINING, IN_EACH_UPDATE):
            allowed = f"{IN_EACH_UPDATE!r}, {BEFORE_TRAINING!r} or None"
            raise ValueError(f"old_images={self.old_images!r} is not allowed: it must be {allowed}.")
        if not all(isinstance(option, LossOption) for option in self.options):
            raise ValueError(f"options={self.options!r} is not allowed: give a tuple of LossOption.")
        if not all(map(callable, (self.value, *self.record.values(), *self.prepare.values()))):
            raise ValueError(f"value, record and prepare of {self.name!r} must be functions.")
        object.__setattr__(self, "options", tuple(self.options))

    def __repr__(self):
        return f"LossTerm({self.name!r})"

    @property
    def rehearses(self) -> bool:
        """Whether each update takes a batch of old images, too."""
        return self.old_images == IN_EACH_UPDATE

    def to_dict(self) -> dict:
        """What a saved run tells of a term that isn't this project's, for JSON: enough to draw the run."""
        told = {name: getattr(self, name) for name in _TOLD}
        return told | {"options": [asdict(option) for option in self.options]}

    @classmethod
    def from_dict(cls, values: dict) -> "LossTerm":
        """The inverse of `to_dict`, without its functions; a ValueError where something is missing or can't be."""
        if (
            not isinstance(values, dict)
            or set(values) != {*_TOLD, "options"}
            or not isinstance(values["options"], list)
        ):
            raise ValueError(f"losses: {values!r} is not allowed: expected the fields {', '.join(_TOLD)}, options.")
        known = {entry.name for entry in fields(LossOption)}
        if not all(isinstance(option, dict) and set(option) == known for option in values["options"]):
            raise ValueError(f"losses: options of {values['name']!r} are not allowed: expected {', '.join(known)}.")
        options = tuple(LossOption(**option) for option in values["options"])

        def value(batch):
            raise ValueError(f"losses: {values['name']!r} is not known in this process.")

        return cls(**values | {"options": options}, value=value, known=False)


_TOLD = ("name", "formula", "source", "head", "protects", "old_images")
