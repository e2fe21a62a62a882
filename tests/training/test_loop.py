"""The loop: the same numbers each time, live or replayed; warm-up, stop, divergence, two at once."""

import contextlib
import json
import re
import threading
import time

import keras
import numpy as np
import pytest

from tests.training.comparing import assert_same, engine_for, live, moved, numbers, settings_for, state
from utils.models import pretrained
from utils.strategies import Change, Controls, SettingsError
from utils.tasks import load_pair
from utils.training import Run, pool, run, train

pytestmark = pytest.mark.usefixtures("few_images")
HEAD = ("new_head",)
ALL = ("conv1", "conv2", "conv3", "dense", "new_head")
SCHEDULE = [
    (5, Change(("conv3", "new_head"), 5e-4)),
    (11, Change(learning_rate=2e-3)),
    (13, Change(("conv1", "dense", "new_head"))),
]


def spans(run: Run) -> dict:
    """The spans of the layers that trained at all."""
    return {name: found for name, found in run.trained_spans().items() if found}


def same(*names, span):
    return dict.fromkeys(names, [span])


# The same numbers each time


@pytest.mark.slow
@pytest.mark.parametrize(
    ("optimizer", "backbone"),
    [
        ("sgd", "small_cnn"),
        ("adam", "small_cnn"),
        pytest.param("sgd", "small_resnet", marks=pytest.mark.exhaustive),
        ("adam", "small_resnet"),
    ],
)
def test_a_seed_gives_the_same_run_to_the_last_bit(optimizer, backbone):
    settings = settings_for(optimizer, backbone=backbone, updates=12, seed=3)
    first, second = live(settings), live(settings)
    assert_same(first, second)
    assert len(first.history["training_loss"]) == 12
    other = live(settings.replace(seed=4))
    assert not np.isclose(other.history["training_loss"], first.history["training_loss"]).any()


@pytest.mark.slow
@pytest.mark.parametrize("changes", [{}, {"warm_up": 7}, {"strategy": "feature extraction"}], ids=str)
def test_the_length_of_the_chunks_changes_no_number(changes):
    settings = settings_for("adam", **changes)
    runs = [live(settings, SCHEDULE, chunk) for chunk in (None, 1, 7)]
    assert_same(runs[0], runs[1])
    assert_same(runs[0], runs[2])
    assert_same(runs[0], run(settings, SCHEDULE))


@pytest.mark.slow
def test_a_schedule_of_dicts_in_any_order_is_the_same(tmp_path):
    settings = settings_for("adam")
    plain = json.loads(json.dumps([[update, change.to_dict()] for update, change in reversed(SCHEDULE)]))
    assert_same(run(settings, SCHEDULE), run(settings, plain))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("warm_up", [0, 12])
def test_a_run_switched_live_is_made_again_by_its_events(warm_up):
    """The wishes come from another thread, whenever they come."""
    settings = settings_for("adam", updates=130, evaluate_every=50, warm_up=warm_up)
    wishes = [
        (5, Change(("conv2", "new_head"))),
        (20, Change(learning_rate=2e-3)),
        (35, Change(HEAD, 5e-4)),
        (60, Change(ALL)),
        (80, Change(stop=True)),
    ]
    controls, latest = Controls(), [0]
    controls.limit_chunk(3)

    def reader():
        for due, wish in wishes:
            while latest[0] < due:
                time.sleep(0.0005)
            controls.request(wish)

    thread = threading.Thread(target=reader, daemon=True)
    thread.start()
    for progress in train(settings, controls):
        latest[0] = progress.update
    thread.join(120)
    was = progress.run()
    assert was.status == "stopped" and 80 <= was.updates < 130
    for update, change in was.events:  # on a busy machine two wishes may be taken together
        taken = Change()
        while taken != change:
            due, wish = wishes.pop(0)
            taken = taken.then(wish)
            assert update >= due
    assert not wishes
    assert_same(was, run(settings, was.events))
    assert_same(was, run(was.settings, Run.from_dict(was.to_dict()).events))


