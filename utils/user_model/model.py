"""A network and tasks of the reader's own, under names that `Settings`, runs and panels know like all others."""

import re
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np

from utils.checks import check_flag, check_text, wrapped
from utils.comfort import without_retracing_warnings
from utils.frameworks import keras
from utils.models import BACKBONES, Backbone, keep_checkpoint, pretrained
from utils.strategies.settings import Settings
from utils.tasks import PAIRS, TaskPair, add_pair, task_from
from utils.tasks.task_form import as_floats
from utils.user_model.answers import answers, check_numbers_of_words, predicted
from utils.user_model.checks import OwnModelError, check_user_model, load_user_model, loss_name
from utils.user_model.cut_model import CutModel, clone, cut_model
from utils.user_model.digest import digest_of
from utils.user_model.head import find_head
from utils.user_model.notes import notes
from utils.user_model.pieces import find_pieces

_DEEP = 30  # layers from which on measuring takes longer than training, so that it's done less often
_STEPS = "read", "cut", "compare"
_PREDICTED = 100  # examples for which the reader's model is asked
_COMPARED = 4  # examples on which the cut network is compared with the reader's
_SPREAD, _ROUNDING = 1e-2, 1e-5  # how far the two may differ: as a share of the outputs' spread, and of their size
_DIGITS = 4  # of the digest in a name; more where two networks would share one
_known: WeakValueDictionary[str, "OwnModel"] = WeakValueDictionary()  # by the plain name and the whole digest


class OwnModelWarning(UserWarning):
    """A network or tasks that look as if something were wrong."""


@dataclass(frozen=True, eq=False)
class OwnModel:
    """A network of the reader's own, ready to be trained on two tasks: its weights are the checkpoint of every run.

    The reader's model itself is never changed: runs train copies of it. Any number of networks can exist side by side;
    one that is no longer used (by a variable, settings, a run or a panel) is freed.

    Attributes:
        name: The name for `pair` and `backbone` of `Settings`.
        pair: The tasks.
        cut: The network, cut into blocks and an old head.
        networks: By name, the network with its blocks, and with one block opened each.
        notes: Sentences about what looks wrong, or makes accuracies look better than they are.
    """

    name: str
    pair: TaskPair
    cut: CutModel
    networks: dict[str, Backbone]
    notes: tuple[str, ...] = ()

    @property
    def blocks(self) -> dict[str, tuple[str, ...]]:
        """What can be frozen, from the input on: by name, the layers with weights in each block."""
        return self.cut.contents

    def settings(self, **changes) -> Settings:
        """`Settings` for this network and its tasks: for `run`, `train`, `race` and the panels."""
        usual = {
            "pair": self.pair,
            "backbone": self.networks[self.name],
            "updates": 200,
            "evaluate_every": 10 if self.cut.layer_count < _DEEP else 50,
            "new_images": min(1000, len(self.pair.new.x_train)),
            "batch_size": min(32, len(self.pair.new.x_train)),
        }
        return Settings(**usual | changes)

    def opened(self, block: str) -> Backbone:
        """The network with the layers of this block as blocks of their own: `settings(backbone=m.opened("conv"))`.

        Raises:
            OwnModelError: For a block that can't be opened.
        """
        name = f"{self.name}.{block}"
        if name not in self.networks:
            allowed = ", ".join(self.cut.opened_groups) or "none: each is a single layer, or can't be cut"
            raise OwnModelError(f"block={block!r} is not allowed: those that can be opened are {allowed}.")
        return self.networks[name]

    def __repr__(self):
        lines = [f"{self.name}: {self.pair.description}"]
        for block, names in self.blocks.items():
            details = "" if len(names) < 2 else f": {names[0]} … {names[-1]}, {len(names)} layers with weights"
            lines.append(f"  {block}{details}")
        head = self.cut.head
        lines.append(f"  old head: {head.name}, {head.classes} classes, gives {head.outputs}")
        lines += [f"  {task.name}: {task.classes} classes, {task.sizes}" for task in (self.pair.old, self.pair.new)]
        return "\n".join([*lines, *(f"  Note: {note}" for note in self.notes)])


