"""A network and tasks of the reader's own, under names that `Settings`, runs and panels know like all others."""

import re
import warnings
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakValueDictionary

import keras
import numpy as np

from utils.measures import softmax
from utils.models import BACKBONES, Backbone, keep_checkpoint, pretrained
from utils.strategies.settings import Settings
from utils.tasks import PAIRS, TaskPair, add_pair, task_from
from utils.user_model.adopt import Adopted, adopt, copy_of, load_own
from utils.user_model.checks import OwnModelError, check_own
from utils.user_model.digest import digest_of
from utils.user_model.head import find_head
from utils.user_model.pieces import pieces

_DEEP = 30  # layers from which on measuring takes longer than training, so that it's done less often
_STEPS = "read", "cut", "compare"
_PROBED = 4  # examples on which the cut network is compared with the reader's
_SPREAD, _ROUNDED = 1e-2, 1e-5  # how far the two may differ: of the answers' spread, and of their size
_DIGITS = 4  # of the digest in a name; more where two networks would share one
_known: WeakValueDictionary[str, "OwnModel"] = WeakValueDictionary()  # by the plain name and the whole digest


@dataclass(frozen=True, eq=False)
class OwnModel:
    """A network of the reader's own, ready to be trained on two tasks: its weights are the checkpoint of every run.

    name: as `pair` and `backbone` of `Settings`. pair: the tasks. blocks: by name, the layers with weights in it.
    networks: by name, the network as it is grouped, and with one block opened each.
    The reader's model itself is never changed: runs train copies of it. Any number of networks can exist side by side;
    one that is no longer used (by a variable, settings, a run or a panel) is freed.
    """

    name: str
    pair: TaskPair
    adopted: Adopted
    networks: dict[str, Backbone]

    @property
    def blocks(self) -> dict[str, tuple[str, ...]]:
        """What can be frozen, from the input on: the layers with weights in each block."""
        return self.adopted.contents

    def settings(self, **changes) -> Settings:
        """`Settings` for this network and its tasks: for `run`, `train`, `race` and the panels."""
        usual = {
            "pair": self.pair,
            "backbone": self.networks[self.name],
            "updates": 200,
            "evaluate_every": 10 if self.adopted.layer_count < _DEEP else 50,
            "new_images": min(1000, len(self.pair.new.x_train)),
            "batch_size": min(32, len(self.pair.new.x_train)),
        }
        return Settings(**usual | changes)

    def opened(self, block: str) -> Backbone:
        """The network with the layers of this block as blocks of their own: `settings(backbone=m.opened("conv"))`."""
        name = f"{self.name}.{block}"
        if name not in self.networks:
            there = ", ".join(self.adopted.openings) or "none: each is a single layer, or can't be cut"
            raise OwnModelError(f"block={block!r} is not allowed: those that can be opened are {there}.")
        return self.networks[name]

    def __repr__(self):
        lines = [f"{self.name}: {self.pair.description}"]
        for block, inside in self.blocks.items():
            more = "" if len(inside) < 2 else f": {inside[0]} … {inside[-1]}, {len(inside)} layers with weights"
            lines.append(f"  {block}{more}")
        head = self.adopted.head
        return "\n".join([*lines, f"  old head: {head.name}, {head.classes} classes, gives {head.outputs}"])