@pytest.mark.slow
def test_a_switch_before_the_first_update_is_made_again_too():
    """After the first point of the curves was measured, with other layers frozen."""
    settings = settings_for("adam", updates=8)
    for wishes in ([Change(HEAD)], [Change(HEAD), Change(ALL)], [Change(HEAD, 0.5), Change(stop=True)]):
        controls = Controls()
        steps = train(settings, controls)
        assert next(steps).update == 0
        for wish in wishes:
            controls.request(wish)
        was = list(steps)[-1].run()
        assert_same(was, run(settings, was.events))


@pytest.mark.slow
def test_a_schedule_at_the_start_and_a_wish_after_it_are_made_again():
    settings = settings_for("adam", updates=8)
    controls = Controls([(0, Change(HEAD))])
    steps = train(settings, controls)
    next(steps)
    controls.request(Change(ALL))
    was = list(steps)[-1].run()
    again = run(settings, was.events)
    assert_same(was, again)
    assert spans(was) == same(*ALL, span=(0, 8))


@pytest.mark.slow
def test_what_changes_nothing_is_no_event():
    settings = settings_for("adam", updates=12)
    schedule = [(3, Change(ALL)), (5, Change(learning_rate=settings.learning_rate)), (6, Change())]
    was = run(settings, schedule)
    assert was.events == ()
    assert_same(was, run(settings))


@pytest.mark.slow
def test_layers_in_any_order_are_the_same():
    settings = settings_for("adam", updates=12)
    was = run(settings, [(4, Change(("new_head", "conv1")))])
    assert was.events == ((4, Change(("conv1", "new_head"))),)


# Progress


@pytest.mark.slow
def test_progress_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr("utils.training.pace.CHUNK_SECONDS", 10)  # three updates fit into a chunk on any machine
    settings = settings_for("adam", updates=20, evaluate_every=8)
    controls = Controls([(5, Change(HEAD, 0.5))])
    controls.limit_chunk(3)
    seen = [
        (p.update, p.status, p.evaluated, p.trained_layers, p.learning_rate)
        for p in train(settings, controls)
    ]
    before, after = (ALL, 1e-3), (HEAD, 0.5)
    assert seen == [
        (0, "training", True, *before),
        (2, "training", False, *before),  # the first chunk is short: it may hold a trace
        (5, "training", False, *before),  # up to the switch
        (7, "training", False, *after),
        (8, "training", False, *after),
        (8, "training", True, *after),
        (11, "training", False, *after),
        (14, "training", False, *after),
        (16, "training", False, *after),
        (16, "training", True, *after),
        (19, "training", False, *after),
        (20, "training", False, *after),
        (20, "training", True, *after),
        (20, "finished", True, *after),
    ]


@pytest.mark.slow
def test_a_run_can_be_had_at_any_time():
    settings = settings_for("adam", updates=20, evaluate_every=8)
    points = []
    for progress in train(settings):
        so_far = progress.run()
        assert so_far.updates == progress.update
        assert len(so_far.history["update"]) == len(so_far.history["drift"]) == len(so_far.to_frame())
        assert (so_far.old_accuracy is None) == (so_far.forgetting is None) == (progress.status == "training")
        points.append(so_far)
    assert points[-1].history["update"].tolist() == [0, 8, 16, 20]
    assert points[0].history["update"].tolist() == [0] and points[0].updates == 0  # not changed since
    assert not points[0].history["drift"].any()
    assert points[-1].status == "finished" and points[-1].message == ""


@pytest.mark.slow
def test_the_result_is_measured_on_the_test_images(all_images):
    settings = settings_for("adam")
    done = live(settings)
    pair = load_pair(settings.pair)
    with engine_for(settings) as used:
        for task, accuracy in (("old", done.old_accuracy), ("new", done.new_accuracy)):
            data, model = getattr(pair, task), used.model.keras_model(task)
            logits = np.concatenate(
                [model(data.x_test[i : i + 500]) for i in range(0, len(data.x_test), 500)]
            )
            assert accuracy == pytest.approx(np.mean(logits.argmax(1) == data.y_test), abs=0.0011)
            shown = np.mean(np.argmax(model(data.x_validation[:500]), 1) == data.y_validation[:500])
            assert done.history[f"{task}_accuracy"][-1] == pytest.approx(shown, abs=0.0021)
    assert done.old_accuracy_before == pytest.approx(0.964, abs=0.005)
    assert done.forgetting == pytest.approx(100 * (done.old_accuracy_before - done.old_accuracy))
    assert done.seconds > 0


