"""Engines are costly to trace and cheap to reset: they are lent, one run at a time, and used again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from utils.memory import give_back_early, give_back_freed_memory, give_back_memory
from utils.models import BACKBONES, Backbone, TransferModel, checkpoint_weights, find_backbone
from utils.strategies import STRATEGIES, Settings, Strategy
from utils.tasks import TaskPair
from utils.training.engine import Engine

IDLE_AT_MOST = 6
_idle: list[tuple[tuple, Engine]] = []
_lock = threading.Lock()
# Held while an engine is traced ahead: who wants one meanwhile waits for it, rather than building and keeping another.
preparing = threading.RLock()


@contextmanager
def borrowed(
    pair: TaskPair, backbone: str | Backbone, optimizer: str, row: Strategy = STRATEGIES["fine-tuning"],
    standardize: bool = False,
) -> Iterator[tuple[Engine, dict]]:
    """An engine that nobody else uses meanwhile, and the weights of the pair's checkpoint to start it from.

    Two runs at once (a panel's and a cell's) get two engines and can't spoil each other's weights.
    """
    weights = checkpoint_weights(pair.old, backbone)
    shape = pair.old.input_shape, pair.old.classes, pair.new.classes
    recipe = find_backbone(backbone)
    key = recipe, shape, optimizer, row.losses, row.expands, row.keeps_copy, standardize
    _forget_others(recipe)
    with preparing:
        engine = _take(key)
    if engine is None:
        give_back_early()  # for the speed of its updates
        _forget_large(recipe)
        copy = TransferModel(recipe, *shape) if row.keeps_copy else None
        model = TransferModel(recipe, *shape, row.expands, standardize)
        engine = Engine(model, optimizer, row.losses, copy)
    try:
        yield engine, weights
    finally:
        engine.forget_features()  # an idle engine shouldn't fill the memory
        with _lock:
            _idle.append((key, engine))
            del _idle[:-IDLE_AT_MOST]
        give_back_freed_memory()  # some 40 MB


def borrowed_for(settings: Settings):
    """The engine and the weights that these settings need, lent as by `borrowed`."""
    return borrowed(settings.tasks(), settings.network, settings.optimizer, settings.row, settings.standardizes)


def _forget_others(recipe):
    """Let go of the engines of networks of the reader's that nobody has any more."""
    known = {id(one) for one in (*BACKBONES.values(), recipe)}
    _keep(lambda other, engine: other.pair is None or id(other) in known)


def _forget_large(recipe):
    """An engine of a deep network, or of a reader's own, takes 20 MB and more: it makes room for another network's."""
    _keep(lambda other, engine: other is recipe or not (engine.deep or other.pair))


def _keep(wanted):
    with _lock:
        kept = [(key, engine) for key, engine in _idle if wanted(key[0], engine)]
        gone = len(kept) < len(_idle)
        _idle[:] = kept
    if gone:
        give_back_memory()


def _take(key):
    with _lock:
        for i in reversed(range(len(_idle))):
            if _idle[i][0] == key:
                return _idle.pop(i)[1]
    return None
