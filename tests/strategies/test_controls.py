"""Changes add up in order, and nothing that a reader asks for is lost on its way to the engine."""

import json
import math
import re
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.strategies import Change, Controls, SettingsError
from utils.strategies.controls import check_schedule

NAMES = ("conv1", "conv2", "conv3", "dense", "old_head", "new_head")
changes = st.builds(
    Change,
    trained_layers=st.none() | st.lists(st.sampled_from(NAMES), unique=True).map(tuple),
    learning_rate=st.none() | st.floats(1e-6, 100),
    stop=st.booleans(),
)
schedules = st.lists(st.tuples(st.integers(0, 60), changes), max_size=8)


def all_at_once(several) -> Change:
    """What should come out, worked out apart: of each field the last that isn't None."""
    layers = [c.trained_layers for c in several if c.trained_layers is not None]
    rates = [c.learning_rate for c in several if c.learning_rate is not None]
    return Change(layers[-1] if layers else None, rates[-1] if rates else None, any(c.stop for c in several))


# Changes


@pytest.mark.slow
@given(changes, changes, changes)
def test_changes_add_up(a, b, c):
    assert a.then(b) == all_at_once([a, b])
    assert a.then(b).then(c) == a.then(b.then(c)) == all_at_once([a, b, c])
    assert a.then(Change()) == Change().then(a) == a.then(a) == a


@given(changes)
def test_a_change_is_true_when_it_changes_something(change):
    nothing = change.trained_layers is None and change.learning_rate is None and not change.stop
    assert bool(change) == (not nothing)


@given(changes)
def test_a_change_comes_back_from_json(change):
    assert Change.from_dict(json.loads(json.dumps(change.to_dict()))) == change


def test_what_is_left_as_it_is_isn_t_written():
    assert Change().to_dict() == {}
    assert Change(["dense", "conv1"], 0.5, True).to_dict() == {
        "trained_layers": ["dense", "conv1"],
        "learning_rate": 0.5,
        "stop": True,
    }
    assert Change(trained_layers=[]).to_dict() == {"trained_layers": []}  # refused later, but not forgotten


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"trained_layers": "conv1"}, "^trained_layers='conv1' .*list"),
        ({"trained_layers": 5}, "^trained_layers=5 .*list"),
        ({"trained_layers": [["conv1"]]}, r"^trained_layers=\[\['conv1'\]\] .*list"),
        ({"learning_rate": 0}, "^learning_rate=0 "),
        ({"learning_rate": math.nan}, "^learning_rate=nan "),
        ({"learning_rate": "0.1"}, r"^learning_rate='0\.1' "),
        ({"learning_rate": True}, "^learning_rate=True "),
        ({"stop": 1}, "^stop=1 .*True .*False"),
        ({"stop": None}, "^stop=None .*True .*False"),
    ],
)
def test_a_wrong_change_is_refused(wrong, message):
    for make in (lambda: Change(**wrong), lambda: Change.from_dict(wrong)):
        with pytest.raises(SettingsError, match=message):
            make()


@pytest.mark.parametrize(
    "wrong", [{"rate": 1}, {"seed": 1}, [], None, 5, "stop", [("stop", True)], {5: 1}], ids=repr
)
def test_what_is_no_change_is_refused(wrong):
    with pytest.raises(SettingsError, match=f"^change={re.escape(repr(wrong))} .*trained_layers, learning_rate, stop"):
        Change.from_dict(wrong)


@pytest.mark.parametrize("wrong", [None, "stop", {"stop": True}], ids=repr)
def test_only_a_change_can_be_asked_for(wrong):
    controls = Controls()
    for ask in (controls.request, Change().then):
        with pytest.raises(SettingsError, match=rf"^change={re.escape(repr(wrong))} .*\bChange\("):
            ask(wrong)
    assert not controls.take(0)


# Schedules


@given(schedules)
def test_a_schedule_is_sorted_and_what_is_due_together_keeps_its_order(schedule):
    checked = check_schedule(schedule)
    assert sorted(update for update, _ in schedule) == [update for update, _ in checked]
    for update in {update for update, _ in schedule}:
        assert [c for u, c in checked if u == update] == [c for u, c in schedule if u == update]