@pytest.mark.slow
def test_drift_is_the_way_from_the_checkpoint():
    settings = settings_for("sgd", updates=8)
    first = next(train(settings)).run()
    done = live(settings)
    with engine_for(settings) as used:
        after = used.model.snapshot()
        used.reset(pool.checkpoint_weights(load_pair(settings.pair).old, "small_cnn"), settings.seed, 1)
        before = used.model.snapshot()
    for column, name in enumerate(done.layer_names):
        a, b = (np.concatenate([w.ravel() for w in each[name]]).astype("float64") for each in (before, after))
        expected = np.linalg.norm(b - a) / np.linalg.norm(a)
        assert done.history["drift"][-1, column] == pytest.approx(expected, rel=1e-6)
    assert not first.history["drift"].any()


# Warm-up


@pytest.mark.slow
def test_only_the_head_moves_in_the_warm_up(lent, monkeypatch):
    monkeypatch.setattr("utils.training.pace.CHUNK_SECONDS", 10)  # two updates fit into a chunk on any machine
    settings = settings_for("adam", updates=12, warm_up=5)
    controls = Controls()
    controls.limit_chunk(2)
    at = {}
    for progress in train(settings, controls):
        if progress.status == "training":
            at[progress.update] = (
                lent[0].model.snapshot(),
                int(lent[0].optimizers.state("new_head")[0]),
                progress,
            )
    assert list(at) == [0, 2, 4, 5, 7, 8, 10, 12]  # a chunk ends with the warm-up
    assert moved(at[0][0], at[5][0]) == {"new_head"}
    assert moved(at[5][0], at[7][0]) == moved(at[5][0], at[12][0]) == set(ALL)
    assert [at[update][1] for update in at] == [
        0,
        2,
        4,
        5,
        2,
        3,
        5,
        7,
    ]  # steps of Adam: anew after the warm-up
    assert at[5][2].trained_layers == HEAD and at[7][2].trained_layers == ALL
    done = progress.run()
    assert done.updates == 12 and done.events == ()
    assert spans(done) == same("conv1", "conv2", "conv3", "dense", span=(5, 12)) | same(
        "new_head", span=(0, 12)
    )


@pytest.mark.slow
def test_a_warm_up_ends_between_two_evaluations_as_well():
    settings = settings_for("adam", updates=12, warm_up=5, evaluate_every=4)
    assert_same(live(settings, chunk=1), live(settings))
    assert live(settings).history["update"].tolist() == [0, 4, 8, 12]


@pytest.mark.slow
def test_a_warm_up_of_the_whole_budget_is_feature_extraction():
    settings = settings_for("adam", updates=12)
    warm = live(settings.replace(warm_up=12))
    head = live(settings.replace(strategy="feature extraction"))
    assert np.array_equal(warm.history["training_loss"], head.history["training_loss"])
    assert warm.forgetting == 0
    assert spans(warm) == spans(head) == same("new_head", span=(0, 12))
    assert warm.trained_parameters == head.trained_parameters == 650


@pytest.mark.slow
def test_a_flip_in_the_warm_up_ends_it(lent):
    """What the reader asks for holds, and isn't undone when the warm-up would have ended."""
    settings = settings_for("adam", updates=16, warm_up=8)
    controls = Controls([(3, Change(("conv3", "new_head")))])
    controls.limit_chunk(1)
    steps = {p.update: int(lent[0].optimizers.state("new_head")[0]) for p in train(settings, controls)}
    assert steps == {update: update for update in range(17)}  # not reset
    done = live(settings, [(3, Change(("conv3", "new_head")))])
    assert spans(done) == {"conv3": [(3, 16)], "new_head": [(0, 16)]}
    assert (done.history["drift"][-1] > 0).tolist() == [False, False, True, False, False, True]


def test_asking_for_the_head_in_the_warm_up_keeps_it_to_the_head():
    settings = settings_for("adam", updates=16, warm_up=8)
    done = live(settings, [(3, Change(HEAD))])
    assert done.events == ((3, Change(HEAD)),)
    assert spans(done) == {"new_head": [(0, 16)]} and done.forgetting == 0
    assert_same(done, run(settings, done.events))


