"""Trainings that are driven from other threads, or from none."""

import random
import threading
import time
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.training.comparing import QUICK, assert_same
from tests.waiting import wait_for_pause, wait_until
from utils.strategies import Change, SettingsError
from utils.training import LiveTraining, live, run

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("few_images")]

ENDLESS = QUICK.replace(updates=100_000)
EVERY = QUICK.evaluate_every
LAYERS = "conv1", "conv2", "conv3", "dense", "old_head", "new_head"


def threads():
    return [thread for thread in threading.enumerate() if thread.name == "live drive"]


def updates(training):
    return training.progress.update if training.progress else -1


@pytest.fixture
def make_training():
    """`make_training()` makes a LiveTraining. At the end none is under way, and no thread is left."""
    made = []

    def make(changed=lambda: None):
        made.append(LiveTraining(changed))
        return made[-1]

    yield make
    for training in made:
        training.abandon()
        assert training.join(120)
    wait_until(lambda: not threads())


@pytest.fixture(scope="module")
def expected():
    return run(QUICK)


class Clock:
    """Time that goes on only when it's told to, for the pace."""

    def __init__(self):
        self.now = 1000.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(live, "time", clock)
    return clock


# From start to end


@pytest.mark.slow
def test_a_training_in_a_thread_gives_the_run_that_code_gives(make_training, expected):
    states, where = [], set()

    def changed():
        states.append((training.state, updates(training)))
        where.add(threading.current_thread().name)

    training = make_training(changed)
    assert not training.active and training.progress is None
    training.start(QUICK)
    assert training.active and training.state == "running"
    assert training.join(120)
    assert training.state == "ready" and training.error == "" and training.progress.status == "finished"
    assert_same(training.progress.run(), expected)
    wait_until(lambda: not threads())
    assert where == {"live drive"}  # in no other thread
    assert states[0] == ("running", 0) and states[-1] == ("ready", 24)
    assert [update for _, update in states] == sorted(update for _, update in states)


@pytest.mark.slow
def test_ticks_without_a_thread_give_the_same_numbers(make_training, expected):
    training = make_training()
    training.start(QUICK, thread=False)
    assert not threads()
    ticks = 0
    while training.active:
        assert training.tick()
        ticks += 1
    assert ticks >= 4
    assert_same(training.progress.run(), expected)
    assert not training.tick()  # nothing is left to do


@pytest.mark.slow
def test_never_two_ticks_at_once(make_training, monkeypatch):
    inside, go_on = threading.Event(), threading.Event()

    def slow(*arguments):
        for progress in train(*arguments):
            inside.set()
            assert go_on.wait(60)  # who waits for this, in what follows, ends the training with an error
            yield progress

    train = live.train
    monkeypatch.setattr(live, "train", slow)
    training = make_training()
    training.start(QUICK)
    assert inside.wait(60)
    assert not training.tick()
    with pytest.raises(RuntimeError, match="under way"):
        training.start(QUICK)
    go_on.set()
    assert training.join(120) and training.error == ""


@pytest.mark.slow
def test_joining_drives_what_nobody_else_would(make_training, expected):
    training = make_training()
    training.start(QUICK, thread=False)
    assert training.join(120)
    assert_same(training.progress.run(), expected)


def test_joining_gives_up(make_training):
    training = make_training()
    training.start(ENDLESS)
    began = time.monotonic()
    assert not training.join(0.2)
    assert time.monotonic() - began >= 0.2
    assert training.active


@pytest.mark.slow
def test_start_twice_is_refused_and_harms_nothing(make_training, expected):
    training = make_training()
    training.start(QUICK)
    for state in ("running", "paused"):
        with pytest.raises(RuntimeError, match="under way: Stop it"):
            training.start(QUICK.replace(seed=1))
        assert training.state == state and len(threads()) == 1
        training.pause()
    training.resume()
    assert training.join(120)
    assert_same(training.progress.run(), expected)


