"""The playground in JupyterLab: layers flipped by mouse in the middle of a run, and what the kernel makes of it."""

import json
import re
from functools import partial

import pytest
from playwright.sync_api import expect

from tests.browser.looks import check_it_fits, check_it_is_accessible, panel_of
from utils.plots.plane_layout import USUAL

PLAYGROUND = """from utils import Playground, Settings, run
panel = Playground(Settings(pair="plane", learning_rate=0.003, updates=20_000, evaluate_every=20))
frames = []
panel._picture.image.observe(lambda change: frames.append(1), "value")
panel"""
# Weights that are seen, as one number a layer: equal only where all are, nearly surely.
SUMS = """{name: sum(float(abs(value).sum()) for value in values) for name, values in panel.weights.items()}"""
RESULT = """made = panel.runs[-1]
again = run(made.settings, schedule=made.events)
print(made.updates, f"{made.old_accuracy_before:.1%}", f"{made.old_accuracy:.1%}",
      again.to_frame().equals(made.to_frame()), [sorted(change.trained_layers or ()) for _, change in made.events],
      sep="|")"""
PAUSED = "panel._live.state == panel._live._reported == 'paused' and not panel._live.progress.pending"
SEEN_AT_ONCE = 599  # pixels, in JupyterLab at 1280 × 720
# The smallest letters in the picture, as a share of its width.
LETTERS = """(lambda figure: min((text.get_fontsize() / 72 * 100 for text in figure.figure.findobj(
    __import__("matplotlib").text.Text) if text.get_text()), default=0)
    / figure.size[0])(panel._picture._fitted.frames._figure)"""


@pytest.fixture(scope="module")
def notebook(show):
    notebook = show("playground.ipynb", PLAYGROUND, RESULT)
    notebook.run(0)
    assert notebook.errors() == []
    return notebook


def test_layers_flipped_by_mouse_while_it_trains(notebook):
    page = notebook.page
    area = notebook.output(0).last
    status = area.get_by_role("status")
    expect(status).to_have_text(re.compile("^The network can tell the two moons apart"))

    def depth():
        return area.locator("img").first.bounding_box()["y"] - area.bounding_box()["y"]

    def press(name):
        area.get_by_role("button", name=name, exact=True).click()

    def flip(layer):
        area.get_by_role("checkbox", name=layer, exact=True).click()

    def weights():
        return json.loads(notebook.ask(f"__import__('json').dumps({SUMS})").strip("'"))

    def paused():
        press("Pause")
        expect(area.get_by_role("button", name="Resume", exact=True)).to_be_visible()
        while notebook.ask(PAUSED) != "True":
            page.wait_for_timeout(20)
        return weights()

    def update():
        return int(notebook.ask("panel._live.progress.update"))

    def go_on():
        before = update()
        press("Resume")
        while update() < before + 20:
            page.wait_for_timeout(50)

    depth_of_picture = depth()
    press("Start")
    expect(status).to_contain_text(re.compile(r"Update \d+ of 20,000: .* All layers' lines and maps change\."))
    flip("layer1")
    expect(status).to_contain_text("Lines and maps of layer1 stand still.")
    first = paused()
    go_on()
    second = paused()
    assert second["layer1"] == first["layer1"] and second["old_head"] == first["old_head"]
    assert all(second[name] != first[name] for name in ("layer2", "layer3", "new_head"))

    flip("layer1")
    flip("layer2")
    press("Resume")
    expect(status).to_contain_text("Lines of layer2 stand still; its maps change")
    third = paused()
    go_on()
    fourth = paused()
    assert fourth["layer2"] == third["layer2"]
    assert all(fourth[name] != third[name] for name in ("layer1", "layer3", "new_head"))

    area.get_by_label("speed").select_option("no limit")
    press("Resume")
    page.wait_for_timeout(1000)
    press("Stop")
    expect(status).to_contain_text("test points")
    assert int(notebook.ask("len(frames)")) > 5

    updates, before, after, same, events = notebook.printed(1).split("|")
    sentence = status.inner_text()
    assert sentence.startswith(f"Old task {before} → {after}, forgetting ")
    assert status.bounding_box()["height"] > 50  # a third line, and yet nothing has moved:
    assert depth() == depth_of_picture
    assert same == "True" and f"({int(updates):,} updates, " in sentence
    assert json.loads(events.replace("'", '"'))[-2:] == [["layer1", "layer3", "new_head"], []]  # the stop is the last


def test_it_fits_without_scrolling(notebook):
    area = notebook.output(0).last
    top = area.bounding_box()
    status = area.get_by_role("status").bounding_box()
    assert status["y"] + 3 * 18 - top["y"] <= SEEN_AT_ONCE
    picture = area.locator("img").first.bounding_box()
    assert picture["width"] >= 600
    width, height = USUAL.size
    assert (picture["width"] - 14) / (picture["height"] - 14) == pytest.approx(width / height, 0.01)

    def wait_for_letters(pixels):
        for _ in range(100):  # the picture for another room comes a moment later
            share, width = float(notebook.ask(LETTERS)), area.locator("img").first.bounding_box()["width"] - 14
            if share * width >= pixels:
                return
            notebook.page.wait_for_timeout(50)
        pytest.fail(f"letters have {share * width} pixels in a picture of {width}")

    check_it_fits(notebook, 0, partial(wait_for_letters, 11))
    check_it_is_accessible(notebook, 0)
    area.get_by_role("button", name="Projector mode", exact=True).click()
    expect(area.get_by_label("seed", exact=True)).to_be_hidden()
    check_it_fits(notebook, 0, partial(wait_for_letters, 16))
    assert panel_of(notebook, 0).bounding_box()["height"] <= SEEN_AT_ONCE - 10
    area.get_by_role("button", name="Leave projector mode", exact=True).click()
    expect(area.get_by_label("seed", exact=True)).to_be_visible()
    assert picture["x"] + picture["width"] <= top["x"] + top["width"]
    assert not notebook.page.console_errors