@pytest.mark.slow
def test_another_rate_doesn_t_end_the_warm_up():
    settings = settings_for("adam", updates=16, warm_up=8)
    done = live(settings, [(3, Change(learning_rate=5e-3))])
    assert done.events == ((3, Change(learning_rate=5e-3)),)
    assert spans(done) == same("conv1", "conv2", "conv3", "dense", span=(8, 16)) | same(
        "new_head", span=(0, 16)
    )


@pytest.mark.slow
def test_a_flip_just_as_the_warm_up_ends(lent):
    settings = settings_for("adam", updates=16, warm_up=8)
    done = live(settings, [(8, Change(("conv3",)))], chunk=3)
    assert spans(done) == {"new_head": [(0, 8)], "conv3": [(8, 16)]}
    assert int(lent[0].optimizers.state("conv3")[0]) == 8
    assert int(lent[0].optimizers.state("new_head")[0]) == 0
    assert_same(done, run(settings, done.events))


@pytest.mark.slow
def test_layers_by_hand_follow_a_warm_up_of_the_head():
    done = live(settings_for("adam", updates=12, warm_up=4, trained_layers=["conv1", "old_head"]))
    assert spans(done) == {"new_head": [(0, 4)], "conv1": [(4, 12)]}  # no loss reaches the old head
    assert (done.history["drift"][-1] > 0).tolist() == [True, False, False, False, False, True]
    assert done.trained_parameters == 160 + 650


# Spans, worked out by hand


@pytest.mark.slow
def test_spans_of_flips_there_and_back():
    schedule = [
        (4, Change(HEAD)),
        (6, Change(("conv1", "new_head"))),
        (9, Change(("conv1", "conv2"))),
        (9, Change(learning_rate=0.5)),
        (15, Change(ALL)),
    ]
    done = live(settings_for("sgd", updates=20, learning_rate=1e-4), schedule)
    assert spans(done) == {
        "conv1": [(0, 4), (6, 20)],
        "conv2": [(0, 4), (9, 20)],
        "conv3": [(0, 4), (15, 20)],
        "dense": [(0, 4), (15, 20)],
        "new_head": [(0, 9), (15, 20)],
    }
    assert done.trained_spans()["old_head"] == []
    assert list(done.trained_spans()) == [*ALL[:4], "old_head", "new_head"]
    assert done.trained_parameters == 60_224 + 650


@pytest.mark.slow
def test_spans_of_the_trained_layers_match_the_weights_that_moved(lent):
    settings = settings_for("adam", updates=18, warm_up=4)
    controls = Controls([(9, Change(("conv2", "new_head"))), (13, Change(("conv1",)))])
    controls.limit_chunk(1)
    states, seen = None, {name: set() for name in (*ALL, "old_head")}
    for progress in train(settings, controls):
        now = {name: state(lent[0], name)[:2] for name in seen}  # kernel and bias
        if states and progress.status == "training":
            for name in seen:
                if now[name] != states[name]:
                    seen[name].add(progress.update - 1)
        states = now
    for name, found in progress.run().trained_spans().items():
        assert {update for start, end in found for update in range(start, end)} == seen[name], name


@pytest.mark.slow
def test_a_stopped_run_has_spans_up_to_where_it_went():
    warm = settings_for("adam", updates=20, warm_up=10)
    assert spans(live(warm, [(6, Change(stop=True))])) == {"new_head": [(0, 6)]}
    flipped = live(settings_for("adam", updates=20), [(4, Change(HEAD)), (7, Change(ALL, stop=True))])
    assert spans(flipped) == same("conv1", "conv2", "conv3", "dense", span=(0, 4)) | same(
        "new_head", span=(0, 7)
    )


# Stop, and schedules at the edges


@pytest.mark.slow
def test_a_stop_ends_the_run_with_a_result():
    settings = settings_for("adam")
    done = live(settings, [(10, Change(stop=True))])
    assert (done.status, done.updates) == ("stopped", 10)
    assert re.search(r"Stopped by hand .*\b10 of 24\b", done.message)
    assert done.history["update"].tolist() == [0, 8, 10]
    assert done.events == ((10, Change(stop=True)),)
    whole = live(settings)
    assert np.array_equal(done.history["training_loss"], whole.history["training_loss"][:10])
    assert None not in (done.old_accuracy, done.new_accuracy, done.forgetting)
    assert_same(done, run(settings, done.events))
    with engine_for(settings):
        assert live(settings.replace(updates=10)).new_accuracy == done.new_accuracy


