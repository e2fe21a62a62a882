"""Races: every lane is the run that it would be alone, and all stay side by side."""

import pytest

from tests.training.comparing import assert_same
from utils.strategies import STRATEGIES, Controls, Settings, SettingsError
from utils.training import LiveTraining, RacePlan, race, run

pytestmark = pytest.mark.usefixtures("few_images")
QUICK = Settings("plane", updates=24, new_images=100, batch_size=16, evaluate_every=8)
FOUR = ("feature extraction", "fine-tuning", "learning without forgetting", "joint training")


@pytest.mark.slow
def test_every_lane_is_the_run_it_would_be_alone():
    *_, last = race(RacePlan(QUICK, FOUR, seeds=2))
    assert last.status == "finished" and last.update == QUICK.updates
    wanted = [QUICK.replace(strategy=name, seed=seed) for seed in (0, 1) for name in FOUR]
    runs = last.runs()
    assert [result.settings for result in runs] == wanted
    for result in runs:
        assert_same(result, run(result.settings))


@pytest.mark.slow
def test_all_stay_side_by_side():
    controls = Controls()
    controls.limit_chunk(2)
    furthest_apart = 0
    for progress in race(RacePlan(QUICK.replace(evaluate_every=3), FOUR), controls):
        made = [result.updates for result in progress.runs()]
        if len(made) == len(FOUR):
            furthest_apart = max(furthest_apart, max(made) - min(made))
            assert progress.update == min(made)
    assert 0 < furthest_apart <= 2


@pytest.mark.slow
def test_a_stop_ends_all_and_keeps_what_there_is():
    controls = Controls()
    for progress in race(RacePlan(QUICK.replace(updates=10_000), FOUR, seeds=3), controls):
        latest = progress
        if progress.update >= 8:
            controls.stop()
    assert latest.status == "stopped"
    runs = latest.runs()
    assert [result.status for result in runs] == ["stopped"] * len(FOUR)
    assert all(8 <= result.updates < 10_000 and result.new_accuracy is not None for result in runs)
    assert all(result.message.startswith("Stopped by hand at update") for result in runs)
    assert {result.settings.seed for result in runs} == {0}  # the other heats never begin


@pytest.mark.slow
def test_leaving_a_race_gives_the_engines_back(lent):
    steps = race(RacePlan(QUICK, FOUR[:2]))
    for _ in range(4):
        next(steps)
    steps.close()
    *_, last = race(RacePlan(QUICK, FOUR[:2]))
    assert last.status == "finished"
    assert {id(engine) for engine in lent[2:4]} == {id(engine) for engine in lent[:2]}


def test_a_race_is_driven_like_a_run():
    live = LiveTraining(training=race)
    live.start(RacePlan(QUICK.replace(updates=5000), FOUR[:2]))
    live.stop()
    assert live.join(60)
    assert live.error == "" and live.progress.status == "stopped"


def test_single_strategies_may_have_settings_of_their_own():
    plan = RacePlan(QUICK, FOUR[:2], changes={"feature extraction": {"learning_rate": 0.01, "warm_up": 3}})
    assert [(settings.strategy, settings.learning_rate, settings.warm_up) for settings in plan.heat(0)] == [
        ("feature extraction", 0.01, 3), ("fine-tuning", 0.001, 0)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"strategies": ()}, r"^strategies=\[\] .*one or more"),
        ({"strategies": "fine-tuning"}, "^strategies='fine-tuning' .*list"),
        ({"strategies": ["fine-tuning", "fine-tuning"]}, r"^strategies=\['fine-tuning', 'fine-tuning'\] .*once"),
        ({"strategies": ["fine tuning"]}, "^strategies='fine tuning' .*mean 'fine-tuning'"),
        ({"seeds": 0}, r"^seeds=0 .*whole number .*\b1 .*\b20\b"),
        ({"seeds": "2"}, "^seeds='2' "),
        ({"changes": {"joint training": {"old_images": 0}}, "strategies": ["joint training"]}, "^old_images=0 "),
        ({"changes": {"fine-tuning": {"updates": 9}}}, "^changes: updates of fine-tuning .*share"),
        ({"changes": {"joint": {}}}, "^changes='joint' "),
        ({"changes": "x"}, "^changes='x' .*mapping"),
        ({"changes": {"fine-tuning": 5}}, "^changes={'fine-tuning': 5} .*mapping"),
        ({"changes": {"fine-tuning": {"rate": 5}}}, "^changes of fine-tuning='rate' .*one of .*'learning_rate'"),
        ({"settings": "x"}, "^settings='x' .*Settings"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(given, message):
    with pytest.raises(SettingsError, match=message):
        RacePlan(**{"settings": Settings(), "strategies": list(STRATEGIES)} | given)
