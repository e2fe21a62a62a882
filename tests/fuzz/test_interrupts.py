"""The kernel is interrupted at random moments: KeyboardInterrupt comes out, and everything can be used afterwards."""

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fuzz.dice import dice
from tests.training.comparing import QUICK, assert_same
from utils import FreezeBoard, RacePlan, Settings, load_pair, pretrained, race, run, train
from utils.tasks import pairs
from utils.tasks.digits import _digits
from utils.training import Run
from utils.widgets import board_wishes

pytestmark = pytest.mark.exhaustive


@pytest.fixture(autouse=True)
def _few(few_images):
    """Trainings measure on few images."""


def interrupted(action, seconds: float) -> bool:
    """Send SIGINT to this process after so many seconds of an action; whether it came before the action's end."""
    done, main = threading.Event(), threading.main_thread().ident

    def send():
        if not done.wait(seconds):
            signal.pthread_kill(main, signal.SIGINT)

    sender = threading.Thread(target=send)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        sender.start()
        action()
        done.set()
        sender.join()
        time.sleep(0.001)  # where both came at once, the signal is delivered here
        return False
    except KeyboardInterrupt:
        return True
    finally:
        with contextlib.suppress(KeyboardInterrupt):
            done.set()
            sender.join()
        signal.signal(signal.SIGINT, before)


def tried(action, usable, tries, random, longest):
    """Interrupt an action at random moments, and use the thing after each; how many interrupts came in time."""
    caught = 0
    for _ in range(tries):
        caught += interrupted(action, random.uniform(0, longest))
        with ThreadPoolExecutor(1) as others:  # a lock that was left closed keeps out other threads alone
            others.submit(usable).result(timeout=120)
    print(f"{tries} tries, {caught} interrupted, usable after each")
    assert caught


def test_run_and_train():
    random, tries = dice(20)
    expected = run(QUICK)
    tried(lambda: run(QUICK), lambda: assert_same(run(QUICK), expected), tries, random, 0.3)
    tried(lambda: list(train(QUICK)), lambda: assert_same(run(QUICK), expected), tries, random, 0.3)


def test_race():
    random, tries = dice(10)
    plan = RacePlan(QUICK, ("fine-tuning", "feature extraction"))

    def make():
        *_, last = race(plan)
        return last.runs()

    expected = make()

    def usable():
        for made, wanted in zip(make(), expected, strict=True):
            assert_same(made, wanted)

    tried(make, usable, tries, random, 0.6)


def test_other_settings_are_traced_after_an_interrupt_of_the_trace():
    random, tries = dice(10)
    for number in range(tries):
        settings = QUICK.replace(batch_size=9 + number)  # of a size that hasn't been traced
        interrupted(lambda settings=settings: run(settings), random.uniform(0, 1.5))
        assert_same(run(settings), run(settings))


def test_load_pair():
    random, tries = dice(15)

    def load():
        pairs._load.cache_clear()
        _digits.cache_clear()
        return load_pair("digits-drawings", dissimilarity=0.5)

    expected = load().new.x_test

    def usable():
        assert (load().new.x_test == expected).all()

    tried(load, usable, tries, random, 1.0)


def test_pretrained():
    random, tries = dice(20)
    tried(lambda: pretrained("plane"), lambda: run(Settings("plane", updates=2, evaluate_every=2)), tries, random, 0.2)


def test_saving(tmp_path):
    random, tries = dice(60)
    runs, path = [run(QUICK), run(QUICK.replace(seed=1))], tmp_path / "run.json"

    def save():
        for number in range(20):
            runs[number % 2].save(path)

    def usable():
        if path.exists():
            assert Run.load(path).settings in (runs[0].settings, runs[1].settings)
        assert set(os.listdir(tmp_path)) <= {"run.json"}

    tried(save, usable, tries, random, 0.05)


def test_a_board_in_a_cell(monkeypatch):
    random, tries = dice(10)
    monkeypatch.setattr(board_wishes, "prepare", lambda *given: None)
    board = FreezeBoard(QUICK)
    expected = board.run()
    tried(board.run, lambda: assert_same(board.run(), expected), tries, random, 0.4)
    assert board._live.join(10)