@pytest.mark.slow
def test_start_again_right_after_the_end_loses_no_run(make_training):
    """Everybody hears of the end of a run before the next one begins."""
    ended, go_on = [], threading.Event()

    def changed():
        if not training.active:
            go_on.wait(0.2)
            ended.append(training.progress.status)

    training = make_training(changed)
    training.start(QUICK)
    for n in range(3):
        wait_until(lambda: not training.active)
        training.start(QUICK)
        assert len(ended) == n + 1
    assert training.join(120)
    wait_until(lambda: len(ended) == 4)
    assert set(ended) == {"finished"}


@pytest.mark.slow
@pytest.mark.parametrize("second_waits_for_the_end", [False, True])
def test_of_two_starts_at_the_same_moment_one_is_refused(make_training, monkeypatch, second_waits_for_the_end):
    arrived, may_begin = [], [threading.Event(), threading.Event()]

    def stop_others(other):  # both have seen by now that nothing is under way
        number = len(arrived)
        arrived.append(other)
        assert may_begin[number].wait(120)

    def start():
        try:
            training.start(QUICK)
        except RuntimeError as error:
            refused.append(str(error))

    monkeypatch.setattr(live, "stop_others", stop_others)
    training, refused = make_training(), []
    both = [threading.Thread(target=start) for _ in range(2)]
    for number, thread in enumerate(both, 1):
        thread.start()
        wait_until(lambda number=number: len(arrived) == number)
    may_begin[0].set()
    if second_waits_for_the_end:
        both[0].join(120)
        assert training.join(120) and training.progress.status == "finished"
    may_begin[1].set()
    for thread in both:
        thread.join(120)
    (message,) = refused
    # Without waiting, the first run may be over as well by the time when the second is told.
    may_be_told = ("Another run was started first", "A run is under way")[: 1 if second_waits_for_the_end else 2]
    assert message.startswith(may_be_told)
    assert training.join(120) and training.error == "" and training.progress.status == "finished"


@pytest.mark.slow
def test_only_one_training_at_a_time(make_training):
    first, second = make_training(), make_training()
    first.start(ENDLESS)
    wait_until(lambda: updates(first) > 0)
    second.start(QUICK)
    assert first.join(120)
    assert first.progress.status == "stopped" and first.progress.run().old_accuracy is not None
    assert second.join(120) and second.progress.status == "finished"


@pytest.mark.slow
def test_a_paused_training_is_stopped_by_another(make_training):
    first, second = make_training(), make_training()
    first.start(ENDLESS)
    wait_until(lambda: updates(first) > 0)
    first.pause()
    second.start(QUICK)
    assert first.join(120) and first.progress.status == "stopped"


# Pause, step, stop


@pytest.mark.slow
def test_pause_halts_and_resume_goes_on_as_if_nothing_had_been(make_training, expected):
    training = make_training()
    training.set_pace(40)
    training.start(QUICK)
    wait_until(lambda: updates(training) >= 4)
    training.pause()
    assert training.state == "paused" and training.active
    wait_for_pause(training)
    before = updates(training)
    time.sleep(0.4)  # time for sixteen updates
    assert updates(training) == before < QUICK.updates
    training.set_pace(None)
    time.sleep(0.1)
    assert updates(training) == before
    training.resume()
    assert training.join(120)
    assert_same(training.progress.run(), expected)


def test_a_pause_is_told_once(make_training, clock):
    states = []
    training = make_training(lambda: states.append((training.state, updates(training))))
    training.start(QUICK, thread=False)
    training.tick()
    training.pause()
    assert training.tick() and not training.tick() and not training.tick()
    assert states == [("running", 0), ("paused", 0)]