@pytest.mark.slow
def test_a_stop_at_an_evaluation_measures_once():
    done = live(settings_for("adam"), [(8, Change(stop=True))])
    assert done.history["update"].tolist() == [0, 8]


def test_a_stop_before_the_first_update():
    settings = settings_for("adam")
    done = run(settings, [(0, Change(HEAD, 0.5, True))])
    assert (done.status, done.updates, done.trained_parameters) == ("stopped", 0, 0)
    assert done.forgetting == 0 and done.history["update"].tolist() == [0]
    assert done.history["training_loss"].shape == (0,)
    assert spans(done) == {}
    assert_same(done, run(settings, done.events))
    assert_same(done, Run.from_text(json.dumps(done.to_dict())))
    controls = Controls()
    controls.stop()
    assert list(train(settings, controls))[-1].status == "stopped"


def test_a_switch_at_update_0_is_as_if_set_from_the_start():
    settings = settings_for("adam", updates=10)
    switched = run(settings, [(0, Change(HEAD, 5e-3))])
    wanted = run(settings.replace(strategy="feature extraction", learning_rate=5e-3))
    assert np.array_equal(switched.history["training_loss"], wanted.history["training_loss"])
    assert switched.new_accuracy == wanted.new_accuracy
    assert switched.events == ((0, Change(HEAD, 5e-3)),)
    assert spans(switched) == {"new_head": [(0, 10)]}
    assert switched.trained_parameters == 650


@pytest.mark.slow
def test_what_is_due_after_the_end_doesn_t_happen():
    settings = settings_for("adam", updates=10)
    schedule = [(10, Change(HEAD)), (11, Change(stop=True)), (500, Change(ALL))]
    late = live(settings, schedule)
    assert late.events == () and late.status == "finished"
    assert_same(late, live(settings))
    assert_same(late, run(settings, schedule[:1]))
    with pytest.raises(SettingsError, match=r"^schedule: update 11 .*\b10\b"):
        run(settings, schedule)


@pytest.mark.slow
def test_due_together_the_later_one_holds():
    settings = settings_for("adam", updates=10)
    both = run(settings, [(4, Change(HEAD)), (4, Change(("conv1",))), (4, Change(learning_rate=0.01))])
    assert both.events == ((4, Change(("conv1",), 0.01)),)


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        ([(5, Change([]))], "every layer is frozen"),
        ([(5, Change(["old_head"]))], "nothing would train"),
        ([(5, Change(["conv9"]))], "trained_layers='conv9' is not allowed"),
        ([(5, Change(["conv1", "conv1"]))], "twice"),
        ([(5, Change(["stage1"]))], "trained_layers='stage1' is not allowed"),
        ([(2, Change(HEAD)), (5, {"trained_layers": ["old_head"]})], "nothing would train"),
        ([(5, {"learning_rate": -1})], "learning_rate=-1 is not allowed"),
        ([(-5, {"learning_rate": 1})], "schedule=-5"),
        (5, "schedule=5 is not allowed"),
    ],
)
def test_a_schedule_that_can_t_be_is_refused_before_anything_is_trained(schedule, message, lent):
    with pytest.raises(SettingsError, match=message):
        run(settings_for("adam"), schedule)
    assert lent == []


@pytest.mark.slow
def test_more_new_images_than_there_are(lent):
    there = len(load_pair("digits-drawings").new.x_train)
    with pytest.raises(SettingsError) as caught:
        run(settings_for("adam", new_images=there + 1))
    assert f"new_images={there + 1} is not allowed" in str(caught.value) and f"{there:,}" in str(caught.value)
    assert lent == []
    assert run(settings_for("adam", new_images=there, updates=1)).status == "finished"


@pytest.mark.slow
def test_fewer_images_than_a_batch_takes():
    done = run(settings_for("adam", new_images=3, batch_size=16, updates=3))
    assert done.updates == 3 and np.isfinite(done.history["training_loss"]).all()


# A loss that is no number


# A rate of 100 doesn't do it: the activations of small_cnn die before they overflow.
TOO_FAST = settings_for("sgd", learning_rate=1e37)


