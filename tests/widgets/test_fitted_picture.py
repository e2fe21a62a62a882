"""A picture that takes the width which the page tells, and the projector mode."""

import ipywidgets as widgets
import pytest

from tests.plots.made_runs import made_run
from tests.widgets.panel import parts
from utils.plots import RunFigure
from utils.widgets.curves_picture import CurvesPicture
from utils.widgets.fitted_picture import USUAL, FittedPicture, dots, zoom
from utils.widgets.projector import Projector
from utils.widgets.style import PROJECTED, panel


def made():
    """A picture, and what figures it was asked for, and how often it was to be redrawn."""
    asked, redrawn = [], []

    def make(pixels, projected):
        asked.append((pixels, projected))
        return RunFigure((400, 200), scale=1)

    return FittedPicture(make, 200, lambda: redrawn.append(len(asked))), asked, redrawn


def tell(picture, text):
    """What the page does when the room has become another."""
    (field,) = (part for part in parts(picture.widget) if isinstance(part, widgets.Text))
    field.value = text


def test_the_page_tells_the_room_and_small_differences_redraw_nothing():
    picture, asked, redrawn = made()
    assert asked == [(USUAL, False)] and redrawn == []
    before = picture.frames
    tell(picture, "1114")
    assert asked[1:] == [(1100, False)] and redrawn == [2] and picture.frames is not before
    tell(picture, "1120")
    assert len(asked) == 2
    tell(picture, "480")
    assert asked[2:] == [(460, False)]


@pytest.mark.parametrize("text", ["", "wide", "-5", "1e3", "２００", "<b>"])
def test_what_is_no_width_changes_nothing(text):
    picture, asked, redrawn = made()
    tell(picture, text)
    assert len(asked) == 1 and redrawn == []


def test_a_width_beyond_all_pages_is_taken_as_a_large_one():
    picture, asked, _ = made()
    tell(picture, "9" * 50)
    tell(picture, "0")
    assert asked[1:] == [(2400, False), (240, False)]


def test_for_a_projector_and_back_in_the_room_there_is():
    picture, asked, _ = made()
    tell(picture, "814")
    projector = Projector(picture.project)
    box = projector.on(panel([projector.button, picture.widget]))
    projector.button.click()
    assert asked[-1] == (800, True) and PROJECTED in box._dom_classes
    tell(picture, "1214")
    assert asked[-1] == (1200, True)
    projector.button.click()
    assert asked[-1] == (1200, False) and PROJECTED not in box._dom_classes


def test_letters_grow_with_the_room_and_dots_stay_few():
    assert [zoom(pixels) >= 1.8 for pixels in (300, 840, 1500)] == [True] * 3 and zoom(1500) > 2.5
    assert [dots(pixels) for pixels in (300, 622)] == [1.5, 1.5]
    assert all(1 <= dots(pixels) <= 1.5 and dots(pixels) * pixels <= 2400 for pixels in range(240, 2401, 20))


@pytest.mark.parametrize("projected", [False, True])
@pytest.mark.parametrize("pixels", [420, 580, 820, 1460])
def test_titles_and_legends_of_curves_have_room_beside_each_other(pixels, projected):
    page = CurvesPicture(lambda: None)._fitted._make_figure(pixels, projected).show(made_run(), {})
    page.canvas.draw()
    titles = [axes._left_title.get_window_extent() for axes in page.axes[:2]]
    legends = [axes.get_legend().get_window_extent() for axes in page.axes if axes.get_legend()]
    assert legends and not any(title.overlaps(legend) for title in titles for legend in legends)
