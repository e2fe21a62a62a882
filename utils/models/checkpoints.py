"""Checkpoints: networks that have learnt an old task, from which every strategy starts.

Those of the default pairs ship with the project. Where none fits (another task, another backbone, a damaged file),
the same recipe makes one, and it is kept.
"""

import contextlib
import io
import json
import threading
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np

from utils.models.backbones import Backbone, check_backbone, find_backbone
from utils.models.teaching import fingerprint, teach
from utils.models.transfer import NEW_HEAD, TransferModel
from utils.tasks import Task, TaskPair, load_pair, read_cached, sha256, write_cached

SHIPPED = Path(__file__).parent / "shipped"
_one_at_a_time = threading.Lock()
_known: WeakKeyDictionary[Task, WeakKeyDictionary[Backbone, dict]] = WeakKeyDictionary()


def pretrained(
    pair: TaskPair | str, backbone: str | Backbone | None = None, seed: int = 0, expanded: bool = False,
    standardized: bool = False,
) -> TransferModel:  # fmt: skip
    """A network that knows the pair's old task, with a fresh random head for the new one.

    pair: a `TaskPair` or its name. backbone: a `Backbone` or a name in `BACKBONES`; None for the first that takes the
    pair's inputs. seed: draws the new head. expanded: with new units beside the last block, as random as the new head.
    standardized: the new head begins with a `Standardization`, which passes everything as it is until it's adapted.
    Made, in some seconds on two cores, where no checkpoint ships; then kept.
    Raises a ValueError for an unknown name, and for a backbone that takes other inputs.
    """
    pair = load_pair(pair) if isinstance(pair, str) else pair
    backbone = check_backbone(backbone, pair.old.input_shape, pair.name)
    classes = pair.old.classes, pair.new.classes
    model = TransferModel(backbone, pair.old.input_shape, *classes, expanded, standardized)
    model.restore(checkpoint_weights(pair.old, backbone))
    model.initialize_new_head(seed)
    return model


def checkpoint_weights(old: Task, backbone: str | Backbone) -> dict[str, list[np.ndarray]]:
    """The weights of a network that has learnt this task, layer by layer, the new head left out."""
    backbone = find_backbone(backbone)
    with _one_at_a_time:  # two panels that start at once make one checkpoint
        known = _known.setdefault(old, WeakKeyDictionary())
        if backbone not in known:
            known[backbone] = _find_or_make(old, backbone)
        return known[backbone]


def keep_checkpoint(old: Task, backbone: str | Backbone, weights: dict[str, list[np.ndarray]]) -> None:
    """Start every run with this backbone from these weights, for as long as the task is held by somebody."""
    with _one_at_a_time:
        _known.setdefault(old, WeakKeyDictionary())[find_backbone(backbone)] = weights


def _find_or_make(old, backbone):
    name, digest = file_name(old, backbone.name), fingerprint(old)
    kept = f"{name}-{digest[:12]}"
    for data, record in (_shipped(name), _cached(kept)):
        if isinstance(record, dict) and (record.get("task_sha256"), record.get("sha256")) == (digest, sha256(data)):
            with contextlib.suppress(KeyError, ValueError):  # made for a backbone that was another then
                return _unpack(data, old, backbone)
    data, record = teach(old, backbone)
    write_cached(f"{kept}.npz", data)
    write_cached(f"{kept}.json", json.dumps(record).encode())
    return _unpack(data, old, backbone)


def file_name(old, backbone):
    """How the files of a shipped checkpoint are called, without their ending."""
    plain = "".join(c if c.isalnum() else "-" for c in old.name)
    return f"{plain}-{backbone}"


def _shipped(name):
    try:
        record = json.loads((SHIPPED / f"{name}.json").read_text(encoding="utf-8"))
        return (SHIPPED / f"{name}.npz").read_bytes(), record
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
