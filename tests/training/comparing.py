"""What the tests of the training share: runs made in every way there is, and how they are compared."""

from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import keras
import numpy as np

from utils.models import checkpoint_weights, keep_checkpoint
from utils.strategies import Controls, Settings
from utils.tasks import pairs
from utils.training import Run, loop, pool, train

QUICK = Settings(updates=24, new_images=100, batch_size=16, evaluate_every=8)


def settings_for(optimizer="adam", **changes) -> Settings:
    """Settings of a run of a second or less."""
    rate = {"adam": 1e-3, "sgd": 1e-2}[optimizer]
    return QUICK.replace(**{"optimizer": optimizer, "learning_rate": rate} | changes)


def live(settings: Settings, schedule=(), chunk=None) -> Run:
    """A run in chunks of at most so many updates."""
    controls = Controls(schedule)
    controls.limit_chunk(chunk)
    return list(train(settings, controls))[-1].run()


@contextmanager
def engine_for(settings: Settings):
    """The engine that made the latest run with such settings, as that run left it."""
    with pool.borrow_engine_for(settings) as (engine, _):
        yield engine


@contextmanager
def few_to_measure(settings: Settings):
    """The pair of these settings has few images to measure on; 300 for the test, more than a batch of `predict`."""
    pair = settings.tasks()
    few = replace(pair, old=_few_to_measure(pair.old), new=_few_to_measure(pair.new))
    object.__setattr__(few, "options", pair.options)
    keep_checkpoint(few.old, settings.network, checkpoint_weights(pair.old, settings.network))
    with patch.object(pairs, "_load", lambda *_: few):
        assert settings.tasks() is few
        yield


def _few_to_measure(task):
    few = {"validation": 150, "test": 300}
    return replace(task, **{f"{x}_{part}": getattr(task, f"{x}_{part}")[: few[part]] for x in "xy" for part in few})


def watch_engines(patch) -> list:
    """From now on, the engines in the order in which they are lent to trainings; `patch` ends it."""
    engines, borrow_engine_for = [], loop.borrow_engine_for

    @contextmanager
    def watched(*key):
        with borrow_engine_for(*key) as (engine, weights):
            engines.append(engine)
            yield engine, weights

    patch.setattr(loop, "borrow_engine_for", watched)
    return engines


def weights_after(settings: Settings, schedule=(), chunk=None) -> dict:
    """All weights at the end of a run, layer by layer."""
    live(settings, schedule, chunk)
    with engine_for(settings) as engine:
        return engine.model.snapshot()


def state(engine, name) -> list[bytes]:
    """All that may not move while a layer is frozen, bit for bit: weights, batch statistics, optimizer."""
    arrays = [*(w.numpy() for w in engine.model.weights(name)), *engine.optimizers.state(name)]
    return [array.tobytes() for array in arrays]


def moved(before: dict, after: dict) -> set[str]:
    """The layers of two snapshots that aren't bit-identical."""
    return {
        name
        for name in before
        if any(a.tobytes() != b.tobytes() for a, b in zip(before[name], after[name], strict=True))
    }


def furthest(before: dict, after: dict) -> float:
    """The largest difference between any two numbers of two snapshots."""
    assert before.keys() == after.keys()
    return max(float(np.max(np.abs(a - b))) for name in before for a, b in zip(before[name], after[name], strict=True))


def numbers(run: Run) -> dict:
    """All of a run that has to be the same, bit for bit, each time it is made: not how long it took."""
    plain = run.to_dict()
    del plain["seconds"]
    return plain


def assert_same(a: Run, b: Run) -> None:
    """Two runs are the same to the last bit."""
    first, second = numbers(a), numbers(b)
    for name, values in first["history"].items():
        assert values == second["history"][name], name
    assert first == second
    for name, values in a.history.items():
        assert values.dtype == b.history[name].dtype and values.shape == b.history[name].shape, name


def plain_optimizer(name, rate):
    """Spelt out once more, so that the engine's choice is checked, too."""
    if name == "sgd":
        return keras.optimizers.SGD(rate, momentum=0.9)
    return keras.optimizers.Adam(rate)
