"""A loss term that a reader has written in a cell works wherever the project's own do: nothing else names it."""

import numpy as np
import pytest

from tests.strategies.own_term import EWC, IMPORTANCE
from tests.training.comparing import QUICK
from tests.waiting import wait_until
from tests.widgets.panel import Panel
from utils import StrategyRace
from utils.plots import plot_race
from utils.strategies import LOSSES, STRATEGIES, Change, LossOption, LossTerm, Settings, SettingsError, Strategy
from utils.sweeps.figure2 import figure2, stored_bytes
from utils.training import Run, run
from utils.training.pool import borrow_engine_for

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("own_strategies")]
BACKBONE = 60_224  # weights of small_cnn's
OTHER_T = LossTerm("mine", "", print, options=(LossOption("temperature", 5.0),))
_ASKS = (None, "before training", "in each update")


def test_on_the_board_with_a_field_that_turns_it_on_the_way(open_board):
    panel = open_board(QUICK.replace(strategy=EWC, updates=50_000, loss_options={"floor": 0.5}))
    assert panel.field("floor").value == "0.5" and "loss_options=floor:0.5" in panel.field("next run as text").value
    panel.press("Start")
    wait_until(lambda: panel.board._live.progress and panel.board._live.progress.update > 0)
    panel.field("floor").value = "3"
    change = Change(loss_options={"floor": 3.0})
    wait_until(lambda: change in [made for _, made in panel.board._live.progress.run().events])
    panel.field("floor").value = "11"
    assert panel.said["buttons"].startswith("Error floor can't be 11: ")
    panel.press("Stop")
    panel.wait_for_end()
    panel.field("strategy").value = "fine-tuning"
    with pytest.raises(AssertionError, match="0 times 'floor'"):
        panel.field("floor")


def test_in_a_race_each_takes_the_options_that_it_has():
    race = StrategyRace(QUICK, ["fine-tuning", EWC])
    Panel(race).field("floor").value = "4"
    free, held = race.run()
    assert held.settings.loss_options == (("floor", 4.0),) and free.settings.loss_options is None
    assert held.settings.strategy == EWC.name
    assert held.history["drift"][-1, :4].sum() < free.history["drift"][-1, :4].sum()  # it holds the weights


def test_a_large_weight_holds_what_matters_and_a_floor_holds_all():
    settings = QUICK.replace(strategy=EWC, updates=60, evaluate_every=60)
    loose, held, all_held = (
        run(settings.replace(old_loss_weight=weight, loss_options={"floor": floor})).history["drift"][-1, :4].sum()
        for weight, floor in ((0, 0), (1, 0), (1, 10))
    )
    assert all_held < held / 2 and held < 0.8 * loose


def test_what_it_stores_and_its_row_in_the_table():
    for strategy, wanted in {
        EWC: 2 * BACKBONE * 4,
        STRATEGIES["L2 to the start"]: BACKBONE * 4,
        STRATEGIES["learning without forgetting"]: 2000 * 10 * 4,
        STRATEGIES["less-forgetting learning"]: 2000 * 64 * 4,
        STRATEGIES["joint training"]: 3000 * 28 * 28,
        STRATEGIES["fine-tuning"]: 0,
    }.items():
        with borrow_engine_for(Settings(strategy=strategy)) as (engine, _):
            assert stored_bytes(engine, 2000, 3000) == wanted, strategy.name
    STRATEGIES[EWC.name] = EWC
    row = figure2().loc[EWC.name]
    assert (row["θs"], row["θo"], row["old data"], row["new task"]) == ("tuned", "fixed", "before", "–")


def test_a_saved_run_is_read_where_the_term_is_not_known(tmp_path):
    made = run(QUICK.replace(strategy=EWC, loss_options={"floor": 0.5}))
    made.save(tmp_path / "run.json")
    there = Run.load(tmp_path / "run.json")
    (term,) = there.settings.row.losses[1:]
    assert (term.name, term.options, term.known) == ("importance", IMPORTANCE.options, False)
    assert there.settings.options["floor"] == 0.5 and there.timeline == made.timeline
    np.testing.assert_array_equal(there.history["drift"], made.history["drift"])
    with pytest.raises(SettingsError, match="'importance' is not known"):
        run(there.settings)


