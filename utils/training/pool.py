"""Engines are slow to trace and quick to reset, so they are lent to one run at a time and used again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate

from utils.memory import available_memory, give_back_early, give_back_freed_memory, give_back_memory
from utils.models import BACKBONES, Backbone, TransferModel, checkpoint_weights, find_backbone
from utils.strategies import STRATEGIES, Settings, Strategy
from utils.tasks import TaskPair
from utils.training.engine import Engine
from utils.training.held_images import tensor_type

IDLE_AT_MOST = 6
LAYERS_AT_MOST = 80  # of all that are idle: an engine of small_resnet, with 37, takes 70 to 240 MB
_SCARCE = 250e6  # bytes: with less left, only the latest waits
_idle: list[tuple[tuple, Engine]] = []
_lock = threading.Lock()
# Held while an engine is traced ahead, so that a run waits for it instead of building another.
preparing = threading.RLock()


@contextmanager
def borrow_engine(
    pair: TaskPair,
    backbone: str | Backbone,
    optimizer: str,
    strategy: Strategy = STRATEGIES["fine-tuning"],
    standardize: bool = False,
) -> Iterator[tuple[Engine, dict]]:
    """Lend an engine to one run at a time, with the weights of the pair's checkpoint to start it from.

    Two runs at once (a panel's and a cell's) get two engines, so neither changes the other's weights. An engine
    whose run was interrupted isn't lent again: where an interrupt comes in the middle of a call, TensorFlow's function
    keeps its lock, and the next thread would wait for it forever.
    """
    weights = checkpoint_weights(pair.old, backbone)
    shape = pair.old.input_shape, pair.old.classes, pair.new.classes
    recipe = find_backbone(backbone)
    types = {task: tensor_type(getattr(pair, task).x_train) for task in ("old", "new")}
    held = tuple(types.values())
    key = recipe, shape, held, optimizer, strategy.losses, strategy.added, strategy.keeps_copy, standardize
    _forget_unused(recipe)
    with preparing:
        engine = _take(key)
    if engine is None:
        give_back_early()  # its updates are faster then
        _forget_large(recipe)
        copy = TransferModel(recipe, *shape) if strategy.keeps_copy else None
        model = TransferModel(recipe, *shape, strategy.added, standardize)
        engine = Engine(model, optimizer, strategy.losses, copy, types)
    is_whole = True
    try:
        yield engine, weights
    except KeyboardInterrupt:
        is_whole = False
        raise
    finally:
        engine.forget_features()  # an idle engine shouldn't fill the memory
        if is_whole:
            with _lock:
                _idle.append((key, engine))
        _keep_few()
        give_back_freed_memory()  # some 40 MB


def borrow_engine_for(settings: Settings):
    """Lend the engine and the weights that these settings need."""
    return borrow_engine(settings.tasks(), settings.network, settings.optimizer, settings.row, settings.standardizes)


def _forget_unused(recipe):
    """Discard the engines of readers' networks that are no longer in use."""
    known = {id(backbone) for backbone in (*BACKBONES.values(), recipe)}
    _keep(lambda other, engine: other.pair is None or id(other) in known)


def _forget_large(recipe):
    """Discard engines of other networks that are deep or a reader's own, since they take 20 MB and more."""
    _keep(lambda other, engine: other is recipe or not (engine.deep or other.pair))


def _keep_few():
    """Discard the oldest idle engines where there are many, or large ones, or where memory is scarce."""
    at_most = 1 if available_memory() < _SCARCE else IDLE_AT_MOST
    with _lock:
        layers = list(accumulate(engine.layers for _, engine in reversed(_idle)))[:at_most]
        kept = max(1, sum(total <= LAYERS_AT_MOST for total in layers))
        discards = kept < len(_idle)
        del _idle[:-kept]
    if discards:
        give_back_memory()


def _keep(is_kept):
    with _lock:
        kept = [(key, engine) for key, engine in _idle if is_kept(key[0], engine)]
        discarded = len(kept) < len(_idle)
        _idle[:] = kept
    if discarded:
        give_back_memory()


def _take(key):
    with _lock:
        for i in reversed(range(len(_idle))):
            if _idle[i][0] == key:
                return _idle.pop(i)[1]
    return None
