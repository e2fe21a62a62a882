"""The freeze board in JupyterLab: what a reader clicks, types and reads, and what the kernel makes of it."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.lab import OpenNotebook
from tests.browser.looks import SMALLEST, check_it_fits, check_it_is_accessible, panel_of
from tests.waiting import wait_until
from utils.strategies import STRATEGIES
from utils.tasks import PAIRS

BOARD = """from utils import FreezeBoard, Settings

board = FreezeBoard(Settings(updates=400))
board"""
NUMBERS = """run = board.runs[-1]
print(f"{run.updates:,}", f"{run.old_accuracy_before:.1%}", f"{run.old_accuracy:.1%}",
      f"{100 * (run.old_accuracy_before - run.old_accuracy):+.1f}", f"{run.new_accuracy:.1%}", sep="|")"""
REPLAY = """from utils import run as train
again = train(run.settings, schedule=run.events)
same = again.to_frame().equals(run.to_frame()) and again.events == run.events
same &= (again.history["training_loss"] == run.history["training_loss"]).all()
same &= (again.old_accuracy, again.new_accuracy) == (run.old_accuracy, run.new_accuracy)
print("the same" if same else "another")"""
PLAY = BOARD.replace("updates=400)", "updates=60), driver='play'")
CELLS = {"board": 0, "numbers": 1, "replay": 2, "play": 3}
DRIVERS = "[thread.name for thread in __import__('threading').enumerate()].count('live drive')"
# As `tests.waiting.wait_for_pause` waits.
PAUSED = (
    "board._live.state == board._live._reported == 'paused' and not board._live.progress.pending"
    " and not board._live._advancing.locked()"
)
NAME_OF_FOCUS = """() => {
    const e = document.activeElement;
    const labels = [...(e.labels ?? [])].map(label => label.innerText.trim());
    return labels.find(text => text) ?? (e.innerText.trim() || e.tagName);
}"""


SCROLLED_SIDEWAYS = """() => [...document.querySelectorAll('.jp-Cell *')]
    .filter(box => box.clientWidth && box.scrollWidth > box.clientWidth)
    .filter(box => ['auto', 'scroll'].includes(getComputedStyle(box).overflowX))
    .map(box => `${box.className}: ${box.scrollWidth} in ${box.clientWidth}`)"""
VIEW = "application/vnd.jupyter.widget-view+json"
# Pixels of the letters in the picture as the page shows it, which is at least as large as it's drawn for.
# A picture that is just being drawn has no letters for a moment.
SMALLEST_IN_PICTURE = """min(
    (text.get_fontsize() * text.figure.dpi / 72 for text in board._picture._fitted.frames._figure.figure.findobj(
        __import__("matplotlib").text.Text) if text.get_text()), default=0
) / __import__("utils.widgets.fitted_picture").widgets.fitted_picture.dots(board._picture._fitted._pixels) >= 16"""
SCROLLBAR = 15  # pixels, of the page; the browser of these tests shows none


# Where everything is that can be used or looked at, by name, above the table, which grows; without what lies over it.
PLACES = """area => {
    const top = area.getBoundingClientRect();
    const seen = [...area.querySelectorAll('button, input, select, img, .fb-message, [role=status]')]
        .filter(part => part.checkVisibility() && !part.closest('.fb-experiments, .fb-table, .fb-plane'));
    return Object.fromEntries(seen.map((part, number) => {
        const box = part.getBoundingClientRect(), name = part.labels?.[0]?.innerText || part.className;
        const where = [box.x - top.x, box.y - top.y, part.matches('[role=status]') ? 0 : box.width].map(Math.round);
        return [`${number} ${name}`, where];
    }));
}"""
# Pixels from one element to another, the nearest ways.
DISTANCE = """([from, to]) => {
    const [a, b] = [from, to].map(part => part.getBoundingClientRect());
    const gap = (low, high, other_low, other_high) => Math.max(0, other_low - high, low - other_high);
    return Math.hypot(gap(a.left, a.right, b.left, b.right), gap(a.top, a.bottom, b.top, b.bottom));
}"""
NEAR = 200  # pixels


class Board:
    """The board in the page. `.press("Start")`, `.switch("conv1")`, `.words`, `.row(1)`."""

    def __init__(self, notebook: OpenNotebook, cell: int):
        self.notebook, self.page, self.area = notebook, notebook.page, notebook.output(cell)

    def button(self, name):
        return self.area.get_by_role("button", name=name, exact=True)

    def press(self, name):
        self.button(name).click()

    def switch(self, layer):
        return self.area.get_by_role("checkbox", name=layer, exact=True)

    def field(self, name):
        return self.area.get_by_label(name, exact=True)

    @property
    def status(self):
        return self.area.get_by_role("status")

    def said(self, text, cause=None):
        """Wait for a message: color, sign, word and text, near to the field or button that it's about."""
        message = self.area.locator(".fb-message", has_text=text)
        expect(message).to_be_visible()
        expect(message.locator("b")).to_have_css("color", "rgb(255, 255, 255)")
        if cause is not None:
            ends = [message.locator("div").element_handle(), cause.element_handle()]
            assert self.page.evaluate(DISTANCE, ends) <= NEAR

    def places(self):
        """Where everything is, by name."""
        return self.area.locator(".jp-OutputArea-output, .lm-Widget").first.evaluate(PLACES)

    def fixed(self):
        """Where those fields and buttons are that are there whatever the tasks and the strategy."""
        fields = [self.field(name) for name in ("strategy", "learning rate", "batch size", "tasks", "seed")]
        buttons = [self.button(name) for name in ("Reset", "Start", "Projector mode", "Show the Keras code")]
        boxes = [part.bounding_box() for part in (*fields, *buttons, self.area.locator("img").first, self.status)]
        return tuple((round(box["x"] - boxes[0]["x"]), round(box["y"] - boxes[0]["y"])) for box in boxes)

    @property
    def words(self):
        return self.status.inner_text()

    def drawn(self, layer, word):
        expect(self.area.locator(f'[title^="{layer}:"]')).to_have_attribute("title", re.compile(f", {word}$"))

    def row(self, number) -> str:
        """The text of a run's row in the table."""
        box = self.area.get_by_role("checkbox", name=str(number), exact=True)
        row = box.locator("xpath=ancestor::div[contains(@class, 'fb-run')]")
        return f"{number} " + " ".join(row.locator(".widget-html").inner_text().split())

    def wait_for_update(self, update):
        self.page.wait_for_function(
            "([status, update]) => parseInt(status.innerText.replace(/^Update |,/g, '')) >= update",
            arg=[self.area.locator(".widget-html-content:has([role=status])").element_handle(), update],
        )

    def paused(self) -> int:
        """Wait until the pause is told of, and the page shows it; the update."""
        expect(self.button("Resume")).to_be_visible()
        while self.notebook.ask(PAUSED) != "True":
            self.page.wait_for_timeout(20)
        update = int(self.notebook.ask("board._live.progress.update"))
        expect(self.status).to_have_text(re.compile(f"^Update {update:,} of "))
        return update

    def ended(self, runs=1):
        """Until the run is in the table."""
        expect(self.area.get_by_role("checkbox", name=str(runs), exact=True)).to_be_visible()
        expect(self.status).to_contain_text("test images")


