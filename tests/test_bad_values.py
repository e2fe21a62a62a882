"""Bad values in the place of every argument: it works, or an error of this project's own names the argument and value.

No traceback ends in NumPy, Keras, TensorFlow or another package, none in an operation that happened to fail.
"""

import copy
import resource
import signal
import warnings
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

from tests.bad_values.good import Good
from tests.bad_values.judge import TooLong, fault_of
from tests.bad_values.table import ROOMS, TABLE, entries, public_callables
from tests.bad_values.values import ALL, FEW
from utils.models import BACKBONES
from utils.strategies import STRATEGIES
from utils.tasks import pairs

LONGEST = 60  # seconds for one call; nothing here takes more than a few
MEMORY = 6_000_000_000  # bytes that a call may take: a huge number isn't tried out
# What is called with what the library makes: a class or a model can be, and what they make of it is their own affair.
FUNCTIONS = ("log", "report", "progress", "on_result", "tokens", "statistics")
CAN_BE_CALLED = ("a class", "a Keras model")
# Nothing good is at hand for these, or it would take too long.
REFUSED = (
    "uci_sentences", "imagenet_classifier", "photo_features", "bert_encoder", "OwnModel.opened", "FeatureViewer.run",
    "fashion",
)  # fmt: skip


@pytest.fixture(scope="module")
def good(tmp_path_factory, few_images):
    return Good(tmp_path_factory.mktemp("good"))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch, no_network):
    """What is written by mistake is written to a folder of the test's."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("room", ROOMS)
def test_the_table_is_whole(room):
    """A new public function or class: enter it in `tests/bad_values/table.py`, with good arguments."""
    assert set(TABLE[room]) == set(public_callables(room))


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_a_few_bad_values(room, good):
    found = [_try_all(name, entry, good, FEW) for name, entry in entries(room).items() if entry.quick]
    _assert_no_faults(sum(tried for tried, _ in found), [fault for _, faults in found for fault in faults])


@pytest.mark.exhaustive
@pytest.mark.parametrize(("room", "name"), [(room, name) for room in ROOMS for name in entries(room)])
def test_all_bad_values(room, name, good):
    _assert_no_faults(*_try_all(name, entries(room)[name], good, ALL))


def _assert_no_faults(tried, faults):
    print(f"{tried} bad values, {len(faults)} faults")
    assert not faults, "\n".join(["", *faults])


def _try_all(name, entry, good, values):
    """How many calls were made, and a line for each fault."""
    arguments, tried, faults = entry.arguments(good), 0, []
    _call(name, entry, good, arguments, is_good=name not in REFUSED)
    for parameter in arguments:
        for described, make in values.items():
            is_called = parameter in FUNCTIONS and described in CAN_BE_CALLED
            if parameter in entry.fixed or is_called:
                continue
            value, tried = make(good), tried + 1
            error = _call(name, entry, good, entry.arguments(good) | {parameter: value})
            if fault := error and fault_of(error, parameter, value):
                faults.append(f"{name}({parameter}={described}): {fault}")
    return tried, faults


def _call(name, entry, good, arguments, is_good=False):
    """The error that a call ends in; None where it works. Good arguments have to work."""
    call = entry.call(good)
    try:
        with _limits(), _tables_restored(), warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = call(**arguments)
            if entry.gives_lines:
                list(result)
            elif isinstance(result, Figure):
                result.canvas.draw()
            elif name == "track_weights":
                with result:
                    pass
    except Exception as error:
        if is_good:
            raise
        return error


@contextmanager
def _limits():
    """An end to what takes too long, and to what takes too much memory."""

    def end(*_):
        raise TooLong

    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    before = signal.signal(signal.SIGALRM, end)
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    signal.alarm(LONGEST)
    resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, hard))
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@contextmanager
def _tables_restored():
    """What a call enters into the tables is gone after it."""
    tables = STRATEGIES, BACKBONES, pairs._RECIPES, pairs.PAIRS, pairs.PAIR_OPTIONS
    before = [copy.copy(table) for table in tables]
    try:
        yield
    finally:
        for table, content in zip(tables, before, strict=True):
            if table != content:
                table.clear()
                table.update(content)
