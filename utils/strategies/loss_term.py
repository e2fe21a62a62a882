"""A term of a loss: what it prepares, computes and stores, and its form in plain Keras."""

from __future__ import annotations

import keyword
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import ClassVar

import numpy as np

from utils.checks import check_flag, check_function, check_kind, check_list, check_mapping, check_number, check_text
from utils.frameworks import tf
from utils.messages import refusal
from utils.models import NEW_HEAD, OLD_HEAD, TransferModel
from utils.models.precision import in_precision
from utils.strategies.loss_code import OutputCode, WeightCode

IN_EACH_UPDATE, BEFORE_TRAINING = "in each update", "before training"
LayerArrays = Mapping[str, list]  # for each block of the backbone, an array per trainable weight


@dataclass(frozen=True)
class LossOption:
    """A number besides λ that a term of the loss depends on: a setting, and a field on the panels.

    Attributes:
        name: The name, as in `Settings(loss_options={name: value})` and as a variable in the Keras code.
        default: The value where the settings give none.
        least: The smallest value allowed.
        most: The largest value allowed.
        symbol: The symbol in formulas, such as "T".
        label: The label of its field on a panel; None for the name.
        description: Its meaning, in a line.

    Raises:
        ValueError: For a name that isn't possible for a variable, and numbers that aren't finite or in order.
    """

    name: str
    default: float
    least: float = 0.0
    most: float = 1e6
    symbol: str = ""
    label: str | None = None
    description: str = ""
    choices: ClassVar[tuple] = ()  # none: a panel's field takes any number, unlike that of some options of pairs

    def __post_init__(self):
        for name in ("symbol", "description"):
            check_text(name, getattr(self, name))
        check_kind("label", self.label, str | None, "give a text, or None")
        for name in ("name", "symbol") if self.symbol else ("name",):
            text = getattr(self, name)
            if not isinstance(text, str) or not text.isidentifier() or keyword.iskeyword(text):
                raise ValueError(
                    f"{name}={text!r} is not allowed: it must be a name that Python allows for a variable."
                )
        for name in ("default", "least", "most"):
            check_number(name, getattr(self, name))
        if not self.least <= self.most:
            raise ValueError(f"most={self.most!r} is not allowed: it must be least={self.least} or more.")
        check_number("default", self.default, self.least, self.most)


@dataclass(frozen=True)
class Answers:
    """The outputs of the network at the checkpoint for some training images of the new task.

    Attributes:
        model: The network.
        images: The images, (N, height, width, channels).
        features: The output of the last block, (N, width).
        logits: The logits by head, (N, classes).
    """

    model: TransferModel
    images: tf.Tensor
    features: tf.Tensor
    logits: dict[str, tf.Tensor]


class CheckpointData:
    """What a term may use before training: the network at the checkpoint, and training images.

    Args:
        model: The network.
        images: The images of the new task, of any type.
        labels: Their labels.
        old_images: The images of the old task, likewise; None for a term that doesn't need them.
        old_labels: Their labels.

    Attributes:
        model: The network, which must not be changed.
        labels: The labels of the new images, (N,).
        old_labels: The labels of the old images, (N,).
    """

    def __init__(self, model: TransferModel, images, labels: tf.Tensor, old_images=None, old_labels=None):
        self.model, self.labels, self.old_labels = model, labels, old_labels
        self._images, self._old_images = images, old_images

    @cached_property
    def images(self) -> tf.Tensor:
        """The images of the new task, floats (N, height, width, channels)."""
        return in_precision(self._images)

    @cached_property
    def old_images(self) -> tf.Tensor | None:
        """The images of the old task, floats (N, height, width, channels); None for a term that doesn't need them."""
        return None if self._old_images is None else in_precision(self._old_images)

    def without_old(self) -> CheckpointData:
        """The same for a term that needs no old images."""
        return CheckpointData(self.model, self._images, self.labels)

    def weights(self) -> dict[str, list[np.ndarray]]:
        """A copy of the backbone's trainable weights, block by block."""
        return {
            block.name: [np.array(weight.numpy()) for weight in self.model.trainable_weights(block.name)]
            for block in self.model.blocks
        }