@pytest.fixture(scope="module")
def notebook(show):
    """One page for all tests of this file; each has a board of its own in it."""
    return show("board.ipynb", BOARD, NUMBERS, REPLAY, PLAY)


@pytest.fixture
def board(notebook):
    """A new board, made by running its cell; the run of the one before ends with that."""
    return new_board(notebook)


def new_board(notebook, cell="board"):
    notebook.clear_outputs()  # an error of the test before isn't one of this
    notebook.run(CELLS[cell])
    assert notebook.errors() == []
    made = Board(notebook, CELLS[cell])
    expect(made.status).to_have_text(re.compile("^The network knows the old task"))
    made.button("Start").scroll_into_view_if_needed()
    return made


def printed(notebook, cell):
    text = notebook.printed(CELLS[cell])
    assert notebook.errors() == []
    return text


def check_table_and_replay(board, number=1):
    """The numbers in the page are those of the run in the kernel, and the run can be made again."""
    updates, before, after, lost, new = printed(board.notebook, "numbers").split("|")
    assert f"{updates} {before} → {after} {lost} {new} " in board.row(number)
    assert f"{before} → {after}, forgetting {float(lost):.1f} points; new task {new}" in board.words
    assert printed(board.notebook, "replay") == "the same"


def test_by_mouse(board):
    board.press("Start")
    board.wait_for_update(10)
    for layer in ("conv1", "conv2"):
        board.drawn(layer, "trained")
        board.switch(layer).click()
        board.drawn(layer, "frozen")

    board.press("Pause")
    before = board.paused()
    sentence = board.words
    picture = board.area.locator("img").first.get_attribute("src")
    board.page.wait_for_timeout(600)
    assert board.words == sentence and board.area.locator("img").first.get_attribute("src") == picture
    assert board.notebook.ask("board._live.progress.update") == str(before)

    board.press("Step")
    there = (before // 10 + 1) * 10
    expect(board.status).to_have_text(re.compile(f"^Update {there} of 400"))
    assert board.paused() == there

    board.press("Resume")
    board.wait_for_update(there + 5)
    expect(board.button("Pause")).to_be_visible()
    board.press("Stop")
    board.ended()
    assert re.search(r": conv1 frozen, at update \d+: conv2 frozen, stopped$", board.row(1))
    check_table_and_replay(board)
    assert board.notebook.ask("[sorted(c.trained_layers or ()) for _, c in run.events]") == str(
        [["conv2", "conv3", "dense", "new_head"], ["conv3", "dense", "new_head"], []]
    )


def focus_on(board, name):
    """Go there with the Tab key, and return the names of what was passed."""
    passed = []
    while (focus := board.page.evaluate(NAME_OF_FOCUS)) != name:
        passed.append(focus)
        assert len(passed) < 40, passed
        board.page.keyboard.press("Tab")
    return passed


def test_by_keyboard_alone(board):
    keyboard = board.page.keyboard
    board.area.locator("select").first.focus()
    passed = focus_on(board, "conv1")
    assert passed[0] == "strategy" and {"learning rate", "updates", "batch size", "seed"} < set(passed)
    passed = focus_on(board, "Start")
    assert passed == ["conv1", "conv2", "conv3", "dense", "old head", "new head"]
    keyboard.press("Space")
    board.wait_for_update(5)
    for _ in range(6):
        keyboard.press("Shift+Tab")
    assert focus_on(board, "conv2") == ["conv1"]
    keyboard.press("Space")
    expect(board.switch("conv2")).not_to_be_checked()
    board.drawn("conv2", "frozen")
    focus_on(board, "Pause")
    keyboard.press("Enter")
    before = board.paused()
    focus_on(board, "Step")
    keyboard.press("Enter")
    expect(board.status).to_have_text(re.compile(f"^Update {(before // 10 + 1) * 10} of 400"))
    assert focus_on(board, "Stop") == ["Step"]
    keyboard.press("Space")
    board.ended()
    assert board.page.evaluate(NAME_OF_FOCUS) == "Stop"  # the focus isn't lost
    assert re.search(r", at update \d+: conv2 frozen, stopped$", board.row(1))
    check_table_and_replay(board)


def test_start_twice(board):
    board.press("Start")
    board.wait_for_update(1)
    board.press("Start")
    board.said("A run is under way: Stop it before you start another.", board.button("Start"))
    assert board.notebook.ask(DRIVERS) == "1"
    board.wait_for_update(30)


def test_the_cell_run_again_while_it_trains(board):
    board.press("Start")
    board.wait_for_update(5)
    board.notebook.ask("globals().update(old=board)")
    again = new_board(board.notebook)
    again.press("Start")
    again.wait_for_update(5)
    assert board.notebook.ask("[run.status for run in old.runs], old._live.state.value") == "(['stopped'], 'ready')"
    assert board.notebook.ask(DRIVERS) == "1"
    again.press("Stop")
    again.ended()
    assert board.notebook.ask("len(old.runs), len(board.runs)") == "(1, 1)"
    assert board.notebook.ask("old.widget.comm is None, board.widget.comm is None") == "(True, False)"


def test_the_kernel_interrupted_while_it_trains(board):
    board.press("Start")
    board.wait_for_update(5)
    board.notebook.interrupt()
    board.wait_for_update(30)  # neither is the run harmed
    board.press("Stop")  # nor the panel
    board.ended()
    check_table_and_replay(board)


def test_the_last_layer_springs_back_in_the_page(board):
    board.field("strategy").select_option("feature extraction")
    expect(board.switch("conv1")).not_to_be_checked()
    board.press("Start")
    board.wait_for_update(5)
    board.switch("new head").click()
    board.said("Nothing would train, since every layer is frozen", board.switch("new head"))
    expect(board.switch("new head")).to_be_checked()
    board.press("Stop")
    board.ended()


def test_it_fits_a_page_of_1280_by_720(board):
    """Beside the file browser, with the page's own scrollbar: no second one below, and all of the panel in sight."""
    board.field("strategy").select_option("network expansion + LwF")
    board.drawn("expansion", "trained")
    page, box = board.page, board.area.bounding_box()
    assert page.locator(".jp-FileBrowser").is_visible()
    board.area.evaluate("(area, width) => { area.style.maxWidth = `${width}px`; }", box["width"] - SCROLLBAR)
    assert board.area.bounding_box()["width"] == box["width"] - SCROLLBAR
    assert page.evaluate(SCROLLED_SIDEWAYS) == []
    assert board.status.bounding_box()["y"] + 40 - box["y"] <= 600
    assert board.field("seed").bounding_box()["y"] < board.status.bounding_box()["y"]


def test_it_fits_at_any_width_and_everybody_can_read_it(board):
    board.field("strategy").select_option("fine-tuning at a tenth of the rate")
    board.field("updates").fill("20")
    board.field("updates").press("Tab")
    board.field("speed").select_option("no limit")
    board.press("Start")
    board.ended()
    board.press("Show the Keras code")
    check_it_fits(board.notebook, CELLS["board"])
    check_it_is_accessible(board.notebook, CELLS["board"])


def test_for_a_projector_at_any_moment_and_back(board):
    board.press("Start")
    board.wait_for_update(5)
    board.press("Projector mode")
    expect(board.field("seed")).to_be_hidden()
    assert board.page.evaluate(SMALLEST, panel_of(board.notebook, CELLS["board"]).element_handle()) >= 16
    check_it_fits(board.notebook, CELLS["board"])
    wait_until(lambda: board.notebook.ask(SMALLEST_IN_PICTURE) == "True", 20)
    board.switch("conv1").click()
    board.drawn("conv1", "frozen")
    board.wait_for_update(30)
    assert board.status.bounding_box()["y"] + 40 - board.area.bounding_box()["y"] <= 600
    board.press("Leave projector mode")
    expect(board.field("seed")).to_be_visible()
    board.press("Stop")
    board.ended()
    assert ": conv1 frozen" in board.row(1)


def test_fields_that_cannot_be(board):
    rate, places = board.field("learning rate"), board.places()
    for typed in ("0", "-3"):
        rate.press_sequentially(typed)
        expect(board.area.locator(".fb-typing")).to_have_count(1)  # not applied yet
        rate.fill(typed)
        rate.press("Tab")
        assert board.places() == places
        board.said(f"learning rate can't be {typed}: it must be", rate)
        expect(board.area.locator(".fb-wrong input")).to_have_value(typed)
        expect(board.area.locator(".fb-typing")).to_have_count(0)
    assert rate.evaluate("input => getComputedStyle(input).boxShadow") != "none"  # seen, not only marked
    for name in ("updates", "new images", "seed"):
        board.field(name).fill("-1")
        board.field(name).press("Tab")
        board.said(f"{name} can't be -1: it must be", board.field(name))
    board.press("More settings")
    for name in ("patience", "layer rates"):
        board.field(name).fill("-1")
        board.field(name).press("Tab")
        board.said(f"{name} can't be -1", board.field(name))
    board.press("Fewer settings")
    board.press("Reset")
    board.said("All fields are back at their first values.", board.button("Reset"))
    rate.fill("-3")
    rate.press("Tab")
    board.press("Start")
    board.said("learning rate can't be -3: it must be", board.button("Start"))
    assert board.places() == places
    rate.fill("0,01")
    rate.press("Tab")
    expect(board.area.locator(".fb-wrong")).to_have_count(0)
    expect(rate).to_have_value("0.01")
    expect(board.area.locator(".fb-message b")).to_have_count(0)
    board.field("updates").fill("20")
    board.field("updates").press("Tab")
    board.field("speed").select_option("no limit")
    board.press("Start")
    board.ended()
    check_table_and_replay(board)


def test_an_experiment_by_mouse(board):
    """Predicted, played and judged; nothing that can be used is moved by the menu, the run or the verdict."""
    places = board.places()
    board.field("speed").select_option("no limit")
    board.press("Experiments ▾")
    board.press("Freeze everything at update 50")
    expect(board.area.get_by_text("What happens to the old task's accuracy?")).to_be_visible()
    assert board.places() == places
    board.press("It keeps falling.")
    board.said("You predicted: It keeps falling.", board.button("Experiments ▾"))
    board.ended()
    board.said("In fact: It stays where it is. Old task ", board.button("Experiments ▾"))
    for layer in ("conv1", "dense"):
        board.drawn(layer, "frozen")
        expect(board.switch(layer)).not_to_be_checked()
    assert board.places() == places
    assert ", at update 50: 4 layers frozen" in board.row(1)
    check_table_and_replay(board)


def test_it_is_no_faster_than_the_reader_wants(board):
    """How fast it can be depends on the machine: see benchmarks/board.py. That a pace is kept: test_live.py."""
    board.field("updates").fill("20000")
    board.field("updates").press("Tab")
    board.press("Start")
    board.wait_for_update(1)

    def wait_for_pace(pace):
        for _ in range(500):
            if board.notebook.ask(f"board._live._pace == {pace}") == "True":
                return
            board.page.wait_for_timeout(20)
        pytest.fail(f"the pace doesn't become {pace}")

    wait_for_pace("25")
    for chosen, pace in (("5 updates/s", "5"), ("no limit", "None")):
        board.field("speed").select_option(chosen)
        wait_for_pace(pace)
    board.wait_for_update(50)
    board.press("Stop")
    board.ended()


def test_every_strategy_can_be_chosen(board):
    """Each is told of and draws its layers, on all tasks; one of them, with units of its own, is run here."""
    places = set()
    for name in reversed(PAIRS):
        board.field("tasks").select_option(name)
        board.said(PAIRS[name], board.field("tasks"))
        places.add(board.fixed())
    for name in STRATEGIES:
        board.field("strategy").select_option(name)
        board.said(STRATEGIES[name].idea, board.field("strategy"))
        places.add(board.fixed())
    assert len(places) == 1  # what tasks or a strategy have of their own moves nothing
    board.field("strategy").select_option("network expansion + LwF")
    board.drawn("expansion", "trained")
    board.field("speed").select_option("no limit")
    board.field("updates").fill("20")
    board.field("updates").press("Enter")
    board.press("Start")
    board.ended()
    assert board.row(1).startswith("1 network expansion + LwF ")
    check_table_and_replay(board)


def test_early_stopping_by_mouse(board):
    """A new head on frozen features, until validation stops improving: seconds, and its own result is the best one."""
    board.field("strategy").select_option("feature extraction")
    board.press("Use early stopping")
    expect(board.field("updates")).to_have_value("20000")
    expect(board.area.locator("select").filter(has_text="no limit").locator("option:checked")).to_have_text("no limit")
    board.press("Start")
    board.ended()
    values = "(run.status, run.result_update < run.updates < 20_000, run.settings.patience)"
    assert board.notebook.ask(f"[{values} for run in board.runs]") == "[('finished', True, 10)]"
    result, new = board.notebook.ask("f'{board.runs[-1].result_update:,}|{board.runs[-1].new_accuracy:.1%}'").strip(
        "'"
    ).split("|")
    assert new in board.row(1) and result in board.words
    assert float(new.strip("%")) > 75  # 31 to 61% after as many updates as fine-tuning has


def test_settings_through_the_clipboard(board):
    board.switch("conv1").click()
    board.drawn("conv1", "frozen")
    board.field("seed").fill("3")
    board.field("seed").press("Tab")
    text = "pair=digits-drawings; strategy=fine-tuning; trained_layers=conv2+conv3+dense+new_head; updates=400; seed=3"
    expect(board.field("next run as text")).to_have_value(text)
    board.press("Copy")
    expect(board.button("Copied")).to_be_visible()
    assert board.page.evaluate("navigator.clipboard.readText()") == text
    expect(board.button("Copy")).to_be_visible()
    board.page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined, configurable: true})")
    try:
        board.press("Copy")
        expect(board.button("press Ctrl+C")).to_be_visible()
        assert board.page.evaluate("getSelection().toString() || document.activeElement.value") == text
    finally:
        board.page.evaluate("delete navigator.clipboard")
    board = new_board(board.notebook)
    field = board.field("next run as text")
    field.click()
    field.press("ControlOrMeta+A")
    field.press("ControlOrMeta+V")
    board.press("Use these settings")
    board.said("The fields and switches are set; press Start.", board.button("Use these settings"))
    expect(board.switch("conv1")).not_to_be_checked()
    expect(board.field("seed")).to_have_value("3")
    assert board.notebook.ask("board.settings.to_text()") == repr(text)