def test_a_schedule_takes_dicts_as_they_come_from_a_file():
    assert check_schedule([[3, {"stop": True}], (1, Change(["conv1"]))]) == (
        (1, Change(("conv1",))),
        (3, Change(stop=True)),
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (5, "^schedule=5 .*list"),
        (None, "^schedule=None .*list"),
        ([5], "^schedule: 5 .*pair "),
        ([(1,)], r"^schedule: \(1,\) .*pair "),
        ([(1, Change(), 2)], r"^schedule: \(1, Change.*, 2\) .*pair "),
        ([(-1, Change())], "^schedule=-1 "),
        ([(1.0, Change())], r"^schedule=1\.0 "),
        ([(True, Change())], "^schedule=True "),
        ([("1", Change())], "^schedule='1' "),
        ([(100_001, Change())], "^schedule=100001 "),
        ([(1, None)], "^change=None .*mapping"),
        ([(1, {"trained_layers": 5})], "^trained_layers=5 "),
    ],
    ids=repr,
)
def test_a_wrong_schedule_is_refused(wrong, message):
    for check in (check_schedule, Controls):
        with pytest.raises(SettingsError, match=message):
            check(wrong)


# Controls


@given(schedules, st.lists(changes, max_size=5), st.lists(st.integers(0, 70), min_size=1, max_size=6))
def test_what_was_scheduled_comes_first_and_then_what_was_wished(schedule, wishes, asked_at):
    controls, due = Controls(schedule), list(check_schedule(schedule))
    asked_at, wishes = sorted(asked_at), list(wishes)
    for update in asked_at:
        now = [change for at, change in due if at <= update]
        due = [entry for entry in due if entry[0] > update]
        wished, wishes = wishes[:2], wishes[2:]
        for wish in wished:
            controls.request(wish)
        assert controls.take(update) == all_at_once(now + wished)
        assert controls.next_scheduled() == (due[0][0] if due else None)
        assert not controls.take(update)  # handed out once


def test_the_wish_of_the_moment_beats_the_schedule():
    controls = Controls([(5, Change(["conv1"], 0.1)), (5, Change(learning_rate=0.2)), (9, Change(stop=True))])
    controls.request(Change(["conv2"]))
    assert controls.take(5) == Change(("conv2",), 0.2)
    assert controls.take(8) == Change()
    assert controls.take(20) == Change(stop=True)


def test_a_stop_can_t_be_taken_back():
    controls = Controls()
    controls.stop()
    controls.request(Change(["conv1"], 0.5, stop=False))
    assert controls.take(0) == Change(("conv1",), 0.5, True)


def test_the_length_of_chunks_is_wished_apart():
    controls = Controls()
    assert controls.most_updates is None
    controls.limit_chunk(3)
    assert controls.most_updates == 3 and not controls.take(0)
    controls.limit_chunk(None)
    assert controls.most_updates is None


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "3"], ids=repr)
def test_a_chunk_without_updates_is_refused(wrong):
    controls = Controls()
    with pytest.raises(SettingsError, match=f"updates={wrong!r} is not allowed"):
        controls.limit_chunk(wrong)
    assert controls.most_updates is None


@pytest.mark.timeout(600)
def test_nothing_is_lost_between_threads():
    """Three threads wish, each its own field and in order; one takes all the while, and they switch often."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        taken = wish_and_take()
    finally:
        sys.setswitchinterval(interval)
    rates = [change.learning_rate for change in taken if change.learning_rate is not None]
    seen = [LAYERS.index(change.trained_layers) for change in taken if change.trained_layers is not None]
    assert rates == sorted(set(rates)) and rates[-1] == 1.0  # in order, each once, and the last one arrived
    assert seen == sorted(seen) and seen[-1] == 63
    assert sum(change.stop for change in taken) == 1


LAYERS = [tuple(NAMES[i] for i in range(6) if n >> i & 1) for n in range(64)]


def wish_and_take():
    """What came out of it."""
    controls, rounds = Controls(), 3000
    done, taken = threading.Event(), []

    def wish(make):
        for n in range(rounds):
            controls.request(make(n))

    def take():
        while not done.is_set():
            if change := controls.take(0):
                taken.append(change)
        taken.append(controls.take(0))

    makers = [
        lambda n: Change(learning_rate=(n + 1) / rounds),
        lambda n: Change(trained_layers=LAYERS[n * 64 // rounds]),
        lambda n: Change(stop=n == rounds // 2),
    ]
    taker = threading.Thread(target=take)
    writers = [threading.Thread(target=wish, args=(make,)) for make in makers]
    for thread in (taker, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    taker.join()
    return taken
