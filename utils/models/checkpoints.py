"""Checkpoints: networks that have learned an old task, from which every strategy starts.

Those of the default pairs ship with the project. Where there is none (another task, another backbone), one is made by
the same recipe, and stored.
"""

import contextlib
import io
import json
import threading
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from utils.checks import check_kind, check_weights
from utils.models.added_layers import NEW_HEAD, AddedLayers
from utils.models.backbones import Backbone, check_backbone, find_backbone
from utils.models.teaching import fingerprint, teach
from utils.models.transfer import TransferModel
from utils.shipped import ShippedFileError, read_shipped, read_shipped_text
from utils.tasks import Task, TaskPair, load_pair, read_cached, sha256, write_cached

SHIPPED = Path(__file__).parent / "shipped"
_lock = threading.Lock()
_known: WeakKeyDictionary[Task, WeakKeyDictionary[Backbone, dict]] = WeakKeyDictionary()


def pretrained(
    pair: TaskPair | str, backbone: str | Backbone | None = None, seed: int = 0, added: AddedLayers | None = None,
    standardized: bool = False,
) -> TransferModel:  # fmt: skip
    """A network that knows the pair's old task, with a random head for the new one.

    Where no checkpoint ships, one is made, in some seconds on two cores, and stored.

    Args:
        pair: A `TaskPair` or its name.
        backbone: A `Backbone` or a name in `BACKBONES`; None for the first that takes the pair's inputs.
        seed: Determines the new head.
        added: Layers that a strategy adds, as random as the new head; None for none.
        standardized: Whether the new head begins with a `Standardization`, which changes nothing until it's adapted.

    Raises:
        ValueError: For an unknown name, and for a backbone that takes other inputs.
    """
    pair = load_pair(pair) if isinstance(pair, str) else pair
    check_kind("pair", pair, TaskPair, "give a TaskPair, or the name of one")
    backbone = check_backbone(backbone, pair.old.input_shape, pair.name)
    classes = pair.old.classes, pair.new.classes
    model = TransferModel(backbone, pair.old.input_shape, *classes, added, standardized)
    model.restore(checkpoint_weights(pair.old, backbone))
    model.initialize_new_head(seed)
    return model


def checkpoint_weights(old: Task, backbone: str | Backbone) -> dict[str, list[np.ndarray]]:
    """The weights of a network that has learned this task, layer by layer, without the new head."""
    check_kind("old", old, Task, "give a Task")
    backbone = find_backbone(backbone)
    with _lock:  # two panels that start at once make one checkpoint
        known = _known.setdefault(old, WeakKeyDictionary())
        if backbone not in known:
            known[backbone] = _find_or_make(old, backbone)
        return known[backbone]


def keep_checkpoint(old: Task, backbone: str | Backbone, weights: dict[str, list[np.ndarray]]) -> None:
    """Start every run with this backbone from these weights, as long as the task is in use."""
    check_kind("old", old, Task, "give a Task")
    backbone, weights = find_backbone(backbone), dict(check_weights("weights", weights))
    with _lock:
        _known.setdefault(old, WeakKeyDictionary())[backbone] = weights


def _find_or_make(old, backbone):
    name, digest = file_name(old, backbone.name), fingerprint(old)
    cache_name = f"{name}-{digest[:12]}"
    for data, record in (_shipped(name), _cached(cache_name)):
        if isinstance(record, dict) and (record.get("task_sha256"), record.get("sha256")) == (digest, sha256(data)):
            with contextlib.suppress(KeyError, ValueError):  # made for an earlier version of the backbone
                return _unpack(data, old, backbone)
    data, record = teach(old, backbone)
    write_cached(f"{cache_name}.npz", data)
    write_cached(f"{cache_name}.json", json.dumps(record).encode())
    return _unpack(data, old, backbone)


def file_name(old, backbone):
    """The name of the files of a shipped checkpoint, without their ending."""
    plain = "".join(c if c.isalnum() else "-" for c in old.name)
    return f"{plain}-{backbone}"


def _shipped(name):
    try:
        record = json.loads(read_shipped_text(SHIPPED / f"{name}.json"))
        return read_shipped(SHIPPED / f"{name}.npz"), record
    except ShippedFileError:
        raise
    except (OSError, ValueError):
        return None, None


def _cached(name):
    data, record = read_cached(f"{name}.npz"), read_cached(f"{name}.json")
    return (data, json.loads(record)) if data and record else (None, None)


def _unpack(data, old, backbone):
    model = TransferModel(backbone, old.input_shape, old.classes, 2)
    weights = {}
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        for name in model.layer_names:
            if name != NEW_HEAD:
                weights[name] = [file[f"{name}/{i}"] for i in range(len(model.weights(name)))]
                if [array.shape for array in weights[name]] != [weight.shape for weight in model.weights(name)]:
                    raise ValueError(f"{name}: these are weights of another network of this name")
    return weights