def own_model(
    model: keras.Model | str | Path,
    old_task,
    new_task,
    *,
    name: str | None = None,
    outputs: str | None = None,
    train_norms: bool = True,
    progress: Callable = iter,
) -> OwnModel:
    """Prepare a Keras classifier that knows the old task, so that it can be taught the new one.

    Args:
        model: A built Sequential or functional model with one input and one output, whose last layer is a Dense; or the
            path of a `.keras` file, which is loaded in Keras's safe mode. Its weights become the checkpoint; the model
            isn't changed. What it was compiled with doesn't count, nor which of its layers are frozen: the switches
            decide what trains.
        old_task: A pair of arrays `(x, y)`, a tf.data.Dataset of such pairs, what `pictures_from_folder` returns, or
            a `Task`; `task_from` makes one with class names or a split of your choice. Pictures in uint8 take a
            quarter of the memory, and give the same results. Give examples that the model hasn't been trained on, or a
            `Task` whose training part it has learned: otherwise its accuracy before looks too high.
        new_task: The same for the new task.
        name: The network's name; the model's own name by default.
        outputs: "probabilities" or "logits", where the last activation leaves that open.
        train_norms: With False, the weights and moving statistics of batch normalization never change, as the guides
            recommend for pretrained networks.
        progress: Wraps the list of steps, such as `utils.show_progress`; they take seconds with a deep network.

    Returns:
        The network and the tasks. The same model and data give the same object, as long as it's in use.

    Warns:
        OwnModelWarning: Where the network doesn't seem to know its old task, or a task has copies, very uneven
            labels or another scale; `OwnModel.notes` has the same sentences.

    Raises:
        ValueError: For a model or data of another kind; the message says what is expected, and how to get there.
    """
    steps = iter(wrapped(progress, _STEPS))
    next(steps)
    model = load_user_model(model) if isinstance(model, str | Path) else model
    check_user_model(model)
    name = model.name if name is None else check_text("name", name, OwnModelError) or model.name
    train_norms = check_flag("train_norms", train_norms)
    shape = tuple(model.inputs[0].shape[1:])
    pieces = find_pieces(clone(model, shape))  # of a copy: cutting leaves traces in the layers
    head = find_head(pieces, outputs, loss_name(model))
    old = task_from(old_task, "old_task", shape, head.classes)
    new = task_from(new_task, "new_task", old.input_shape)
    check_numbers_of_words(pieces[0].layer, (old, new))
    name = _plain(name)
    outputs_and_notes = head.outputs + old.note + new.note  # what was left out of a task isn't in its arrays
    key = f"{name}-{digest_of(model, (old, new), old.input_shape, outputs_and_notes, train_norms)}"
    user_model = _known.get(key)
    if user_model is None:
        next(steps)
        cut = cut_model(model, old.input_shape, outputs, train_norms)
        description = f"{model.name}: {old.name.replace('_', ' ')}, then {new.name.replace('_', ' ')}"
        pair = TaskPair(_free_name(key, len(name) + 1 + _DIGITS), old, new, description)
        user_model = OwnModel(pair.name, pair, cut, _networks(pair, cut), _notes(model, cut, old, new))
        object.__setattr__(pair, "notes", user_model.notes)  # for the panels
        next(steps)
        _check_outputs(model, user_model)
        _register(user_model)
        _known[key] = user_model
    for note in user_model.notes:
        warnings.warn(note, OwnModelWarning, stacklevel=2)
    for _ in steps:  # so that a progress line reaches its end
        pass
    return user_model


def _notes(model, cut, old, new):
    rows = np.random.default_rng(0).permutation(len(old.x_validation))[:_PREDICTED]
    return notes(old, new, old.y_validation[rows], predicted(model, cut.head, old.x_validation[rows]), cut)


def _free_name(key, length):
    """The first characters of the key: this many, or as many more as make the name unique."""
    return next(key[:end] for end in range(length, len(key) + 1) if key[:end] not in PAIRS)


def _networks(pair, cut):
    """The network with its blocks and with each block opened, and the checkpoints of their runs."""
    opened = {pair.name: None, **{f"{pair.name}.{block}": block for block in cut.opened_groups}}
    networks = {name: cut.backbone(name, pair.name, block) for name, block in opened.items()}
    for name, network in networks.items():
        keep_checkpoint(pair.old, network, cut.weights(opened[name]))
    return networks


def _register(user_model):
    """Let panels, texts and notebooks find the network by its name, for as long as its tasks are in use."""
    add_pair(user_model.pair)
    object.__setattr__(user_model.pair, "own_model", user_model)  # kept alive by its tasks, and so found in `_known`
    BACKBONES.update(user_model.networks)
    weakref.finalize(user_model.pair, _unregister, tuple(user_model.networks.items()))


def _unregister(networks):
    for name, network in networks:
        if BACKBONES.get(name) is network:
            del BACKBONES[name]


def _check_outputs(model, user_model):
    """Check that the cut network, put together, gives the same outputs as the reader's."""
    x = as_floats(user_model.pair.old.x_validation[:_COMPARED])
    old = pretrained(user_model.pair, user_model.networks[user_model.name]).keras_model("old")
    with warnings.catch_warnings(), without_retracing_warnings():
        warnings.simplefilter("ignore")  # a model may want its one input in a list: Keras finds it all the same
        # Called as functions: `predict` would trace both networks, which takes longer than all else here.
        outputs = keras.ops.convert_to_numpy(old(x, training=False))
        expected = answers(model, x).reshape(len(x), -1)
    head = user_model.cut.head
    outputs = head.outputs_of(outputs)
    difference = np.abs(expected - outputs).max()
    # Compared with how far outputs for different examples lie apart: small numbers may differ by little.
    allowed = _SPREAD * np.ptp(expected, axis=0).max() + _ROUNDING * np.abs(expected).max()
    if not difference <= allowed:  # true for NaN, too
        raise OwnModelError(
            f"model: {model.name!r}, cut into blocks, answers differently (by {difference:.2g}): its outputs aren't "
            f"{head.outputs} of a Dense layer, or a layer is random at inference or depends on the whole batch. End it "
            "in Dense(classes), with softmax or without, and train that on the old task."
        )


def _plain(name):
    return re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "model"
