"""Engines are costly to trace and cheap to reset: they are lent, one run at a time, and used again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from utils.memory import give_back_freed_memory, give_back_memory
from utils.models import BACKBONES, TransferModel, checkpoint_weights
from utils.tasks import TaskPair, load_pair
from utils.training.engine import Engine
from utils.training.settings import Settings
from utils.training.strategies import STRATEGIES

IDLE_AT_MOST = 6
_idle: list[tuple[tuple, Engine]] = []
_lock = threading.Lock()
# Held while an engine is traced ahead: who wants one meanwhile waits for it, rather than building and keeping another.
preparing = threading.RLock()


@contextmanager
def borrowed(
    pair: TaskPair, backbone: str, optimizer: str, strategy: str = "fine-tuning", standardize: bool = False
) -> Iterator[tuple[Engine, dict]]:
    """An engine that nobody else uses meanwhile, and the weights of the pair's checkpoint to start it from.

    Two runs at once (a panel's and a cell's) get two engines and can't spoil each other's weights.
    """
    weights = checkpoint_weights(pair.old, backbone)
    row = STRATEGIES[strategy]
    shape = pair.old.input_shape, pair.old.classes, pair.new.classes
    key = backbone, shape, optimizer, row.losses, row.expands, row.keeps_copy, standardize
    with preparing:
        engine = _take(key)
    if engine is None:
        _forget_deep(backbone)
        copy = TransferModel(BACKBONES[backbone], *shape) if row.keeps_copy else None
        model = TransferModel(BACKBONES[backbone], *shape, row.expands, standardize)
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
    pair = load_pair(settings.pair, **settings.knobs)
    return borrowed(pair, settings.backbone, settings.optimizer, settings.strategy, settings.standardizes)


def forget_engines(backbones: set[str]) -> None:
    """Let go of the idle engines of these backbones; a run that needs one builds it again."""
    with _lock:
        _idle[:] = [(key, engine) for key, engine in _idle if key[0] not in backbones]
    give_back_memory()


def _forget_deep(backbone):
    """An engine of a deep network takes 20 MB and more: it's let go when another network wants one of its own."""
    with _lock:
        others = {key[0] for key, engine in _idle if engine.deep and key[0] != backbone}
    if others:
        forget_engines(others)


def _take(key):
    with _lock:
        for i in reversed(range(len(_idle))):
            if _idle[i][0] == key:
                return _idle.pop(i)[1]
    return None
