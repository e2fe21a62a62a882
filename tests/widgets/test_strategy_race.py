"""The strategy race as its reader meets it: ticks, fields, buttons, and what is to be read."""

import re

import ipywidgets as widgets
import pytest

from tests.training.comparing import QUICK, assert_same
from tests.waiting import wait_until
from tests.widgets.panel import Panel, plain
from utils import StrategyRace, run
from utils.strategies import STRATEGIES, SettingsError

SHORT = QUICK.replace(updates=8)
TWO = ("fine-tuning", "learning without forgetting")


@pytest.fixture
def open_race(opened):
    return lambda settings=SHORT, strategies=TWO, **options: opened(StrategyRace(settings, strategies, **options))


def table(panel):
    """The rows of the table: what stands in each cell."""
    rows = re.findall(r"<tr>(.*?)</tr>", panel.board._table.value)
    return [[plain(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


@pytest.mark.drawn
@pytest.mark.slow
def test_a_race_from_start_to_end(open_race):
    panel = open_race(QUICK)
    before = panel.picture
    panel.press("Start")
    panel.wait_for_end()
    assert re.search(r"^The race is over\..*\bone seed\b", panel.words)
    made = panel.board.runs
    assert [result.settings for result in made] == [QUICK.replace(strategy=name) for name in TWO]
    for result in made:
        assert_same(result, run(result.settings))
    head, *rows = table(panel)
    assert [row[0] for row in rows] == list(TWO) and {row[1] for row in rows} == {"one"}
    assert rows[1][head.index("old task (%)")] == f"{100 * made[1].old_accuracy:.1f}"
    assert rows[1][head.index("forgetting (points)")] == f"{made[1].forgetting:.1f}"
    assert rows[1][-1] == "61,524 of 61,524"
    assert panel.picture != before


@pytest.mark.slow
def test_each_to_its_best(open_race):
    """With patience each strategy ends by itself, and a still backbone means standardized features."""
    two = ("feature extraction", "network expansion")
    panel = open_race(QUICK.replace(learning_rate=0.3), two)
    panel.press("Use early stopping")
    assert panel.board.plan.settings == QUICK.replace(learning_rate=0.3).until_converged()
    panel.press("Start")
    panel.wait_for_end()
    made = panel.board.runs
    assert [result.settings.standardizes for result in made] == [True, True]
    for result in made:
        assert result.status == "finished" and result.result_update < result.updates < 20_000
        assert_same(result, run(result.settings))


@pytest.mark.slow
def test_several_seeds_are_shown_with_their_spread(open_race):
    panel = open_race(seeds=3)
    panel.press("Start")
    panel.wait_for_end()
    assert "the means of 3 seeds" in panel.words
    assert [result.settings.seed for result in panel.board.runs] == [0, 0, 1, 1, 2, 2]
    for row in table(panel)[1:]:
        assert row[1] == "3" and all(re.fullmatch(r"-?\d+\.\d ± \d+\.\d", cell) for cell in row[2:6])


@pytest.mark.drawn
@pytest.mark.slow
def test_a_strategy_opens_on_one_board_below(open_race):
    panel = open_race(seeds=2)
    panel.press("Start")
    panel.wait_for_end()
    by_name = {name: [run for run in panel.board.runs if run.settings.strategy == name] for name in TWO}
    panel.press(TWO[0])
    board = panel.board._opened.board
    opened = Panel(board)
    assert board.runs == by_name[TWO[0]] and board.settings == board.runs[-1].settings
    assert opened.words.startswith("Old task ") and opened.switched_on()[:2] == ["conv1", "conv2"]
    shown = opened.picture
    extracted, count = by_name[TWO[1]], len(widgets.Widget.widgets)
    for name in (TWO[1], TWO[0], TWO[1]):
        next(button for button in panel.of(widgets.Button) if button.description == name).click()
    assert panel.board._opened.board is board and board.runs == [*by_name[TWO[0]], *extracted]
    assert board.settings == extracted[-1].settings and opened.picture != shown
    assert len(widgets.Widget.widgets) - count < 60  # two rows of the table
    opened.field("seed").value = "7"
    opened.press("Start")
    opened.wait_for_end()
    assert board.runs[-1].settings == extracted[-1].settings.replace(seed=7)
    panel.board.close()
    assert board.closed and board.widget.comm is None


@pytest.mark.slow
def test_who_is_ticked_takes_part(open_race):
    panel = open_race()
    assert set(panel.switched_on()) == set(TWO)
    panel.flip("fine-tuning", "feature extraction", "network expansion")
    panel.field("seeds").value = "1"
    panel.press("Start")
    panel.wait_for_end()
    wanted = {"feature extraction", "learning without forgetting", "network expansion"}
    assert {result.settings.strategy for result in panel.board.runs} == wanted


@pytest.mark.exhaustive
def test_every_strategy_may_race(open_race):
    panel = open_race(QUICK.replace(updates=4, evaluate_every=4), list(STRATEGIES))
    panel.press("Start")
    panel.wait_for_end()
    assert [result.settings.strategy for result in panel.board.runs] == list(STRATEGIES)
    assert {result.status for result in panel.board.runs} == {"finished"}


@pytest.mark.slow
def test_a_stopped_race_is_kept_and_marked(open_race):
    panel = open_race(QUICK.replace(updates=50_000))
    panel.press("Start")
    wait_until(lambda: panel.board._live.progress is not None and panel.board._live.progress.update > 8)
    panel.press("Stop")
    panel.wait_for_end()
    assert panel.words.startswith("Stopped")
    assert [row[0] for row in table(panel)[1:]] == [f"{name} (1 ended early)" for name in TWO]
    panel.press("Start")
    panel.press("Back to the checkpoint")
    panel.wait_for_end()
    assert panel.board.runs == [] and table(panel) == []


@pytest.mark.drawn
@pytest.mark.slow
def test_a_picture_is_drawn_where_there_is_a_new_point_and_only_there(open_race):
    panel = open_race(QUICK.replace(updates=8, evaluate_every=4), driver="play")
    race, drawn = panel.board, []
    race._picture.draw, draw = lambda runs: (drawn.append(len(runs)), draw(runs)), race._picture.draw
    race._next_frame = 0
    panel.press("Start")
    ticks = 0
    while race._live.active:
        race._next_frame = 0  # none is too early
        ticks += race._live.tick()
    points = sum(len(run.history["update"]) for run in race.runs)
    assert points <= len(drawn) < ticks
    shown = panel.picture
    panel.press("Back to the checkpoint")
    assert panel.picture != shown


@pytest.mark.slow
def test_fields_are_those_that_somebody_looks_at(open_race):
    def shown(panel):
        fields = panel.board._form._fields
        return {name for name, field in fields.items() if field.layout.display != "none"}

    panel = open_race(strategies=["fine-tuning"])
    assert not {"strategy", "old_loss_weight", "temperature", "old_images"} & shown(panel)
    panel.flip("less-forgetting learning")
    assert {"old_loss_weight"} == {"old_loss_weight", "temperature", "old_images"} & shown(panel)
    panel.flip("learning without forgetting", "joint training")
    assert {"old_loss_weight", "temperature", "old_images"} <= shown(panel)
    assert panel.field("λ").value == "each its own" and panel.board.plan.settings.old_loss_weight is None
    panel.field("λ").value = "1.0"  # what one of them has anyway, and the other hasn't
    for _ in range(2):
        panel.flip("less-forgetting learning")
        assert panel.field("λ").value == "1.0" and panel.board.plan.settings.old_loss_weight == 1


@pytest.mark.slow
def test_settings_of_single_strategies_are_shown_until_a_field_is_for_all(open_race):
    own = {TWO[1]: {"old_loss_weight": 3.0}, TWO[0]: {"learning_rate": 1e-4}}
    panel = open_race(changes=own)

    def raced(field):
        return [getattr(settings, field) for settings in panel.board.plan.heat(0)]

    assert panel.field("λ").value == "3.0" and raced("old_loss_weight")[1] == 3
    said = plain(panel.board._own.value)
    assert "fine-tuning: learning rate 0.0001" in said and "λ" not in said  # its field has it
    panel.flip("less-forgetting learning")  # with a λ of its own
    assert panel.field("λ").value == "each its own" and raced("old_loss_weight")[1] == 3
    assert "learning without forgetting: λ 3.0" in plain(panel.board._own.value)
    panel.flip("less-forgetting learning")
    panel.field("λ").value = "2"
    assert raced("old_loss_weight")[1] == 2 and raced("learning_rate") == [1e-4, 1e-3]
    assert "λ" not in plain(panel.board._own.value)
    panel.field("learning rate").value = "0.01"
    assert raced("learning_rate") == [0.01, 0.01] and panel.board._own.value == ""
    panel.press("Reset")
    assert panel.field("λ").value == "3.0" and raced("learning_rate") == [1e-4, 1e-3]
    assert plain(panel.board._own.value) == said


@pytest.mark.slow
def test_what_cannot_be_is_named_and_nothing_starts(open_race):
    panel = open_race()
    for field, value, message in (
        ("seeds", "0", r"^Error seeds can't be 0: .*\b1 to 20\b"),
        ("seeds", "many", "^Error seeds can't be many: "),
        ("temperature T", "0", "^Error temperature T can't be 0: "),
        ("updates", "2.5", r"^Error updates can't be 2\.5: "),
    ):
        before = panel.field(field).value
        panel.field(field).value = value
        assert re.search(message, panel.said["buttons"]) and panel.marked() == [field]
        panel.press("Start")
        assert re.search(message, panel.said["buttons"]) and not panel.board._live.active
        panel.field(field).value = before
        assert panel.said == {} and panel.marked() == []
    panel.field("seed").value = "-1"
    assert re.search("^Error seed can't be -1: ", panel.said["fields"])
    panel.press("Reset")
    assert panel.said == {"fields": "Done All fields are back at their first values."}
    panel.flip(*TWO)
    panel.press("Start")
    assert panel.said["buttons"] == "Error Select at least one strategy."
    with pytest.raises(SettingsError, match="'fine tuning' .*mean 'fine-tuning'"):
        StrategyRace(QUICK, ["fine tuning"])


@pytest.mark.slow
def test_fields_on_the_way_are_for_the_next_race(open_race):
    panel = open_race(QUICK.replace(updates=50_000))
    panel.press("Start")
    wait_until(lambda: panel.board.runs)
    panel.field("seed").value = "5"
    assert "this applies to the next" in panel.said["fields"]
    panel.press("Stop")
    panel.wait_for_end()
    assert {result.settings.seed for result in panel.board.runs} == {0}
    assert panel.board.plan.settings.seed == 5


@pytest.mark.slow
def test_without_a_front_end_and_as_a_picture(open_race):
    panel = open_race(changes={"fine-tuning": {"learning_rate": 1e-4}})
    made = panel.board.run()
    assert [result.settings.learning_rate for result in made] == [1e-4, 1e-3]
    bundle = panel.board._repr_mimebundle_()
    assert bundle["image/png"] and "application/vnd.jupyter.widget-view+json" in bundle
    assert re.search(rf"^StrategyRace\({', '.join(TWO)}\b.*\b2 runs\)$", bundle["text/plain"])
    assert panel.board.still()[:8] == b"\x89PNG\r\n\x1a\n"


@pytest.mark.slow
def test_a_front_end_s_clock_drives_it_as_well(open_race):
    panel = open_race(driver="play")
    panel.press("Start")
    while panel.board._live.active:
        panel.board._live.tick()
    assert panel.words.startswith("The race is over.")
    with pytest.raises(ValueError, match="^driver='turbo' "):
        StrategyRace(QUICK, TWO, driver="turbo")