@pytest.mark.parametrize(
    "wrong, says",
    [
        (lambda: Settings(strategy=EWC, loss_options={"flor": 1}), "loss_options='flor' .*'floor'"),
        (lambda: Settings(strategy=EWC, loss_options={"floor": -1}), r"^floor=-1 .*from 0 to 10\b"),
        (lambda: Settings(strategy=EWC, loss_options=3), "^loss_options=3 .*mapping"),
        (lambda: Settings(loss_options={"floor": 1}), "'floor' .*fine-tuning"),
        (lambda: Strategy("mine; yours", trains=("new_head",)), "^name='mine; yours' .*';'"),
        (lambda: Strategy(" mine", trains=("new_head",)), "^name=' mine' .*spaces"),
        (lambda: Strategy("mine", trains=("backbone",), losses=("new task", EWC)), r"^losses\[1\]=Strategy"),
        (lambda: LossTerm("mine", "", print, code="any text"), "^code='any text' .*OutputCode"),
        (lambda: LossTerm("mine", "", print, protects="no"), "^protects='no' .*True or False"),
        (lambda: LossTerm("mine", "", print, record=[print]), "^record=.*mapping"),
        (lambda: LossTerm("mine", "", print, options=LossOption("a", 1)), "^options=.*tuple"),
        (lambda: Strategy("mine", ("backbone",), ("new task", OTHER_T)), "^losses: an option named 'temperature'"),
    ],
)
def test_what_cannot_be_is_named(wrong, says):
    with pytest.raises(ValueError, match=says):
        wrong()


@pytest.mark.parametrize("name", ["record", "prepare"])
def test_what_is_prepared_in_another_shape_is_named(name):
    term = LossTerm(
        "mine", "", IMPORTANCE.value, **{name: {"sizes": lambda given: np.zeros((1, 2, 3)) if name == "record" else {}}}
    )
    strategy = Strategy("mine", trains=("backbone", "new_head"), losses=("new task", term))
    with pytest.raises(SettingsError, match="'sizes' of 'mine'"):
        run(QUICK.replace(strategy=strategy))
    assert term not in LOSSES.values()


def test_a_term_sees_old_images_only_if_it_says_so():
    seen = []

    def look(checkpoint):
        seen.append((checkpoint.old_images is not None, len(checkpoint.images)))
        return checkpoint.weights()

    def zero(batch):
        return 0 * batch.features[0, 0]

    terms = (LossTerm(f"term {asks}", "0", zero, old_images=asks, prepare={"start": look}) for asks in _ASKS)
    strategy = Strategy("mine", trains=("backbone", "new_head"), losses=("new task", *terms))
    run(QUICK.replace(strategy=strategy, old_images=30, updates=1))
    assert seen == [(False, QUICK.new_images), (True, QUICK.new_images), (True, QUICK.new_images)]


def test_options_of_one_name_that_differ_have_fields_of_their_own(open_board):
    rows = []
    for default in (1.0, 5.0):
        option = LossOption("sharp", default)
        term = LossTerm(f"sharp {default}", "0", lambda batch: 0, options=(option,))
        rows.append(Strategy(f"strategy {default}", ("backbone", "new_head"), ("new task", term)))
    assert [lane.options["sharp"] for lane in StrategyRace(QUICK, rows).plan.heat(0)] == [1.0, 5.0]
    panel = open_board(QUICK.replace(strategy=rows[0]))
    panel.field("sharp").value = "2"
    panel.field("strategy").value = rows[1].name
    assert panel.field("sharp").value == "5.0" and panel.board.settings == QUICK.replace(strategy=rows[1])


def test_an_option_at_its_default_is_no_other_setting():
    plain = Settings(strategy=EWC)
    assert Settings(strategy=EWC, loss_options={"floor": 0.1}) == plain and "floor" not in plain.to_text()


def test_a_head_that_no_loss_depends_on_stays():
    """A term may say that it reaches a head, and not do so."""
    term = LossTerm("mine", "", lambda batch: 0 * batch.features[0, 0], head="old_head")
    strategy = Strategy("mine", ("backbone", "old_head", "new_head"), ("new task", term))
    made = run(QUICK.replace(strategy=strategy, updates=3))
    assert (made.history["drift"][-1] > 0).tolist() == [True] * 4 + [False, True]


def test_a_value_for_each_example_is_refused():
    term = LossTerm("mine", "", lambda batch: batch.features[:, 0])
    with pytest.raises(SettingsError, match=r"value of 'mine' .*\(.*one number"):
        run(QUICK.replace(strategy=Strategy("mine", ("backbone", "new_head"), ("new task", term)), updates=1))


def test_a_race_of_strategies_in_no_table_is_drawn():
    made = run(QUICK.replace(strategy=EWC, updates=1))
    assert plot_race([made, run(QUICK.replace(updates=1))]).axes