def test_a_run_saved_and_loaded(board, lab):
    board.field("updates").fill("20")
    board.field("updates").press("Tab")
    board.field("speed").select_option("no limit")
    board.press("Start")
    board.ended()
    places = board.places()
    board.press("Save selected runs")
    board.said("Saved: runs/run-1.json.", board.button("Save selected runs"))
    assert board.places() == places
    (saved,) = (lab.root / "runs").iterdir()
    (broken := saved.with_name("broken.json")).write_text(saved.read_text()[:1000])
    for path, message in ((broken, "broken.json can't be loaded."), (saved, "run-1.json is now run 2.")):
        with board.page.expect_file_chooser() as chooser:
            board.area.get_by_role("button", name="Load runs").click()
        chooser.value.set_files(path)
        board.said(message)
    assert board.row(2).split()[1:] == board.row(1).split()[1:]

    board.press("Back to the checkpoint")  # a run that is clicked comes back
    expect(board.area.get_by_text("At the checkpoint", exact=True)).to_be_visible()
    picture, shown = board.area.locator("img").first, board.notebook.ask("board._display.run is None")
    before = picture.get_attribute("src")
    box = board.area.get_by_role("checkbox", name="1", exact=True).locator(
        "xpath=ancestor::div[contains(@class, 'fb-run')]"
    )
    box.click(position={"x": 300, "y": 10})
    expect(board.area.get_by_text("run 1, fine-tuning, digits-drawings")).to_be_visible()
    expect(box).to_have_class(re.compile("fb-shown"))
    assert shown == "True" and board.notebook.ask("board._display.run is board.runs[0]") == "True"
    expect(picture).not_to_have_attribute("src", before)
    board.field("seed").fill("5")
    board.field("seed").press("Enter")
    board.press("Run again with changes")
    expect(board.field("seed")).to_have_value("0")