def own_model(
    model: keras.Model | str | Path,
    old_task,
    new_task,
    *,
    name: str | None = None,
    outputs: str | None = None,
    train_norms: bool = True,
    old_names: tuple[str, ...] | None = None,
    new_names: tuple[str, ...] | None = None,
    seed: int = 0,
    progress: Callable = iter,
) -> OwnModel:
    """Take up a Keras classifier that knows the old task, to teach it the new one.

    model: a built Sequential or functional model with one input and one output, whose last layer is a Dense; or the
    path of a `.keras` file, which is loaded in Keras's safe mode. Its weights become the checkpoint; it isn't changed.
    old_task, new_task: each a `Task`, a pair of arrays `(x, y)`, or a tf.data.Dataset of such pairs; see `task_from`
    for labels and the split. Give of the old task examples that the model hasn't been trained on, or a `Task` whose
    training part it learnt: its accuracy before would flatter it otherwise.
    name: what it is called; the model's own name by default. outputs: "probabilities" or "logits", where the last
    activation doesn't say. train_norms: with False, batch normalisation stays as it is whatever trains, weights and
    moving statistics, as the guides advise for pretrained networks. old_names, new_names: the classes' names. seed:
    draws the split. progress: wraps the list of steps, such as `utils.show_progress`: seconds, with a deep network.

    Raises a ValueError that says what is expected, and how to get there.
    """
    step = iter(progress(_STEPS))
    next(step)
    model = load_own(model) if isinstance(model, str | Path) else model
    check_own(model)
    shape = tuple(model.inputs[0].shape[1:])
    head = find_head(pieces(copy_of(model, shape)), outputs)  # of a copy: looking leaves traces in the layers
    old = task_from(old_task, "old_task", shape, head.classes, old_names, seed)
    new = task_from(new_task, "new_task", old.input_shape, None, new_names, seed)
    name = _plain(name or model.name)
    key = f"{name}-{digest_of(model, (old, new), old.input_shape, head.outputs, train_norms)}"
    found = _known.get(key)
    if found is None:
        next(step)
        adopted = adopt(model, old.input_shape, outputs, train_norms)
        told = f"{model.name}: {old.name.replace('_', ' ')}, then {new.name.replace('_', ' ')}"
        pair = TaskPair(_free_name(key, len(name) + 1 + _DIGITS), old, new, told)
        found = OwnModel(pair.name, pair, adopted, _networks(pair, adopted))
        next(step)
        _check_answers(model, found)
        _enter(found)
        _known[key] = found
    for _ in step:  # so that whoever counts sees the end
        pass
    return found


def _free_name(key, length):
    """The beginning of the key, so long, or as much longer as it takes to be unique."""
    return next(key[:end] for end in range(length, len(key) + 1) if key[:end] not in PAIRS)


def _networks(pair, adopted):
    """The network as it is grouped and with each block opened, and where their runs start."""
    openings = {pair.name: None, **{f"{pair.name}.{block}": block for block in adopted.openings}}
    networks = {name: adopted.backbone(name, pair.name, opening) for name, opening in openings.items()}
    for name, network in networks.items():
        keep_checkpoint(pair.old, network, adopted.weights(openings[name]))
    return networks


def _enter(own):
    """Let panels, texts and notebooks find it by its name, for as long as somebody has its tasks."""
    add_pair(own.pair)
    object.__setattr__(own.pair, "own_model", own)  # each has the other, so that it's found by its key when it's needed
    BACKBONES.update(own.networks)
    weakref.finalize(own.pair, _leave, tuple(own.networks.items()))


def _leave(networks):
    for name, network in networks:
        if BACKBONES.get(name) is network:
            del BACKBONES[name]


def _check_answers(model, own):
    """The network that was cut and put together must say what the reader's says."""
    x = own.pair.old.x_validation[:_PROBED]
    old = pretrained(own.pair, own.networks[own.name]).keras_model("old")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a model may want its one input in a list: Keras finds it all the same
        # Called as functions: `predict` would trace both networks, which takes longer than all else here.
        said, logits = (keras.ops.convert_to_numpy(one(x, training=False)) for one in (model, old))
    said = said.reshape(len(x), -1)
    head = own.adopted.head
    ours = logits
    if head.outputs == "probabilities":
        ours = softmax(logits)[:, 1:] if head.one_unit else softmax(logits)
    # Compared with how far answers to different examples lie apart: small numbers may be wrong by little.
    near = _SPREAD * np.ptp(said, axis=0).max() + _ROUNDED * np.abs(said).max()
    if not np.abs(said - ours).max() <= near:  # NaN is near nothing
        raise OwnModelError(
            f"model: {model.name!r}, cut into blocks, answers otherwise than before (by {np.abs(said - ours).max():.2g}"
            f"). Are its outputs {head.outputs}? If not, say outputs=…; a layer that is random at inference, or "
            "whose answer depends on the whole batch, can't be taken up."
        )


def _plain(name):
    return re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_") or "model"