@pytest.mark.slow
def test_each_step_ends_at_the_next_point_and_the_last_one_ends_the_run(make_training, expected):
    training = make_training()
    training.start(QUICK, step=True)
    for point in (1, 2):
        wait_until(lambda: training.state == "paused")
        assert training.progress.evaluated and updates(training) == point * EVERY
        assert list(training.progress.run().history["update"]) == [n * EVERY for n in range(point + 1)]
        time.sleep(0.05)
        assert updates(training) == point * EVERY
        training.step()
    assert training.join(120)
    assert_same(training.progress.run(), expected)


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [1, 3, 50])
def test_a_step_from_anywhere_ends_at_the_next_point(make_training, chunk):
    training = make_training()
    training.set_pace(chunk / live.CHUNK_SECONDS)
    training.start(ENDLESS)
    for _ in range(3):
        before = updates(training)
        wait_until(lambda before=before: updates(training) > before)
        training.pause()
        wait_for_pause(training)
        before, points = updates(training), training.progress.run().history["update"]
        assert points[-1] == before // EVERY * EVERY  # no pause between an update and its point
        training.step()
        wait_for_pause(training)
        assert updates(training) == (before // EVERY + 1) * EVERY
        training.resume()


@pytest.mark.slow
def test_stop_while_paused(make_training):
    training = make_training()
    training.start(ENDLESS, step=True)
    wait_until(lambda: training.state == "paused")
    training.stop()
    assert training.join(120)
    made = training.progress.run()
    assert made.status == "stopped" and made.updates == EVERY and made.new_accuracy is not None


@pytest.mark.slow
@pytest.mark.parametrize("then", ["pause", "step", "resume"])
def test_nothing_holds_up_a_stop(make_training, then):
    training = make_training()
    training.set_pace(1e-6)  # a stop doesn't wait for the next update either, which is days away
    training.start(ENDLESS)
    wait_until(lambda: updates(training) > 0)
    training.stop()
    getattr(training, then)()
    assert training.join(120) and training.progress.status == "stopped"


@pytest.mark.slow
@pytest.mark.parametrize("paused", [False, True])
def test_abandoned_leaves_no_run(make_training, paused):
    states = []
    training = make_training(lambda: states.append((training.state, training.progress)))
    training.start(ENDLESS)
    wait_until(lambda: updates(training) > 0)
    if paused:
        training.pause()
    training.abandon()
    assert training.join(120)
    assert training.progress is None and training.error == ""
    wait_until(lambda: states[-1] == ("ready", None))
    training.start(QUICK)
    assert training.join(120) and training.progress.status == "finished"


@pytest.mark.slow
def test_nothing_to_command_when_nothing_is_under_way(make_training):
    training = make_training()
    for command in (training.pause, training.resume, training.step, training.stop, training.abandon):
        command()
        assert training.state == "ready" and not training.active
    training.request(Change(learning_rate=0.5))
    assert not training.tick()
    training.start(QUICK)
    assert training.join(120)
    assert training.progress.run().events == ()  # a wish from before a run isn't one for it


# What goes wrong


def failing_after(steps, error):
    """`train`, failing after so many steps."""

    def failing(*arguments):
        for _, progress in zip(range(steps), train(*arguments), strict=False):
            yield progress
        raise error

    train = live.train
    return failing


@pytest.mark.slow
@pytest.mark.parametrize("thread", [True, False])
@pytest.mark.parametrize("steps", [0, 2])
def test_an_error_in_the_training_ends_it_and_is_told(make_training, monkeypatch, expected, steps, thread):
    states = []
    training = make_training(lambda: states.append((training.state, training.error)))
    with monkeypatch.context() as patch:
        patch.setattr(live, "train", failing_after(steps, ZeroDivisionError("one over nought")))
        training.start(QUICK, thread=thread)
        assert training.join(120)
    wait_until(lambda: states and states[-1] == ("ready", "ZeroDivisionError: one over nought"))
    assert training.error == "ZeroDivisionError: one over nought"
    assert (training.progress is None) == (steps == 0)  # what there was is kept
    training.start(QUICK)
    assert training.error == ""
    assert training.join(120)
    assert_same(training.progress.run(), expected)


def test_what_settings_cannot_be_is_said_in_their_own_words(make_training):
    training = make_training()
    training.start(QUICK.replace(new_images=60_000))
    assert training.join(120)
    assert training.error.startswith("new_images=60000 is not allowed") and training.progress is None


@pytest.mark.slow
@pytest.mark.parametrize("thread", [True, False])
def test_an_error_in_what_is_called_ends_it(make_training, expected, thread):
    def changed():
        if updates(training) > 0 and not mended:
            raise KeyError("no such widget")

    mended = []
    training = make_training(changed)
    training.start(QUICK, thread=thread)
    assert training.join(120)
    wait_until(lambda: not threads())
    assert training.error == "KeyError: 'no such widget'"
    mended.append(True)
    training.start(QUICK, thread=thread)
    assert training.join(120)
    assert_same(training.progress.run(), expected)


def test_an_interrupt_in_a_tick_ends_the_training_and_is_passed_on(make_training, monkeypatch):
    training = make_training()
    monkeypatch.setattr(live, "train", failing_after(2, KeyboardInterrupt()))
    training.start(QUICK, thread=False)
    with pytest.raises(KeyboardInterrupt):
        while True:
            training.tick()
    assert training.state == "ready" and training.error.startswith("KeyboardInterrupt: ")


def test_a_wish_that_cannot_be_is_refused_at_once(make_training):
    training = make_training()
    training.start(ENDLESS)
    for layers in ((), ("old_head",), ("conv9",)):
        with pytest.raises(SettingsError, match="trained_layers"):
            training.request(Change(trained_layers=layers))
    training.stop()
    assert training.join(120)
    assert [change for _, change in training.progress.run().events] == [Change(stop=True)]


# Pace


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_pace_in_real_time(make_training):
    """Not faster than it's told to be, on any machine: what was late is made up for by no more than a chunk."""
    at = {}
    training = make_training(lambda: at.setdefault(updates(training), time.monotonic()))
    training.set_pace(25)
    training.start(ENDLESS)
    wait_until(lambda: updates(training) > 25)
    assert at[25] - at[1] > 24 / 25 - 3 * live.CHUNK_SECONDS


def tick_for(training, clock, seconds):
    before = updates(training)
    for _ in range(round(seconds / 0.01)):
        clock.now += 0.01
        training.tick()
    return updates(training) - before


@pytest.mark.slow
@pytest.mark.parametrize("pace", [5, 25, 100])
def test_pace_is_kept_whatever_came_before(make_training, clock, pace):
    training, chunk = make_training(), 1 + live.CHUNK_SECONDS * pace
    training.set_pace(pace)
    training.start(ENDLESS.replace(batch_size=1, evaluate_every=50, trained_layers=("new_head",)), thread=False)
    clock.now += 30  # a slow machine traces for so long, and it isn't made up for
    training.tick()
    assert tick_for(training, clock, 1) == pytest.approx(pace, abs=2 * chunk)
    training.pause()
    clock.now += 30
    assert tick_for(training, clock, 0.5) == 0
    training.resume()
    assert tick_for(training, clock, 1) == pytest.approx(pace, abs=2 * chunk)
    training.set_pace(2 * pace)
    assert tick_for(training, clock, 0.5) == pytest.approx(pace, abs=4 * chunk)


@pytest.mark.slow
def test_a_request_waits_for_no_pace_and_those_after_it_wait_longer(make_training, clock):
    training = make_training()
    training.set_pace(1)
    training.start(ENDLESS, thread=False)
    tick_for(training, clock, 0.05)
    before = updates(training)
    for layers in (["conv1", "new_head"], ["new_head"]):
        training.request(Change(trained_layers=layers))
        assert training.tick() and training.progress.trained_layers == tuple(layers)
        assert not training.tick()
    assert updates(training) == before + 2
    assert tick_for(training, clock, 1.8) <= 1
    training.pause()
    training.request(Change(trained_layers=["dense", "new_head"]))
    assert tick_for(training, clock, 0.1) == 0 and training.progress.trained_layers == ("new_head",)


@pytest.mark.slow
def test_pace_changes_no_number(make_training, clock, expected):
    training = make_training()
    training.set_pace(25)
    training.start(QUICK, thread=False)
    while training.active:
        clock.now += 0.01
        training.tick()
    assert_same(training.progress.run(), expected)


@pytest.mark.slow
def test_pace_may_be_lifted_on_the_way(make_training, expected):
    training = make_training()
    training.set_pace(1e-6)
    training.start(QUICK)
    wait_until(lambda: updates(training) >= 0)
    training.set_pace(None)
    assert training.join(120)
    assert_same(training.progress.run(), expected)


# What was flipped can be replayed


@pytest.mark.slow
def test_flips_are_replayed_to_the_last_bit(make_training):
    training = make_training()
    training.start(ENDLESS)
    flips = [
        Change(trained_layers=("dense", "new_head")),
        Change(learning_rate=5e-3),
        Change(trained_layers=("conv2", "new_head"), learning_rate=2e-3),
        Change(trained_layers=(*LAYERS[:4], "new_head")),
        Change(stop=True),
    ]
    for flip in flips[:-1]:
        before = updates(training)
        wait_until(lambda before=before: updates(training) > before)
        training.request(flip)
        layers, rate = flip.trained_layers, flip.learning_rate
        wait_until(lambda layers=layers: layers in (None, training.progress.trained_layers))
        wait_until(lambda rate=rate: rate in (None, training.progress.learning_rate))
    training.stop()
    assert training.join(120)
    made = training.progress.run()
    assert [change for _, change in made.events] == flips
    at = [update for update, _ in made.events]
    assert at == sorted(at) and at[0] > 0 and at[-1] == made.updates
    assert_same(made, run(ENDLESS, schedule=made.events))


# At random


class AnyOrder(RuleBasedStateMachine):
    """Commands in any order, with a model beside it of what they should come to."""

    checked = []

    def __init__(self):
        super().__init__()
        self.live, self.state, self.ended = LiveTraining(self.changed), "ready", []
        self.step_from, self.ending = 0, ""

    def changed(self):
        if not self.live.active and self.live.progress is not None:
            self.ended.append(self.live.progress.run())

    @initialize(step=st.booleans(), seed=st.integers(0, 1))
    def begin(self, step, seed):
        self.start(step, seed)

    @precondition(lambda self: self.state == "ready")
    @rule(step=st.booleans(), seed=st.integers(0, 1))
    def start(self, step, seed):
        self.live.start(QUICK.replace(seed=seed), step=step, thread=False)
        self.state, self.step_from, self.ending = "stepping" if step else "running", 0, ""

    @rule(command=st.sampled_from(["pause", "resume", "step"]))
    def go(self, command):
        self.step_from = max(0, updates(self.live))
        getattr(self.live, command)()
        if self.state != "ready" and not self.ending:
            self.state = {"pause": "paused", "resume": "running", "step": "stepping"}[command]

    @precondition(lambda self: self.state != "ready")
    @rule(layers=st.sets(st.sampled_from(LAYERS)), rate=st.sampled_from([None, 1e-4, 1e-2]))
    def wish(self, layers, rate):
        try:
            self.live.request(Change(tuple(layers), rate))
        except SettingsError:
            assert not layers - {"old_head"}

    @precondition(lambda self: self.state != "ready")
    @rule(command=st.sampled_from(["stop", "abandon"]))
    def end(self, command):
        getattr(self.live, command)()
        self.ending = "abandon" if "abandon" in (command, self.ending) else "stop"
        self.state = {"abandon": "abandoning", "stop": "stopping"}[self.ending]

    @rule(times=st.integers(1, 4))
    def tick(self, times):
        for _ in range(times):
            before, runs = updates(self.live), len(self.ended)
            self.live.tick()
            if self.state in ("ready", "paused"):
                assert updates(self.live) == before
            elif not self.live.active:
                self.state = "ready"
                if self.ending == "abandon":
                    assert self.live.progress is None and len(self.ended) == runs
                else:
                    assert len(self.ended) == runs + 1
                    self.check(self.ended[-1])
            elif self.state == "stepping" and self.live.state == "paused":
                assert updates(self.live) == (self.step_from // EVERY + 1) * EVERY
                self.state = "paused"

    @staticmethod
    def check(made):
        AnyOrder.checked.append((made.status, any(change.trained_layers for _, change in made.events)))
        assert made.status == "stopped" or made.updates == QUICK.updates
        assert_same(made, run(made.settings, schedule=made.events))
        points, drift = made.history["update"], made.history["drift"]
        for column, (_, spans) in enumerate(made.trained_spans().items()):
            for i, (start, end) in enumerate(zip(points[:-1], points[1:], strict=True)):
                learns = any(max(start, a) < min(end, b) for a, b in spans)
                assert learns or drift[i, column] == drift[i + 1, column]  # frozen: not moved by a bit

    @invariant()
    def agrees(self):
        assert self.live.error == ""
        assert self.live.state == self.state and self.live.active == (self.state != "ready")

    def teardown(self):
        self.go("resume")
        while self.state != "ready":
            self.tick(1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_any_order_of_commands():
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(max_examples=12, stateful_step_count=20, deadline=None, derandomize=True, database=None,
                      suppress_health_check=quiet)  # fmt: skip
    run_state_machine_as_test(AnyOrder, settings=chosen)
    statuses, changed = zip(*AnyOrder.checked, strict=True)
    assert set(statuses) == {"finished", "stopped"} and any(changed)  # it wasn't all in vain


def at_once(training, rng):
    """One command, drawn by chance."""
    asked = QUICK.replace(updates=80)
    commands = {
        lambda: training.start(asked, step=rng.random() < 0.2): 6,
        lambda: training.request(Change(trained_layers=rng.sample(LAYERS, 4))): 6,
        lambda: training.set_pace(rng.choice([None, None, 400])): 2,
        training.pause: 3, training.resume: 6, training.step: 3, training.stop: 1, training.abandon: 0.3,
    }  # fmt: skip
    rng.choices(list(commands), list(commands.values()))[0]()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_commands_from_many_threads_at_once(make_training):
    """Everything at once for some seconds: nothing hangs, no two steps meet, and every run that ends is whole."""
    ended = []

    def telling(holder):
        def changed():
            if not holder[0].active and holder[0].progress is not None:
                ended.append(holder[0].progress.run())

        holder.append(make_training(changed))
        return holder[0]

    both, refused, unexpected = [telling([]), telling([])], [], []
    end = time.monotonic() + 3

    def at_random(seed):
        rng = random.Random(seed)
        while time.monotonic() < end or (len(ended) <= 2 and time.monotonic() < end + 100):  # on a slow machine
            try:
                at_once(rng.choice(both), rng)
            except RuntimeError as error:
                refused.append(str(error))
            except Exception as error:
                unexpected.append(repr(error))
            time.sleep(rng.random() * 0.04)

    commanders = [threading.Thread(target=at_random, args=(seed,)) for seed in range(4)]
    for thread in commanders:
        thread.start()
    for thread in commanders:
        thread.join(120)
        assert not thread.is_alive()
    assert not unexpected and all("under way" in message for message in refused)
    for training in both:
        training.stop()
        assert training.join(120) and training.error == ""
    wait_until(lambda: not threads())
    assert len(ended) > 2
    for made in ended:
        assert made.status in ("finished", "stopped") and made.old_accuracy is not None
        assert np.isfinite(made.history["training_loss"]).all()
    longest = max(ended, key=lambda made: (len(made.events), made.updates))
    assert_same(longest, run(longest.settings, schedule=longest.events))


# The end of Python


def test_pythons_end_waits_for_the_threads(make_training, monkeypatch):
    """Ended in the middle of TensorFlow's work, the process would be aborted."""
    training, done = make_training(), []
    training.start(ENDLESS)
    wait_until(lambda: updates(training) > 0)
    live.in_background(lambda: (time.sleep(0.3), done.append(True)))
    live._end_all()
    assert done and not training.active and not threads()
    live._ending.clear()


def test_preparing_traces_before_the_first_run(monkeypatch):
    seen = []
    engine = SimpleNamespace(prepare=lambda batch_size, layers, enough: seen.append(("prepared", batch_size, layers)))
    monkeypatch.setattr(live, "borrow_engine_for", lambda asked: _lend(engine, asked, seen))
    live.prepare(QUICK)
    assert seen == [QUICK, ("prepared", QUICK.batch_size, QUICK.stages[0][1]), "given back"]


class _lend:
    def __init__(self, engine, asked, seen):
        self.engine, self.seen = engine, seen
        seen.append(asked)

    def __enter__(self):
        return self.engine, None

    def __exit__(self, *error):
        self.seen.append("given back")