def test_driven_by_the_front_ends_clock(notebook):
    board = new_board(notebook, "play")
    board.press("Start")
    board.wait_for_update(1)
    board.switch("conv1").click()
    board.drawn("conv1", "frozen")
    board.ended()
    assert notebook.ask(DRIVERS) == "0"
    assert notebook.ask("board.runs[-1].status, board.runs[-1].updates") == "('finished', 60)"
    assert ": conv1 frozen" in board.row(1)
    check_table_and_replay(board)


def test_the_page_loaded_again_while_it_trains(board):
    notebook, page = board.notebook, board.page
    board.press("Start")
    board.wait_for_update(5)
    notebook.ask("globals().update(old=board)")
    page.goto("about:blank")  # as a closed tab
    page.wait_for_timeout(500)
    page.go_back()
    notebook.wait_until_ready()
    assert notebook.ask("old._live.error") == "''"  # the same kernel, unharmed
    again = new_board(notebook)
    again.press("Start")
    again.wait_for_update(5)
    assert notebook.ask("[run.status for run in old.runs], old._live.state.value") == "(['stopped'], 'ready')"
    assert notebook.ask(DRIVERS) == "1"
    again.press("Stop")
    again.ended()
    assert notebook.ask("board.runs[-1].status") == "'stopped'"
    assert again.row(1).startswith("1 fine-tuning ")


def test_a_saved_board_is_a_picture_where_nothing_has_run(lab, open_notebook):
    """Executed without any front end, saved, opened: the board's last state can be seen."""
    name = "notebooks/05_freeze_board.ipynb"
    cells = nbformat.read(lab.root / name, as_version=4).cells
    outputs = [
        (number, output.get("data", {})) for number, cell in enumerate(cells) for output in cell.get("outputs", ())
    ]
    saved = [number for number, data in outputs if VIEW in data and "image/png" in data]
    notebook = open_notebook(name)
    for number in saved:
        picture = notebook.output(number).locator("img")
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.naturalWidth") == 1308
        expect(notebook.output(number)).not_to_contain_text(re.compile("model not found|Error", re.IGNORECASE))
    assert saved