@pytest.mark.slow
def test_a_loss_that_is_no_number_ends_the_run_with_the_reason():
    done = live(TOO_FAST)
    assert done.status == "diverged"
    assert re.search(rf"update {done.updates}\b.*\blearning rate of 1e\+37\b.*\blower rate", done.message)
    assert 0 < done.updates < 8
    for name, values in done.history.items():
        assert np.isfinite(values).all(), name
    assert done.history["update"].tolist() == [0]
    assert len(done.history["training_loss"]) == done.updates
    assert done.new_accuracy == 0  # what isn't a number isn't right by chance
    assert done.old_accuracy <= 0.2 and done.forgetting > 70
    assert spans(done) == same(*ALL, span=(0, done.updates))


@pytest.mark.slow
def test_a_point_of_the_curves_that_is_no_number_ends_the_run_as_well():
    done = live(TOO_FAST.replace(evaluate_every=1))
    assert (done.status, done.updates) == ("diverged", 1)
    assert done.history["update"].tolist() == [0]
    assert "at update 1:" in done.message


@pytest.mark.slow
def test_a_diverged_run_can_be_kept_and_made_again(tmp_path):
    done = live(TOO_FAST)
    assert_same(done, Run.load(done.save(tmp_path / "run.json")))
    assert_same(done, run(TOO_FAST, done.events))


@pytest.mark.slow
def test_a_diverged_run_is_the_same_in_any_chunks():
    runs = [live(TOO_FAST, chunk=chunk) for chunk in (1, 2, 5)]
    assert_same(runs[0], runs[1])
    assert_same(runs[0], runs[2])


@pytest.mark.slow
def test_the_last_progress_tells_of_it():
    *_, last = train(TOO_FAST)
    assert (last.status, last.update) == ("diverged", last.run().updates)


@pytest.mark.slow
@pytest.mark.parametrize("strategy", ["fine-tuning", "feature extraction"])
def test_the_next_run_doesn_t_notice(strategy, lent, monkeypatch):
    settings = settings_for("sgd", strategy=strategy, learning_rate=1e-3)
    assert live(TOO_FAST).status == "diverged"
    after = live(settings)
    assert lent[0] is lent[1]
    monkeypatch.setattr(pool, "_idle", [])
    fresh = live(settings)
    assert lent[2] is not lent[1]
    assert_same(after, fresh)


@pytest.mark.slow
def test_a_rate_too_high_may_ruin_a_network_within_numbers(lent):
    settings = settings_for("sgd")
    before = live(settings)
    ruined = live(settings.replace(learning_rate=100))
    assert ruined.history["training_loss"].max() > 1e4
    assert ruined.new_accuracy < 0.2 and ruined.forgetting > 70  # as good as guessing
    assert_same(ruined, Run.from_text(json.dumps(ruined.to_dict(), allow_nan=False)))
    assert_same(live(settings), before)
    assert lent[0] is lent[2]


@pytest.mark.slow
def test_batch_statistics_recover_as_well(lent):
    wild = settings_for("sgd", backbone="small_resnet", learning_rate=100, updates=6)
    calm = wild.replace(learning_rate=1e-3)
    before = live(calm)
    assert live(wild, chunk=1).updates > 0
    after = live(calm)
    assert lent[0] is lent[1] is lent[2]
    assert_same(before, after)


@pytest.mark.slow
def test_a_rate_that_is_raised_too_far_is_the_one_named():
    settings = settings_for("sgd", learning_rate=1e-3)
    done = live(settings, [(10, Change(learning_rate=2e37))])
    assert done.status == "diverged" and "learning rate of 2e+37" in done.message
    assert 10 < done.updates < 16
    assert done.history["update"].tolist() == [0, 8]
    assert_same(done, run(settings, done.events))


def test_a_head_that_diverges_leaves_the_old_task_whole():
    done = live(TOO_FAST.replace(strategy="feature extraction"))
    assert (done.status, done.forgetting, done.new_accuracy) == ("diverged", 0, 0)
    assert done.old_accuracy == done.old_accuracy_before > 0.9


# Two at once