@dataclass(frozen=True)
class Batch:
    """The inputs of a term: the network's outputs for one batch, and what was recorded and prepared for it.

    Attributes:
        logits: The logits for the new images by head, (N, classes).
        labels: The labels of the new images, (N,).
        features: The input of the old head for the new images, (N, width).
        weights: The trainable weights of all blocks above the frozen prefix: those that can have changed.
        old_logits: The old head's logits for a batch of old images, (N, classes); None unless a term needs them.
        old_labels: The labels of the old images.
        recorded: What the term recorded of the new images, by name, (N, ...).
        prepared: What the term prepared for each weight, by name, for the same blocks as `weights`.
        options: The values of the term's options by name.
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


@dataclass(frozen=True, eq=False, repr=False)
class LossTerm:
    """A term of a strategy's loss: all that the engine, the panels, the Keras code and the table of strategies need.

    Attributes:
        name: The name, as in `Strategy(losses=...)`.
        formula: The formula, for readers.
        value: From a `Batch` to a scalar.
        source: The paper and equation.
        head: The head that its gradient reaches besides the backbone; None for neither.
        protects: Whether it protects the old task, and is multiplied by λ.
        old_images: When it needs images of the old task: "in each update", as many as new ones (rehearsal), only
            "before training", for `prepare`, or None for never.
        options: The numbers besides λ that it depends on.
        record: What is recorded of each new image before training, by name: functions from `Answers` to an array
            (N, ...). They are called for portions of the images, and with one black image to find the shape.
        prepare: What is prepared for each weight before training, by name: functions from `CheckpointData` to arrays
            of the shapes of the backbone's trainable weights, by block.
        code: The plain Keras code; None for a term that can't be exported.
        known: Whether this process has its functions; False for a term that was read from the file of a run.

    Raises:
        ValueError: For a value that isn't allowed.
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
    known: bool = True

    def __post_init__(self):
        for name in ("name", "formula", "source"):
            check_text(name, getattr(self, name))
        for name, allowed in (("head", (OLD_HEAD, NEW_HEAD)), ("old_images", (IN_EACH_UPDATE, BEFORE_TRAINING))):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, str) and value in allowed):
                raise ValueError(refusal(name, value, f"it must be {allowed[0]!r}, {allowed[1]!r} or None"))
        check_flag("protects", self.protects)
        check_kind("code", self.code, OutputCode | WeightCode | None, "give an OutputCode, a WeightCode or None")
        check_function("value", self.value, 1)
        for name in ("record", "prepare"):
            functions = check_mapping(name, getattr(self, name), "give a mapping of names to functions")
            for part, function in functions.items():
                check_function(f"{name}: {part}", function, 1)
        options = check_list("options", self.options, LossOption, "give a tuple of LossOption")
        object.__setattr__(self, "options", options)

    def __repr__(self):
        return f"LossTerm({self.name!r})"

    @property
    def rehearses(self) -> bool:
        """Whether each update also takes a batch of old images."""
        return self.old_images == IN_EACH_UPDATE

    def to_dict(self) -> dict:
        """Plain values, for JSON: what a saved run needs of a term that isn't this project's."""
        values = {name: getattr(self, name) for name in _SAVED}
        return values | {"options": [asdict(option) for option in self.options]}

    @classmethod
    def from_dict(cls, values: dict) -> LossTerm:
        """The inverse of `to_dict`, but without functions; a ValueError for values that aren't allowed."""
        if (
            not isinstance(values, dict)
            or set(values) != {*_SAVED, "options"}
            or not isinstance(values["options"], list)
        ):
            raise ValueError(f"losses: {values!r} is not allowed: expected the fields {', '.join(_SAVED)}, options.")
        known = {option_field.name for option_field in fields(LossOption)}
        if not all(isinstance(option, dict) and set(option) == known for option in values["options"]):
            raise ValueError(f"losses: options of {values['name']!r} are not allowed: expected {', '.join(known)}.")
        options = tuple(LossOption(**option) for option in values["options"])

        def value(batch):
            raise ValueError(f"losses: {values['name']!r} is not known in this process.")

        return cls(**values | {"options": options}, value=value, known=False)


_SAVED = ("name", "formula", "source", "head", "protects", "old_images")
