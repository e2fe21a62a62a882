import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from tests.plots.made_runs import made_run
from utils.plots import LivePicture, RunFigure, plot_run, png
from utils.strategies import Settings
from utils.training import Run


def pixels(file: bytes) -> np.ndarray:
    picture = Image.open(io.BytesIO(file))
    assert picture.format == "PNG"
    return np.asarray(picture.convert("RGB")).astype(int)


def picture():
    return LivePicture(RunFigure((400, 200), scale=1))


def cut(run: Run, updates: int) -> Run:
    """The run as it was after so many updates."""
    points = run.history["update"] <= updates
    history = {name: values[points] for name, values in run.history.items() if name != "training_loss"}
    return replace(run, history={**history, "training_loss": run.history["training_loss"][:updates]})


LONG = replace(made_run(updates=200, events=[(60, {"trained_layers": ["new_head"]})], ended=False))
GHOST = made_run(updates=150, level=0.9)
# What a reader does to a board, and what it should look like afterwards, whatever went before.
STATES = {
    "checkpoint": (Run(Settings(updates=200)), {}),
    "first point": (cut(LONG, 0), {}),
    "under way": (cut(LONG, 50), {}),
    "further": (cut(LONG, 130), {}),
    "with a ghost": (cut(LONG, 130), {"1": GHOST}),
    "further with a ghost": (LONG, {"1": GHOST}),
    "ghost gone": (LONG, {}),
    "back at the checkpoint": (Run(Settings(updates=200)), {}),
    "another": (made_run(updates=200, level=0.2), {"1": GHOST}),
}


@pytest.mark.slow
def test_what_is_drawn_over_the_kept_background_is_what_a_new_figure_shows():
    live = picture()
    seen = set()
    for name, (run, ghosts) in STATES.items():
        frame = live.frame(run, ghosts)
        assert np.array_equal(pixels(frame), pixels(picture().frame(run, ghosts))), name
        seen.add(frame)
    assert len(seen) == len(STATES) - 1  # the checkpoint looks the same twice, all others differ


@pytest.mark.slow
def test_it_differs_from_a_whole_redraw_by_the_order_of_lines_only():
    """A moving line lies over the frame and the legend, not under them; the rest is equal but for the colors left."""
    run, ghosts = STATES["further with a ghost"]
    live = picture()
    live.frame(cut(run, 50), ghosts)
    figure = plot_run(run, ghosts, (400, 200))
    figure.set_dpi(100)
    difference = np.abs(pixels(live.frame(run, ghosts)) - pixels(png(figure))).max(axis=2)
    assert np.mean(difference > 60) < 0.01


def test_the_background_is_drawn_again_only_when_it_changes(monkeypatch):
    live = picture()
    figure = live._figure.figure
    drawn = []
    draw = figure.canvas.draw
    monkeypatch.setattr(figure.canvas, "draw", lambda: (drawn.append(1), draw())[1])
    for updates in (0, 50, 100, 130):
        live.frame(cut(LONG, updates))
    grown = len(drawn)
    for updates in (131, 132, 140, 149):
        live.frame(cut(LONG, updates))
    assert len(drawn) == grown <= 4
    live.frame(cut(LONG, 149), {"1": GHOST})
    assert len(drawn) == grown + 1


@pytest.mark.slow
@pytest.mark.parametrize("colors", [pytest.param(2, marks=pytest.mark.exhaustive), 256])
def test_few_colors_keep_a_picture_small_and_true(colors):
    figure = plot_run(made_run(), pixels=(400, 200))
    figure.canvas.draw()
    from utils.plots.page import encode

    file = encode(figure.canvas, colors)
    assert len(np.unique(pixels(file).reshape(-1, 3), axis=0)) <= colors
    if colors == 256:
        exact = np.asarray(figure.canvas.buffer_rgba())[..., :3].astype(int)
        assert np.abs(pixels(file) - exact).mean() < 3