@pytest.mark.slow
def test_two_runs_in_turns_don_t_disturb_each_other(lent):
    settings = settings_for("adam")
    alone = live(settings), live(settings.replace(seed=9))
    lent.clear()
    both = [train(settings), train(settings.replace(seed=9))]
    last = [None, None]
    while both != [None, None]:
        for i, steps in enumerate(both):
            if steps is not None:
                progress = next(steps, None)
                last[i], both[i] = progress or last[i], both[i] if progress else None
    assert len(lent) == 2 and lent[0] is not lent[1]
    assert_same(last[0].run(), alone[0])
    assert_same(last[1].run(), alone[1])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_two_runs_in_two_threads_don_t_disturb_each_other():
    several = [settings_for("adam", seed=seed) for seed in (1, 2)]
    alone = [numbers(live(settings)) for settings in several]
    found = {}

    def work(settings):
        found[settings.seed] = numbers(live(settings))

    threads = [threading.Thread(target=work, args=(settings,)) for settings in several]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[1], found[2]] == alone


@pytest.mark.slow
def test_leaving_early_gives_the_engine_back(lent):
    settings = settings_for("adam")
    whole = live(settings)
    steps = train(settings)
    next(steps), next(steps)
    assert lent[-1] not in [engine for _, engine in pool._idle]
    steps.close()
    assert [engine for _, engine in pool._idle].count(lent[-1]) == 1
    assert_same(live(settings), whole)
    assert lent[2] is lent[1] is lent[0]


@pytest.mark.slow
def test_an_idle_engine_of_a_deep_network_makes_room_for_another_network(monkeypatch):
    def idle():
        return [engine for _, engine in pool._idle]

    monkeypatch.setattr(pool, "_idle", [])  # no engine of the other network waits: one has to be built
    with engine_for(settings_for("adam")) as deep:
        deep.deep = True
    with engine_for(settings_for("adam", strategy="learning without forgetting")) as other:  # of the same network
        assert other is not deep
    assert idle() == [deep, other]
    with engine_for(settings_for("adam", backbone="small_resnet")):
        assert deep not in idle()


@pytest.mark.slow
def test_an_idle_engine_keeps_no_outputs(lent):
    """They can be 64 MB, times the engines that wait."""
    steps = train(settings_for("adam", trained_layers=("dense", "new_head")))
    with contextlib.closing(steps):
        next(progress for progress in steps if progress.evaluated and progress.update)
        assert set(lent[0]._features) == {"train", "old validation", "new validation"}
    assert lent[0]._features == {}


@pytest.mark.slow
def test_an_error_in_the_middle_gives_the_engine_back(lent):
    settings = settings_for("adam")
    whole = live(settings)
    controls = Controls([(5, Change(["conv9"]))])
    with pytest.raises(SettingsError, match="conv9"):
        list(train(settings, controls))
    interrupted = train(settings)
    next(interrupted), next(interrupted)
    with pytest.raises(KeyboardInterrupt):
        interrupted.throw(KeyboardInterrupt)
    assert_same(live(settings), whole)
    assert lent[0] is lent[1] is lent[2]
    assert lent[3] is not lent[2], "TensorFlow's lock may have been left closed, which only other threads notice"


@pytest.mark.slow
def test_only_a_few_idle_engines_are_kept():
    pair = load_pair("digits-drawings")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_idle", [])
        patch.setattr(pool, "IDLE_AT_MOST", 3)
        several = [pool.borrow_engine(pair, "small_cnn", "adam") for _ in range(5)]
        engines = [loan.__enter__()[0] for loan in several]
        assert len(set(map(id, engines))) == len(engines)
        for loan in several:
            loan.__exit__(None, None, None)
        assert [engine for _, engine in pool._idle] == engines[2:]
        patch.setattr(pool, "LAYERS_AT_MOST", 2 * engines[0].layers)  # as large networks reach it
        pool._keep_few()
        assert [engine for _, engine in pool._idle] == engines[3:]
        patch.setattr(pool, "available_memory", lambda: 200e6)
        pool._keep_few()
        assert [engine for _, engine in pool._idle] == engines[4:]
        with pool.borrow_engine(pair, "small_cnn", "sgd") as (other, _):
            assert other not in engines


@pytest.mark.slow
def test_a_mixed_policy_is_named_and_once_taken_back_all_works():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        with pytest.raises(ValueError, match="'mixed_float16'.*float32.*set_dtype_policy"):
            pretrained("digits-drawings")
    finally:
        keras.config.set_dtype_policy("float32")
    assert run(settings_for(updates=2)).status == "finished"
